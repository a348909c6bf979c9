package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"ecluse/internal/admin"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/store/memdb"
	demosource "ecluse/internal/upstream/demo"
	"ecluse/internal/web"

	"ecluse/internal/login"
)

// ExplainOptions are the flags of `gateway explain`.
type ExplainOptions struct {
	Config  *Config // of a real installation; nil for a demo
	Data    string  // the folder of a demo; when empty, the temporary one of a running demo, or a fresh one
	Persona string  // an invented person of configs/personas.yaml
	Person  string  // source:id, as in demo:lina; of a real installation, journaled and with a Reason
	Reason  string
	UAI     string
	Profile string
	Service string
	Draft   string // id@version, or a file: as if it were approved
	Compare bool   // beside what is in force; for every persona when none is named
	Message string // a protocol, or "all": the message as it would be printed
	Page    string // child, teen, adult: the page as the person would see it
	Lang    string // fr or en
	Ref     string // of a sign-in that is past: from the journal
	JSON    bool
}

// Explain prints what the gateway would decide about one person, establishment and service, and why.
func Explain(ctx context.Context, o ExplainOptions, out, logTo io.Writer) error {
	if err := o.check(); err != nil {
		return err
	}
	if o.Config != nil {
		return explainIn(ctx, *o.Config, o, out, logTo)
	}
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
	if err := explainIn(ctx, c, o, out, logTo); err != nil {
		return fmt.Errorf("%s: %w", dir, err)
	}
	return nil
}

func explainIn(ctx context.Context, c Config, o ExplainOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "explain", logTo, func(b *base) error { return explain(ctx, b, o, out) })
}

// check says everything that is wrong with the flags by themselves.
func (o ExplainOptions) check() error {
	var wrong []error
	say := func(bad bool, text string) {
		if bad {
			wrong = append(wrong, errors.New(text))
		}
	}
	say(o.Ref == "" && o.Service == "" && o.Draft == "", "--service: it is missing (or --ref, for a sign-in that is past)")
	say(o.Persona != "" && o.Person != "", "--persona, --person: one of the two")
	say(o.Compare && o.Draft == "", "--compare: with --draft, which says what is compared")
	say(o.Lang != "" && o.Lang != "fr" && o.Lang != "en", "--lang: fr or en")
	say(o.Page != "" && wordings()[o.Page] == "", "--page: child, teen or adult")
	return errors.Join(wrong...)
}

func wordings() map[string]string {
	return map[string]string{"child": string(web.Child), "teen": string(web.Teen), "adult": string(web.Adult), "all": "all"}
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

// teller is an explanation on the command line under way.
type teller struct {
	*base
	ExplainOptions
	view      *registry.Snapshot
	simulator *admin.Simulator
	personas  admin.Personas
	out       io.Writer
}

func explain(ctx context.Context, b *base, o ExplainOptions, out io.Writer) error {
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	o.Lang = cmp.Or(o.Lang, "en")
	t := &teller{base: b, ExplainOptions: o, view: b.snapshot(contents), out: out}
	if t.personas, err = personas(); err != nil {
		return err
	}
	if o.Ref != "" {
		return t.past(ctx)
	}
	if t.simulator, err = b.offlineSimulator(t.view); err != nil {
		return err
	}
	return t.answer(ctx)
}

// offlineSimulator is a simulator without a gateway around it.
func (b *base) offlineSimulator(view *registry.Snapshot) (*admin.Simulator, error) {
	protocols, err := checkingProtocols(b, true)
	if err != nil {
		return nil, err
	}
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: b.config.PublicURL, Zone: b.zone, Now: b.now, Contributions: contributions()})
	if err != nil {
		return nil, err
	}
	flow := &login.Flow{Engine: b.engine, Kit: kit, Now: b.now, Meter: newMetrics(Version()), Log: b.log, Tickets: memdb.New(b.now), Live: still{view}}
	return b.simulator(protocols, flow), nil
}

// still is a registry that stands still.
type still struct{ view *registry.Snapshot }

func (s still) Current() (*registry.Snapshot, error) { return s.view, nil }

func (t *teller) answer(ctx context.Context) error {
	draft, drafted, err := t.draft()
	if err != nil {
		return err
	}
	if t.Service == "" {
		t.Service = draft.ServiceID
	}
	service, known := t.view.Service(t.Service)
	if !known {
		return fmt.Errorf("--service %q: not registered; there are %s", t.Service, serviceIDs(t.view))
	}
	if !speaks(service, t.Message) {
		return fmt.Errorf("--message %s: %s does not speak it; it speaks %s", t.Message, t.Service, cmp.Or(strings.Join(spoken(service), ", "), "no protocol"))
	}
	if drafted && t.Compare && t.Persona == "" && t.Person == "" {
		return t.print(t.simulator.Effect(t.view, draft, t.personas, person.UAI(strings.ToUpper(t.UAI)), t.Lang))
	}
	q, err := t.question(ctx)
	if err != nil {
		return err
	}
	switch {
	case drafted && t.Compare:
		return t.print(t.simulator.Compare(t.view, draft, q))
	case drafted:
		return t.print(t.simulator.Explain(admin.AsIf(t.view, t.now(), draft, q.UAI), q, nil))
	default:
		return t.print(t.simulator.Explain(t.view, q, nil))
	}
}

// speaks tells whether a service has a message to show.
func speaks(s registry.Service, protocol string) bool {
	return protocol == "" || protocol == "all" || slices.Contains(spoken(s), protocol)
}

func spoken(s registry.Service) []string {
	var out []string
	for _, b := range s.Bindings {
		if !slices.Contains(out, b.Protocol) {
			out = append(out, b.Protocol)
		}
	}
	return out
}

// question is about a persona or a person, in words of the language that was asked for.
func (t *teller) question(ctx context.Context) (q admin.Question, err error) {
	uai := person.UAI(strings.ToUpper(t.UAI))
	switch {
	case t.Persona != "":
		q, err = t.simulator.About(t.view, t.personas, t.Persona, uai, t.Service)
	case t.Person == "":
		err = fmt.Errorf("--persona or --person: it is missing; there are the personas %s", strings.Join(t.personas.IDs(), ", "))
	default:
		if uai == "" {
			return q, errors.New("--uai: it is missing; a person is looked at in one establishment")
		}
		if _, known := t.view.Establishment(uai); !known {
			return q, fmt.Errorf("--uai %q: not registered", t.UAI)
		}
		q, err = t.somebody(ctx, uai)
	}
	q.Profile, q.Lang, q.Protocol, q.Page = person.Profile(t.Profile), t.Lang, t.Message, wordings()[t.Page]
	if t.Message == "all" || t.Message == "" && t.JSON {
		q.Protocol = ""
	} else if t.Message == "" {
		q.Protocol = "none"
	}
	return q, err
}

// draft is a version of the registry, or of a file, that is looked at as if it were approved.
func (t *teller) draft() (registry.Declaration, bool, error) {
	if t.Draft == "" {
		return registry.Declaration{}, false, nil
	}
	if id, version, err := admin.ParseVersion(t.Draft); err == nil {
		d, known := t.view.Declaration(id, version)
		if !known {
			return d, false, fmt.Errorf("--draft %s: not registered", t.Draft)
		}
		return d, true, nil
	}
	d, err := t.fromFile()
	return d, err == nil, err
}

// fromFile reads the one declaration of a file that is about the service.
func (t *teller) fromFile() (registry.Declaration, error) {
	dir, name := filepath.Split(t.Draft)
	if dir == "" {
		dir = "."
	}
	loaded, problems := manifest.Load(oneFile{os.DirFS(dir), name})
	if err := problems.Or(); err != nil {
		return registry.Declaration{}, fmt.Errorf("--draft: %w", err)
	}
	var found []registry.Declaration
	for _, d := range loaded.Declarations {
		if t.Service == "" || d.ServiceID == t.Service {
			found = append(found, d)
		}
	}
	if len(found) != 1 {
		return registry.Declaration{}, fmt.Errorf("--draft %s: it holds %d declarations of the service; one is expected", t.Draft, len(found))
	}
	return found[0], nil
}

// oneFile is a folder in which one YAML file is seen, and beside it the papers that it names.
type oneFile struct {
	fs.FS
	name string
}

// ReadDir leaves the other YAML files out.
func (o oneFile) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	var out []fs.DirEntry
	for _, e := range entries {
		if e.Name() == o.name && name == "." {
			out = append(out, e)
		}
	}
	return out, err
}

func (t *teller) past(ctx context.Context) error {
	past, err := admin.ExplainRef(ctx, t.db.Audit(), t.view, t.words, t.Ref, t.Lang, func(person.UAI) bool { return true })
	if err != nil {
		return fmt.Errorf("--ref: %w", err)
	}
	return t.print(past)
}

// print writes an answer as people or as programs read it.
func (t *teller) print(answer any) error {
	if t.JSON {
		enc := json.NewEncoder(t.out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(answer)
	}
	var b strings.Builder
	switch a := answer.(type) {
	case admin.Explanation:
		writeExplanation(&b, a)
	case admin.Comparison:
		writeComparison(&b, a)
	case []admin.Comparison:
		writeEffect(&b, a)
	case admin.Past:
		writePast(&b, a)
	}
	_, err := io.WriteString(t.out, b.String())
	return err
}

func serviceIDs(view *registry.Snapshot) string {
	var out []string
	for _, s := range view.Services() {
		out = append(out, s.ID)
	}
	return strings.Join(out, ", ")
}

func ids(people demosource.People) []string {
	out := make([]string, len(people))
	for i, p := range people {
		out[i] = p.ID
	}
	return out
}
