package mediacentre_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/portal/mediacentre"
	"ecluse/internal/registry"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestTheAnswerHasTheFormOfTheGAR(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.asked("uai=0280101H&profil=National_ELV&niveau=CE2")
	var out bytes.Buffer
	if err := json.Indent(&out, r.Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	const file = "testdata/ressources.golden.json"
	if *update {
		if err := os.WriteFile(file, out.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(want, out.Bytes()) {
		t.Errorf("%v: the answer is now\n%s", err, out.Bytes())
	}
}

func TestAListIsWhatTheGateOpensToThatKindOfPeople(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"uai=0280101H&profil=National_ELV&niveau=ce2": "calcul ce2 lire", "uai=0280101H&profil=national_elv": "calcul lire",
		"uai=0280101H&profil=National_ELV&niveau=CM2": "calcul lire", "uai=0280202T&profil=National_ENS": "calcul lire profs",
		"uai=0280202T&profil=National_TUT": "calcul lire", "uai=0280202T&profil=National_DIR": "", "uai=0280202T&profil=National_ELV&niveau=3EME": "calcul lire",
	} {
		got := names(t, w.asked(query))
		for i := range got {
			_, got[i], _ = strings.Cut(got[i], " ")
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	for _, uai := range []person.UAI{ecole, college} {
		for _, profile := range person.Profiles() {
			got := names(t, w.asked("uai="+string(uai)+"&profil="+string(profile)))
			view := registry.NewSnapshot(w.contents, nil)
			for _, service := range w.contents.Services {
				open := len(policy.Places(view, w.now, registry.Anybody(uai, profile, "", "ent"), service.ID)) > 0 && service.Start != "" && service.ID != registry.House
				if slices.Contains(got, string(uai)+" "+service.ID) != open {
					t.Errorf("%s %s %s: the gate says %t", uai, profile, service.ID, open)
				}
			}
		}
	}
}

func TestAnENTThatMayNotSpeakGetsNothing(t *testing.T) {
	t.Parallel()
	const good = "uai=0280101H&profil=National_ELV"
	for name, c := range map[string]struct {
		change func(*world)
		status int
		code   string
	}{
		"suspended":    {func(w *world) { w.change(func(c *registry.Contents) { c.Sources[0].Suspended = true }) }, 403, "source_not_open"},
		"not declared": {func(w *world) { w.change(func(c *registry.Contents) { c.Sources[0].Declaration = nil }) }, 403, "source_not_open"},
		"not approved": {func(w *world) {
			w.change(func(c *registry.Contents) { c.Sources[0].Declaration.State = registry.Submitted })
		}, 403, "source_not_open"},
		"over": {func(w *world) {
			w.change(func(c *registry.Contents) { c.Sources[0].Declaration.Until = on("2026-11-21") })
		}, 403, "source_not_open"},
		"gone":          {func(w *world) { w.change(func(c *registry.Contents) { c.Sources = nil }) }, 403, "source_not_open"},
		"registry away": {func(w *world) { w.stale = true }, 503, "unavailable"},
		"tokens away":   {func(w *world) { w.broken = errAway }, 503, "unavailable"},
		"too often":     {func(w *world) { w.counts["ent ent"] = mediacentre.PerMinute }, 429, "too_many"},
	} {
		w := newWorld(t)
		if got := names(t, w.asked(good)); len(got) == 0 {
			t.Fatal("the question is no good")
		}
		c.change(w)
		r := w.asked(good)
		if r.Code != c.status || code(t, r) != c.code || strings.Contains(r.Body.String(), "ressource\"") {
			t.Errorf("%s: %d %s", name, r.Code, r.Body)
		}
		later := r.Code == http.StatusTooManyRequests || r.Code == http.StatusServiceUnavailable
		if later != (r.Header().Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", name, r.Header().Get("Retry-After"))
		}
	}
	w := newWorld(t)
	for name, headers := range map[string][]string{
		"no token": nil, "another": {"Authorization", "Bearer other"}, "basic": {"Authorization", "Basic " + secret}, "bare": {"Authorization", secret},
		"two": {"Authorization", "Bearer " + secret, "Authorization", "Bearer " + secret}, "a person's session": {"Cookie", "__Host-session=x"},
	} {
		r := w.get(mediacentre.Base+"?"+good, headers...)
		if r.Code != http.StatusUnauthorized || code(t, r) != "unauthenticated" || r.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%s: %d %s", name, r.Code, r.Body)
		}
	}
}

func TestWhatNobodyKnowsIsRefusedRatherThanEmpty(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for query, want := range map[string]string{
		"": "400 invalid", "uai=0280101H": "400 invalid", "profil=National_ELV": "400 invalid", "uai=0280999X&profil=National_ELV": "400 invalid",
		"uai=0280101h&profil=National_ELV": "400 invalid", "uai=0280404M&profil=National_ELV": "400 invalid", // closed
		"uai=0280303C&profil=National_ELV": "403 outside", "uai=0280101H&profil=National_ROI": "400 invalid",
		"uai=0280101H&profil=National_ELV&niveau=CE9": "400 invalid", "uai=0280101H&profil=National_ELV&niveau=5EME": "400 invalid",
		"uai=0280101H&profil=National_ELV&niveau=": "400 invalid", "uai=0280101H&profil=National_ENS&niveau=CE2": "400 invalid",
		"uai=0280101H&uai=0280303C&profil=National_ELV": "400 invalid", "uai=0280101H&profil=National_ELV&personne=lina": "400 unknown_parameter",
	} {
		r := w.asked(query)
		status, word, _ := strings.Cut(want, " ")
		if strconv.Itoa(r.Code) != status || code(t, r) != word {
			t.Errorf("%q: %d %s, want %s", query, r.Code, r.Body, want)
		}
		if strings.Contains(r.Body.String(), "lina") || strings.Contains(r.Body.String(), "listeRessources") {
			t.Errorf("%q: the refusal repeats what was asked, or lists something", query)
		}
	}
}

func TestAnAnswerIsKeptForMinutesAndNotSentTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const query = "uai=0280101H&profil=National_ELV"
	first := w.asked(query)
	tag := first.Header().Get("ETag")
	if tag == "" || first.Header().Get("Cache-Control") != "private, max-age=240" || mediacentre.Fresh.Minutes() >= 5 {
		t.Fatalf("tag %q, %q", tag, first.Header().Get("Cache-Control"))
	}
	for _, known := range []string{tag, "W/" + tag, `"x", ` + tag, "*"} {
		if r := w.asked(query, "If-None-Match", known); r.Code != http.StatusNotModified || r.Body.Len() != 0 || r.Header().Get("ETag") != tag {
			t.Errorf("%s: %d %s", known, r.Code, r.Body)
		}
	}
	if r := w.asked(query, "If-None-Match", `"x"`); r.Code != http.StatusOK {
		t.Errorf("another tag: %d", r.Code)
	}
	w.change(func(c *registry.Contents) {
		i := slices.IndexFunc(c.Services, func(s registry.Service) bool { return s.ID == "lire" })
		c.Services[i].Suspended = true
	})
	if r := w.asked(query, "If-None-Match", tag); r.Code != http.StatusOK || slices.Contains(names(t, r), "0280101H lire") {
		t.Errorf("after a suspension: %d %s", r.Code, r.Body)
	}
	if r := w.asked(query, "If-None-Match", tag, "Accept-Language", "en"); r.Header().Get("ETag") == tag {
		t.Error("another language has the same tag")
	}
}

func TestAPersonIsAnsweredAboutThemselvesWithTheirOwnSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const me = mediacentre.Base + "/moi"
	if r := w.get(me); r.Code != http.StatusUnauthorized || code(t, r) != "unauthenticated" {
		t.Fatalf("nobody: %d", r.Code)
	}
	if r := w.get(me, "Authorization", "Bearer "+secret); r.Code != http.StatusUnauthorized {
		t.Errorf("the ENT's own token asks about a person: %d", r.Code)
	}
	w.who = &person.Person{Authn: person.Authn{Source: "ent"}, Affiliations: []person.Affiliation{
		{UAI: college, Profile: person.Teacher}, {UAI: other, Profile: person.Teacher},
	}}
	if got := names(t, w.get(me)); !slices.Contains(got, "0280202T profs") || slices.Contains(got, "0280303C profs") {
		t.Errorf("%q: the gate does not let the ENT speak for the second school", got)
	}
	for origin, want := range map[string]int{
		"https://connexion.example": 200, "https://ent.example": 200, "https://elsewhere.example": 401, "https://autre-ent.example": 200,
		"null": 401, "http://ent.example": 401, "https://ent.example.evil.example": 401, "https://ent.example:8443": 401,
	} {
		r := w.get(me, "Origin", origin, "Sec-Fetch-Site", "same-site")
		allowed := r.Header().Get("Access-Control-Allow-Origin")
		if r.Code != want || (allowed == origin) != (want == 200 && origin != "https://connexion.example") || want == 401 && allowed != "" {
			t.Errorf("%s: %d, allowed %q", origin, r.Code, allowed)
		}
		if want == 200 && (r.Header().Get("Cache-Control") != "private, no-cache" || !slices.Contains(r.Header().Values("Vary"), "Origin")) {
			t.Errorf("%s: %v", origin, r.Header())
		}
		for _, one := range strings.Split(r.Body.String(), "idEtablissement") {
			if origin == "https://autre-ent.example" && strings.Contains(one, string(college)) {
				t.Error("an ENT of one school is told of another one")
			}
		}
	}
	if r := w.get(me, "Sec-Fetch-Site", "cross-site"); r.Code != http.StatusUnauthorized {
		t.Errorf("another site that does not say which: %d", r.Code)
	}
	w.would = errAway
	if got := names(t, w.get(me)); len(got) != 0 {
		t.Errorf("%q are listed and could not be entered", got)
	}
	w.would = nil
	if got := names(t, w.get(me+"?uai="+string(other))); len(got) != 0 {
		t.Errorf("%q", got)
	}
	w.change(func(c *registry.Contents) { c.Sources[0].Suspended = true })
	if r := w.get(me, "Origin", "https://ent.example"); r.Code != http.StatusUnauthorized {
		t.Errorf("a suspended ENT: %d", r.Code)
	}
	w.counts["me handle"] = mediacentre.PerMinuteMe
	if r := w.get(me); r.Code != http.StatusTooManyRequests {
		t.Errorf("too often: %d", r.Code)
	}
	w.broken = errAway
	if r := w.get(me); r.Code != http.StatusServiceUnavailable {
		t.Errorf("sessions away: %d", r.Code)
	}
}
