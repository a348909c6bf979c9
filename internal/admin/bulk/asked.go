package bulk

import (
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// asked is an act as it was typed.
type asked struct {
	Act, Service, Declaration, Reason, Message string
	List, Kind, District, Department, Expect   string
	gesture                                    gesture
	known                                      bool // the act is one of the visitor's
	matches                                    []registry.Service
	declarations                               []string
}

// read takes an act from an address or a form.
func read(v *frame.Visit, get func(string) string) asked {
	a := asked{
		Act: get("acte"), Service: get("service"), Declaration: get("declaration"), Reason: get("raison"), Message: get("message"),
		List: get("uai"), Kind: get("type"), District: get("circonscription"), Department: get("departement"), Expect: get("attendu"),
	}
	for _, g := range gestures(v) {
		if g.word == a.Act {
			a.gesture, a.known = g, true
		}
	}
	a.named(v)
	a.declared(v)
	return a
}

// most is how many services are offered where a name fits several.
const most = 10

// named finds the service by its identifier or its name, or those that the name could mean.
func (a *asked) named(v *frame.Visit) {
	if _, known := v.Snapshot.Service(a.Service); known || a.Service == "" {
		return
	}
	text := strings.ToLower(a.Service)
	for _, s := range v.Snapshot.Services() {
		fr, en := strings.ToLower(s.Name.FR), strings.ToLower(s.Name.EN)
		if fr == text || en == text {
			a.Service, a.matches = s.ID, nil
			return
		}
		if len(a.matches) < most && (strings.Contains(fr, text) || strings.Contains(en, text)) {
			a.matches = append(a.matches, s)
		}
	}
}

// declared lists the declarations of the service that are approved and not over; the only one is the one that is meant.
func (a *asked) declared(v *frame.Visit) {
	for _, d := range v.Snapshot.Declarations(a.Service) { // newest first
		standing := d.StandingAt(v.Now, v.Snapshot.Zone())
		if (standing == registry.Active || standing == registry.Upcoming) && !slices.Contains(a.declarations, d.ID) {
			a.declarations = append(a.declarations, d.ID)
		}
	}
	if len(a.declarations) == 1 && a.Declaration == "" {
		a.Declaration = a.declarations[0]
	}
}

// where is the choice of establishments: a list of UAIs, however they are parted, or fields.
func (a asked) where() desk.Where {
	out := desk.Where{Kind: registry.Kind(a.Kind), District: a.District, Department: a.Department}
	for _, word := range strings.FieldsFunc(strings.ToUpper(a.List), func(r rune) bool { return strings.ContainsRune(" ,;\t\r\n", r) }) {
		out.UAIs = append(out.UAIs, person.UAI(word))
	}
	return out
}

// stance is what package desk is asked to do.
func (a asked) stance() desk.Stance {
	out := desk.Stance{
		Service: a.Service, Where: a.where(), State: a.gesture.state, Reason: a.Reason, Message: registry.Text{FR: a.Message}, Renews: a.Act == "renouveler",
	}
	if a.gesture.opens {
		out.Declaration = a.Declaration
	}
	return out
}

// outlook is what an act would do.
type outlook struct {
	desk.Foreseen
	papers []desk.EnablingRef
}

// foresee asks package desk what the act would do. An act that is none of the visitor's is a mistake of the form.
func (a asked) foresee(v *frame.Visit) (outlook, error) {
	var out outlook
	var err error
	switch {
	case !a.known:
		return out, &desk.Invalid{Findings: []registry.Finding{{Where: "act", What: "which act is missing"}}}
	case a.Act == attests:
		if out.papers, err = v.Desk.Claimed(v.Context(), v.Caller, a.Service, a.where()); err != nil || len(out.papers) == 0 {
			return out, err
		}
		out.Foreseen, err = v.Desk.ForeseePapers(v.Context(), v.Caller, out.papers)
		return out, err
	}
	out.Foreseen, err = v.Desk.Foresee(v.Context(), v.Caller, a.stance())
	return out, err
}

// do does the act, all of it or nothing.
func (a asked) do(v *frame.Visit, o outlook) (desk.Report, error) {
	if a.Act == attests {
		return v.Desk.ConfirmPaper(v.Context(), v.Caller, nil, o.papers)
	}
	return v.Desk.Decide(v.Context(), v.Caller, a.stance())
}

// moved tells whether the act would no longer do what was shown before it was confirmed.
func (a asked) moved(o outlook) bool { return a.Expect != strconv.Itoa(o.Done) }
