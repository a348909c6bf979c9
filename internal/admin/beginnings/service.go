package beginnings

import (
	"net/http"
	"net/url"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type newPage struct {
	web.Frame
	Fields []web.Input
	Wrong  []web.InputError
}

// field is an input of the form, and what package desk calls it.
type field struct {
	name, at string
	required bool
}

func fields() []field {
	return []field{
		{"nom", "name.fr", true},
		{"nom-en", "name.en", false},
		{"phrase", "sentence.fr", true},
		{"phrase-en", "sentence.en", false},
		{"fournisseur", "provider", true},
		{"categorie", "category", false},
		{"id", "id", true},
		{"adresse", "start", true},
	}
}

func ask(w http.ResponseWriter, v *frame.Visit) error {
	if _, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.EditService, roles.Target{}); err != nil {
		return err
	}
	return show(w, v, frame.Form{Values: url.Values{}}, frame.Wrong{})
}

func show(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	out := newPage{Frame: v.Around(v.Say("new.title"))}
	at := map[string]string{}
	for _, x := range fields() {
		at[x.at] = x.name
		out.Fields = append(out.Fields, web.Input{
			Name: x.name, Label: v.Say("new." + x.name), Hint: v.Say("new." + x.name + "_hint"), Value: f.Get(x.name), Error: wrong.At(x.at), Required: x.required, Autocomplete: "off",
		})
	}
	at["bindings"] = "adresse"
	out.Wrong = wrong.Summary(func(where string) string { return at[where] })
	return v.Render(w, max(http.StatusOK, wrong.Status), "new", out)
}

// register registers the service as a link alone: how it is connected otherwise is said on its technical page.
func register(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id := f.Get("id")
	if _, taken := v.Snapshot.Service(id); taken {
		return show(w, v, f, frame.Wrong{Status: http.StatusConflict, Lines: []frame.Line{{Where: "id", Text: v.Say("new.taken")}}})
	}
	_, err = v.Desk.PutService(v.Context(), v.Caller, registry.Service{
		ID: id, Name: registry.Text{FR: f.Get("nom"), EN: f.Get("nom-en")}, Sentence: registry.Text{FR: f.Get("phrase"), EN: f.Get("phrase-en")},
		Provider: f.Get("fournisseur"), Category: f.Get("categorie"), Start: f.Get("adresse"),
	}, "")
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	for _, to := range []string{services + "/" + url.PathEscape(id) + "/technique", services + "/" + url.PathEscape(id)} {
		if v.Mounted(to) {
			return v.Redirect(w, to)
		}
	}
	return v.Redirect(w, services)
}
