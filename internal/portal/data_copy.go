package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// copyVersion is that of the shape of a copy. It grows when something is taken away or means something else; what is added
// leaves it as it is. docs/mes-donnees.md describes it.
const copyVersion = 1

// copyOf is everything that is known of a person here, as they may read it. The page prints it and the download encodes it,
// so that the two say the same.
type copyOf struct {
	Version    int        `json:"version"`
	Made       time.Time  `json:"made"`
	Source     string     `json:"source"` // the name of what vouches for the person
	Values     []valueOf  `json:"values"`
	Services   []useOf    `json:"services"`
	Releases   []sentOf   `json:"releases"`
	Answers    []answerOf `json:"answers"`
	Favourites []nameOf   `json:"favourites"`
	Charters   []readOf   `json:"charters"`
	Requests   []wishOf   `json:"requests"`
	Looks      []lookOf   `json:"looks"`
	Incomplete bool       `json:"incomplete"` // there is more in the journal than fits into one copy
}

// String shows nothing of the person.
func (c copyOf) String() string { return "[copy of a person's data]" }

// GoString shows nothing of the person.
func (c copyOf) GoString() string { return c.String() }

// LogValue shows nothing of the person.
func (c copyOf) LogValue() slog.Value { return slog.StringValue(c.String()) }

// nameOf is a word of the register or the dictionary, and what it is called.
type nameOf struct {
	ID    string `json:"id"`
	Label string `json:"label"`
}

// valueOf is one value of today's session.
type valueOf struct {
	nameOf
	Values   []string `json:"values"`
	School   string   `json:"school,omitempty"` // where it holds; empty for everywhere
	Corrects string   `json:"corrected_by"`     // school, source or operator
}

// useOf is a service in a line.
type useOf struct {
	nameOf
	Last     time.Time `json:"last_sent,omitzero"`
	Kinds    []string  `json:"kinds,omitempty"`
	Known    bool      `json:"in_register"`
	Shut     bool      `json:"closed_for_you,omitempty"`
	Withdraw bool      `json:"agreement_stands,omitempty"`
}

// sentOf is one release: names, and never a value.
type sentOf struct {
	At          time.Time `json:"at"`
	Ref         string    `json:"ref,omitempty"`
	Service     nameOf    `json:"service"`
	School      string    `json:"school,omitempty"`
	UAI         string    `json:"uai,omitempty"`
	Later       bool      `json:"later,omitempty"` // on a sign-in that had begun before
	Names       []nameOf  `json:"names"`
	Declaration string    `json:"declaration"`
	Version     int       `json:"declaration_version"`
	Purposes    []string  `json:"purposes,omitempty"`
	Basis       string    `json:"basis,omitempty"`
}

// answerOf is something that the person said, or that a controller did for them.
type answerOf struct {
	At          time.Time `json:"at"`
	Service     nameOf    `json:"service"`
	Act         string    `json:"act"`
	Declaration string    `json:"declaration,omitempty"`
	Version     int       `json:"declaration_version,omitempty"`
	Paper       bool      `json:"on_paper,omitempty"`
	Instead     string    `json:"instead,omitempty"`
}

// readOf is a charter that was read.
type readOf struct {
	At      time.Time `json:"at"`
	School  string    `json:"school"`
	Version string    `json:"version"`
}

// wishOf is a request, with what the person wrote and what they were answered.
type wishOf struct {
	Ref      string         `json:"ref"`
	Kind     rights.Kind    `json:"kind"`
	Service  nameOf         `json:"service"`
	School   string         `json:"school"`
	Child    bool           `json:"for_a_child,omitempty"`
	Opened   time.Time      `json:"opened"`
	Due      string         `json:"due"`
	State    rights.State   `json:"state"`
	Outcome  rights.Outcome `json:"outcome,omitempty"`
	Words    string         `json:"words,omitempty"`
	Contact  string         `json:"contact,omitempty"`
	Longer   string         `json:"longer,omitempty"`
	Answer   string         `json:"answer,omitempty"`
	Releases []string       `json:"releases,omitempty"`
}

// lookOf is a look at the person's data at the desk, from the day on which they may know of it.
type lookOf struct {
	At      time.Time `json:"at"`
	Role    string    `json:"role,omitempty"`
	Office  string    `json:"office,omitempty"`
	Service string    `json:"service,omitempty"`
	School  string    `json:"school,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	Ground  string    `json:"put_off_because,omitempty"`
}

// copied puts everything together.
func (p *dataPages) copied(ctx context.Context, o owner) (copyOf, error) {
	f, marked, asked, err := p.gather(ctx, o, manyPages)
	if err != nil {
		return copyOf{}, err
	}
	source, _ := o.view.Source(o.Who.Authn.Source)
	out := copyOf{
		Version: copyVersion, Made: p.Now().UTC().Truncate(time.Second), Source: source.Name.In(o.lang), Values: p.values(o), Services: []useOf{},
		Releases: []sentOf{}, Answers: []answerOf{}, Favourites: []nameOf{}, Charters: []readOf{}, Requests: []wishOf{}, Looks: []lookOf{}, Incomplete: f.more,
	}
	for _, h := range p.services(o, f) {
		out.Services = append(out.Services, useOf{nameOf{h.ID, h.Name}, h.Last, h.Kinds, !h.Gone, h.Shut, h.Withdraw != ""})
	}
	for _, e := range f.releases {
		out.Releases = append(out.Releases, p.released(o, e))
	}
	for _, a := range f.answers {
		out.Answers = append(out.Answers, answerOf{a.At, p.named(o, a.Service), a.Act, a.Declaration, a.Version, a.Paper, a.Instead})
	}
	for _, id := range marked {
		out.Favourites = append(out.Favourites, p.named(o, id))
	}
	for _, h := range asked {
		out.Requests = append(out.Requests, p.wished(o, h))
	}
	if out.Charters, err = p.charters(ctx, o); err != nil {
		return copyOf{}, err
	}
	more := false
	if out.Looks, more, err = p.looks(ctx, o); err != nil {
		return copyOf{}, err
	}
	out.Incomplete = out.Incomplete || more
	return out, nil
}

func (p *dataPages) named(o owner, service string) nameOf {
	return nameOf{service, p.held(o, service).Name}
}

// values are what today's session holds of the person, in the order of the words.
func (p *dataPages) values(o owner) []valueOf {
	who := o.Who
	out := []valueOf{p.value(o, "identifier", "", who.Key.ID)}
	for _, name := range slices.Sorted(maps.Keys(who.Values)) {
		out = append(out, p.value(o, name, "", who.Values[name]...))
	}
	if !who.Age.Born.IsZero() && len(who.Values[person.BirthDate]) == 0 {
		out = append(out, p.value(o, person.BirthDate, "", who.Age.Born.Format(time.DateOnly)))
	}
	if who.Age.Adult != person.Unknown {
		out = append(out, p.value(o, "adult", "", map[bool]string{true: "yes", false: "no"}[who.Age.Adult == person.Yes]))
	}
	for _, w := range who.Wards {
		out = append(out, p.value(o, "child", "", w.Label))
	}
	for _, a := range who.Affiliations {
		school := p.reader(o).school(string(a.UAI))
		out = append(out, p.value(o, "uai", school, p.code(o, a.UAI)), p.value(o, "profile", school, string(a.Profile)))
		for name, values := range map[person.Attr][]string{"functions": a.Functions, "classes": a.Classes, "groups": a.Groups} {
			if _, also := a.Values[name]; !also && len(values) > 0 {
				out = append(out, p.value(o, name, school, values...))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(a.Values)) {
			out = append(out, p.value(o, name, school, a.Values[name]...))
		}
	}
	return slices.DeleteFunc(out, func(v valueOf) bool { return strings.Join(v.Values, "") == "" })
}

// code is that of an establishment which may be named to the owner.
func (p *dataPages) code(o owner, uai person.UAI) string {
	if !guardian.Names(o.Who, uai) {
		return ""
	}
	return string(uai)
}

func (p *dataPages) value(o owner, name person.Attr, school string, values ...string) valueOf {
	out := valueOf{nameOf{string(name), p.reader(o).label(string(name))}, values, school, "source"}
	if entry, known := p.Words.Entry(dictionary.Name(name)); known {
		out.Corrects = entry.Corrects
	}
	return out
}

func (p *dataPages) released(o owner, e audit.Entry) sentOf {
	r := p.reader(o)
	out := sentOf{
		At: e.At, Ref: e.Ref, Service: p.named(o, e.Service), School: r.school(e.UAI), UAI: p.code(o, person.UAI(e.UAI)), Later: e.Action == "release.later",
		Names: []nameOf{}, Declaration: e.Declaration, Version: e.Version,
	}
	for _, name := range e.Attributes {
		out.Names = append(out.Names, nameOf{name, r.label(name)})
	}
	if d, known := o.view.Declaration(e.Declaration, e.Version); known {
		out.Basis = string(d.Basis.Kind)
		for _, text := range d.Purposes {
			out.Purposes = append(out.Purposes, text.In(o.lang))
		}
	}
	return out
}

// wished leaves out what those who answer say to each other.
func (p *dataPages) wished(o owner, h rights.Held) wishOf {
	return wishOf{
		Ref: h.Ref, Kind: h.Kind, Service: p.named(o, h.Service), School: p.reader(o).school(string(h.UAI)), Child: h.Child, Opened: h.Opened,
		Due: h.Due.String(), State: h.State, Outcome: h.Outcome, Words: h.Words, Contact: h.Contact, Longer: h.Longer, Answer: h.Contents.Answer,
		Releases: h.Lines,
	}
}

// charters are those that the person has read where they are, this year and the year before.
func (p *dataPages) charters(ctx context.Context, o owner) ([]readOf, error) {
	out := []readOf{}
	for _, a := range charterPlaces(o.Who, o.view, p.Now()) {
		due := charter.DueAt(o.view, p.Now(), a.UAI, a.Profile)
		for range 2 {
			at, read, err := p.Charters.When(ctx, o.Who.Key, due)
			if err != nil {
				return nil, err
			}
			if read {
				out = append(out, readOf{at, schoolName(o.Who, due.School), due.Text.Version})
			}
			due.Year--
		}
	}
	return out, nil
}

// looks are all looks that the person may know of today, the newest first, and whether there are older ones.
func (p *dataPages) looks(ctx context.Context, o owner) ([]lookOf, bool, error) {
	out, r := []lookOf{}, p.reader(o)
	q := audit.Query{Action: lookedAction, Outcome: audit.Done, AnyOf: []string{}, Subjects: true, Limit: audit.MaxLimit}
	for _, handle := range o.own {
		q.AnyOf = append(q.AnyOf, p.Keys.Looked(handle))
	}
	for range manyPages {
		page, err := p.Events.List(ctx, q)
		if err != nil {
			return nil, false, fmt.Errorf("my data: %w", err)
		}
		for _, e := range page.Entries {
			if line, shown := r.looked(e, e.Subject); shown {
				out = append(out, lookOf{line.At, line.Role, line.Office, line.Service, line.School, line.Reason, line.Ground})
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return out, q.After != "", nil
}

// copyPage is everything, to read and to print.
type copyPage struct {
	web.Frame
	Copy copyOf
	Kept bool
	Back string
}

// recently has whoever signed in a while ago prove once more who they are: a screen that somebody left is not to give it all.
func (p *dataPages) recently(w http.ResponseWriter, r *http.Request, o owner, rest string) (sent bool, err error) {
	if o.Recent {
		return false, nil
	}
	return true, p.Kit.Redirect(w, r, p.Again(rest), http.StatusSeeOther)
}

func (p *dataPages) everything(w http.ResponseWriter, r *http.Request, o owner) error {
	if sent, err := p.recently(w, r, o, fetchAll); sent {
		return err
	}
	all, err := p.copied(r.Context(), o)
	if err != nil {
		return web.Unavailable(err)
	}
	return p.Kit.Render(w, r, http.StatusOK, "data/everything", copyPage{Frame: o.Frame, Copy: all, Kept: o.Kept, Back: dataHome})
}

func (p *dataPages) download(w http.ResponseWriter, r *http.Request, o owner) error {
	if sent, err := p.recently(w, r, o, fetch); sent {
		return err
	}
	all, err := p.copied(r.Context(), o)
	if err != nil {
		return web.Unavailable(err)
	}
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="mes-donnees.json"`)
	w.Header().Set("Cache-Control", "no-store")
	_, err = w.Write(append(text, '\n'))
	return err
}
