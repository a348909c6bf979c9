package wizard

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type modelField = frame.Field[registry.Model]

// modelLine is a field that is a text; kind "area" makes it a long one.
func modelLine(name, at, kind string, required bool, of func(*registry.Model) *string) modelField {
	return modelField{
		Name: name, At: at, Kind: kind, Required: required,
		Get: func(m registry.Model) string { return *of(&m) },
		Set: func(m *registry.Model, text string) bool { *of(m) = clean(text); return true },
	}
}

func modelDay(name, at string, of func(*registry.Model) *registry.Date) modelField {
	return modelField{
		Name: name, At: at, Kind: "date", Required: true,
		Get: func(m registry.Model) string { return of(&m).String() },
		Set: func(m *registry.Model, text string) bool {
			*of(m) = registry.Date{}
			return text == "" || of(m).UnmarshalText([]byte(text)) == nil
		},
	}
}

// aboutFields are what is said of a model beside its text. What is not among them stays as it is.
func aboutFields() []modelField {
	type m = *registry.Model
	return []modelField{
		modelLine("m-nom", "name.fr", "", true, func(v m) *string { return &v.Name.FR }),
		modelLine("m-nom-en", "name.en", "", false, func(v m) *string { return &v.Name.EN }),
		modelLine("m-editeur", "vendor", "", true, func(v m) *string { return &v.Vendor }),
		modelLine("m-categorie", "category", "", true, func(v m) *string { return &v.Category }),
		modelLine("m-resume", "about.fr", "area", true, func(v m) *string { return &v.About.FR }),
		modelLine("m-resume-en", "about.en", "area", false, func(v m) *string { return &v.About.EN }),
		modelLine("m-pour", "usable.fr", "area", false, func(v m) *string { return &v.Usable.FR }),
		modelLine("m-pour-en", "usable.en", "area", false, func(v m) *string { return &v.Usable.EN }),
		limitsField("m-limites", "limits.fr", func(t *registry.Text) *string { return &t.FR }),
		limitsField("m-limites-en", "limits.en", func(t *registry.Text) *string { return &t.EN }),
		readField(),
		modelDay("m-ecrit", "date", func(v m) *registry.Date { return &v.Date }),
		modelDay("m-revoir", "review", func(v m) *registry.Date { return &v.Review }),
	}
}

// limitsField is one language of what the product cannot do, a line each; lines of both languages belong together by place.
func limitsField(name, at string, of func(*registry.Text) *string) modelField {
	return modelField{
		Name: name, At: at, Kind: "area",
		Get: func(m registry.Model) string {
			var out []string
			for _, l := range m.Limits {
				out = append(out, *of(&l))
			}
			return strings.Join(out, "\n")
		},
		Set: func(m *registry.Model, text string) bool {
			typed, next := lines(text), slices.Clone(m.Limits)
			for i := range max(len(typed), len(next)) {
				if i == len(next) {
					next = append(next, registry.Text{})
				}
				*of(&next[i]) = ""
				if i < len(typed) {
					*of(&next[i]) = typed[i]
				}
			}
			m.Limits = slices.DeleteFunc(next, func(t registry.Text) bool { return t == registry.Text{} })
			return true
		},
	}
}

// readField is what was read to write the model, a line each, with its address at the end. What was there keeps its day.
func readField() modelField {
	return modelField{
		Name: "m-lu", At: "sources", Kind: "area", Required: true,
		Get: func(m registry.Model) string {
			var out []string
			for _, s := range m.Sources {
				out = append(out, strings.TrimSpace(s.What+" "+s.URL))
			}
			return strings.Join(out, "\n")
		},
		Set: func(m *registry.Model, text string) bool {
			var next []registry.Reference
			for _, line := range lines(text) {
				one := registry.Reference{What: line}
				if i := strings.LastIndexByte(line, ' '); strings.HasPrefix(line[i+1:], "https://") {
					one.What, one.URL = strings.TrimSpace(line[:max(0, i)]), line[i+1:]
				}
				if known := slices.IndexFunc(m.Sources, func(s registry.Reference) bool { return s.What == one.What && s.URL == one.URL }); known >= 0 {
					one.Date = m.Sources[known].Date
				}
				next = append(next, one)
			}
			m.Sources = next
			return true
		},
	}
}

// firstFields are asked for when a model begins: those without which it is none.
func firstFields() []modelField {
	s := func(v *frame.Visit) *scene { return &scene{Visit: v} }
	return append(aboutFields(),
		modelField{
			Name: "m-lien", At: "declaration.supplier.relation", Required: true,
			Options: func(v *frame.Visit) []web.Option {
				return listed("relation", registry.Processor, registry.JointController, registry.PublicBody, registry.Internal, registry.VendorController)(s(v))
			},
			Get: func(m registry.Model) string { return string(m.Draft.Supplier.Relation) },
			Set: func(m *registry.Model, text string) bool {
				m.Draft.Supplier.Relation = registry.Relation(text)
				return true
			},
		},
		modelField{
			Name: "m-noms", At: "declaration.mode", Required: true,
			Options: func(v *frame.Visit) []web.Option {
				return listed("mode", registry.Pseudonymous, registry.Nominative)(s(v))
			},
			Get: func(m registry.Model) string { return string(m.Draft.Mode) },
			Set: func(m *registry.Model, text string) bool { m.Draft.Mode = registry.Mode(text); return true },
		})
}

type modelEditPage struct {
	web.Frame
	New                     bool
	Name, Action, Tag, From string
	Search                  web.Input
	Asked                   bool
	Found                   []web.Tab
	Fields                  []web.Control
	Wrong                   []web.InputError
}

// keepingModels refuses who does not keep the catalogue, and says who does.
func keepingModels(v *frame.Visit) error {
	_, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.EditCatalogue, roles.Target{})
	return err
}

// beginModel shows the form of a new model, from an approved declaration where one is named.
func (p *pages) beginModel(w http.ResponseWriter, v *frame.Visit) error {
	if err := keepingModels(v); err != nil {
		return err
	}
	from, m, err := drawn(v, v.Query("declaration"))
	if err != nil {
		return err
	}
	return p.showModelEdit(w, v, frame.Typed(firstFields(), m), nil, from, frame.Wrong{})
}

// drawn is the model that a declaration in force makes; of none an empty one.
func drawn(v *frame.Visit, id string) (string, registry.Model, error) {
	m := registry.Model{Date: registry.DateOf(v.Now.In(v.Snapshot.Zone()))}
	m.Review = m.Date
	m.Review.Year++
	if id == "" {
		return "", m, nil
	}
	all, err := v.Desk.Find(v.Context(), v.Caller, desk.Query{ID: id})
	if err != nil {
		return "", m, err
	}
	i := slices.IndexFunc(all, func(d registry.Declaration) bool { return d.State == registry.Approved })
	if i < 0 {
		return "", m, &desk.NotFound{Kind: "declaration", ID: id}
	}
	d := all[i]
	m.Draft, m.Vendor = registry.Draw(d), d.Supplier.Name
	if s, known := v.Snapshot.Service(d.ServiceID); known {
		m.Name = s.Name
	}
	m.Sources = []registry.Reference{{What: v.Say("model.from.source", "id", d.ID, "version", d.Version)}}
	return d.ID, m, nil
}

// createModel makes a model under a name of its own, which no other has.
func (p *pages) createModel(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	if err := keepingModels(v); err != nil {
		return err
	}
	from, m, err := drawn(v, f.Get("declaration"))
	if err != nil {
		return err
	}
	m.Sources = nil
	next, wrong := frame.Take(v, firstFields(), f, m)
	next.ID = freshModel(v, next.Name.FR)
	if wrong.Status == 0 {
		made, err := v.Desk.PutModel(v.Context(), v.Caller, next, "")
		if err == nil {
			return v.Redirect(w, modelAt(made.ID)+"?fait=enregistre")
		}
		var known bool
		if wrong, known = v.Wrong(err); !known {
			return err
		}
	}
	return p.showModelEdit(w, v, f, nil, from, wrong)
}

// freshModel is a name for a model that no other has: that of the product, in small letters, with a number where it is taken.
func freshModel(v *frame.Visit, name string) string {
	id := strings.Join(frame.Seek(name), "-")
	id = id[:min(len(id), 50)]
	id = strings.Trim(strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, id), "-")
	if id == "" || id == "nouveau" {
		id = "modele"
	}
	if _, taken := v.Snapshot.Model(id); !taken {
		return id
	}
	for n := 2; ; n++ {
		next := id + "-" + strconv.Itoa(n)
		if _, taken := v.Snapshot.Model(next); !taken {
			return next
		}
	}
}

func (p *pages) editModel(w http.ResponseWriter, v *frame.Visit) error {
	m, err := keptModel(v)
	if err != nil {
		return err
	}
	return p.showModelEdit(w, v, frame.Typed(aboutFields(), m), &m, "", frame.Wrong{})
}

func (p *pages) changeModel(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	m, err := keptModel(v)
	if err != nil {
		return err
	}
	next, wrong := frame.Take(v, aboutFields(), f, m)
	if wrong.Status == 0 {
		if wrong, err = replaceModel(v, f, next); err != nil {
			return err
		}
		if wrong.Status == 0 {
			return v.Redirect(w, modelAt(m.ID)+"?fait=enregistre")
		}
	}
	return p.showModelEdit(w, v, f, &m, "", wrong)
}

// replaceModel keeps what a form made of a model, if it is still the one that the form was made from. What is wrong with it is
// no error.
func replaceModel(v *frame.Visit, f frame.Form, next registry.Model) (wrong frame.Wrong, err error) {
	tag := f.Get("etat")
	if tag == "" {
		tag = "none" // a form that does not say what it was made from replaces nothing
	}
	if _, err = v.Desk.PutModel(v.Context(), v.Caller, next, tag); err == nil {
		return wrong, nil
	}
	if wrong, known := v.Wrong(err); known {
		return wrong, nil
	}
	return wrong, err
}

func (p *pages) showModelEdit(w http.ResponseWriter, v *frame.Visit, f frame.Form, now *registry.Model, from string, wrong frame.Wrong) error {
	list, title := firstFields(), v.Say("model.new")
	out := modelEditPage{New: now == nil, Action: newModel, From: from}
	up := []web.Tab{{Label: v.Say("model.title"), URL: catalogue}}
	var beside registry.Model
	if now != nil {
		list, beside, title = aboutFields(), *now, v.Say("model.edit.title")
		out.Name, out.Tag, out.Action = now.Name.In(v.In()), desk.Tag(*now), modelAt(now.ID)+"/modifier"
		up = append(up, web.Tab{Label: out.Name, URL: modelAt(now.ID)})
	} else if err := out.seek(v); err != nil {
		return err
	}
	out.Fields, out.Wrong = frame.Controls(v, list, f, beside, wrong), wrong.Summary(frame.InputOf(list))
	out.Frame = v.Around(title, up...)
	out.Frame.Here = out.Action
	return v.Render(w, max(http.StatusOK, wrong.Status), "model_edit", out)
}

// seek finds declarations in force from which the model may be made.
func (out *modelEditPage) seek(v *frame.Visit) error {
	asked := v.Query("q")
	out.Search = web.Input{Name: "q", Label: v.Say("model.from.search"), Hint: v.Say("model.from.hint"), Value: asked, Type: "search", Autocomplete: "off"}
	if out.Asked = asked != ""; !out.Asked {
		return nil
	}
	all, err := v.Desk.Find(v.Context(), v.Caller, desk.Query{Text: asked})
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.State == registry.Approved && len(out.Found) < 20 {
			out.Found = append(out.Found, web.Tab{Label: v.Service(d.ServiceID) + ", " + d.ID, URL: newModel + "?declaration=" + url.QueryEscape(d.ID)})
		}
	}
	return nil
}
