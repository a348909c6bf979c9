package consent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// actSaid is the journal's word for a statement that lets nothing out by itself.
const actSaid = "agreement"

// past is where earlier versions are found; nil where nothing is.
func (l *Ledger) past() Versions {
	if l.Past == nil {
		return nil
	}
	view, err := l.Past()
	if err != nil || view == nil {
		return nil
	}
	return view
}

// Said lists what was said of a person at services, oldest first: under every key by which they were ever known. It holds
// every voice; a page shows the reader their own.
func (l *Ledger) Said(ctx context.Context, of []string, services ...string) ([]Receipt, error) {
	var under []string
	for _, service := range services {
		for _, h := range of {
			under = append(under, handle(l.Keys, h, service))
		}
	}
	if len(under) == 0 {
		return nil, nil
	}
	said, err := l.Store.Receipts(ctx, under)
	if err != nil {
		return nil, fmt.Errorf("receipts: %w", err)
	}
	slices.SortStableFunc(said, inTime)
	return said, nil
}

// Own leaves of what was said what the speaker said themself.
func (l *Ledger) Own(who Speaker, said []Receipt) []Receipt {
	return slices.DeleteFunc(slices.Clone(said), func(r Receipt) bool { return !l.spokenBy(who, r) })
}

func (l *Ledger) spokenBy(who Speaker, r Receipt) bool {
	return r.Voice == who.Voice && (who.Voice != Holder || slices.Contains(l.names(who, r.Service), r.By))
}

// names lists every name under which a holder may have spoken at a service, today's first.
func (l *Ledger) names(who Speaker, service string) []string {
	out := make([]string, len(who.By))
	for i, by := range who.By {
		out[i] = speaks(l.Keys, by, service)
	}
	return out
}

// Standing is where one speaker stands with one declaration, for their own page.
type Standing struct {
	Question
	Answer  Answer        // of the person themself; for a holder only whether their own part is done: Stands, Missing or Declined
	Own     Receipt       // the newest that this speaker said under the declaration; zero when there is none
	Changed bool          // Own is about another substance
	Changes []Change      // in what, where the earlier version is still known
	Instead registry.Text // of Shut
}

// May tells whether the speaker has something to take back.
func (s Standing) May() bool { return s.Own.Act == Agreed }

// Standing says where a speaker stands with a question. To a holder it tells nothing of what the child or another holder
// said, or a controller.
func (l *Ledger) Standing(ctx context.Context, who Speaker, q Question) (Standing, error) {
	said, err := l.Said(ctx, who.Of, q.Declaration.ServiceID)
	if err != nil {
		return Standing{}, err
	}
	return l.standing(who, q, said), nil
}

// Standings says it of several questions at once, in their order. A holder is told nothing of those that the child has
// answered alone: there they are not asked any more, by age, and need not know what the child did.
func (l *Ledger) Standings(ctx context.Context, who Speaker, qs ...Question) ([]Standing, error) {
	var services []string
	for _, q := range qs {
		services = append(services, q.Declaration.ServiceID)
	}
	slices.Sort(services)
	all, err := l.Said(ctx, who.Of, slices.Compact(services)...)
	if err != nil {
		return nil, err
	}
	var out []Standing
	for _, q := range qs {
		said := slices.DeleteFunc(slices.Clone(all), func(r Receipt) bool { return r.Service != q.Declaration.ServiceID })
		if who.Voice == Holder && slices.ContainsFunc(said, func(r Receipt) bool { return r.Voice == Self && r.Alone }) {
			continue
		}
		out = append(out, l.standing(who, q, said))
	}
	return out, nil
}

func (l *Ledger) standing(who Speaker, q Question, said []Receipt) Standing {
	out := Standing{Question: q}
	for _, r := range l.Own(who, said) {
		if q.heard(r) {
			out.Own = r
		}
	}
	present := out.Own.Substance == q.Declaration.Substance()
	out.Changed = out.Own.Act != "" && !present
	if past := l.past(); out.Changed && past != nil {
		out.Changes = asked{Question: q}.since(out.Own, past)
	}
	if who.Voice == Self {
		found := q.Weigh(said)
		out.Answer, out.Instead = found.Answer, found.Closing.Instead
		return out
	}
	switch {
	case out.Own.no():
		out.Answer = Declined
	case present && out.Own.Act == Agreed:
		out.Answer = Stands
	default:
		out.Answer = Missing
	}
	return out
}

// ErrNotAsked says that nobody asks this speaker under the declaration, so that there is nothing to answer.
var ErrNotAsked = errors.New("this is not asked of them")

// Say files a yes or a no (Agreed, Refused) of a speaker to a question, on a page of their own. What they said last already
// is not filed again. ErrNotAsked: the mode asks nothing of that voice.
func (l *Ledger) Say(ctx context.Context, who Speaker, q Question, act Act, around Around) error {
	asks := who.Voice == Self && (q.Mode == Consent || q.Mode == Joint) || who.Voice == Holder && q.Mode == Joint && q.Holders
	if !asks || act != Agreed && act != Refused {
		return ErrNotAsked
	}
	said, err := l.Said(ctx, who.Of, q.Declaration.ServiceID)
	if err != nil {
		return err
	}
	s := l.standing(who, q, said)
	if s.Own.Act == act && !s.Changed && (who.Voice == Holder || s.Own.Alone == q.Alone) {
		return nil
	}
	r := l.receipt(asked{Speaker: who, Question: q}, act, l.after(who, said))
	return l.Store.Record(ctx, l.statement(who, r, around), l.everyName(who, r, said), Left{})
}

// Withdraw takes back every yes that stands at a service and that this speaker gave or, for a child, somebody gave for
// them: nothing leaves from that moment, later answers of running sign-ins included. It does not erase what the service
// has. Each declaration that it was about has its journal entry, and they are returned; none when there was nothing to take back, as when it is said twice.
// Only what was asked can be taken back: information cannot.
func (l *Ledger) Withdraw(ctx context.Context, who Speaker, service string, around Around) ([]string, error) {
	said, err := l.Said(ctx, who.Of, service)
	if err != nil {
		return nil, err
	}
	var out []string
	var receipts []Receipt
	var entries []audit.Entry
	at := l.after(who, said)
	for _, yes := range l.standingYes(who, said) {
		r := yes
		r.Voice, r.Act, r.At, r.Filed, r.Paper, r.By, r.Among = who.Voice, Withdrawn, at, at, nil, "", ""
		r.Handle = handle(l.Keys, who.Of[0], service)
		if who.Voice == Holder {
			r.By, r.Among = l.names(who, service)[0], names(l.Keys, who.Authority, service)
		}
		receipts = append(receipts, l.everyName(who, r, said)...)
		entries = append(entries, l.statement(who, r, around))
		out = append(out, r.Declaration)
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, l.Store.RecordAll(ctx, entries, receipts)
}

// after is now, and always after what the speaker said last: the clocks of two replicas may differ, and the newest word is
// the one that was said last.
func (l *Ledger) after(who Speaker, said []Receipt) time.Time {
	at := l.Now()
	for _, r := range l.Own(who, said) {
		if next := r.At.Add(time.Millisecond); at.Before(next) {
			at = next
		}
	}
	return at
}

// standingYes lists, by declaration, what a withdrawal would take back: the speaker's own newest word where it is a yes; for
// a holder who has not spoken yet, the newest yes of another holder.
func (l *Ledger) standingYes(who Speaker, said []Receipt) []Receipt {
	own, others := map[string]Receipt{}, map[string]Receipt{}
	var order []string
	for _, r := range said {
		if r.Declaration == "" {
			continue
		}
		if !slices.Contains(order, r.Declaration) {
			order = append(order, r.Declaration)
		}
		switch {
		case l.spokenBy(who, r):
			own[r.Declaration] = r
		case who.Voice == Holder && r.Voice == Holder && r.Act == Agreed:
			others[r.Declaration] = r
		}
	}
	var out []Receipt
	for _, id := range order {
		mine, spoke := own[id]
		if theirs, ok := others[id]; !spoke && ok {
			mine = theirs
		}
		if mine.Act == Agreed {
			out = append(out, mine)
		}
	}
	return out
}

// Close makes the receipt of a controller who closes a service for one person, or opens it again: for whoever writes it with
// their own journal entry, in one transaction. of is a handle of any key of the person; every other of their keys finds it.
// Nobody but the person reads instead, and only on the page that tells them.
func (l *Ledger) Close(of, service string, instead registry.Text) Receipt {
	return l.controllers(of, service, Closed, instead)
}

// Open is the receipt that takes a Close back.
func (l *Ledger) Open(of, service string) Receipt {
	return l.controllers(of, service, Opened, registry.Text{})
}

func (l *Ledger) controllers(of, service string, act Act, instead registry.Text) Receipt {
	now := l.Now()
	return Receipt{
		Handle: handle(l.Keys, of, service), Service: service, Act: act, At: now, Filed: now, Voice: Controller, Instead: instead,
	}
}

// File writes receipts with the journal entry of whoever answers for them: closings, and what was attested from paper.
func (l *Ledger) File(ctx context.Context, entry audit.Entry, receipts ...Receipt) error {
	return l.Store.Record(ctx, entry, receipts, Left{})
}

// receipt is what a speaker said to a question.
func (l *Ledger) receipt(a asked, act Act, at time.Time) Receipt {
	d := a.Declaration
	r := Receipt{
		Handle: handle(l.Keys, a.Of[0], d.ServiceID), Service: d.ServiceID, Declaration: d.ID, Version: d.Version,
		Substance: d.Substance(), Act: act, At: at, Filed: at, Voice: a.Voice, Alone: a.Voice == Self && a.Alone,
	}
	if a.Voice == Holder && len(a.By) > 0 {
		r.By, r.Among = l.names(a.Speaker, d.ServiceID)[0], names(l.Keys, a.Authority, d.ServiceID)
	}
	return r
}

// everyName is a holder's word under their name of today and under each by which they spoke before, so that it takes the
// place of all of it. The further ones say not who named the holder, and so count for nobody else.
func (l *Ledger) everyName(who Speaker, r Receipt, said []Receipt) []Receipt {
	out := []Receipt{r}
	if who.Voice != Holder {
		return out
	}
	for _, name := range l.names(who, r.Service)[1:] {
		if slices.ContainsFunc(said, func(s Receipt) bool { return s.By == name && s.Declaration == r.Declaration }) {
			again := r
			again.By, again.Among = name, ""
			out = append(out, again)
		}
	}
	return out
}

// statement is the journal's line of what somebody said. It says which voice, and of a holder for which child, by handles.
func (l *Ledger) statement(who Speaker, r Receipt, around Around) audit.Entry {
	detail := map[string]string{"voice": string(who.Voice)}
	subject := SubjectOf(l.Keys, who.Of[0], r.Service)
	if who.Voice == Holder {
		detail["child"] = subject
		subject = SubjectOf(l.Keys, who.By[0], r.Service)
	}
	return audit.Entry{
		Class: audit.ClassRelease, Action: actSaid, Outcome: audit.Done, Reason: string(r.Act), Ref: around.Ref, Protocol: around.Protocol,
		Subject: subject, Service: r.Service, Declaration: r.Declaration, Version: r.Version, Detail: detail,
	}
}
