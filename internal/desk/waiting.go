package desk

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// soon is how many days before an end somebody is told of it.
const soon = 60

// Task is something that waits for the caller.
type Task struct {
	Kind  string `json:"kind"` // a stable word: review, opinion, approve, enable, accept, correct, wish, paper, terms, expiry, flag, narrowed, appointment, by_link, rules, model_review, right, inquiry
	About string `json:"about"`
	UAI   string `json:"uai,omitempty"`
	Since string `json:"since,omitempty"` // RFC 3339
	Until string `json:"until,omitempty"` // yyyy-mm-dd: when it will be too late
	Count int    `json:"count,omitempty"` // of schools, where it is about several
	What  string `json:"what,omitempty"`  // of narrowed: the attributes that are no longer sent, with ", " between them
}

// Waiting lists what waits for the caller, the oldest first. The same thing in several schools is one task that counts
// them.
func (d *Desk) Waiting(ctx context.Context, c roles.Caller) ([]Task, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	w := &waiting{turn: t, desk: d}
	for v := range t.EachDeclaration() {
		switch v.State {
		case registry.Submitted, registry.InReview, registry.ToCorrect, registry.Approved:
			w.declaration(*v)
		}
	}
	w.schools()
	w.wishes()
	w.offices()
	w.rules()
	w.catalogue()
	w.inquiries()
	if err := w.rights(ctx); err != nil {
		return nil, err
	}
	slices.SortStableFunc(w.tasks, func(a, b Task) int { return cmp.Or(cmp.Compare(a.Since, b.Since), cmp.Compare(a.Until, b.Until)) })
	return w.tasks, nil
}

// waiting gathers tasks.
type waiting struct {
	*turn
	desk  *Desk
	tasks []Task
}

func (w *waiting) add(kind, about string, since time.Time, until registry.Date) {
	task := Task{Kind: kind, About: about, Until: until.String()}
	if !since.IsZero() {
		task.Since = since.UTC().Format(time.RFC3339)
	}
	w.tasks = append(w.tasks, task)
}

// allowed tells whether the caller may.
func (w *waiting) allowed(act roles.Act, on roles.Target) bool {
	_, err := w.may(act, on)
	return err == nil
}

// declaration looks at one version: who is to review it, to give an opinion, to decide, to mend, to confirm.
func (w *waiting) declaration(v registry.Declaration) {
	about := Ref{v.ID, v.Version}.String()
	switch v.State {
	case registry.Submitted, registry.InReview:
		w.reviewed(v, about)
	case registry.ToCorrect:
		if w.mayWrite(v) == nil {
			w.add("correct", about, v.Since, registry.Date{})
		}
	case registry.Approved:
		w.narrowed(v, about)
		if !w.flagged(v, about) {
			w.running(v, about)
		}
	}
}

func (w *waiting) reviewed(v registry.Declaration, about string) {
	if v.Paper != nil && w.allowed(roles.ConfirmPaper, of(v)) && !wrote(v, w.by.Handle) {
		w.add("paper", about, v.Since, registry.Date{})
	}
	if w.allowed(roles.Instruct, of(v)) {
		w.add("review", about, v.Since, registry.Date{})
	}
	o := w.opinionOn(v)
	if o.asked && !o.given && w.allowed(roles.Opine, of(v)) {
		w.add("opinion", about, v.Since, registry.Date{})
	}
	in, err := w.mayApprove(v)
	if err != nil || o.asked && !o.given { // nobody approves before the opinion: what else stands against it need not be asked
		return
	}
	over := o.Value == registry.Unfavourable && in.Role != registry.Recteur
	if over || in.Role == registry.Collectivite && agreed(v) {
		return
	}
	left := w.desk.obstaclesOf(w.turn, v, w.desk.examine(w.turn, v), o)
	if in.Role == registry.Collectivite {
		left = slices.DeleteFunc(left, func(o obstacle) bool { return o.code == "joint" })
	}
	if len(left) == 0 {
		w.add("approve", about, v.Since, registry.Date{})
	}
}

// running looks at an approved version that ends before long, unless a newer one is approved or on its way.
func (w *waiting) running(v registry.Declaration, about string) {
	end, lapse := policy.Ends(v, w.Rules(w.now), w.Zone())
	if !w.now.Before(end) || end.After(w.now.AddDate(0, 0, soon)) || w.succeeded(v) {
		return
	}
	last := registry.DateOf(end.Add(-time.Nanosecond).In(w.Zone()))
	switch {
	case lapse == policy.LapseTerms && v.Review == nil && w.allowed(roles.ConfirmTerms, of(v)):
		w.add("terms", about, v.Since, last)
	case lapse != policy.LapseTerms && w.allowed(roles.Draft, of(v)):
		w.add("expiry", about, v.Since, last)
	}
}

// succeeded tells whether a newer version was approved.
func (w *waiting) succeeded(v registry.Declaration) bool {
	return slices.ContainsFunc(w.Versions(v.ID), func(o registry.Declaration) bool { return o.Version > v.Version && o.State == registry.Approved })
}

// schools looks at what waits for each school's own controller, one task for each version.
func (w *waiting) schools() {
	found := map[Task][]person.UAI{}
	for one := range w.EachDeclaration() {
		if one.State != registry.Approved || one.Scope.Level != registry.ByEstablishment && one.ServiceID != registry.House {
			continue
		}
		v := *one
		if w.succeeded(v) || w.standing(v) == registry.Expired {
			continue
		}
		for _, uai := range v.Scope.UAIs { // at the level of establishments: those that did not approve it themselves
			if e, _ := w.Enabling(v.ServiceID, uai); v.Scope.Level == registry.ByEstablishment && (e.State == "" || e.State == registry.Withdrawn) {
				w.at(found, "enable", v, uai)
			}
		}
		w.house(found, v)
	}
	for e := range w.EachEnabling() {
		if e.State == registry.ClaimedOnPaper {
			w.at(found, "paper", registry.Declaration{ServiceID: e.Service}, e.UAI)
		}
		if v, ok := w.wider(*e); ok {
			w.at(found, "accept", v, e.UAI)
		}
	}
	for task, uais := range found {
		if task.Count = len(uais); len(uais) == 1 {
			task.UAI, task.Count = string(uais[0]), 0
		}
		w.tasks = append(w.tasks, task)
	}
	slices.SortFunc(w.tasks, func(a, b Task) int { return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.About, b.About)) })
}

// house looks for schools that the gateway's own register entry does not cover before they adhere to it.
func (w *waiting) house(found map[Task][]person.UAI, v registry.Declaration) {
	if v.ServiceID != registry.House || v.Scope.Level != registry.ByAcademy || v.Scope.All {
		return
	}
	for _, school := range w.Establishments() {
		e, _ := w.Enabling(v.ServiceID, school.UAI)
		if v.Scope.Covers(school) && !w.closed(school) && (e.State == "" || e.State == registry.Withdrawn) {
			w.at(found, "enable", v, school.UAI)
		}
	}
}

// wider finds the newest approved version that an enabling has not accepted and that changes more than it may for it.
func (w *waiting) wider(e registry.Enabling) (registry.Declaration, bool) {
	if e.State != registry.Enabled {
		return registry.Declaration{}, false
	}
	accepted, ok := w.Declaration(e.Declaration, e.Version)
	for _, v := range w.Versions(e.Declaration) { // newest first
		if v.State == registry.Approved {
			return v, ok && waits(e, v) && registry.Compare(accepted, v) == registry.Wider
		}
	}
	return registry.Declaration{}, false
}

// at files a school under a task, when the caller is its controller.
func (w *waiting) at(found map[Task][]person.UAI, kind string, v registry.Declaration, uai person.UAI) {
	if !w.allowed(roles.Enable, roles.Target{Service: v.ServiceID, UAIs: []person.UAI{uai}}) {
		return
	}
	task := Task{Kind: kind, About: v.ServiceID}
	if v.ID != "" {
		task.About, task.Since = Ref{v.ID, v.Version}.String(), v.Since.UTC().Format(time.RFC3339)
	}
	found[task] = append(found[task], uai)
}

// wishes are told to whoever may answer and to the data-protection officer.
func (w *waiting) wishes() {
	for _, wish := range w.Wishes() {
		there := roles.Target{UAIs: []person.UAI{wish.UAI}}
		if wish.State == registry.Wished && (w.allowed(roles.AnswerWish, there) || w.allowed(roles.Opine, there)) {
			w.add("wish", wish.About, wish.At, registry.Date{})
			w.tasks[len(w.tasks)-1].UAI = string(wish.UAI)
		}
	}
}

func (w *waiting) offices() {
	for _, a := range w.Appointments() {
		target := roles.Target{Role: a.Role, Over: a.Over, Author: a.Author}
		if a.State == registry.Proposed && w.allowed(roles.ConfirmAppoint, target) {
			w.add("appointment", a.ID, a.Since, a.From)
		}
		w.byLink(a)
	}
}

// toldOfLink is how long those who watch over appointments are shown one that the command line made.
const toldOfLink = 30 * 24 * time.Hour

// byLink shows an appointment that nobody confirmed, because the command line made it, to the data-protection officer: who
// holds the machine gave it.
func (w *waiting) byLink(a registry.Appointment) {
	if a.Author != adminLink || a.State != registry.ConfirmedApp || a.Holder == w.by.Handle || !w.now.Before(a.Since.Add(toldOfLink)) {
		return
	}
	in, err := w.may(roles.ReadAccess, roles.Target{Role: a.Role, Over: a.Over})
	if err == nil && (in.Role == registry.DPO || in.Role == registry.Recteur) {
		w.add("by_link", a.ID, a.Since, a.Until)
	}
}

func (w *waiting) rules() {
	for _, set := range w.RuleSets() {
		mine := slices.ContainsFunc(set.Signatures, func(s registry.Signature) bool { return s.By == w.by.Handle })
		if set.Rules.Version != 0 && !set.Dropped && !set.Signed() && !mine && w.allowed(roles.SignRules, roles.Target{}) {
			w.add("rules", fmt.Sprint(set.Rules.Version), set.Proposed, set.From)
		}
	}
}

// inquiries are told to those who may be the second person of one, until the day on which nobody may any more.
func (w *waiting) inquiries() {
	for _, q := range w.Inquiries() {
		second := roles.Target{Academy: q.Academy, Author: q.Asker()}
		if q.Waits(w.now) && w.allowed(roles.ConfirmInquiry, second) {
			w.add("inquiry", q.ID, q.Asked(), registry.DateOf(q.Until.Add(-time.Nanosecond).In(w.Zone())))
		}
	}
}

// catalogue looks for entries whose next review has come.
func (w *waiting) catalogue() {
	if !w.allowed(roles.EditCatalogue, roles.Target{}) {
		return
	}
	due := func(id string, review registry.Date) {
		if !review.IsZero() && !before(w.today(), review) {
			w.add("model_review", id, review.Starts(w.Zone()), registry.Date{})
		}
	}
	for _, m := range w.Models() {
		if !m.Retired {
			due(m.ID, m.Review)
		}
	}
	for _, a := range w.Assessments() {
		due(a.ID, a.Review)
	}
}
