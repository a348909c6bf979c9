// Package calendar shows, month by month, what each coming end of a declaration closes: in how many schools, for how many
// pupils; and leads to renewing it.
//
// Routes:
//
//	GET   /bureau/calendrier   the months ahead, as a picture with a table beside it; "mois" (yyyy-mm) lists one of them
//
// Whose schools are counted is package desk's to say: those whose register the visitor keeps.
package calendar

import (
	"embed"
	"fmt"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name = "calendar"

	// Home is where the calendar stands.
	Home = frame.Home + "calendrier"

	ahead   = 18 // months
	perPage = 50
)

// Config is where the page leads. Renewals is where declarations are renewed together.
type Config struct{ Renewals string }

// Mount adds the route, and the entry of the menu for whoever keeps a register or writes declarations.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: Home, Key: name + "/menu", May: keeps})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Home, Handler: f.Page(name, c.show)})
}

func keeps(v *frame.Visit) bool {
	return v.Holds(
		registry.Provider, registry.Directeur, registry.IEN, registry.HeadOfSchool, registry.Deputy, registry.Assistant, registry.DASEN,
		registry.Recteur, registry.DRANE, registry.DPO, registry.Admin, registry.Collectivite, registry.Auditor,
	)
}

// line is one month.
type line struct {
	Month, URL, Renew     string
	Ends, Schools, Pupils string
	X, Y, Height, LabelX  int // of its bar, in the picture
	Short                 string
	Chosen                bool
}

// closing is one end.
type closing struct {
	Service, Ref, URL, Last, Why, Next string
	Schools, Pupils                    string
}

type page struct {
	web.Frame
	Lines   []line
	Empty   bool
	Most    string // what the highest bar stands for
	Width   int
	Month   string // which is listed; empty for none
	Closing []closing
	Pager   web.Pager
	Renew   string
}

// The picture: a column for each month, and room for its name.
const (
	column = 40
	high   = 160
)

func (c Config) show(w http.ResponseWriter, v *frame.Visit) error {
	months, err := v.Desk.Calendar(v.Context(), v.Caller, ahead)
	if err != nil {
		return err
	}
	at := v.Around(v.Say("title"))
	at.Here = Home
	out := page{Frame: at, Empty: true, Width: column * len(months)}
	most := 0
	for _, m := range months {
		most = max(most, m.Schools)
	}
	out.Most = v.Number(most)
	for i, m := range months {
		l := c.lineOf(v, m)
		l.X, l.LabelX = i*column+6, i*column+column/2
		if most > 0 {
			l.Height = m.Schools * high / most
		}
		l.Y = high - l.Height
		if word := wordOf(m); word == v.Query("mois") {
			l.Chosen, out.Month, out.Renew = true, l.Month, l.Renew
			part, pager := frame.Part(v, m.Expiries, perPage)
			out.Pager = pager
			for _, e := range part {
				out.Closing = append(out.Closing, closingOf(v, e))
			}
		}
		out.Empty = out.Empty && len(m.Expiries) == 0
		out.Lines = append(out.Lines, l)
	}
	return v.Render(w, http.StatusOK, "calendrier", out)
}

func wordOf(m desk.Month) string { return fmt.Sprintf("%d-%02d", m.Year, int(m.Month)) }

func (c Config) lineOf(v *frame.Visit, m desk.Month) line {
	out := line{
		Month: web.MonthOf(v.Lang, m.Year, m.Month), Short: fmt.Sprintf("%02d/%02d", int(m.Month), m.Year%100),
		Ends: v.Number(len(m.Expiries)), Schools: v.Number(m.Schools), Pupils: v.Pupils(m.Pupils, m.Schools),
	}
	if len(m.Expiries) == 0 {
		return out
	}
	out.URL = Home + "?mois=" + wordOf(m)
	for _, e := range m.Expiries {
		if e.Renewable || e.Approves {
			out.Renew = c.Renewals + "?mois=" + wordOf(m)
			break
		}
	}
	return out
}

func closingOf(v *frame.Visit, e desk.Expiry) closing {
	at := func(r desk.Ref) string { return fmt.Sprintf("%sdeclarations/%s/%d", frame.Home, r.ID, r.Version) }
	out := closing{
		Service: v.Service(e.Service), Ref: e.Ref.String(), URL: at(e.Ref), Last: v.Date(e.Last), Why: v.Say("lapse." + string(e.Why)),
		Schools: v.Number(e.Schools), Pupils: v.Pupils(e.Pupils, e.Schools), Next: v.Say("next.none"),
	}
	if e.Next.Version > 0 {
		out.Next = v.Say("next.some", "ref", e.Next.String(), "state", v.Say("state."+string(e.Standing)))
	}
	return out
}
