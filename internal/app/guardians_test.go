package app

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
)

// demoPair is somebody of the demo and Lina, by the keys that its source gives them.
func demoPair(t *testing.T, g *gateway, who string) guardian.Pair {
	t.Helper()
	s, err := g.live.Current()
	if err != nil {
		t.Fatal(err)
	}
	source, _ := s.Source("demo")
	return guardian.Pair{Guardian: person.Key{Authority: source.Authority, ID: who}, Child: person.Key{Authority: source.Authority, ID: "lina"}}
}

// ownPagesOf are the pages of one's own on which a child may stand, as somebody reads them.
func ownPagesOf(x *bench) map[string]string {
	out := map[string]string{}
	for _, path := range []string{"/mes-enfants", "/accords", "/mes-droits", "/historique"} {
		w := x.ask(http.MethodGet, path, nil)
		out[path] = w.Body.String()
	}
	return out
}

// answerFor sends a form of the page about Lina, and gives where that leads.
func answerFor(t *testing.T, x *bench, about, which, act string) string {
	t.Helper()
	w := x.ask(http.MethodPost, about, url.Values{"which": {which}, "act": {act}})
	return w.Header().Get("Location")
}

// TestAClosedViewReadsAsThatOfSomebodyOfUnknownAuthority byte for byte, on every page, within one session; and what was said
// before stays.
func TestAClosedViewReadsAsThatOfSomebodyOfUnknownAuthority(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	g := x.app.gateway
	marc := benchAt(t, x.host, x.serve)
	comesToOwnPage(t, x, "nadia")
	comesToOwnPage(t, marc, "marc")
	before := ownPagesOf(x)
	if text := before["/mes-enfants"]; !strings.Contains(text, "Pour Lina") || !strings.Contains(text, `href="/mes-enfants"`) || !strings.Contains(text, `href="/accords"`) {
		t.Fatalf("%s", text)
	}
	if !strings.Contains(before["/mes-droits"], "Pour Lina") {
		t.Fatalf("no request can be made for Lina: %s", before["/mes-droits"])
	}
	about := attribute(t, before["/accords"], `href="(/accords/0/[a-z0-9-]+)"`)
	which := attribute(t, x.ask(http.MethodGet, about, nil).Body.String(), `name="which" value="([^"]+)"`)
	if to := answerFor(t, x, about, which, "agreed"); to != about {
		t.Fatalf("the yes leads to %q", to)
	}
	if text := ownPagesOf(x)["/mes-enfants"]; !strings.Contains(text, "Vous avez donné votre accord") {
		t.Errorf("her yes is not told: %s", text)
	}
	pair := demoPair(t, g, "nadia")
	closing := guardian.Closing{UAI: desktest.Ecole, Office: "directeur d'école", By: "h", Reason: guardian.Court}
	if fresh, seen, err := g.flow.Guardians.Close(t.Context(), pair, closing, (GuardiansOptions{UAI: string(desktest.Ecole)}).entry("guardian_close")); !fresh || !seen || err != nil {
		t.Fatal(fresh, seen, err)
	}
	want := ownPagesOf(marc)
	for path, text := range ownPagesOf(x) {
		if strings.Contains(text, "Lina") {
			t.Errorf("%s names her", path)
		}
		if other := strings.NewReplacer("Marc", "Nadia", "L.", "M.").Replace(want[path]); text != other {
			t.Errorf("%s: closed reads\n%s\nunknown reads\n%s", path, text, other)
		}
	}
	for _, path := range []string{about, about + "/retirer"} {
		if w := x.ask(http.MethodGet, path, nil); w.Header().Get("Location") != "/accords" {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	for _, act := range []string{"withdrawn", "refused"} {
		if to := answerFor(t, x, about, which, act); to != "/accords" {
			t.Errorf("a form of before leads to %q", to)
		}
	}
	if opened, _, err := g.flow.Guardians.Open(t.Context(), pair, desktest.Ecole, guardian.Over, (GuardiansOptions{UAI: string(desktest.Ecole)}).entry("guardian_open")); !opened || err != nil {
		t.Fatal(opened, err)
	}
	if text := ownPagesOf(x)["/mes-enfants"]; !strings.Contains(text, "Vous avez donné votre accord") {
		t.Errorf("opened again, her yes is gone: %s", text)
	}
}

// comesToOwnPage signs somebody in for a page of ours.
func comesToOwnPage(t *testing.T, x *bench, who string) {
	t.Helper()
	w := x.ask(http.MethodGet, "/entrer?vers=children", nil)
	for range 8 {
		switch body := w.Body.String(); {
		case w.Code >= 300 && w.Code < 400:
			w = x.ask(http.MethodGet, w.Header().Get("Location"), nil)
		case strings.Contains(body, `name="challenge"`):
			w = x.ask(http.MethodPost, attribute(t, body, `action="([^"]+/people)"`), url.Values{
				"challenge": {attribute(t, body, `name="challenge" value="([^"]+)"`)}, "person": {who},
			})
		default:
			return
		}
	}
	t.Fatal("the sign-in does not end")
}

func TestARightForAChildIsAskedForByNobodyWhoseViewIsClosed(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	g := x.app.gateway
	x.signIn(x.authnRequest(0), "nadia")
	page := x.ask(http.MethodGet, "/mes-droits", nil).Body.String()
	form := strings.ReplaceAll(regexp.MustCompile(`/mes-droits/demande\?[^"]*enfant=[^"]*`).FindString(page), "&amp;", "&")
	if form == "" {
		t.Fatalf("nothing can be asked for Lina: %s", page)
	}
	body := x.ask(http.MethodGet, form, nil).Body.String()
	values := url.Values{"quoi": {"access"}, "texte": {"Tout"}}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`).FindAllStringSubmatch(body, -1) {
		values.Set(m[1], m[2])
	}
	closing := guardian.Closing{UAI: desktest.Ecole, Office: "directeur d'école", By: "h", Reason: guardian.Danger}
	if _, _, err := g.flow.Guardians.Close(t.Context(), demoPair(t, g, "nadia"), closing, (GuardiansOptions{UAI: string(desktest.Ecole)}).entry("guardian_close")); err != nil {
		t.Fatal(err)
	}
	if text := x.ask(http.MethodGet, form, nil).Body.String(); strings.Contains(text, "Lina") {
		t.Errorf("the form is there: %s", text)
	}
	if w := x.ask(http.MethodPost, "/mes-droits/demande", values); strings.HasPrefix(w.Header().Get("Location"), "/mes-droits/0") || w.Code == http.StatusSeeOther && strings.Contains(w.Header().Get("Location"), "envoye") {
		t.Errorf("it was sent: %d %q", w.Code, w.Header().Get("Location"))
	}
}

func TestViewsAreClosedListedAndOpenedByCommand(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		o := GuardiansOptions{UAI: string(desktest.Ecole), Source: "ent", Guardian: "MARQUE-1", Child: "MARQUE-2", Reason: "court", By: "directeur d'école"}
		var out strings.Builder
		if err := closeGuardian(t.Context(), r.base, o, &out); err != nil || !strings.Contains(out.String(), "closed from the next page on") || !strings.Contains(out.String(), "never seen here") {
			t.Errorf("%v %s", err, out.String())
		}
		out.Reset()
		if err := closeGuardian(t.Context(), r.base, o, &out); err != nil || !strings.Contains(out.String(), "closed already") {
			t.Errorf("%v %s", err, out.String())
		}
		out.Reset()
		for _, nowhere := range []string{"", "0750001A"} {
			if err := listGuardians(t.Context(), r.base, nowhere, &out); err == nil || !strings.Contains(err.Error(), "--uai") || out.Len() > 0 {
				t.Errorf("%q: %v %s", nowhere, err, out.String())
			}
		}
		if err := listGuardians(t.Context(), r.base, o.UAI, &out); err != nil || strings.Count(out.String(), "\n") != 2 || !strings.Contains(out.String(), "directeur d'école") || strings.Contains(out.String(), "MARQUE") {
			t.Errorf("%v %s", err, out.String())
		}
		o.Reason = "danger"
		if err := openGuardian(t.Context(), r.base, o, &out); !errors.Is(err, ErrNotActed) {
			t.Errorf("danger opens: %v", err)
		}
		o.Reason = "mistake"
		for _, want := range []string{"open again", "had not closed it"} {
			out.Reset()
			if err := openGuardian(t.Context(), r.base, o, &out); err != nil || !strings.Contains(out.String(), want) {
				t.Errorf("%v %s", err, out.String())
			}
		}
		err := closeGuardian(t.Context(), r.base, GuardiansOptions{UAI: "x", Source: "MARQUE-3"}, &out)
		for _, flag := range []string{"--uai", "--source", "--guardian", "--child", "--reason", "--by"} {
			if !errors.Is(err, ErrNotActed) || !strings.Contains(err.Error(), flag) || strings.Contains(err.Error(), "MARQUE") {
				t.Errorf("%s: %v", flag, err)
			}
		}
		o.Child, o.Reason = " "+o.Guardian, "court"
		if err := closeGuardian(t.Context(), r.base, o, &out); !errors.Is(err, ErrNotActed) {
			t.Errorf("their own guardian: %v", err)
		}
		n := 0
		for _, e := range h.Entries(t) {
			if strings.HasPrefix(e.Action, "guardian_") {
				n++
				if e.Actor != guardiansActor || e.Detail["office"] != "directeur d'école" || e.Detail["closing"] == "" || e.UAI != string(desktest.Ecole) || e.Subject != "" {
					t.Errorf("%+v", e)
				}
			}
		}
		if n != 2 {
			t.Errorf("%d entries", n)
		}
	})
}
