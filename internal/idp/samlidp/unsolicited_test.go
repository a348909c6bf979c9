package samlidp_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
)

const room, other = "https://lire.example/salle?n=1&x=é", "https://lire.example/cdi"

// opened lets a sign-in begin here for lire.
func opened(t *testing.T) *house {
	t.Helper()
	h := newHouse(t)
	h.rebind(t, "lire", func(s *samlidp.Settings) {
		s.Unsolicited, s.Targets, s.Target = true, []string{room, other}, other
	}, metadata("lire", plainMD))
	return h
}

func (h *house) begin(t *testing.T, method, query string) page {
	t.Helper()
	r, err := http.NewRequest(method, h.base+"/saml/unsolicited?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, r)
}

func ask(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return q.Encode()
}

func TestSignInBegunHereIsAcceptedWhereTheServiceDeclaresIt(t *testing.T) {
	t.Parallel()
	h := opened(t)
	p := newParty(t, h, "lire")
	p.AllowIDPInitiated = true
	now := strconv.FormatInt(h.clock.Now().Unix(), 10)
	for name, c := range map[string]struct{ query, relay, acs string }{
		"by entityID":             {ask("providerId", entity("lire")), other, acs("lire")},
		"by our own id":           {ask("service", "lire"), other, acs("lire")},
		"with a target":           {ask("providerId", entity("lire"), "target", room), room, acs("lire")},
		"with an address":         {ask("providerId", entity("lire"), "shire", acs("lire")+"/other"), other, acs("lire") + "/other"},
		"with everything":         {ask("providerId", entity("lire"), "target", room, "shire", acs("lire"), "time", now), room, acs("lire")},
		"with what nobody knows":  {ask("providerId", entity("lire"), "lang", "fr"), other, acs("lire")},
		"and empty ones as Shibb": {ask("providerId", entity("lire"), "target", "", "shire", ""), other, acs("lire")},
	} {
		got := h.begin(t, http.MethodGet, c.query)
		if got.action() != c.acs || got.field("RelayState") != c.relay {
			t.Errorf("%s: status %d, form to %q with %q (%s)", name, got.status, got.action(), got.field("RelayState"), h.fault())
			continue
		}
		raw := got.response(t)
		if strings.Contains(string(raw), "InResponseTo") {
			t.Errorf("%s: it answers a request that nobody sent", name)
		}
		address, err := url.Parse(c.acs)
		if err != nil {
			t.Fatal(err)
		}
		p.AcsURL = *address
		a, err := p.ParseXMLResponse(raw, nil, *address)
		if err != nil {
			t.Errorf("%s: the service refuses it: %v", name, err)
			continue
		}
		if a.Subject.SubjectConfirmations[0].SubjectConfirmationData.Recipient != c.acs {
			t.Errorf("%s: for another recipient", name)
		}
		xmlsecAccepts(t, raw, "lire")
	}
	p.AllowIDPInitiated = false
	if _, err := p.ParseXMLResponse(h.begin(t, http.MethodGet, ask("service", "lire")).response(t), []string{"id-1"}, p.AcsURL); err == nil {
		t.Error("a service that asked for something else takes it")
	}
}

func TestSignInBegunHereLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	lire := entity("lire")
	for name, c := range map[string]struct{ code, query string }{
		"a target that is not listed":       {"SAM-402", ask("providerId", lire, "target", "https://evil.example/")},
		"a target that begins alike":        {"SAM-402", ask("providerId", lire, "target", room+"0")},
		"a target in other letters":         {"SAM-402", ask("providerId", lire, "target", strings.ToUpper(other))},
		"a target escaped twice":            {"SAM-402", ask("providerId", lire, "target", url.QueryEscape(other))},
		"a target that is a script":         {"SAM-402", ask("providerId", lire, "target", "javascript:alert(1)")},
		"a target with a blank":             {"SAM-402", ask("providerId", lire, "target", other+" ")},
		"an address that is not listed":     {"SAM-402", ask("providerId", lire, "shire", "https://evil.example/acs")},
		"an address of another service":     {"SAM-402", ask("providerId", lire, "shire", acs("suite"))},
		"an address for artifacts":          {"SAM-402", ask("providerId", lire, "shire", acs("lire")+"/artifact")},
		"a service that does not allow it":  {"SAM-401", ask("providerId", entity("suite"))},
		"the same by our own id":            {"SAM-401", ask("service", "suite")},
		"a service that nobody knows":       {"SAM-401", ask("providerId", "https://nobody.example")},
		"an id that nobody knows":           {"SAM-401", ask("service", "nobody")},
		"an entityID as our own id":         {"SAM-401", ask("service", lire)},
		"our own id as an entityID":         {"SAM-401", ask("providerId", "lire")},
		"both names":                        {"SAM-400", ask("providerId", lire, "service", "lire")},
		"no name":                           {"SAM-400", ask("target", other)},
		"nothing":                           {"SAM-400", ""},
		"a name twice":                      {"SAM-400", ask("providerId", lire, "providerId", lire)},
		"a target twice":                    {"SAM-400", ask("providerId", lire, "target", other, "target", room)},
		"an address twice":                  {"SAM-400", ask("providerId", lire, "shire", acs("lire"), "shire", acs("lire"))},
		"a query that cannot be read":       {"SAM-400", "providerId=%zz"},
		"a query with semicolons":           {"SAM-400", "providerId=" + lire + ";target=x"},
		"a long query":                      {"SAM-400", ask("providerId", lire, "x", strings.Repeat("x", 9000))},
		"a time that is none":               {"SAM-400", ask("providerId", lire, "time", "now")},
		"a time twice":                      {"SAM-400", ask("providerId", lire, "time", "1", "time", "1")},
		"a time long past":                  {"SAM-408", ask("providerId", lire, "time", "1000000000")},
		"a time to come":                    {"SAM-408", ask("providerId", lire, "time", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))},
		"a message in place of a parameter": {"SAM-400", ask("SAMLRequest", "x")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := opened(t)
			got := h.begin(t, http.MethodGet, c.query)
			if got.status < 400 || got.action() != "" || got.header.Get("Location") != "" || h.fault() != c.code || h.starts() != 0 {
				t.Errorf("status %d, form to %q, %s, %d sign-ins begun", got.status, got.action(), h.fault(), h.starts())
			}
		})
	}
}

func TestHeadStartsNoSignInHere(t *testing.T) {
	t.Parallel()
	h := opened(t)
	if got := h.begin(t, http.MethodHead, ask("service", "lire")); got.status < 400 || h.starts() != 0 {
		t.Errorf("status %d, %d sign-ins begun", got.status, h.starts())
	}
	if got := h.begin(t, http.MethodPost, ask("service", "lire")); got.status < 400 || h.starts() != 0 {
		t.Errorf("by POST: status %d, %d sign-ins begun", got.status, h.starts())
	}
}

func TestServiceThatAskedForNothingIsToldOfNoRefusal(t *testing.T) {
	t.Parallel()
	h := opened(t)
	h.begin(t, http.MethodGet, ask("service", "lire"))
	for _, kind := range []idp.Kind{idp.Denied, idp.SignInFailed, idp.Internal} {
		if got, err := h.provider.Refuse(t.Context(), h.last, idp.Failure{Kind: kind, Ref: ref}); err != nil || !got.Empty() {
			t.Errorf("%s: %v, leads to %q", kind, err, got.Action)
		}
	}
}

func TestEachSignInBegunHereHasIdentifiersOfItsOwn(t *testing.T) {
	t.Parallel()
	h := opened(t)
	a, b := h.begin(t, http.MethodGet, ask("service", "lire")).response(t), h.begin(t, http.MethodGet, ask("service", "lire")).response(t)
	id := func(doc []byte) string {
		_, rest, _ := strings.Cut(string(doc), `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="`)
		out, _, _ := strings.Cut(rest, `"`)
		return out
	}
	if id(a) == "" || id(a) == id(b) { // by which a service knows that it was shown one before
		t.Errorf("assertions %q and %q", id(a), id(b))
	}
}

func TestSettingThatWasTakenBackMeanwhileEndsTheSignInBegunHere(t *testing.T) {
	t.Parallel()
	h := opened(t)
	h.change(func(g *gateway) {
		g.before = func(g *gateway, _ *idp.Request) {
			g.contents.Services[0].Bindings = []registry.Binding{bind(t, entity("lire"), samlidp.Settings{Metadata: metadata("lire", plainMD)})}
		}
	})
	if got := h.begin(t, http.MethodGet, ask("service", "lire")); got.action() != "" || got.status < 400 {
		t.Errorf("status %d, form to %q", got.status, got.action())
	}
}

func TestServiceWithTwoBindingsIsNotChosenForByOurOwnID(t *testing.T) {
	t.Parallel()
	h := opened(t)
	h.change(func(g *gateway) {
		s := samlidp.Settings{Metadata: metadata("deux", plainMD), Unsolicited: true}
		g.contents.Services[0].Bindings = append(g.contents.Services[0].Bindings, bind(t, entity("deux"), s))
	})
	if got := h.begin(t, http.MethodGet, ask("service", "lire")); got.action() != "" || h.fault() != "SAM-401" {
		t.Errorf("by our id: form to %q", got.action())
	}
	if got := h.begin(t, http.MethodGet, ask("providerId", entity("deux"))); got.action() != acs("deux") {
		t.Errorf("by its own: form to %q (%s)", got.action(), h.fault())
	}
}
