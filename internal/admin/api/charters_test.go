package api_test

import (
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

// hung is the charter that stands in the academy of the table.
func hung() registry.Charter {
	rule := func(text string) registry.CharterText {
		return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: text}}}}
	}
	return registry.Charter{Academy: desktest.Academy, Child: rule("Enfant."), Teen: rule("Ado."), Adult: rule("Adulte.")}
}

func ofCharters() []trial {
	own := registry.Charter{Mode: registry.CharterRequire}
	class := desk.ReadInClass{Class: "CE2", On: desktest.Day("2026-09-14"), Read: 24, Signed: 20, Document: "classeur 3"}
	return []trial{
		get("/charters", "", ""),
		get("/charters/{level}/{of}", "/charters/academy/exemple", ""),
		get("/charter-texts/{version}", "/charter-texts/"+hung().Teen.Version(), ""),
		get("/establishments/{uai}/charter", "/establishments/"+string(desktest.College)+"/charter", "of the collège"),
		send("PUT", "/charters/{level}/{of}", "/charters/establishment/"+string(desktest.College), "of the collège", own),
		send("PUT", "/charters/{level}/{of}", "/charters/establishment/"+string(desktest.Ecole), "of the école", own),
		send("PUT", "/charters/{level}/{of}", "/charters/department/028", "of the department", own),
		send("PUT", "/charters/{level}/{of}", "/charters/academy/exemple", "of the academy", hung(), "If-Match", "*"),
		send("POST", "/establishments/{uai}/charter/attestations", "/establishments/"+string(desktest.Ecole)+"/charter/attestations", "", object{"classes": []any{class}}),
	}
}

func TestACharterIsWrittenReadAndWrittenAgainByItsTag(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	recteur, path := f.as("recteur", f.Recteur()), api.Base+"/charters/academy/exemple"
	w := f.ask(t, recteur, "PUT", path, jsonOf(hung()))
	if made := read[registry.Charter](t, w, 200); made.Academy != desktest.Academy {
		t.Errorf("%+v", made)
	}
	if w := f.ask(t, recteur, "PUT", path, jsonOf(hung())); w.Code != 428 {
		t.Errorf("without a tag: %d", w.Code)
	}
	if w := f.ask(t, recteur, "PUT", path, jsonOf(hung()), "If-Match", `"other"`); w.Code != 412 {
		t.Errorf("with another tag: %d", w.Code)
	}
	next := hung()
	next.Mode = "x"
	if w := f.ask(t, recteur, "PUT", path, jsonOf(next), "If-Match", w.Header().Get("ETag")); w.Code != 422 {
		t.Errorf("an unknown mode: %d", w.Code)
	}
	next.Mode = registry.CharterRequire
	if w := f.ask(t, recteur, "PUT", path, jsonOf(next), "If-Match", w.Header().Get("ETag")); w.Code != 200 {
		t.Errorf("with its tag: %d %s", w.Code, w.Body)
	}
	teacher := f.as("teacher", f.Teacher(desktest.College))
	a := read[desk.Applied](t, f.get(t, teacher, "/establishments/"+string(desktest.College)+"/charter"), 200)
	if a.Mode != registry.CharterRequire || len(a.Texts) != 3 {
		t.Errorf("%+v", a)
	}
	if w := f.get(t, teacher, "/charter-texts/"+hung().Adult.Version()); read[registry.CharterText](t, w, 200).Version() != hung().Adult.Version() {
		t.Error("the text of a version is another one")
	}
	for _, path := range []string{"/charters/academy/nulle", "/charter-texts/x", "/charters/department/028"} {
		if w := f.get(t, teacher, path); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}

func TestAnEcoleAttestsByTheInterface(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	f.Apply(t, registry.Change{Charters: []registry.Charter{hung()}})
	head, path := f.as("head", f.Head(desktest.Ecole)), api.Base+"/establishments/"+string(desktest.Ecole)+"/charter/attestations"
	body := `{"classes":[{"class":"CE2","on":"2026-09-14","read":24,"signed":20,"document":"classeur 3"}]}`
	made := read[api.AttestedClasses](t, f.ask(t, head, "POST", path, body), 201)
	if len(made.Attested) != 1 || made.Attested[0].Signed != 20 {
		t.Errorf("%+v", made)
	}
	for name, c := range map[string]struct {
		body   string
		status int
	}{
		"more signatures than pupils": {`{"classes":[{"class":"CE2","on":"2026-09-14","read":2,"signed":20,"document":"c"}]}`, 422},
		"no class":                    {`{"classes":[]}`, 422},
		"no body":                     {`{}`, 422},
	} {
		if w := f.ask(t, head, "POST", path, c.body); w.Code != c.status {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := f.ask(t, f.as("teacher", f.Teacher(desktest.Ecole)), "POST", path, body); w.Code != 403 {
		t.Errorf("a teacher: %d", w.Code)
	}
}
