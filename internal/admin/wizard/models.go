package wizard

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	catalogue = frame.Home + "modeles"
	newModel  = catalogue + "/nouveau"
	perPage   = 50
)

// mountModels adds the pages about the models from which declarations begin.
func (p *pages) mountModels(f *frame.Frame, page func(method, pattern string, limit int64, h frame.Handler)) {
	f.Add(frame.Entry{Task: frame.Reading, Path: catalogue, Key: name + "/model.title", May: readsModels})
	const one = catalogue + "/{id}"
	page(http.MethodGet, catalogue, 0, p.models)
	page(http.MethodGet, newModel, 0, p.beginModel)
	page(http.MethodPost, newModel, 0, p.createModel)
	page(http.MethodGet, one, 0, p.model)
	page(http.MethodGet, one+"/modifier", 0, p.editModel)
	page(http.MethodPost, one+"/modifier", 0, p.changeModel)
	page(http.MethodGet, one+"/texte/{step}", 0, p.modelText)
	page(http.MethodPost, one+"/texte/{step}", 512<<10, p.saveModelText)
	page(http.MethodGet, one+"/recettes/{n}", 0, p.editRecipe)
	page(http.MethodPost, one+"/recettes/{n}", 0, p.changeRecipe)
	page(http.MethodPost, one+"/usage", 0, p.useModel)
	page(http.MethodPost, one+"/avis", 0, p.opineModel)
}

// readsModels tells whether somebody writes declarations, keeps the catalogue or looks after either. The pages ask package
// desk.
func readsModels(v *frame.Visit) bool {
	return drafting(v) || v.Holds(registry.DPO, registry.Admin, registry.Auditor)
}

func modelAt(id string) string { return catalogue + "/" + url.PathEscape(id) }

// keepsModels tells whether somebody changes the catalogue.
func keepsModels(v *frame.Visit) bool { return v.May(roles.EditCatalogue, roles.Target{}) }

// origin says where a model comes from: the product, the product and then the academy, a file, or the academy.
func origin(v *frame.Visit, m registry.Model) web.Badge {
	if m.ManagedBy != "" {
		return v.Kept(m.ManagedBy).Badge
	}
	i := slices.IndexFunc(v.Live.Shipped.Models, func(s registry.Model) bool { return s.ID == m.ID })
	switch {
	case i < 0:
		return web.Badge{Kind: "info", Text: v.Say("model.of.academy")}
	case desk.Tag(v.Live.Shipped.Models[i]) == desk.Tag(m):
		return web.Badge{Kind: "info", Text: v.Say("model.of.product")}
	default:
		return web.Badge{Kind: "info", Text: v.Say("model.of.both")}
	}
}

func useBadge(v *frame.Visit, m registry.Model) web.Badge {
	if m.Retired {
		return web.Badge{Kind: "warning", Text: v.Say("model.out")}
	}
	return web.Badge{Kind: "success", Text: v.Say("model.in_use")}
}

// standing counts the declarations in force that were made from each model. What is not in force yet is its authors' own.
func standing(s *registry.Snapshot) map[string]int {
	out := map[string]int{}
	for _, d := range s.AllDeclarations() {
		if d.Model != "" && d.State == registry.Approved {
			out[d.Model]++
		}
	}
	return out
}

type modelsPage struct {
	web.Frame
	Search web.Input
	Rows   []modelRow
	Pager  web.Pager
	New    bool
}

type modelRow struct {
	URL, Name, Vendor, Count string
	Origin, Use              web.Badge
}

// models lists the catalogue.
func (p *pages) models(w http.ResponseWriter, v *frame.Visit) error {
	view, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	asked := v.Query("q")
	sought := frame.Seek(asked)
	all := slices.DeleteFunc(view.Models(), func(m registry.Model) bool { return !sought.In(m.Name.FR, m.Name.EN, m.Vendor, m.ID) })
	slices.SortStableFunc(all, func(a, b registry.Model) int {
		return strings.Compare(strings.ToLower(a.Name.In(v.In())), strings.ToLower(b.Name.In(v.In())))
	})
	part, pager := frame.Part(v, all, perPage)
	count := standing(view)
	out := modelsPage{
		Frame: v.Around(v.Say("model.title")), Pager: pager, New: keepsModels(v),
		Search: web.Input{Name: "q", Label: v.Say("model.search"), Value: asked, Type: "search", Autocomplete: "off"},
	}
	for _, m := range part {
		out.Rows = append(out.Rows, modelRow{
			URL: modelAt(m.ID), Name: m.Name.In(v.In()), Vendor: m.Vendor, Count: v.Number(count[m.ID]), Origin: origin(v, m), Use: useBadge(v, m),
		})
	}
	return v.Render(w, http.StatusOK, "models", out)
}

// readModel finds the model of the address in the sight of who asks.
func readModel(v *frame.Visit) (registry.Model, error) {
	view, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return registry.Model{}, err
	}
	m, known := view.Model(v.R.PathValue("id"))
	if !known {
		return m, &desk.NotFound{Kind: "model", ID: v.R.PathValue("id")}
	}
	v.Snapshot = view
	return m, nil
}

// keptModel is the model of the address, for who may change it here.
func keptModel(v *frame.Visit) (registry.Model, error) {
	m, err := readModel(v)
	if err != nil {
		return m, err
	}
	if _, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.EditCatalogue, roles.Target{}); err != nil {
		return m, err
	}
	if m.ManagedBy != "" {
		return m, &desk.Conflict{Code: "managed", What: m.ManagedBy}
	}
	return m, nil
}
