package incidents_test

import (
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/incidents"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/web"
)

const (
	button = "/bureau/suspendre"
	list   = "/bureau/incidents"
)

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	return frametest.New(t, incidents.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { incidents.Mount(mux, f) })
}

// record is a form that opens a record about the service lire; of two values under one name the later one counts.
func record(change ...string) []string {
	form := map[string]string{
		"titre": "Envoi de trop", "nature": "confidentiality", "services": "lire", "constat": "22/11/2026 09:00", "faits": "Des classes sont parties.",
		"consequences": "peu", "mesures": "arrêt", "contact": "dpd@exemple.fr", "adulte": "Lire est arrêté.",
	}
	for i := 0; i+1 < len(change); i += 2 {
		form[change[i]] = change[i+1]
	}
	var out []string
	for name, value := range form {
		out = append(out, name, value)
	}
	return out
}

// opened opens a record, and gives its address.
func opened(t *testing.T, b *frametest.Bench) string {
	t.Helper()
	a := b.Ask(b.DPO(), "POST", list, record()...)
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	return a.Location
}

func TestARecordThatIsRefusedKeepsEverythingThatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	typed := map[string]string{
		"titre": "Envoi de trop", "services": "lire", "faits": "Des classes sont parties.", "consequences": "peu", "mesures": "arrêt",
		"contact": "dpd@exemple.fr", "adulte": "Lire est arrêté.",
	}
	for name, c := range map[string]struct {
		change []string
		field  string // beside which it is said
	}{
		"no title":                  {[]string{"titre", " "}, "titre"},
		"a moment that is none":     {[]string{"constat", "hier soir"}, "constat"},
		"no moment":                 {[]string{"constat", ""}, "constat"},
		"a moment to come":          {[]string{"constat", "25/11/2026 09:00"}, "constat"},
		"a beginning that is none":  {[]string{"debut", "le 3"}, "debut"},
		"an end before it began":    {[]string{"debut", "21/11/2026 09:00", "fin", "20/11/2026 09:00"}, "fin"},
		"a service that is none":    {[]string{"services", "nulle-part"}, "services"},
		"a source that is none":     {[]string{"sources", "nulle-part"}, "sources"},
		"an establishment not here": {[]string{"uais", "0999999Z"}, "uais"},
	} {
		a := b.Ask(b.DPO(), "POST", list, record(c.change...)...)
		if a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, a.Status, a.Page)
			continue
		}
		want := []string{`href="#` + c.field + `"`, `id="` + c.field + `-error"`, `value="confidentiality" checked`}
		for field, value := range typed {
			if field != c.field {
				want = append(want, value)
			}
		}
		for i := 1; i < len(c.change); i += 2 {
			if value := strings.TrimSpace(c.change[i]); value != "" {
				want = append(want, `value="`+value+`"`)
			}
		}
		frametest.Has(t, a.Page, want...)
		if t.Failed() {
			t.Fatalf("that was %s", name)
		}
	}
	frametest.Has(t, b.Get(t, b.DPO(), list), "Aucun incident")
}

func TestARecordIsWrittenAnewByOneAtATime(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := opened(t, b)
	page := b.Get(t, b.DPO(), path)
	frametest.Has(t, page, "Envoi de trop", `value="22/11/2026 09:00"`, "Les 72 heures", "Il reste")
	_, tag, _ := strings.Cut(page, `name="etat" value="`)
	tag, _, _ = strings.Cut(tag, `"`)
	frametest.Has(t, b.Sent(t, b.DPO(), path, record("etat", tag, "titre", "Envoi arrêté")...), "Envoi arrêté")
	a := b.Ask(b.DPO(), "POST", path, record("etat", tag, "titre", "Autre titre", "fin", "bientôt")...)
	frametest.Has(t, a.Page, `value="Autre titre"`, `value="bientôt"`, `id="fin-error"`)
	a = b.Ask(b.DPO(), "POST", path, record("etat", tag, "titre", "Autre titre")...)
	if a.Status != http.StatusConflict {
		t.Errorf("a text of before is written over a newer one: %d", a.Status)
	}
	frametest.Has(t, a.Page, "Quelqu'un d'autre l'a changé", `value="Autre titre"`)
	frametest.Has(t, b.Get(t, b.DPO(), path), "Envoi arrêté")
}

func TestAStepAndAnEndThatAreRefusedKeepTheirWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := opened(t, b)
	long := strings.Repeat("constaté ", 700)
	for _, c := range []struct {
		end, field string
		form       []string
	}{
		{"/etape", "texte", []string{"fait", "noted", "texte", long}},
		{"/clore", "motif", []string{"motif", long}},
	} {
		a := b.Ask(b.DPO(), "POST", path+c.end, c.form...)
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d %s", c.end, a.Status, a.Page)
		}
		frametest.Has(t, a.Page, `id="`+c.field+`-error"`, strings.TrimSpace(long), `value="22/11/2026 09:00"`, `value="Envoi de trop"`)
	}
	a := b.Ask(b.DPO(), "POST", path+"/etape", "fait", "noted", "texte", " ")
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#texte"`, `id="texte-error"`, "Écrivez ce qui est à noter")
	b.Refused(t, b.DPO(), http.StatusUnprocessableEntity, "POST", path+"/etape", "fait", "rien")
	b.Refused(t, b.Head(desktest.Other), http.StatusNotFound, "POST", path+"/etape", "fait", "noted", "texte", "x")
	frametest.Has(t, b.Sent(t, b.DPO(), path+"/etape", "fait", "noted", "texte", "Le fournisseur répond."), "Le fournisseur répond.")
	frametest.Has(t, b.Sent(t, b.DPO(), path+"/clore", "motif", "tout est effacé"), "tout est effacé", "Plus rien ne court")
	b.Refused(t, b.DPO(), http.StatusConflict, "POST", path+"/clore", "motif", "encore")
}

func TestTheButtonThatIsRefusedKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, c := range map[string]struct{ kind, id, why, field string }{
		"no reason":       {"service", "lire", "", "motif"},
		"no kind":         {"rien", "lire", "un doute", "genre"},
		"another service": {"service", "nulle-part", "un doute", ""},
	} {
		a := b.Ask(b.DPO(), "POST", button, "genre", c.kind, "id", c.id, "motif", c.why)
		if c.field == "" {
			if a.Status != http.StatusNotFound {
				t.Errorf("%s: %d", name, a.Status)
			}
			continue
		}
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d %s", name, a.Status, a.Page)
		}
		frametest.Has(t, a.Page, `href="#`+c.field+`"`, `id="`+c.field+`-error"`, `value="`+c.id+`"`, c.why)
	}
	frametest.Has(t, b.Get(t, b.DPO(), button), "Rien n'est suspendu")
}

func TestWhatIsWrongWithLiftingIsSaidWhereItIsLifted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Sent(t, b.DPO(), button, "genre", "service", "id", "lire", "motif", "un doute"), "Suspendu : ", "un doute")
	lift := func(why string) frametest.Answer {
		return b.Ask(b.Recteur(), "POST", button+"/lever", "genre", "service", "id", "lire", "motif", why)
	}
	a := lift("")
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#lever-service-lire"`, `id="lever-service-lire-error"`, `<details class="details" open>`, "Dites pourquoi")
	frametest.Lacks(t, a.Page, `id="motif-error"`, "Suspendu : ", `id="id" name="id" type="text" value="lire"`)
	long := strings.Repeat("rétabli ", 400)
	a = lift(long)
	frametest.Has(t, a.Page, `id="lever-service-lire-error"`, strings.TrimSpace(long))
	b.Refused(t, b.Teacher(desktest.College), http.StatusForbidden, "POST", button+"/lever", "genre", "service", "id", "lire", "motif", "x")
	if a = lift("tout va bien"); a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	a = lift("encore")
	if a.Status != http.StatusConflict {
		t.Errorf("it is lifted twice: %d", a.Status)
	}
	frametest.Lacks(t, a.Page, `href="#lever`)
}

func TestWhoeverReadsNoRecordFindsNone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	path := opened(t, b)
	b.Refused(t, b.Head(desktest.Other), http.StatusNotFound, "GET", path)
	frametest.Lacks(t, b.Get(t, b.Teacher(desktest.College), list), "Envoi de trop", "nouveau")
	b.Refused(t, b.Head(desktest.Other), http.StatusNotFound, "GET", path+"/notification?format=json")
	frametest.Lacks(t, b.Get(t, b.Head(desktest.Other), list), "Envoi de trop")
	b.Lang = "en"
	a := b.Ask(b.DPO(), "POST", list, record("titre", "")...)
	frametest.Has(t, a.Page, "Give it a title", `id="titre-error"`)
	frametest.Lacks(t, a.Page, "Donnez un titre", "Constat")
	frametest.Has(t, b.Get(t, b.DPO(), path+"/notification"), "Notification to the CNIL", "Keep as text")
}
