package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// answerWithin is how many days after it was handed over a version, or a request of staff, is to be answered. It is a date
// to work by: nothing opens or closes by it.
const answerWithin = 30

// Stakes is how much is at stake with a case, as the declared risks say it. What nobody said comes right after the highest.
type Stakes string

// The stakes, the highest first.
const (
	StakesHigh    Stakes = "high"
	StakesUnknown Stakes = "unknown"
	StakesMedium  Stakes = "medium"
	StakesLow     Stakes = "low"
)

// AllStakes lists them, the highest first.
func AllStakes() []Stakes { return []Stakes{StakesHigh, StakesUnknown, StakesMedium, StakesLow} }

// Case is one thing in the review queue: a version under review, or what staff of one establishment ask for, which is one
// whoever and how many ask.
type Case struct {
	Ref                          // of a version; zero for a request
	Service  string              // empty for a request of something that is no service here
	Standing registry.Standing   // of a version
	Text     registry.Text       // the service's name
	Wishes   []string            // the requests that are one case
	About    string              // what was asked for, in the words of who asked first
	Reasons  []string            // and why, each once
	UAI      person.UAI          // where; of a version of one establishment too
	People   int                 // how many ask
	Mine     bool                // the caller is one of them, or the version's author
	Level    registry.Level      // of a version
	Change   registry.ChangeKind // against the version before it
	Stakes   Stakes
	Since    time.Time
	Due      registry.Date
	Late     bool
	Acts     []roles.Act // what the caller may do about it now, in the order in which it is done

	Findings []int      // of a version: how many block, want an answer, are notes; for the part that was asked for
	Missing  []string   // what keeps it from being approved: the codes of Conflict; for the part that was asked for
	Charge   []InCharge // who may do what comes next; for the part that was asked for
}

// Queued narrows the queue, and says which part of it is looked at closely.
type Queued struct {
	All    bool // what the caller sees and can do nothing about, too
	Stakes Stakes
	Text   string
	From   int // the first of the part
	Most   int // how many; 0 for none
}

// Queue is the review queue in the caller's sight: the highest stakes first, then what is due first. It gives the part that
// was asked for, and how many there are in all. It names nobody.
func (d *Desk) Queue(ctx context.Context, c roles.Caller, q Queued) (part []Case, total int, _ error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, 0, err
	}
	all := slices.Concat(t.underReview(), t.requests())
	text := strings.ToLower(strings.TrimSpace(q.Text))
	all = slices.DeleteFunc(all, func(o Case) bool {
		return !q.All && len(o.Acts) == 0 && !o.Mine || q.Stakes != "" && o.Stakes != q.Stakes || text != "" && !o.says(text)
	})
	slices.SortStableFunc(all, func(a, b Case) int {
		return cmp.Or(
			cmp.Compare(slices.Index(AllStakes(), a.Stakes), slices.Index(AllStakes(), b.Stakes)),
			cmp.Compare(a.Due.String(), b.Due.String()), a.Since.Compare(b.Since),
			cmp.Compare(a.String(), b.String()), cmp.Compare(a.UAI, b.UAI), cmp.Compare(a.About, b.About),
		)
	})
	total = len(all)
	from := min(max(q.From, 0), total)
	part = all[from:min(from+max(q.Most, 0), total)]
	for i := range part {
		d.look(t, &part[i])
	}
	return part, total, nil
}

// says tells whether a case speaks of a text.
func (o Case) says(text string) bool {
	return slices.ContainsFunc([]string{o.ID, o.Service, o.Text.FR, o.Text.EN, o.About, string(o.UAI)}, func(word string) bool {
		return strings.Contains(strings.ToLower(word), text)
	})
}

// underReview lists the versions that wait for somebody, in the caller's sight.
func (t *turn) underReview() []Case {
	var out []Case
	for _, s := range t.Services() {
		for _, v := range t.Declarations(s.ID) {
			if v.State != registry.Submitted && v.State != registry.InReview || !t.sees(v) {
				continue
			}
			out = append(out, t.reviewed(v, s.Name))
		}
	}
	return out
}

func (t *turn) reviewed(v registry.Declaration, name registry.Text) Case {
	o := Case{
		Ref: Ref{v.ID, v.Version}, Service: v.ServiceID, Text: name, Standing: registry.Standing(v.State), Level: v.Scope.Level,
		Mine: wrote(v, t.by.Handle), Stakes: stakes(v), Since: handedOver(v), Acts: t.actsOn(v),
	}
	if len(v.Scope.UAIs) == 1 {
		o.UAI = v.Scope.UAIs[0]
	}
	o.Due = registry.DateOf(o.Since.In(t.Zone())).Add(answerWithin)
	if older, ok := t.before(v); ok { // what it follows closes sooner than that, perhaps
		end, _ := policy.Ends(older, t.Rules(t.now), t.Zone())
		if last := registry.DateOf(end.Add(-time.Nanosecond).In(t.Zone())); t.now.Before(end) && before(last, o.Due) {
			o.Due = last
		}
	}
	o.Late = before(o.Due, t.today())
	return o
}

// handedOver is when a version was last handed over for review.
func handedOver(v registry.Declaration) time.Time {
	for _, by := range slices.Backward(v.Decisions) {
		if by.State == registry.Submitted {
			return by.At
		}
	}
	return v.Since
}

// actsOn lists what the caller may do about a version under review: who wrote it decides nothing about it.
func (t *turn) actsOn(v registry.Declaration) []roles.Act {
	var out []roles.Act
	may := func(act roles.Act) bool {
		_, err := t.asks().May(act, of(v))
		return err == nil
	}
	for _, act := range []roles.Act{roles.Instruct, roles.Opine, roles.OpineBeside} {
		if may(act) {
			out = append(out, act)
		}
	}
	if _, err := t.mayApprove(v); err == nil {
		out = append(out, roles.Approve)
	}
	return out
}

// stakes is what a text says of its own risks: the highest point of the form of the guidance of 2020, where each point is
// said. A transfer, or people known by their names, is never low.
func stakes(v registry.Declaration) Stakes {
	out := StakesLow
	raise := func(s Stakes) {
		if slices.Index(AllStakes(), s) < slices.Index(AllStakes(), out) {
			out = s
		}
	}
	for _, p := range v.Risk.Points() {
		switch p.Level {
		case registry.High:
			raise(StakesHigh)
		case registry.Medium:
			raise(StakesMedium)
		case registry.Low:
		default:
			raise(StakesUnknown)
		}
	}
	if len(v.Transfers) > 0 || v.Mode == registry.Nominative {
		raise(StakesMedium)
	}
	return out
}

// look fills what is shown of the part that was asked for.
func (d *Desk) look(t *turn, o *Case) {
	if len(o.Wishes) > 0 {
		o.Charge = t.answering(o.UAI)
		return
	}
	v, _ := t.Declaration(o.ID, o.Version)
	seen := d.lately(t, v)
	o.Change, o.Findings, o.Missing, o.Charge = seen.change, seen.findings, seen.missing, seen.charge
}

// sighted is what a close look at a version tells, whoever looks.
type sighted struct {
	change   registry.ChangeKind
	findings []int
	missing  []string
	charge   []InCharge
}

func (d *Desk) sight(t *turn, v registry.Declaration) sighted {
	findings := d.examine(t, v)
	out := sighted{change: t.kindOfChange(v), findings: make([]int, 3), charge: t.inCharge(v)}
	for _, f := range findings {
		out.findings[min(max(int(f.Severity), 0), 2)]++
	}
	for _, by := range d.obstaclesOf(t, v, findings, t.opinionOn(v)) {
		if !slices.Contains(out.missing, by.code) {
			out.missing = append(out.missing, by.code)
		}
	}
	return out
}
