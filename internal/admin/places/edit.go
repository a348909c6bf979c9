package places

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type editPage struct {
	web.Frame
	Name, Action, Tag string
	New               bool
	Fields            []web.Control
	Mailbox           string // where a file fixes it, and which
	MailFile          *frame.Kept
	Wrong             []web.InputError
}

// line is a field that is a text.
func line(name, at string, required bool, of func(*registry.Establishment) *string) field {
	return field{
		Name: name, At: at, Required: required,
		Get: func(e registry.Establishment) string { return *of(&e) },
		Set: func(e *registry.Establishment, text string) bool { *of(e) = text; return true },
	}
}

// yesNo is a field with two answers.
func yesNo(name, at string, of func(*registry.Establishment) *bool) field {
	return field{
		Name: name, At: at,
		Options: func(v *frame.Visit) []web.Option {
			return []web.Option{{Value: "non", Label: v.Say("no." + name)}, {Value: "oui", Label: v.Say("yes." + name)}}
		},
		Get: func(e registry.Establishment) string {
			if *of(&e) {
				return "oui"
			}
			return "non"
		},
		Set: func(e *registry.Establishment, text string) bool {
			*of(e) = text == "oui"
			return text == "oui" || text == "non"
		},
	}
}

type field = frame.Field[registry.Establishment]

// fields are what is written of an establishment by hand. What is not among them stays as it is.
func fields() []field {
	return []field{
		line("nom", "name", true, func(e *registry.Establishment) *string { return &e.Name }),
		kindField(),
		yesNo("prive", "private", func(e *registry.Establishment) *bool { return &e.Private }),
		line("commune", "town", false, func(e *registry.Establishment) *string { return &e.Town }),
		line("departement", "department", true, func(e *registry.Establishment) *string { return &e.Department }),
		line("academie", "academy", true, func(e *registry.Establishment) *string { return &e.Academy }),
		line("circonscription", "circonscription", false, func(e *registry.Establishment) *string { return &e.District }),
		line("cite", "cite_scolaire", false, func(e *registry.Establishment) *string { return &e.Group }),
		line("collectivite", "collectivite", false, func(e *registry.Establishment) *string { return &e.Authority }),
		line("boite", "mailbox", false, func(e *registry.Establishment) *string { return &e.Mailbox }),
		pupilsField(), devicesField(),
		yesNo("vacant", "vacant", func(e *registry.Establishment) *bool { return &e.Vacant }),
		yesNo("ferme", "closed", func(e *registry.Establishment) *bool { return &e.Closed }),
		closedOnField(),
		{
			Name: "successeur", At: "successor", Get: func(e registry.Establishment) string { return string(e.Successor) },
			Set: func(e *registry.Establishment, text string) bool {
				e.Successor = person.UAI(strings.ToUpper(text))
				return true
			},
		},
		wayField("retour", "ways[0].label", func(w *registry.Way) *string { return &w.Label }),
		wayField("retour-adresse", "ways[0].url", func(w *registry.Way) *string { return &w.URL }),
	}
}

func kindField() field {
	return field{
		Name: "type", At: "kind",
		Options: func(v *frame.Visit) (out []web.Option) {
			for _, k := range kinds() {
				out = append(out, web.Option{Value: string(k), Label: v.Say("kind." + string(k))})
			}
			return out
		},
		Get: func(e registry.Establishment) string { return string(e.Kind) },
		Set: func(e *registry.Establishment, text string) bool { e.Kind = registry.Kind(text); return true },
	}
}

// pupilsField is a number; nothing stands for a number that nobody knows.
func pupilsField() field {
	return field{
		Name: "eleves", At: "pupils",
		Get: func(e registry.Establishment) string {
			if e.Pupils == 0 {
				return ""
			}
			return strconv.Itoa(e.Pupils)
		},
		Set: func(e *registry.Establishment, text string) bool {
			if text == "" {
				e.Pupils = 0
				return true
			}
			n, err := strconv.Atoi(text)
			e.Pupils = n
			return err == nil
		},
	}
}

func devicesField() field {
	return field{
		Name: "appareils", At: "devices",
		Options: func(v *frame.Visit) []web.Option {
			return []web.Option{
				{Label: v.Say("devices.usual")},
				{Value: string(registry.SharedDevices), Label: v.Say("devices.shared")},
				{Value: string(registry.PersonalDevices), Label: v.Say("devices.personal")},
			}
		},
		Get: func(e registry.Establishment) string { return string(e.Devices) },
		Set: func(e *registry.Establishment, text string) bool { e.Devices = registry.Devices(text); return true },
	}
}

func closedOnField() field {
	return field{
		Name: "ferme-le", At: "closed_on", Kind: "date",
		Get: func(e registry.Establishment) string {
			if e.ClosedOn.IsZero() {
				return ""
			}
			return e.ClosedOn.String()
		},
		Set: func(e *registry.Establishment, text string) bool {
			e.ClosedOn = registry.Date{}
			return text == "" || e.ClosedOn.UnmarshalText([]byte(text)) == nil
		},
	}
}

// wayField is half of the first way back; one without both halves is none, and further ones stay.
func wayField(name, at string, of func(*registry.Way) *string) field {
	return field{
		Name: name, At: at,
		Get: func(e registry.Establishment) string {
			if len(e.Ways) == 0 {
				return ""
			}
			return *of(&e.Ways[0])
		},
		Set: func(e *registry.Establishment, text string) bool {
			ways := append([]registry.Way{}, e.Ways...)
			if len(ways) == 0 {
				ways = []registry.Way{{}}
			}
			*of(&ways[0]) = text
			if e.Ways = ways; at == "ways[0].url" && ways[0] == (registry.Way{}) {
				e.Ways = ways[1:]
			}
			if len(e.Ways) == 0 {
				e.Ways = nil
			}
			return true
		},
	}
}

// uaiField is asked for when an establishment is new, and never changes after.
func uaiField() field {
	return field{
		Name: "uai", At: "uai", Required: true, Get: func(e registry.Establishment) string { return string(e.UAI) },
		Set: func(e *registry.Establishment, text string) bool {
			e.UAI = person.UAI(strings.ToUpper(text))
			return true
		},
	}
}

func newFields() []field { return append([]field{uaiField()}, fields()...) }

// edits tells whether somebody changes an establishment by hand.
func edits(v *frame.Visit, e registry.Establishment) bool {
	return v.May(roles.EditSchool, roles.Target{Academy: e.Academy})
}

// beginSchool shows the form of a new establishment, in the academy of whoever asks.
func (p *pages) beginSchool(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Importable(v.Context(), v.Caller, nil); err != nil {
		return err
	}
	var blank registry.Establishment
	for _, h := range v.Held {
		if h.Role == registry.Admin && len(h.Over.Academies) > 0 {
			blank.Academy = h.Over.Academies[0]
		}
	}
	return p.showEdit(w, v, frame.Typed(newFields(), blank), nil, frame.Wrong{})
}

func (p *pages) createSchool(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	next, wrong := frame.Take(v, newFields(), f, registry.Establishment{})
	if uai, err := person.ParseUAI(string(next.UAI)); err == nil {
		if _, taken := v.Snapshot.Establishment(uai); taken && edits(v, next) {
			wrong = frame.Wrong{Status: http.StatusConflict, Lines: append(wrong.Lines, frame.Line{Where: "uai", Text: v.Say("edit.taken")})}
		}
	}
	return p.writeSchool(w, v, f, next, "", wrong, nil)
}

func (p *pages) editSchool(w http.ResponseWriter, v *frame.Visit) error {
	now, err := schoolAt(v)
	if err != nil {
		return err
	}
	return p.showEdit(w, v, frame.Typed(fields(), now), &now, frame.Wrong{})
}

func (p *pages) changeSchool(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	now, err := schoolAt(v)
	if err != nil {
		return err
	}
	next, wrong := frame.Take(v, fields(), f, now)
	if _, file := p.mailbox(v, now); file != nil {
		next.Mailbox = now.Mailbox // the form does not ask for what a file fixes
	}
	tag := f.Get("etat")
	if tag == "" {
		tag = "none" // a form that does not say what it was made from replaces nothing
	}
	return p.writeSchool(w, v, f, next, tag, wrong, &now)
}

// schoolAt is the establishment of the address, for who may change it.
func schoolAt(v *frame.Visit) (registry.Establishment, error) {
	s, err := v.Desk.School(v.Context(), v.Caller, person.UAI(strings.ToUpper(v.R.PathValue("uai"))))
	if err != nil {
		return s.Establishment, err
	}
	if s.ManagedBy != "" {
		return s.Establishment, &desk.Conflict{Code: "managed", What: s.ManagedBy}
	}
	return s.Establishment, v.Desk.Importable(v.Context(), v.Caller, []registry.Establishment{s.Establishment})
}

// writeSchool writes what could be read; else it shows the form again.
func (p *pages) writeSchool(w http.ResponseWriter, v *frame.Visit, f frame.Form, next registry.Establishment, tag string, wrong frame.Wrong, now *registry.Establishment) error {
	if wrong.Status == 0 {
		made, err := v.Desk.PutEstablishment(v.Context(), v.Caller, next, tag)
		if err == nil {
			return v.Redirect(w, schools+"/"+url.PathEscape(string(made.UAI))+"?fait=1")
		}
		var known bool
		if wrong, known = v.Wrong(err); !known {
			return err
		}
	} else if err := v.Desk.Importable(v.Context(), v.Caller, nil); err != nil {
		return err
	}
	return p.showEdit(w, v, f, now, proposing(v, wrong, next.UAI))
}

// proposing says which letter would fit, of a UAI whose letter does not.
func proposing(v *frame.Visit, wrong frame.Wrong, typed person.UAI) frame.Wrong {
	if _, err := person.ParseUAI(string(typed)); err == nil || len(typed) != 8 {
		return wrong
	}
	for letter := 'A'; letter <= 'Z'; letter++ {
		right, err := person.ParseUAI(string(typed[:7]) + string(letter))
		if err != nil {
			continue
		}
		for i, l := range wrong.Lines {
			if l.Where == "uai" {
				wrong.Lines[i].Text = v.Say("edit.letter", "uai", string(right))
			}
		}
	}
	return wrong
}

func (p *pages) showEdit(w http.ResponseWriter, v *frame.Visit, f frame.Form, now *registry.Establishment, wrong frame.Wrong) error {
	list, title := newFields(), v.Say("edit.new")
	out := editPage{New: now == nil, Action: begin}
	up := []web.Tab{{Label: v.Say("schools.title"), URL: schools}}
	from, _ := frame.Take(v, list, f, registry.Establishment{})
	if now != nil {
		list, from, title = fields(), *now, v.Say("edit.title")
		at := schools + "/" + url.PathEscape(string(now.UAI))
		out.Name, out.Tag, out.Action = now.Name, desk.Tag(*now), at+"/modifier"
		if address, file := p.mailbox(v, *now); file != nil {
			out.Mailbox, out.MailFile = address, file
			list = slices.DeleteFunc(list, func(f field) bool { return f.Name == "boite" })
		}
		up = append(up, web.Tab{Label: now.Name, URL: at})
	}
	out.Fields, out.Wrong = frame.Controls(v, list, f, from, wrong), wrong.Summary(frame.InputOf(list))
	out.Frame = v.Around(title, up...)
	return v.Render(w, max(http.StatusOK, wrong.Status), "edit", out)
}
