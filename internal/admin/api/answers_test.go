package api_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

const draft = "/declarations/d-draft/versions/1"

func TestTheSecondOfTwoWritersIsTold(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	seen := s.get(t, "head", draft)
	tag := seen.Header().Get("ETag")
	mine := read[registry.Declaration](t, seen, 200)
	mine.Purposes = []registry.Text{{FR: "lire ensemble"}}
	first := s.ask(t, "assistant", "PUT", api.Base+draft, jsonOf(mine), "If-Match", tag)
	if first.Code != 200 || first.Header().Get("ETag") == tag || first.Header().Get("ETag") == "" {
		t.Fatalf("the first: %d %s %s", first.Code, first.Header().Get("ETag"), first.Body)
	}
	mine.Purposes = []registry.Text{{FR: "lire seul"}}
	second := s.ask(t, "head", "PUT", api.Base+draft, jsonOf(mine), "If-Match", tag)
	if second.Code != 412 || code(t, second) != "changed" {
		t.Errorf("the second: %d %s", second.Code, second.Body)
	}
	now := s.get(t, "head", draft)
	if got := read[registry.Declaration](t, now, 200).Purposes[0].FR; got != "lire ensemble" || now.Header().Get("ETag") != first.Header().Get("ETag") {
		t.Errorf("the first writer's work: %q", got)
	}
}

func TestAnApprovalHoldsForTheTextThatWasRead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.ask(t, "head", "POST", api.Base+"/declarations/d-review/versions/1/approve", "{}", "If-Match", `"another"`)
	if w.Code != 412 {
		t.Errorf("another text: %d %s", w.Code, w.Body)
	}
	tag := s.get(t, "head", "/declarations/d-submitted/versions/1").Header().Get("ETag")
	if w := s.ask(t, "head", "POST", api.Base+"/declarations/d-submitted/versions/1/approve", "", "If-Match", tag); w.Code != 409 || code(t, w) != "opinion" {
		t.Errorf("the text that was read, without an opinion: %d %s", w.Code, w.Body)
	}
	tag = s.get(t, "head", "/declarations/d-review/versions/1/sheet").Header().Get("ETag")
	if w := s.ask(t, "head", "POST", api.Base+"/declarations/d-review/versions/1/approve", "", "If-Match", tag); w.Code != 200 {
		t.Errorf("the text of the sheet: %d %s", w.Code, w.Body)
	}
}

func TestAWriteThatReplacesSaysWhatItSaw(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	school := jsonOf(registry.Establishment{Name: "Collège", Town: "Chartres", Kind: registry.College, Academy: desktest.Academy, Department: desktest.Department})
	service := jsonOf(s.from.Services[0])
	for _, c := range []struct{ who, path, body string }{
		{"head", draft, jsonOf(text("d-draft", registry.Draft))},
		{"admin", "/services/lire", service},
		{"admin", "/establishments/" + string(desktest.College), school},
		{"drane", "/catalogue/models/pix", jsonOf(s.all.Models[0])},
		{"drane", "/catalogue/tools/discord", jsonOf(s.all.Assessments[0])},
	} {
		if w := s.ask(t, c.who, "PUT", api.Base+c.path, c.body); w.Code != 428 || code(t, w) != "if_match_required" {
			t.Errorf("%s: %d %s", c.path, w.Code, w.Body)
		}
		for _, bad := range []string{"abc", `W/"abc"`, `"a", "b"`, `"`, `""`} {
			if w := s.ask(t, c.who, "PUT", api.Base+c.path, c.body, "If-Match", bad); w.Code != 400 || code(t, w) != "if_match" {
				t.Errorf("%s with %s: %d %s", c.path, bad, w.Code, w.Body)
			}
		}
		if w := s.ask(t, c.who, "PUT", api.Base+c.path, c.body, "If-Match", `"abc"`); w.Code != 412 {
			t.Errorf("%s with another's tag: %d %s", c.path, w.Code, w.Body)
		}
	}
}

func TestWhatOneKnowsIsNotSentAgain(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, path := range []string{
		"/services/lire", draft, "/establishments/" + string(desktest.College), "/sources/ent", "/rules", "/catalogue/models/pix",
		"/catalogue/tools/discord", "/documents/" + conformitytest.Hash("contract"), "/openapi.json", "/openapi.yaml",
	} {
		first := s.get(t, "head", path)
		tag := first.Header().Get("ETag")
		if first.Code != 200 || len(tag) < 10 {
			t.Errorf("%s: %d, ETag %q", path, first.Code, tag)
			continue
		}
		if again := s.get(t, "head", path, "If-None-Match", tag); again.Code != 304 || again.Body.Len() != 0 {
			t.Errorf("%s again: %d, %d bytes", path, again.Code, again.Body.Len())
		}
		if other := s.get(t, "head", path, "If-None-Match", `"other"`); other.Code != 200 {
			t.Errorf("%s with another tag: %d", path, other.Code)
		}
	}
}

func TestAListComesInPartsThatMissNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	type page struct {
		Items []registry.Establishment `json:"items"`
		Next  string                   `json:"next_page_token"`
	}
	var got []string
	token := ""
	for range 10 {
		p := read[page](t, s.get(t, "head", "/establishments?page_size=2&page_token="+token), 200)
		if len(p.Items) > 2 {
			t.Fatalf("%d items", len(p.Items))
		}
		for _, e := range p.Items {
			got = append(got, string(e.UAI))
		}
		if token = p.Next; token == "" {
			break
		}
	}
	if len(got) != 5 || !slices.IsSorted(got) || len(slices.Compact(slices.Clone(got))) != 5 {
		t.Errorf("%v", got)
	}
	whole := read[page](t, s.get(t, "head", "/establishments"), 200)
	if len(whole.Items) != 5 || whole.Next != "" {
		t.Errorf("the whole: %d, %q", len(whole.Items), whole.Next)
	}
	for _, bad := range []string{"page_size=0", "page_size=201", "page_size=x", "page_token=***", "pagesize=2"} {
		if w := s.get(t, "head", "/establishments?"+bad); w.Code != 422 || len(problemOf(t, w).Errors) != 1 || problemOf(t, w).Errors[0].Parameter == "" {
			t.Errorf("%s: %d %s", bad, w.Code, w.Body)
		}
	}
	if p := read[page](t, s.get(t, "head", "/establishments?type=college&text=0280202"), 200); len(p.Items) != 1 {
		t.Errorf("narrowed: %d", len(p.Items))
	}
}

func TestEveryMistakeOfAnInputIsToldAtOnceAndWhere(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	bad := text("d-draft", registry.Draft)
	bad.Items[1].Attr, bad.Items[2].Attr = "nir", "no-such-word"
	w := s.ask(t, "head", "PUT", api.Base+draft, jsonOf(bad), "If-Match", "*")
	p := problemOf(t, w)
	var where []string
	for _, e := range p.Errors {
		where = append(where, e.Pointer)
	}
	if w.Code != 422 || p.Code != "invalid" || p.Type != "urn:ecluse:problem:invalid" || p.Ref == "" || len(where) < 1 || !strings.HasPrefix(where[0], "/items/") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = s.ask(t, "head", "PUT", api.Base+draft, `{"items": 3, "purpose": [], "mode": 4}`, "If-Match", "*")
	p = problemOf(t, w)
	where = nil
	for _, e := range p.Errors {
		where = append(where, e.Pointer)
	}
	slices.Sort(where)
	if w.Code != 422 || !slices.Equal(where, []string{"/items", "/mode", "/purpose"}) {
		t.Errorf("%v: %d %s", where, w.Code, w.Body)
	}
	for body, want := range map[string]string{`{`: "malformed", ``: "malformed"} {
		if w := s.ask(t, "head", "PUT", api.Base+draft, body, "If-Match", "*"); w.Code != 400 || code(t, w) != want {
			t.Errorf("%q: %d %s", body, w.Code, w.Body)
		}
	}
	if w := s.ask(t, "head", "PUT", api.Base+draft, "a: b", "If-Match", "*", "Content-Type", "application/yaml", "X-Requested-With", "x"); w.Code != 415 || code(t, w) != "media_type" {
		t.Errorf("another kind: %d %s", w.Code, w.Body)
	}
	long := `{"reason":"` + strings.Repeat("x", 1<<20) + `"}`
	if w := s.ask(t, "head", "PUT", api.Base+"/services/lire/suspension", long); w.Code != 413 || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Errorf("a long body: %d", w.Code)
	}
}

func TestAToolThatWasRefusedBringsItsAlternatives(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for path, body := range map[string]string{
		"/wishes":       jsonOf(object{"uai": desktest.College, "about": "https://discord.com/invite", "reason": "pour la classe"}),
		"/declarations": jsonOf(object{"model": "discord", "declaration": text("", registry.Draft)}),
	} {
		w := s.ask(t, "head", "POST", api.Base+path, body)
		p := problemOf(t, w)
		if w.Code != 422 || p.Code != "assessed_tool" || len(p.Reasons) == 0 || len(p.Alternatives) == 0 || p.Reasons[0].Law == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestARefusalSaysWhoMay(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	p := problemOf(t, s.ask(t, "assistant", "POST", api.Base+"/declarations/d-review/versions/1/approve", ""))
	if p.Status != 403 || p.Code != "denied" || p.Act != "approve" || p.Why != "role" || !slices.Contains(p.WhoMay, registry.HeadOfSchool) {
		t.Errorf("%+v", p)
	}
	p = problemOf(t, s.ask(t, "head", "POST", api.Base+"/declarations/d-submitted/versions/1/approve", ""))
	if p.Status != 409 || p.Code != "opinion" || len(p.Needs) == 0 {
		t.Errorf("without an opinion: %+v", p)
	}
}

func TestADocumentIsSavedAndNeverShown(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.get(t, "head", "/documents/"+conformitytest.Hash("contract"))
	h := w.Header()
	if w.Code != 200 || h.Get("Content-Type") != "application/pdf" || !strings.HasPrefix(h.Get("Content-Disposition"), "attachment;") ||
		!strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || h.Get("X-Content-Type-Options") != "nosniff" || w.Body.String() != "%PDF-1.7 contrat" {
		t.Errorf("%d %v %s", w.Code, h, w.Body)
	}
	for path, status := range map[string]int{"/documents/" + hash("unknown"): 404, "/documents/..%2f..%2fetc": 422, "/documents/ABC": 422} {
		if w := s.get(t, "head", path); w.Code != status {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	made := s.ask(t, "head", "POST", api.Base+"/documents?kind=other", "un texte", "Content-Type", "text/plain", "X-Requested-With", "x")
	if read[api.Attached](t, made, 201).Hash != hash("un texte") {
		t.Errorf("%s", made.Body)
	}
	if w := s.ask(t, "head", "POST", api.Base+"/documents?kind=other", "<html><script>", "Content-Type", "text/plain"); w.Code != 403 {
		t.Errorf("a form's body by session: %d", w.Code)
	}
	if w := s.ask(t, "head", "POST", api.Base+"/documents?kind=other", "\x7fELF\x00", "Content-Type", "application/octet-stream", "X-Requested-With", "x"); w.Code != 422 || code(t, w) != "invalid" {
		t.Errorf("a program: %d %s", w.Code, w.Body)
	}
	large := strings.Repeat("x", 20<<20)
	if w := s.ask(t, "head", "POST", api.Base+"/documents?kind=other", large, "Content-Type", "application/octet-stream", "X-Requested-With", "x"); w.Code != 201 {
		t.Errorf("20 MB: %d %.200s", w.Code, w.Body)
	}
	if w := s.ask(t, "head", "POST", api.Base+"/documents?kind=other", large+"x", "Content-Type", "application/octet-stream", "X-Requested-With", "x"); w.Code != 413 {
		t.Errorf("more than 20 MB: %d %.200s", w.Code, w.Body)
	}
}

func TestASecretIsShownOnceAndNoHashEver(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	w := s.ask(t, "head", "POST", api.Base+"/tokens", `{"name":"essai","scopes":["read"],"until":"2026-12-01T00:00:00Z"}`)
	made := read[api.TokenMade](t, w, 201)
	if !strings.HasPrefix(made.Secret, "ecl_") {
		t.Errorf("%s", w.Body)
	}
	for _, who := range []string{"head", "recteur", "admin"} {
		for _, path := range []string{"/tokens", "/appointments"} {
			w := s.get(t, who, path)
			for _, word := range []string{made.Secret, hash(made.Secret), hash("AAAAABBBBB"), hash("nobody knows it"), `"claim"`, `"hash"`} {
				if strings.Contains(w.Body.String(), word) {
					t.Errorf("%s of %s shows %q", path, who, word)
				}
			}
		}
	}
	if w := s.get(t, "", "/me", "Authorization", "Bearer "+made.Secret); w.Code != 200 {
		t.Errorf("the token: %d", w.Code)
	}
}

func TestTheSettingsOfBindingsAreForThoseWhoMayChangeThem(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	i := slices.IndexFunc(s.from.Services, func(v registry.Service) bool { return v.ID == "lire" })
	s.from.Services[i].Bindings[0].Settings = json.RawMessage(`{"secret_hashes":["argon2-of-a-secret"]}`)
	s.reset(t)
	for _, c := range s.columns() {
		for _, path := range []string{"/services", "/services/lire"} {
			shown := strings.Contains(s.get(t, c.name, path).Body.String(), "argon2-of-a-secret")
			if shown != (c.name == "admin") {
				t.Errorf("%s of %s: shown is %v", path, c.name, shown)
			}
		}
	}
}

func TestTheJournalSaysNeverAboutWhom(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	journal := s.DB.Audit()
	if _, err := journal.List(t.Context(), audit.Query{}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/journal?class=sign_in", "/journal?class=release", "/journal?class=sign_in&uai=" + string(desktest.College)} {
		if w := s.get(t, "auditor", path); w.Code != 422 || problemOf(t, w).Errors[0].Parameter != "ref" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := s.get(t, "auditor", "/journal?page_token=zzz"); w.Code != 422 {
		t.Errorf("no token of a page: %d %s", w.Code, w.Body)
	}
	if w := s.get(t, "auditor", "/journal?from=yesterday"); w.Code != 422 {
		t.Errorf("no time: %d", w.Code)
	}
}
