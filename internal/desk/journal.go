package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ReadJournal lists the entries that a query chooses and the caller may read, the newest first: everywhere for whoever reads
// the journal of the whole, else in the establishments whose journal they may read. A sign-in or a release is found by the
// reference number that somebody was given, and by nothing else: nobody reads here who uses what. Nor is said who wished
// for a service. A role is asked of what entries say, and of who holds it now.
func (d *Desk) ReadJournal(ctx context.Context, c roles.Caller, q audit.Query) (audit.Page, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return audit.Page{}, err
	}
	if err := g.narrow(&q); err != nil {
		return audit.Page{}, err
	}
	if people(q.Class) && q.Ref == "" {
		return audit.Page{}, &Invalid{[]registry.Finding{{
			Where: "ref", What: "sign-ins and releases are looked up by reference number only", Mend: "the reference number that the page showed",
		}}}
	}
	if d.Events == nil {
		return audit.Page{}, nil
	}
	found, err := d.Events.List(ctx, q)
	if err != nil {
		return audit.Page{}, fmt.Errorf("desk: journal: %w", err)
	}
	return g.readable(found, q), nil
}

// people tells a class whose entries are about people who use services; no class is all of them.
func people(c audit.Class) bool {
	return c != audit.ClassAdmin && c != audit.ClassSystem
}

// narrow keeps a query within what the caller may read.
func (g glance) narrow(q *audit.Query) error {
	q.Subjects, q.UAIs, q.Holders = false, nil, nil
	on := roles.Target{}
	if q.UAI != "" {
		on.UAIs = []person.UAI{person.UAI(q.UAI)}
	}
	if q.Role != "" {
		for _, a := range g.Appointments() {
			if a.Role == registry.Role(q.Role) && a.Holder != "" {
				q.Holders = append(q.Holders, a.Holder)
			}
		}
	}
	denied := g.may(roles.ReadJournal, on)
	if denied == nil || q.UAI != "" {
		return denied
	}
	for _, uai := range g.journals() {
		q.UAIs = append(q.UAIs, string(uai))
	}
	if len(q.UAIs) == 0 {
		return denied
	}
	return nil
}

// journals are the establishments whose journal the caller may read.
func (g glance) journals() []person.UAI {
	var out []person.UAI
	for _, e := range g.Establishments() {
		if g.may(roles.ReadJournal, roles.Target{UAIs: []person.UAI{e.UAI}}) == nil {
			out = append(out, e.UAI)
		}
	}
	return out
}

// readable leaves out what is another academy's, and of the rest what is nobody's to read.
func (g glance) readable(found audit.Page, q audit.Query) audit.Page {
	out := audit.Page{Next: found.Next}
	may := map[string]bool{}
	for i, e := range found.Entries {
		reads, asked := may[e.UAI]
		if !asked {
			reads = g.readsAt(e.UAI)
			may[e.UAI] = reads
		}
		named := q.Actor != "" || q.Role != ""
		if !reads || wished(e) && named || people(e.Class) && (q.Ref == "" || e.Ref != q.Ref) {
			continue
		}
		out.Entries, out.Hashes = append(out.Entries, shownEntry(e)), append(out.Hashes, found.Hashes[i])
	}
	return out
}

// readsAt: what names no establishment, or one that is registered no more, is the whole's.
func (g glance) readsAt(uai string) bool {
	on := roles.Target{}
	if _, known := g.Establishment(person.UAI(uai)); known {
		on.UAIs = []person.UAI{person.UAI(uai)}
	}
	return g.may(roles.ReadJournal, on) == nil
}

// wished tells an entry about a wish, whose author is nobody's to read; who answered one is.
func wished(e audit.Entry) bool {
	return strings.HasPrefix(e.Action, "wish") && e.Action != "wish_answer"
}

// shownEntry is an entry without what points at somebody, and without what is sealed for others.
func shownEntry(e audit.Entry) audit.Entry {
	if wished(e) {
		e.Actor = ""
	}
	hides := func(key string) bool { return key == "child" || strings.HasSuffix(key, "_sealed") }
	detail := map[string]string{}
	for key, value := range e.Detail {
		if !hides(key) {
			detail[key] = value
		}
	}
	if e.Detail = detail; len(detail) == 0 {
		e.Detail = nil
	}
	return e
}

// Told is an entry with what the register says of it today.
type Told struct {
	Entry   audit.Entry
	Hash    audit.Hash
	Office  string                // in which function it was decided
	Reason  string                // why, in the words of whoever decided
	Against int                   // the version before, with which the entry's version is compared; 0 for none
	Changes []registry.Difference // what the entry's version says differently
}

// near is how far the moment of a decision may lie from that of its entry: they are one act.
const near = time.Minute

// JournalEntry is one entry, by its place. One of a sign-in or a release wants its reference number too. What is not the
// caller's to read is not found.
func (d *Desk) JournalEntry(ctx context.Context, c roles.Caller, of audit.Chain, sequence int64, ref string) (Told, error) {
	missing := &NotFound{"journal entry", audit.Entry{Writer: of.Writer, Class: of.Class, Sequence: sequence}.ID()}
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Told{}, err
	}
	g := glanceAt(t.Snapshot, t.now, c)
	q := audit.Query{Class: of.Class, Of: of, Sequence: sequence, Ref: ref}
	if sequence < 1 || people(of.Class) && ref == "" {
		return Told{}, missing
	}
	if err := g.narrow(&q); err != nil {
		return Told{}, err
	}
	q.UAIs = nil // each entry is asked for below
	if d.Events == nil {
		return Told{}, missing
	}
	found, err := d.Events.List(ctx, q)
	if err != nil {
		return Told{}, fmt.Errorf("desk: journal: %w", err)
	}
	if found = g.readable(found, q); len(found.Entries) != 1 {
		return Told{}, missing
	}
	out := Told{Entry: found.Entries[0], Hash: found.Hashes[0]}
	t.tell(&out)
	return out, nil
}

// tell adds what was decided, and what the version changed, as far as the caller sees it.
func (t *turn) tell(out *Told) {
	e := out.Entry
	d, known := t.Declaration(e.Declaration, e.Version)
	known = known && t.sees(d)
	var decided []registry.Decision
	switch enabling, enabled := t.Enabling(e.Service, person.UAI(e.UAI)); {
	case strings.HasPrefix(e.Action, "enabling_") && enabled:
		decided = enabling.Decisions
	case known:
		decided = d.Decisions
	default:
		service, _ := t.Service(e.Service)
		decided = service.Decisions
	}
	for _, by := range slices.Backward(decided) {
		if e.Actor != "" && by.By == e.Actor && by.At.Sub(e.At).Abs() < near {
			out.Office, out.Reason = by.Office, by.Reason
			break
		}
	}
	if !known || !strings.HasPrefix(e.Action, "declaration_") {
		return
	}
	if before, ok := t.before(d); ok && t.sees(before) {
		out.Against, out.Changes = before.Version, registry.Diff(before, d)
	}
}
