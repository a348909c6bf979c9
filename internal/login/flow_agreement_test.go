package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// family is a house in which the service avis asks Léa and those who hold parental authority over her.
func family(t testing.TB, change ...func(*registry.Declaration)) *idptest.House {
	t.Helper()
	h := newHouse(t, nil)
	h.Registry.Change(func(c *registry.Contents) {
		for i, d := range c.Declarations {
			d.Audience.Profiles = append(d.Audience.Profiles, person.Guardian)
			if d.ServiceID == "avis" {
				d.Audience.Profiles = []person.Profile{person.Pupil, person.Teacher}
				d.Basis.Prescribed, d.Basis.Parents = registry.AnswerNo, registry.AnswerYes
				for _, how := range change {
					how(&d)
				}
			}
			c.Declarations[i] = d
		}
	})
	parent := func(id string, wards ...string) map[string][]string {
		return map[string][]string{
			"ENTPersonJointure": {id}, "givenName": {"Parent"}, "sn": {"Martin"}, "ENTPersonProfils": {"National_TUT"},
			"ENTPersonStructRattach": {string(idptest.School)}, "ecluseWard": wards,
		}
	}
	school := "$" + string(idptest.School) + "$"
	h.Sources[idptest.ENT].People["mere"] = parent("ACADEMIE$3001", "ACADEMIE$1001"+school+"1$Léa", "ACADEMIE$1009"+school+"1$Tom")
	h.Sources[idptest.ENT].People["pere"] = parent("ACADEMIE$3002", "ACADEMIE$1001"+school+"1$Léa")
	h.Sources[idptest.ENT].People["tante"] = parent("ACADEMIE$3003", "ACADEMIE$1001"+school+"2$Léa")
	h.Sources[idptest.ENT].People["oncle"] = parent("ACADEMIE$3004", "ACADEMIE$1001"+school+"$Léa")
	return h
}

func get(path string) *http.Request {
	return httptest.NewRequest(http.MethodGet, idptest.Origin+path, nil)
}

// holder signs a parent in and opens their agreements.
func holder(t testing.TB, h *idptest.House, who string) (*idptest.Browser, *idptest.Page) {
	t.Helper()
	b := h.Browser(t)
	p := through(t, b, b.As(b.Open(byGet(t, request("lire"))), who))
	if who == "mere" || who == "pere" {
		yes(t, p, "lire")
	}
	return b, b.Open(get("/accords"))
}

// answers presses a button of the page about a child.
func answers(t testing.TB, b *idptest.Browser, path, act string) *idptest.Page {
	t.Helper()
	p := b.Open(get(path))
	which := hidden(t, p, "which")
	return b.Post(idptest.Origin+strings.TrimSuffix(path, "/retirer"), url.Values{"which": {which}, "act": {act}})
}

func hidden(t testing.TB, p *idptest.Page, name string) string {
	t.Helper()
	_, rest, found := strings.Cut(p.Body, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no %s at %s: %s", name, p.URL, p.Text())
	}
	return value
}

const ofLea = "/accords/0/avis"

func refusedFor(t testing.TB, p *idptest.Page, words ...string) {
	t.Helper()
	page(t, "the child", p, http.StatusForbidden)
	for _, w := range words {
		if !strings.Contains(p.Text(), w) {
			t.Errorf("the page lacks %q: %s", w, p.Text())
		}
	}
}

func TestParentsAreAskedFirstAndThenTheChild(t *testing.T) {
	t.Parallel()
	h := family(t)
	lea := h.Browser(t)
	p := lea.As(lea.Open(byGet(t, request("avis"))), idptest.Lea)
	refusedFor(t, p, "On demande d'abord à tes parents")

	mere, list := holder(t, h, "mere")
	if text := list.Text(); !strings.Contains(text, "Léa") || !strings.Contains(text, "Tom") || !strings.Contains(text, "Attend une réponse") {
		t.Fatalf("the list says %s", text)
	}
	for _, secret := range []string{"Tilleuls", "CE2", "1001", string(idptest.School)} {
		if one := mere.Open(get(ofLea)); strings.Contains(list.Body, secret) || strings.Contains(one.Body, secret) {
			t.Errorf("the pages say %q", secret)
		}
	}
	after := answers(t, mere, ofLea, "agreed")
	if !strings.Contains(after.Text(), "Accord donné le") || after.URL.Path != ofLea {
		t.Fatalf("after the yes: %s at %s", after.Text(), after.URL)
	}
	refusedAgain := h.Browser(t)
	p = refusedAgain.As(refusedAgain.Open(byGet(t, request("avis"))), idptest.Lea)
	offers(t, "then the child", p, "inform")
	if !strings.Contains(p.Text(), "Oui, je suis d'accord") {
		t.Errorf("the child is asked %s", p.Text())
	}
	yes(t, refusedAgain.Submit(p, "inform", 0, "act", "agreed"), "avis")

	pere, _ := holder(t, h, "pere")
	if text := pere.Open(get(ofLea)).Text(); !strings.Contains(text, "Je suis d'accord") || strings.Contains(text, "donné le") {
		t.Errorf("the father reads what the mother said: %s", text)
	}
	after = answers(t, pere, ofLea, "refused")
	if !strings.Contains(after.Text(), "Rien ne part") || !strings.Contains(after.Text(), "n'est pas effacé") {
		t.Errorf("after the no: %s", after.Text())
	}
	other := h.Browser(t)
	p = other.As(other.Open(byGet(t, request("avis"))), idptest.Lea)
	refusedFor(t, p, "On demande d'abord à tes parents")
	if strings.Contains(p.Text(), "refus") {
		t.Errorf("the child reads that somebody refused: %s", p.Text())
	}
	if text := mere.Open(get(ofLea)).Text(); !strings.Contains(text, "Accord donné le") {
		t.Errorf("the mother reads what the father said: %s", text)
	}
}

// TestAWithdrawalEndsWhatRuns: later answers of a running sign-in stop at once.
func TestAWithdrawalEndsWhatRuns(t *testing.T) {
	t.Parallel()
	h := family(t)
	mere, _ := holder(t, h, "mere")
	answers(t, mere, ofLea, "agreed")
	lea := h.Browser(t)
	p := lea.As(lea.Open(byGet(t, request("avis", later))), idptest.Lea)
	resume := yes(t, lea.Submit(p, "inform", 0, "act", "agreed"), "avis").Get("resume")
	if _, err := h.Flow.Resume(t.Context(), resume); err != nil {
		t.Fatalf("before: %v", err)
	}
	asks := mere.Open(get(ofLea + "/retirer"))
	if text := asks.Text(); !strings.Contains(text, "Retirer mon accord") || !strings.Contains(text, "Garder mon accord") || !strings.Contains(text, "n'est pas effacé") {
		t.Fatalf("the page before says %s", text)
	}
	if _, err := h.Flow.Resume(t.Context(), resume); err != nil {
		t.Errorf("a page that only asks took it back: %v", err)
	}
	which := hidden(t, asks, "which")
	for i := range 3 { // sent twice, and once more by the back button
		p := mere.Post(idptest.Origin+ofLea, url.Values{"which": {which}, "act": {"withdrawn"}})
		if !strings.Contains(p.Text(), "Refus donné le") {
			t.Errorf("time %d: %s", i+1, p.Text())
		}
	}
	if p := mere.Open(get(ofLea + "/retirer")); p.URL.Path != "/accords" {
		t.Errorf("there is something left to take back at %s: %s", p.URL, p.Text())
	}
	if n := len(h.Released("avis", audit.Done)); n != 2 {
		t.Errorf("%d entries of what was said, want a yes and a withdrawal", n)
	}
	if _, err := h.Flow.Resume(t.Context(), resume); err == nil {
		t.Error("a later answer leaves after the withdrawal")
	}
}

func TestOnlyWhoHoldsParentalAuthorityIsAsked(t *testing.T) {
	t.Parallel()
	h := family(t)
	for _, who := range []string{"tante", "oncle"} {
		b, list := holder(t, h, who)
		if strings.Contains(list.Text(), "Léa") {
			t.Errorf("%s: %s", who, list.Text())
		}
		if p := b.Open(get(ofLea)); p.URL.Path != "/accords" {
			t.Errorf("%s opens %s", who, p.URL)
		}
		if p := b.Post(idptest.Origin+ofLea, url.Values{"which": {"x"}, "act": {"agreed"}}); p.URL.Path != "/accords" || h.Receipts.Count() > 1 {
			t.Errorf("%s answers: %s", who, p.URL)
		}
	}
	nobody := h.Browser(t)
	if p := nobody.Open(get("/accords")); !strings.Contains(p.Text(), "Connectez-vous") || !strings.Contains(p.Body, "/entrer?vers=agreements") {
		t.Errorf("nobody reads %s", p.Text())
	}
	if p := nobody.Open(get(ofLea)); p.URL.Path != "/accords" {
		t.Errorf("nobody opens %s", p.URL)
	}
	mere, _ := holder(t, h, "mere")
	for _, path := range []string{"/accords/7/avis", "/accords/-1/avis", "/accords/x/avis", "/accords/0/lire", "/accords/0/nothing"} {
		if p := mere.Open(get(path)); p.URL.Path != "/accords" {
			t.Errorf("%s leads to %s", path, p.URL)
		}
	}
}

// TestAFormSpeaksOfWhatItShowed: another child's, another session's and an outdated form say nothing.
func TestAFormSpeaksOfWhatItShowed(t *testing.T) {
	t.Parallel()
	h := family(t)
	mere, _ := holder(t, h, "mere")
	pere, _ := holder(t, h, "pere")
	before := h.Receipts.Count()
	own := hidden(t, mere.Open(get(ofLea)), "which")
	for name, which := range map[string]string{
		"nothing": "", "her other child's": hidden(t, mere.Open(get("/accords/1/avis")), "which"),
		"somebody else's": hidden(t, pere.Open(get(ofLea)), "which"),
	} {
		if mere.Post(idptest.Origin+ofLea, url.Values{"which": {which}, "act": {"agreed"}}); h.Receipts.Count() != before {
			t.Errorf("%s proof counts", name)
		}
	}
	for _, act := range []string{"", "informed", "closed", "opened", "yes"} {
		if mere.Post(idptest.Origin+ofLea, url.Values{"which": {own}, "act": {act}}); h.Receipts.Count() != before {
			t.Errorf("act %q is filed", act)
		}
	}
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Declarations {
			if c.Declarations[i].ServiceID == "avis" {
				c.Declarations[i].Retention.FR = "dix ans"
			}
		}
	})
	p := mere.Post(idptest.Origin+ofLea, url.Values{"which": {own}, "act": {"agreed"}})
	if h.Receipts.Count() != before || !strings.Contains(p.Text(), "dix ans") {
		t.Errorf("a yes to what was shown before is filed: %s", p.Text())
	}
}

// TestANoIsKeptAndAskedAboutOnlyByWhoWants: no is not asked again, and can be taken back.
func TestANoIsKeptAndAskedAboutOnlyByWhoWants(t *testing.T) {
	t.Parallel()
	h := family(t)
	b := h.Browser(t)
	open := func(how ...func(*idp.Request)) *idptest.Page { return b.Open(byGet(t, request("avis", how...))) }
	p := b.As(open(), idptest.Paul)
	if p.Offers("place") {
		p = b.Submit(p, "place", 0)
	}
	offers(t, "first", p, "inform")
	p = b.Submit(p, "inform", 0, "act", "refused")
	page(t, "after the no", p, http.StatusForbidden)
	no(t, b.Submit(p, "back", 0), "avis", idp.Denied)

	p = open()
	if p.Offers("place") {
		p = b.Submit(p, "place", 0)
	}
	page(t, "the second time", p, http.StatusOK)
	if !strings.Contains(p.Text(), "Vous avez dit non") || strings.Contains(p.Body, `value="agreed"`) {
		t.Fatalf("the question is put again: %s", p.Text())
	}
	if q := through(t, b, open(passive)); q.Landing == nil {
		t.Errorf("a passive request is shown %s", q.Text())
	}
	p = b.Submit(p, "inform", 0, "act", "again")
	offers(t, "whoever wants to see it again", p, "inform")
	if !strings.Contains(p.Body, `value="agreed"`) {
		t.Fatalf("it is not shown: %s", p.Text())
	}
	yes(t, b.Submit(p, "inform", 0, "act", "agreed"), "avis")
	q := open()
	if q.Offers("place") {
		q = b.Submit(q, "place", 0)
	}
	yes(t, q, "avis")
}

// TestAServiceThatIsClosedForOneIsOpenForOthers and says nothing of why.
func TestAServiceThatIsClosedForOneIsOpenForOthers(t *testing.T) {
	t.Parallel()
	h := family(t)
	b := signedIn(t, h, idptest.Lea)
	ledger := h.Flow.Book.Ledger()
	of := person.Key{Authority: "academie", ID: "ACADEMIE$1001"}.Handle(h.Ring)
	err := ledger.File(t.Context(), audit.Entry{Class: audit.ClassRelease, Action: "right_door", Outcome: audit.Done}, ledger.Close(of, "lire", registry.Text{FR: "le livre"}))
	if err != nil {
		t.Fatal(err)
	}
	p := b.Open(byGet(t, request("lire")))
	refusedFor(t, p, "fermé pour toi")
	if entries := h.Released("lire", audit.Refused); len(entries) != 1 || entries[0].Reason != "closed_for_you" {
		t.Errorf("entries %+v", entries)
	}
	yes(t, through(t, b, b.Open(byGet(t, request("ecrire")))), "ecrire")
	signedIn(t, h, idptest.Nour)
}

// TestHardCase11AtTheRulesAgeTheGuardiansPageEnds: what the child answers alone is asked of nobody else, and the page says
// nothing of it.
func TestHardCase11AtTheRulesAgeTheGuardiansPageEnds(t *testing.T) {
	t.Parallel()
	h := family(t)
	h.Sources[idptest.ENT].People[idptest.Lea]["ENTPersonDateNaissance"] = []string{"06/10/2011"}
	mere, _ := holder(t, h, "mere")
	answers(t, mere, ofLea, "refused")
	h.Clock.Advance(24 * time.Hour)
	lea := h.Browser(t)
	p := lea.As(lea.Open(byGet(t, request("avis"))), idptest.Lea)
	offers(t, "fifteen today", p, "inform")
	yes(t, lea.Submit(p, "inform", 0, "act", "agreed"), "avis")
	mere, list := holder(t, h, "mere")
	if text := list.Text(); strings.Contains(text, "Léa") || !strings.Contains(text, "Tom") {
		t.Errorf("the mother reads %s", text)
	}
	if p := mere.Open(get(ofLea)); p.URL.Path != "/accords" {
		t.Errorf("she opens %s", p.URL)
	}
}
