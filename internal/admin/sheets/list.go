package sheets

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// perPage is how many services stand on one page.
const perPage = 40

type listPage struct {
	web.Frame
	Text     web.Input
	Standing web.Select
	Transfer web.Select
	Rows     []row
	Count    int
	Pager    web.Pager
	Mine     bool
}

type row struct {
	Name, URL, Provider string
	Standing            web.Badge
	Until               string
	Here                []web.Badge // in the one establishment that the caller answers for
	Count               string      // of several, in how many it is enabled
	File                *frame.Kept // the file that manages it
}

func (p *pages) list(w http.ResponseWriter, v *frame.Visit) error {
	all, err := v.Desk.Services(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	schools := mine(v)
	sought, standing, by := frame.Seek(v.Query("q")), v.Query("etat"), registry.Instrument(v.Query("transfert"))
	all = slices.DeleteFunc(all, func(s registry.Service) bool {
		if !sought.In(s.Name.FR, s.Name.EN, s.Provider, s.ID) {
			return true
		}
		if slices.Contains(instruments(), by) && !restsOn(v, s.ID, by) {
			return true
		}
		return slices.Contains(standings(), standing) && standingIn(v, s) != standing
	})
	part, pager := frame.Part(v, all, perPage)
	out := listPage{
		Frame: v.Around(v.Say("title")), Count: len(all), Pager: pager, Mine: len(schools) > 0,
		Text:     web.Input{Name: "q", Label: v.Say("list.text"), Type: "search", Value: v.Query("q"), Autocomplete: "off"},
		Standing: web.Select{Name: "etat", Label: v.Say("list.standing"), Options: []web.Option{{Label: v.Say("list.any")}}},
		Transfer: byInstrument(v, by),
	}
	for _, word := range standings() {
		out.Standing.Options = append(out.Standing.Options, web.Option{Value: word, Label: v.Say("standing." + word), Chosen: word == standing})
	}
	for _, s := range part {
		out.Rows = append(out.Rows, rowOf(v, s, schools))
	}
	return v.Render(w, http.StatusOK, "list", out)
}

func standingIn(v *frame.Visit, s registry.Service) string {
	if s.Suspended {
		return suspended
	}
	_, standing, _ := current(v, s.ID, nil)
	return standing
}

func rowOf(v *frame.Visit, s registry.Service, schools []registry.Establishment) row {
	out := row{
		Name: s.Name.In(v.In()), URL: home + "/" + url.PathEscape(s.ID), Provider: s.Provider,
		Standing: badgeOf(v, standingIn(v, s)), File: v.Kept(s.ManagedBy),
	}
	if d, standing, ok := current(v, s.ID, nil); ok && standing == open {
		out.Until = v.LastDay(lastMoment(v, d))
	}
	everywhere := openers(v, s)
	switch len(schools) {
	case 0:
	case 1:
		out.Here = []web.Badge{here(v, s.ID, schools[0], everywhere)}
	default:
		n := 0
		for _, e := range schools {
			if here(v, s.ID, e, everywhere).Kind == "success" {
				n++
			}
		}
		out.Count = v.Say("list.of", "n", fmt.Sprint(n), "all", fmt.Sprint(len(schools)))
	}
	return out
}
