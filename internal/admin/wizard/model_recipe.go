package wizard

import (
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// recipeShown is how a product is connected over one protocol, in words, and where that is changed, for who may.
type recipeShown struct {
	Label, Edit string
	N           string // its place, from 1
	Lines       []string
}

func recipesAt(id string) string { return modelAt(id) + "/recettes" }

const newRecipe = "nouvelle"

// recipesOf says how the product is connected: by which protocol, with which data, and what is to be known.
func recipesOf(v *frame.Visit, m registry.Model, keeps bool) []recipeShown {
	var out []recipeShown
	for i, r := range m.Recipes {
		one := recipeShown{Label: v.Say("model.recipe." + r.Protocol), N: v.Number(i + 1)}
		if r.Handle != "" {
			one.Lines = append(one.Lines, v.Say("model.with.handle", "handle", r.Handle))
		}
		if r.Subject != "" {
			one.Lines = append(one.Lines, v.Say("model.with.subject", "data", v.Desk.Called(r.Subject, v.In())))
		}
		for _, word := range namedIn(r) {
			one.Lines = append(one.Lines, v.Say("model.with.name", "data", v.Desk.Called(word, v.In()), "name", r.Names[word]))
		}
		if n := len(r.Outputs); n > 0 {
			one.Lines = append(one.Lines, v.Say("model.with.outputs", "n", v.Number(n)))
		}
		for _, n := range r.Notes {
			one.Lines = append(one.Lines, n.In(v.In()))
		}
		if keeps {
			one.Edit = recipesAt(m.ID) + "/" + strconv.Itoa(i+1)
		}
		out = append(out, one)
	}
	return out
}

// recipeOf finds the model and the recipe of the address, for who may change it: the place among the model's, one beyond the
// last for a new one.
func recipeOf(v *frame.Visit) (registry.Model, int, error) {
	m, err := keptModel(v)
	if err != nil {
		return m, 0, err
	}
	if v.R.PathValue("n") == newRecipe {
		return m, len(m.Recipes), nil
	}
	n, err := strconv.Atoi(v.R.PathValue("n"))
	if err != nil || n < 1 || n > len(m.Recipes) {
		return m, 0, web.NotFound(errors.New("the model has no such recipe"))
	}
	return m, n - 1, nil
}

// recipeIn is a recipe of a model; an empty one beyond the last.
func recipeIn(m registry.Model, i int) registry.Recipe {
	if i < len(m.Recipes) {
		return m.Recipes[i]
	}
	return registry.Recipe{}
}

func (p *pages) editRecipe(w http.ResponseWriter, v *frame.Visit) error {
	m, i, err := recipeOf(v)
	if err != nil {
		return err
	}
	return p.showRecipe(w, v, frame.Typed(recipeFields(v), recipeIn(m, i)), m, i, frame.Wrong{})
}

// changeRecipe writes a recipe, or takes it away: the next version of the model.
func (p *pages) changeRecipe(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	m, i, err := recipeOf(v)
	if err != nil {
		return err
	}
	next, wrong := m, frame.Wrong{}
	next.Recipes = slices.Clone(m.Recipes)
	if f.Get("acte") == "retirer" && i < len(m.Recipes) {
		next.Recipes = slices.Delete(next.Recipes, i, i+1)
	} else {
		var made registry.Recipe
		made, wrong = frame.Take(v, recipeFields(v), f, recipeIn(m, i))
		next.Recipes = append(slices.Clone(m.Recipes[:i]), made)
		next.Recipes = append(next.Recipes, m.Recipes[min(i+1, len(m.Recipes)):]...)
	}
	if wrong.Status == 0 {
		var err error
		if wrong, err = replaceModel(v, f, next); err != nil {
			return err
		}
		if wrong.Status == 0 {
			return v.Redirect(w, modelAt(m.ID)+"?fait=enregistre")
		}
		wrong = inRecipe(v, i, wrong)
	}
	return p.showRecipe(w, v, f, m, i, wrong)
}

// inRecipe brings what is wrong with a recipe to its fields, in words. What is wrong with another one is told with its number.
func inRecipe(v *frame.Visit, i int, wrong frame.Wrong) frame.Wrong {
	wrong.Lines = slices.Clone(wrong.Lines)
	for k, l := range wrong.Lines {
		rest, ours := strings.CutPrefix(l.Where, "recipes[")
		number, where, _ := strings.Cut(rest, "].")
		n, err := strconv.Atoi(number)
		if !ours || err != nil {
			continue
		}
		if n != i {
			wrong.Lines[k].Text = v.Say("model.recipe_other", "n", v.Number(n+1))
			continue
		}
		wrong.Lines[k].Where = "recipes." + where
		if word, named := strings.CutPrefix(where, "names."); named {
			wrong.Lines[k].Text = v.Say("model.recipe_name", "data", calledWord(v, word))
		}
		for _, whole := range []string{"outputs", "subject_form"} {
			if strings.HasPrefix(where, whole) {
				wrong.Lines[k].Text = v.Say("model.recipe_kept")
			}
		}
	}
	return wrong
}

type recipePage struct {
	web.Frame
	New, Kept         bool // it is not there yet; something of it is not on this form
	Name, Action, Tag string
	Fields            []web.Control
	Wrong             []web.InputError
}

func (p *pages) showRecipe(w http.ResponseWriter, v *frame.Visit, f frame.Form, m registry.Model, i int, wrong frame.Wrong) error {
	now, list := recipeIn(m, i), recipeFields(v)
	out := recipePage{
		New: i == len(m.Recipes), Kept: len(now.Outputs) > 0 || !now.SubjectForm.IsZero(), Name: m.Name.In(v.In()), Tag: desk.Tag(m),
		Action: recipesAt(m.ID) + "/" + newRecipe, Fields: frame.Controls(v, list, f, now, wrong), Wrong: wrong.Summary(frame.InputOf(list)),
	}
	title := v.Say("model.recipe_new")
	if !out.New {
		out.Action, title = recipesAt(m.ID)+"/"+strconv.Itoa(i+1), v.Say("model.recipe_title")
	}
	out.Frame = v.Around(title, web.Tab{Label: v.Say("model.title"), URL: catalogue}, web.Tab{Label: out.Name, URL: modelAt(m.ID)})
	out.Frame.Here = out.Action
	return v.Render(w, max(http.StatusOK, wrong.Status), "model_recipe", out)
}
