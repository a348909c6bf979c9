package bulk

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

func refOf(d registry.Declaration) desk.Ref { return desk.Ref{ID: d.ID, Version: d.Version} }

func addressOf(ref desk.Ref) string {
	return frame.Home + "declarations/" + ref.ID + "/" + strconv.Itoa(ref.Version)
}

const (
	ahead   = 24  // how many months the list of renewals looks forward
	perPage = 100 // how many of those that end stand on one page; one act is about those of a page
)

// ending is one declaration that ends, as the page shows it.
type ending struct {
	Value, Service, Ref, URL, Last, Why string
	Schools, Pupils                     string
}

type renewalsPage struct {
	web.Frame
	Errors         []web.InputError
	More           int
	Month          web.Select
	Begin, Approve []ending
	Pager          web.Pager
	Until          web.Input
	Reason         web.Area
}

// chosen is what was ticked on the page of renewals.
type chosen struct {
	Gesture, Month, Until, Reason string
	IDs                           []string
	Refs                          []desk.Ref
}

func choose(f frame.Form) chosen {
	out := chosen{Gesture: f.Get("geste"), Month: f.Get("mois"), Until: f.Get("jusque"), Reason: f.Get("raison"), IDs: f.Values["declaration"]}
	for _, word := range f.Values["version"] {
		id, number, _ := strings.Cut(word, "@")
		if n, err := strconv.Atoi(number); err == nil {
			out.Refs = append(out.Refs, desk.Ref{ID: id, Version: n})
		}
	}
	return out
}

// about tells whether something that ends was ticked; while nothing is, all of it is shown.
func (c chosen) about(e desk.Expiry) bool {
	return len(c.IDs)+len(c.Refs) == 0 || e.Renewable && slices.Contains(c.IDs, e.ID) || !e.Renewable && slices.Contains(c.Refs, e.Next)
}

// approves tells whether the visitor approves what others began, or begins.
func (c chosen) approves() bool { return c.Gesture == "approuver" }

func (c chosen) until() (registry.Date, error) {
	day, err := registry.ParseDate(c.Until)
	if err != nil {
		return day, &desk.Invalid{Findings: []registry.Finding{{Where: "until", What: "yyyy-mm-dd"}}}
	}
	return day, nil
}

// foresee gives the versions that the act would make or approve.
func (c chosen) foresee(v *frame.Visit) ([]desk.Ref, error) {
	if c.approves() {
		_, err := v.Desk.ForeseeRenewals(v.Context(), v.Caller, c.Refs, c.Reason)
		return c.Refs, err
	}
	until, err := c.until()
	if err != nil {
		return nil, err
	}
	return v.Desk.ForeseeProlong(v.Context(), v.Caller, c.IDs, until)
}

func (c chosen) do(v *frame.Visit) ([]desk.Ref, error) {
	if c.approves() {
		_, err := v.Desk.ApproveRenewals(v.Context(), v.Caller, c.Refs, c.Reason)
		return c.Refs, err
	}
	until, err := c.until()
	if err != nil {
		return nil, err
	}
	return v.Desk.Prolong(v.Context(), v.Caller, c.IDs, until)
}

func renewals(w http.ResponseWriter, v *frame.Visit) error {
	return listed(w, v, chosen{Month: v.Query("mois")}, frame.Wrong{})
}

// listed is what ends in a month, or in all of those ahead, and that the visitor may renew or approve.
func listed(w http.ResponseWriter, v *frame.Visit, c chosen, wrong frame.Wrong) error {
	months, err := v.Desk.Calendar(v.Context(), v.Caller, ahead)
	if err != nil {
		return err
	}
	at := v.Around(v.Say("renew.title"), web.Tab{Label: v.Say("title"), URL: Home})
	at.Here = Renewals
	out := renewalsPage{
		Frame:  at,
		Month:  web.Select{Name: "mois", Label: v.Say("renew.month"), Options: []web.Option{{Label: v.Say("renew.all"), Chosen: c.Month == ""}}},
		Until:  web.Input{Name: "jusque", Label: v.Say("renew.until"), Hint: v.Say("renew.until_hint"), Type: "date", Value: c.Until, Error: wrong.At("until"), Autocomplete: "off", Required: true},
		Reason: web.Area{Name: "raison", Label: v.Say("renew.reason"), Hint: v.Say("renew.reason_hint"), Value: c.Reason, Error: wrong.At("reason")},
	}
	var ends []desk.Expiry
	for _, m := range months {
		word := strconv.Itoa(m.Year) + "-" + strconv.Itoa(100 + int(m.Month))[1:]
		if len(m.Expiries) > 0 {
			out.Month.Options = append(out.Month.Options, web.Option{Value: word, Label: web.MonthOf(v.Lang, m.Year, m.Month), Chosen: word == c.Month})
		}
		if c.Month != "" && c.Month != word {
			continue
		}
		for _, e := range m.Expiries {
			if (e.Renewable || e.Approves) && c.about(e) {
				ends = append(ends, e)
			}
		}
	}
	if ends, out.Pager = frame.Part(v, ends, perPage); wrong.Status != 0 {
		out.Pager = web.Pager{} // the address is of a form that was posted
	}
	for _, e := range ends {
		if e.Renewable {
			out.Begin = append(out.Begin, endingOf(v, e, e.ID, e.Ref))
		} else {
			out.Approve = append(out.Approve, endingOf(v, e, e.Next.ID+"@"+strconv.Itoa(e.Next.Version), e.Next))
		}
	}
	if n := len(wrong.Lines); n > mistakesAtMost {
		out.More, wrong.Lines = n-mistakesAtMost, wrong.Lines[:mistakesAtMost]
	}
	out.Errors = wrong.Summary(func(where string) string {
		return map[string]string{"until": "jusque", "reason": "raison"}[where]
	})
	return v.Render(w, cmp.Or(wrong.Status, http.StatusOK), "renouvellements", out)
}

func endingOf(v *frame.Visit, e desk.Expiry, value string, ref desk.Ref) ending {
	return ending{
		Value: value, Service: v.Service(e.Service), Ref: ref.String(), URL: addressOf(ref), Last: v.Date(e.Last), Why: v.Say("lapse." + string(e.Why)),
		Schools: v.Number(e.Schools), Pupils: v.Pupils(e.Pupils, e.Schools),
	}
}

type renewalPreview struct {
	web.Frame
	Chosen  chosen
	Approve bool
	Title   string
	Numbers []web.Term
	Refs    []string
	More    int
}

func chosenOf(v *frame.Visit) (chosen, error) {
	f, err := v.Form()
	if err != nil {
		return chosen{}, err
	}
	if !v.Holds(registry.Provider, registry.HeadOfSchool, registry.Deputy, registry.Assistant, registry.DASEN, registry.Recteur, registry.DRANE, registry.Collectivite) {
		return chosen{}, &roles.Denied{Act: roles.Draft, Why: "role", Who: []registry.Role{registry.DRANE, registry.Recteur, registry.DASEN, registry.HeadOfSchool}}
	}
	return choose(f), nil
}

func previewRenewals(w http.ResponseWriter, v *frame.Visit) error {
	c, err := chosenOf(v)
	var refs []desk.Ref
	if err == nil {
		refs, err = c.foresee(v)
	}
	if wrong, ok := v.Wrong(err); ok {
		return listed(w, v, c, wrong)
	}
	if err != nil {
		return err
	}
	at := v.Around(v.Say("preview.title"), web.Tab{Label: v.Say("title"), URL: Home}, web.Tab{Label: v.Say("renew.title"), URL: Renewals})
	at.Here = Renewals
	out := renewalPreview{Frame: at, Chosen: c, Approve: c.approves(), Title: v.Say("renew.begin")}
	if out.Approve {
		out.Title = v.Say("renew.approve")
	}
	for _, ref := range refs[:min(len(refs), namedAtMost)] {
		out.Refs = append(out.Refs, ref.String())
	}
	out.More = len(refs) - len(out.Refs)
	out.Numbers, err = weight(v, c, refs)
	if err != nil {
		return err
	}
	return v.Render(w, http.StatusOK, "renouveler", out)
}

// weight says in numbers what the act is about: so many declarations, and how many schools and pupils hang on them at most.
func weight(v *frame.Visit, c chosen, refs []desk.Ref) ([]web.Term, error) {
	months, err := v.Desk.Calendar(v.Context(), v.Caller, ahead)
	schools, pupils := 0, 0
	for _, m := range months {
		for _, e := range m.Expiries {
			if slices.ContainsFunc(refs, func(r desk.Ref) bool { return r.ID == e.ID }) {
				schools, pupils = schools+e.Schools, pupils+e.Pupils
			}
		}
	}
	out := []web.Term{
		{Term: v.Say("renew.declarations"), Text: v.Number(len(refs))},
		{Term: v.Say("renew.schools"), Text: v.Number(schools)},
		{Term: v.Say("renew.pupils"), Text: v.Pupils(pupils, schools)},
	}
	if day, wrong := c.until(); wrong == nil && !c.approves() {
		out = append(out, web.Term{Term: v.Say("renew.until"), Text: v.Date(day)})
	}
	return out, err
}

func confirmRenewals(w http.ResponseWriter, v *frame.Visit) error {
	c, err := chosenOf(v)
	var refs []desk.Ref
	if err == nil {
		refs, err = c.do(v)
	}
	if wrong, ok := v.Wrong(err); ok {
		return listed(w, v, c, wrong)
	}
	if err != nil {
		return err
	}
	at := v.Now
	if s, err := v.Live.Current(); err == nil && len(refs) > 0 {
		d, _ := s.Declaration(refs[0].ID, refs[0].Version)
		at = d.Since
	}
	return v.Redirect(w, fait("renouveler", at))
}
