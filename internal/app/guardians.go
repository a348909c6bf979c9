package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
	"unicode/utf8"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/guardian"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/portal"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// guardians knows which views schools closed, under every key of the two people.
func (b *base) guardians() *guardian.Book {
	return &guardian.Book{Store: &sqldb.Guardians{DB: b.db, Journal: b.journal}, Keys: b.ring, Handles: b.people().Handles, Now: b.now}
}

// mountGuardians adds the page on which guardians read what concerns their children, and has the desk close it.
func (g *gateway) mountGuardians() {
	g.desk.Guardians = g.flow.Guardians
	portal.MountChildren(g.mux, portal.Children{
		Kit: g.kit, Live: g.live, Words: g.words, Visitor: g.flow.Visitor, Now: g.now, Asked: g.askedFor,
		Enter: login.ArriveAt("children"), Rights: login.OwnPages()["requests"],
	})
}

// askedFor tells the page what /accords asks a guardian for one of their wards.
func (g *gateway) askedFor(ctx context.Context, view *registry.Snapshot, who person.Person, ward int) (map[string]portal.Asked, error) {
	said, err := g.flow.AskedFor(ctx, view, who, ward)
	if err != nil {
		return nil, err
	}
	out := map[string]portal.Asked{}
	for at, s := range said {
		out[at] = portal.Asked{URL: s.URL, Answered: s.At, Yes: s.Answer == consent.Stands, Waits: s.Answer == consent.Missing}
	}
	return out, nil
}

// GuardiansOptions are the flags of `gateway guardians`.
type GuardiansOptions struct {
	UAI      string
	Source   string
	Guardian string
	Child    string
	Reason   string
	By       string // the function of whoever acts
}

// ErrNotActed says that nothing was closed or opened; the message says why.
var ErrNotActed = errors.New("nothing was done")

// guardiansActor is what the journal and the closings call whoever acts by command.
const guardiansActor = "command:guardians"

// CloseGuardian closes a view, as the desk does it for whoever is signed in there.
func CloseGuardian(ctx context.Context, c Config, o GuardiansOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "guardians", logTo, func(b *base) error { return closeGuardian(ctx, b, o, out) })
}

// OpenGuardian opens a view that an establishment closed.
func OpenGuardian(ctx context.Context, c Config, o GuardiansOptions, out, logTo io.Writer) error {
	return onBase(ctx, c, "guardians", logTo, func(b *base) error { return openGuardian(ctx, b, o, out) })
}

// ListGuardians prints what an establishment closed; of nobody it says who.
func ListGuardians(ctx context.Context, c Config, uai string, out, logTo io.Writer) error {
	return onBase(ctx, c, "guardians", logTo, func(b *base) error { return listGuardians(ctx, b, uai, out) })
}

func closeGuardian(ctx context.Context, b *base, o GuardiansOptions, out io.Writer) error {
	pair, err := o.read(ctx, b, guardian.ToClose())
	if err != nil {
		return err
	}
	fresh, seen, err := b.guardians().Close(ctx, pair, guardian.Closing{
		UAI: person.UAI(o.UAI), Office: strings.TrimSpace(o.By), By: guardiansActor, Reason: guardian.Reason(o.Reason),
	}, o.entry("guardian_close"))
	if err != nil {
		return err
	}
	if fresh {
		fmt.Fprintln(out, "closed from the next page on")
	} else {
		fmt.Fprintln(out, "it was closed already")
	}
	return tellSeen(seen, out)
}

func openGuardian(ctx context.Context, b *base, o GuardiansOptions, out io.Writer) error {
	pair, err := o.read(ctx, b, guardian.ToOpen())
	if err != nil {
		return err
	}
	opened, seen, err := b.guardians().Open(ctx, pair, person.UAI(o.UAI), guardian.Reason(o.Reason), o.entry("guardian_open"))
	if err != nil {
		return err
	}
	if opened {
		fmt.Fprintln(out, "open again from the next page on")
	} else {
		fmt.Fprintln(out, "this establishment had not closed it")
	}
	return tellSeen(seen, out)
}

// tellSeen warns of an identifier that may be mistyped.
func tellSeen(seen bool, out io.Writer) error {
	if seen {
		return nil
	}
	_, err := fmt.Fprintln(out, "one of the two identifiers, or both, was never seen here: look whether they are right")
	return err
}

func (o GuardiansOptions) entry(action string) audit.Entry {
	return audit.Entry{
		Class: audit.ClassAdmin, Action: action, Outcome: audit.Done, Actor: guardiansActor, UAI: o.UAI, Source: o.Source,
		Detail: map[string]string{"office": strings.TrimSpace(o.By)},
	}
}

// read names everything that is wrong with what was typed, and repeats no identifier.
func (o GuardiansOptions) read(ctx context.Context, b *base, reasons []guardian.Reason) (guardian.Pair, error) {
	all, err := b.store.Load(ctx)
	if err != nil {
		return guardian.Pair{}, err
	}
	s := registry.NewSnapshot(all, b.zone)
	var wrong []error
	say := func(bad bool, what string) {
		if bad {
			wrong = append(wrong, errors.New(what))
		}
	}
	_, known := s.Establishment(person.UAI(o.UAI))
	source, sourced := s.Source(o.Source)
	say(!known, "--uai: no registered establishment")
	say(!sourced || source.Authority == "" || !source.SpeaksFor(person.UAI(o.UAI)), "--source: no registered source that speaks for the establishment")
	pair := guardian.Pair{
		Guardian: person.Key{Authority: source.Authority, ID: strings.TrimSpace(o.Guardian)},
		Child:    person.Key{Authority: source.Authority, ID: strings.TrimSpace(o.Child)},
	}
	say(pair.Guardian.ID == "", "--guardian: the identifier that the source gives the guardian")
	say(pair.Child.ID == "", "--child: the identifier that the source gives the child")
	say(pair.Child.ID != "" && pair.Guardian == pair.Child, "--child: it is the guardian's own identifier")
	say(!slices.Contains(reasons, guardian.Reason(o.Reason)), fmt.Sprintf("--reason: one of %q", reasons))
	by := strings.TrimSpace(o.By)
	say(by == "" || utf8.RuneCountInString(by) > mostJoinText, fmt.Sprintf("--by: the function of whoever acts, in 1 to %d characters, without a name", mostJoinText))
	if len(wrong) > 0 {
		return guardian.Pair{}, fmt.Errorf("%w: %w", ErrNotActed, errors.Join(wrong...))
	}
	return pair, nil
}

func listGuardians(ctx context.Context, b *base, uai string, out io.Writer) error {
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	if _, known := registry.NewSnapshot(contents, b.zone).Establishment(person.UAI(uai)); !known {
		return errors.New("--uai: no registered establishment")
	}
	all, err := b.guardians().Closings(ctx, person.UAI(uai))
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "closing\tsince\tby\treason\n")
	for _, c := range all {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", c.Mark, c.At.In(b.zone).Format(time.DateTime), c.Office, c.Reason)
	}
	return w.Flush()
}
