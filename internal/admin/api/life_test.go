package api_test

import (
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

// The life that docs/api.md tells, on real storage.
func TestADeclarationLivesAsTheGuideTells(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	assistant, head, dpo := f.as("assistant", f.Assistant()), f.as("head", f.Head(desktest.College)), f.as("dpo", f.DPO())
	const path = api.Base + "/declarations/lecture-college/versions/1"
	first := object{
		"id": "lecture-college", "service": "lire", "from": "2026-09-01", "until": "2027-08-31",
		"scope": object{"level": "establishment", "uais": schoolsOf(desktest.College)},
	}
	begun := f.ask(t, assistant, "POST", api.Base+"/declarations", jsonOf(object{"model": "editeur-gar", "declaration": first}))
	if d := read[registry.Declaration](t, begun, 201); d.Model != "editeur-gar" || d.Version != 1 || len(d.Items) == 0 {
		t.Errorf("begun: %+v", d)
	}
	whole := desktest.ForSchools(desktest.College)
	whole.ID = "lecture-college"
	edited := f.ask(t, assistant, "PUT", path, jsonOf(whole), "If-Match", begun.Header().Get("ETag"))
	read[registry.Declaration](t, edited, 200)
	read[registry.Declaration](t, f.ask(t, assistant, "POST", path+"/submit", ""), 200)

	sheet := f.get(t, head, "/declarations/lecture-college/versions/1/sheet")
	if v := read[desk.Sheet](t, sheet, 200); len(v.Missing) == 0 || v.Schools != 1 {
		t.Errorf("the sheet: %+v", v)
	}
	if w := f.ask(t, head, "POST", path+"/approve", ""); w.Code != 409 || code(t, w) != "opinion" {
		t.Errorf("without an opinion: %d %s", w.Code, w.Body)
	}
	read[registry.Declaration](t, f.ask(t, dpo, "POST", path+"/opinion", `{"value":"favourable"}`), 200)
	if w := f.ask(t, head, "POST", path+"/approve", "", "If-Match", sheet.Header().Get("ETag")); w.Code != 412 {
		t.Errorf("with the ETag of before the opinion: %d %s", w.Code, w.Body)
	}
	sheet = f.get(t, head, "/declarations/lecture-college/versions/1/sheet")
	approved := f.ask(t, head, "POST", path+"/approve", "", "If-Match", sheet.Header().Get("ETag"))
	if d := read[registry.Declaration](t, approved, 200); d.State != registry.Approved {
		t.Errorf("approved: %s", d.State)
	}
	if w := f.get(t, head, "/enablings?service=lire&uai="+string(desktest.College)); !strings.Contains(w.Body.String(), `"enabled"`) {
		t.Errorf("the school: %s", w.Body)
	}
	read[registry.Declaration](t, f.ask(t, assistant, "POST", api.Base+"/declarations/lecture-college/versions", ""), 201)
	if w := f.get(t, head, "/declarations/lecture-college/versions/2/diff?against=1"); read[api.Comparison](t, w, 200).Change != registry.Renewal {
		t.Errorf("%s", w.Body)
	}
	read[registry.Declaration](t, f.ask(t, dpo, "POST", path+"/suspend", `{"reason":"incident","message":{"fr":"Suspendu."}}`), 200)
	read[registry.Declaration](t, f.ask(t, head, "POST", path+"/lift", `{"reason":"levé"}`), 200)
}
