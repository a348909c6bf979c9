package stats

import (
	"encoding/csv"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/tally"
	"ecluse/internal/web"
)

type page struct {
	web.Frame
	Lead     string
	Counted  string
	Small    string
	Fields   []web.Input
	Academy  *web.Select
	Month    string
	Sums     bool
	Bars     []bar
	Width    int
	Most     string
	Months   []line
	Services []line
	Schools  []line
	More     string // of a list that is longer than what stands here
	CSV      string
}

// bar is a month in the picture: two columns and a name.
type bar struct {
	X, Label         int
	SignIns, Refused column
	Short            string
}

// column is one number: its place and height, or a mark where it is hidden.
type column struct {
	X, Y, Height int
	Hidden       bool
}

// The picture: so wide is a month, so high the highest column.
const (
	wide  = 48
	high  = 160
	thick = 16
	mark  = 4 // of a hidden number: as high as nothing could be
)

func show(w http.ResponseWriter, v *frame.Visit) error {
	a, err := read(v)
	if err != nil {
		return err
	}
	found, err := a.counts(v)
	if err != nil {
		return err
	}
	at := v.Around(v.Say("title"))
	out := page{
		Frame: at, Sums: a.sums(), Month: monthIn(v, a.Month), Lead: lead(v, a), Small: v.Say("small", "n", v.Desk.SmallGroup(v.Snapshot)),
		Fields: a.fields(v), Academy: a.academy(v), CSV: a.address(Home + "/export"),
	}
	if out.Counted = v.Say("counted.never"); !a.over.Counted.IsZero() {
		out.Counted = v.Say("counted.at", "when", v.Kit.DateTime(v.Lang, a.over.Counted))
	}
	out.draw(v, a, found.months)
	out.Services = lines(v, found.services, func(c tally.Count) string { return c.Service }, func(id string) (string, string) {
		return v.Service(id), a.address(Home, "service", id)
	})
	out.Schools = lines(v, found.schools, func(c tally.Count) string { return c.UAI }, func(uai string) (string, string) {
		if uai == "" {
			return school(v, uai), ""
		}
		return school(v, uai), a.address(Home, "etablissement", uai)
	})
	if max(len(out.Services), len(out.Schools)) > perList {
		out.More = v.Say("more", "n", perList)
	}
	out.Services, out.Schools = out.Services[:min(perList, len(out.Services))], out.Schools[:min(perList, len(out.Schools))]
	return v.Render(w, http.StatusOK, "statistiques", out)
}

func lead(v *frame.Visit, a asked) string {
	var about []string
	if a.UAI != "" {
		about = append(about, school(v, a.UAI))
	} else if len(a.over.Academies) > 0 {
		about = append(about, v.Say("academy", "name", a.Academy))
	}
	if a.Service != "" {
		about = append(about, v.Service(a.Service))
	}
	return strings.Join(about, ", ")
}

func (a asked) fields(v *frame.Visit) []web.Input {
	return []web.Input{
		{Name: "mois", Label: v.Say("field.mois"), Value: a.Month, Autocomplete: "off"},
		{Name: "etablissement", Label: v.Say("field.etablissement"), Value: a.UAI, Autocomplete: "off"},
		{Name: "service", Label: v.Say("field.service"), Value: a.Service, Autocomplete: "off"},
	}
}

func (a asked) academy(v *frame.Visit) *web.Select {
	if len(a.over.Academies) < 2 {
		return nil
	}
	out := &web.Select{Name: "academie", Label: v.Say("field.academie")}
	for _, one := range a.over.Academies {
		out.Options = append(out.Options, web.Option{Value: one, Label: one, Chosen: one == a.Academy})
	}
	return out
}

// monthIn is a month in words.
func monthIn(v *frame.Visit, month string) string {
	at, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return web.MonthOf(v.Lang, at.Year(), at.Month())
}

// draw makes the picture, and the table that says the same: every month, counted or not.
func (p *page) draw(v *frame.Visit, a asked, found []tally.Count) {
	by := map[string][]tally.Count{}
	most := 1
	for _, c := range found {
		by[c.Month] = append(by[c.Month], c)
		most = max(most, c.N)
	}
	p.Most = v.Number(most)
	at, err := time.Parse("2006-01", a.first)
	for i := 0; err == nil && i < back; i++ {
		month := tally.MonthOf(at.AddDate(0, i, 0))
		one := lines(v, by[month], func(c tally.Count) string { return c.Month }, func(m string) (string, string) { return "", "" })
		row := line{SignIns: v.Number(0), Refusals: v.Number(0)}
		if len(one) == 1 {
			row = one[0]
		}
		row.Name, row.URL = monthIn(v, month), a.address(Home, "mois", month)
		b := bar{X: i * wide, Label: i*wide + wide/2, Short: month[5:] + "/" + month[2:4]}
		b.SignIns, b.Refused = column{X: b.X + 6, Y: high}, column{X: b.X + 6 + thick + 2, Y: high}
		for _, c := range by[month] {
			to := &b.SignIns
			if c.What == tally.Refusals {
				to = &b.Refused
			}
			if to.Height, to.Hidden = c.N*high/most, c.Hidden; c.Hidden {
				to.Height = mark
			}
			to.Y = high - to.Height
		}
		p.Bars, p.Months = append(p.Bars, b), append(p.Months, row)
	}
	p.Width = wide * len(p.Bars)
	slices.Reverse(p.Months) // the newest stands first in the table
}

// export writes all counts of the page. A hidden number is an empty cell, and marked.
func export(w http.ResponseWriter, v *frame.Visit) error {
	a, err := read(v)
	if err != nil {
		return err
	}
	found, err := a.counts(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="statistiques.csv"`)
	w.Header().Set("Cache-Control", "no-store")
	_, _ = io.WriteString(w, "\ufeff")
	out := csv.NewWriter(w)
	out.Comma = ';'
	_ = out.Write([]string{"month", "service", "uai", "what", "n", "hidden"})
	for _, c := range slices.Concat(found.months, found.services, found.schools) {
		n, hidden := strconv.Itoa(c.N), ""
		if c.Hidden {
			n, hidden = "", "1"
		}
		_ = out.Write([]string{c.Month, c.Service, c.UAI, string(c.What), n, hidden})
	}
	out.Flush()
	return out.Error()
}
