package inquiries

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// mostShown is how many sendings the page shows; the file has all of them.
const mostShown = 500

type resultPage struct {
	web.Frame
	row
	Action, Back string
	At           string
	Match        bool
	Rows         []useRow
	Count, More  int
	Positions    []string
}

type useRow struct{ When, Service, School, Names string }

// use is one sending in the file, and matched an answer about a pseudonym: as the API gives them.
type (
	use struct {
		At         time.Time  `json:"at"`
		Service    string     `json:"service"`
		UAI        person.UAI `json:"uai"`
		Attributes []string   `json:"attributes"`
	}
	matched struct {
		Positions []int `json:"positions"`
	}
)

// read reads what a confirmed inquiry finds. It is asked for by a form: each reading is in the journal, so that nothing is
// read by looking ahead.
func read(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	q, err := found(v)
	if err != nil {
		return err
	}
	out := resultPage{
		row: rowOf(v, q), Action: at(q.ID) + "/resultat", Back: at(q.ID), At: v.Kit.DateTime(v.Lang, v.Now), Match: q.Matches(),
	}
	var file any
	if out.Match {
		file, err = out.matches(v, q)
	} else {
		file, err = out.uses(v, q)
	}
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, frame.Form{Values: url.Values{}}, wrong)
	}
	if err != nil {
		return err
	}
	if f.Get("format") == "json" {
		return keep(w, file)
	}
	out.Frame = v.Around(v.Say("result.title"), web.Tab{Label: v.Say("title"), URL: home}, web.Tab{Label: v.Say("one.title"), URL: out.Back})
	out.Frame.Here = out.Back
	return v.Render(w, http.StatusOK, "result", out)
}

// keep gives the answer as a file.
func keep(w http.ResponseWriter, file any) error {
	text, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return web.Unavailable(err)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="enquete.json"`)
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(append(text, '\n'))
	return err
}

func (out *resultPage) uses(v *frame.Visit, q registry.Inquiry) (any, error) {
	all, err := v.Desk.Uses(v.Context(), v.Caller, q.ID)
	if err != nil {
		return nil, err
	}
	file := []use{}
	out.Count, out.More = len(all), max(0, len(all)-mostShown)
	for i, u := range all {
		file = append(file, use{u.At, u.Service, u.UAI, append([]string{}, u.Attributes...)})
		if i < mostShown {
			out.Rows = append(out.Rows, useRow{When: v.Kit.DateTime(v.Lang, u.At), Service: v.Service(u.Service), School: v.School(u.UAI), Names: words(v, u)})
		}
	}
	return file, nil
}

// words are the names of what left, as people read them; never a value.
func words(v *frame.Visit, u desk.Use) string {
	var out []string
	for _, attr := range u.Attributes {
		word := attr
		if e, known := v.Desk.Words.Entry(person.Attr(attr)); known {
			word = e.Label.In(v.In())
		}
		out = append(out, word)
	}
	return strings.Join(out, ", ")
}

func (out *resultPage) matches(v *frame.Visit, q registry.Inquiry) (any, error) {
	positions, err := v.Desk.Matches(v.Context(), v.Caller, q.ID)
	if err != nil {
		return nil, err
	}
	for _, p := range positions {
		out.Positions = append(out.Positions, v.Say("result.position", "n", v.Number(p+1), "of", v.Number(q.Candidates)))
	}
	return matched{append([]int{}, positions...)}, nil
}
