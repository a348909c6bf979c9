package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/person"
	demosource "ecluse/internal/upstream/demo"
)

// ExplainOptions are the flags of `gateway explain`.
type ExplainOptions struct {
	Data    string // the folder of a demo; when empty, the temporary one of a running demo, or a fresh one
	Person  string // source:id, as in demo:lina
	UAI     string
	Profile string
	Service string
	JSON    bool
}

// Explain prints what the gateway would decide about one person, establishment and service, and why.
func Explain(ctx context.Context, o ExplainOptions, out, logTo io.Writer) error {
	dir := o.Data
	if dir == "" {
		dir = runningDemoFolder()
	}
	if dir == "" {
		return explainFresh(ctx, o, out, logTo)
	}
	c, err := DataConfig(dir)
	if err != nil {
		return err
	}
	log, err := newLogger(c.Log, logTo)
	if err != nil {
		return err
	}
	b, err := openBase(ctx, c, "explain", time.Now, log)
	if err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return errors.Join(explain(ctx, b, o, out), b.closers.close())
}

// explainFresh starts a demo of its own for one answer. Its pseudonyms are those of no other demo.
func explainFresh(ctx context.Context, o ExplainOptions, out, logTo io.Writer) error {
	dir, err := os.MkdirTemp("", "ecluse-explain-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	a, err := Demo(ctx, DemoOptions{Data: dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: logTo})
	if err != nil {
		return err
	}
	fmt.Fprintln(logTo, "no demo is running and no --data was given: this is about a fresh demo, pseudonyms too")
	return errors.Join(explain(ctx, a.gateway.base, o, out), a.Stop(ctx))
}

func explain(ctx context.Context, b *base, o ExplainOptions, out io.Writer) error {
	who, err := b.demoPerson(ctx, o.Person)
	if err != nil {
		return err
	}
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	simulator := admin.Simulator{Engine: b.engine, Now: b.now}
	e := simulator.Explain(b.snapshot(contents), admin.Question{
		Person: who, UAI: person.UAI(strings.ToUpper(o.UAI)), Profile: person.Profile(o.Profile), Service: o.Service,
	}, nil)
	if o.JSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(e)
	}
	return printExplanation(out, e)
}

// demoPerson finds one of the demo's people as a sign-in at a source would present them.
func (b *base) demoPerson(ctx context.Context, name string) (person.Person, error) {
	sourceID, id, ok := strings.Cut(name, ":")
	if !ok {
		return person.Person{}, fmt.Errorf("--person %q: source:id is expected, as in demo:lina", name)
	}
	people, err := savedPeople(b.config.dir)
	if err != nil {
		return person.Person{}, err
	}
	found, ok := people.Find(id)
	if !ok {
		return person.Person{}, fmt.Errorf("--person %q: nobody has that id; there are %s", name, strings.Join(ids(people), ", "))
	}
	contents, err := b.store.Load(ctx)
	if err != nil {
		return person.Person{}, err
	}
	for _, source := range contents.Sources {
		if source.ID == sourceID && source.Connector == "demo" {
			raw := found.Raw()
			raw.Authn = person.Authn{Source: sourceID, At: b.now(), Method: demosource.Method}
			return person.SDET(source.Authority).Resolve(raw)
		}
	}
	return person.Person{}, fmt.Errorf("--person %q: the demo has no such source", name)
}

func ids(people demosource.People) []string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = p.ID
	}
	return out
}

func printExplanation(out io.Writer, e admin.Explanation) error {
	var b strings.Builder
	decision := "REFUSED: " + e.Reason
	if e.Allowed {
		decision = "ALLOWED"
	}
	fmt.Fprintf(&b, "%s\n  service %s, establishment %s, profile %s\n", decision, e.Service, e.UAI, e.Profile)
	if e.Since != "" {
		fmt.Fprintf(&b, "  date %s\n", e.Since)
	}
	if e.Missing != "" {
		fmt.Fprintf(&b, "  missing attribute %s\n", e.Missing)
	}
	fmt.Fprint(&b, "\nChecks, in order\n")
	for _, s := range e.Steps {
		mark := "no "
		if s.Passed {
			mark = "yes"
		}
		fmt.Fprintf(&b, "  %s  %-22s %s\n", mark, s.Check, s.Detail)
	}
	if e.Allowed {
		fmt.Fprintf(&b, "\nUnder declaration %s v%d (%s, basis %s), known by its %s\n  %s\n\nWhat would be sent\n",
			e.Declaration, e.Version, e.Mode, e.Basis, strings.ReplaceAll(e.SubjectIs, "_", " "), e.Subject)
		for _, r := range e.Released {
			fmt.Fprintf(&b, "  %-14s %s\n  %14s why: %s; how: %s; declared: %s\n", r.Attribute, strings.Join(r.Values, " | "), "",
				r.Justification, r.Transformation, r.Declared)
		}
	}
	if len(e.Withheld) > 0 {
		fmt.Fprint(&b, "\nWhat would not\n")
		for _, w := range e.Withheld {
			fmt.Fprintf(&b, "  %-14s %s", w.Attribute, w.Why)
			if w.Neutral != "" {
				fmt.Fprintf(&b, " (offered instead: %s)", w.Neutral)
			}
			fmt.Fprintln(&b)
		}
	}
	_, err := io.WriteString(out, b.String())
	return err
}
