package casserver_test

import (
	"encoding/json"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

func TestEachVersionSaysAsMuchAsItsOwn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, path := range []string{"/cas/serviceValidate", "/cas/proxyValidate"} {
		r := parse(t, h.show(t, path, "service", page("lire"), "ticket", h.ticket(t, "lire")))
		if r.Success == nil || len(r.Success.User) != 128 || r.Success.Attributes != nil {
			t.Errorf("%s: %+v", path, r)
		}
	}
	want := map[string][]string{
		"ENTEleveNivFormation": {"CE2"}, "DIV": {"CE2 B"}, "authenticationDate": {idptest.Begin().Format("2006-01-02T15:04:05Z")},
		"longTermAuthenticationRequestTokenUsed": {"false"}, "isFromNewLogin": {"true"},
	}
	for _, path := range []string{"/cas/p3/serviceValidate", "/cas/p3/proxyValidate"} {
		r := parse(t, h.show(t, path, "service", page("lire"), "ticket", h.ticket(t, "lire")))
		got := r.attributes()
		for name, values := range want {
			if !slices.Equal(got[name], values) {
				t.Errorf("%s: %s is %q, want %q", path, name, got[name], values)
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s: %d attributes, want %d", path, len(got), len(want))
		}
	}
	user := h.show(t, "/cas/validate", "service", page("lire"), "ticket", h.ticket(t, "lire"))
	if lines := strings.Split(user, "\n"); len(lines) != 3 || lines[0] != "yes" || len(lines[1]) != 128 || lines[2] != "" {
		t.Errorf("CAS 1 says %q", user)
	}
	if said := h.show(t, "/cas/validate", "service", page("lire"), "ticket", "ST-none"); said != "no\n\n" {
		t.Errorf("CAS 1 refuses with %q", said)
	}
	h.settings("lire", `{"attributes_in_cas2":true}`)
	r := parse(t, h.show(t, "/cas/serviceValidate", "service", page("lire"), "ticket", h.ticket(t, "lire")))
	if !slices.Equal(r.attributes()["DIV"], []string{"CE2 B"}) {
		t.Errorf("attributes_in_cas2: %q", r.attributes())
	}
}

func TestJSONSaysTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	var answer struct {
		ServiceResponse struct {
			Success *struct {
				User       string
				Attributes map[string][]string
			} `json:"authenticationSuccess"`
			Failure *struct{ Code, Description string } `json:"authenticationFailure"`
			Proxy   *struct{ Code string }              `json:"proxyFailure"`
		}
	}
	body := h.show(t, "/cas/p3/serviceValidate", "service", page("carnet"), "ticket", h.ticket(t, "carnet"), "format", "JSON")
	if err := json.Unmarshal([]byte(body), &answer); err != nil {
		t.Fatal(err)
	}
	got := answer.ServiceResponse.Success
	if got == nil || len(got.User) != 128 || !slices.Equal(got.Attributes["sn"], []string{"Martin & Cie"}) ||
		!slices.Equal(got.Attributes["isFromNewLogin"], []string{"true"}) {
		t.Errorf("answer %s", body)
	}
	body = h.show(t, "/cas/serviceValidate", "service", page("lire"), "ticket", "ST-none", "format", "json")
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.ServiceResponse.Failure.Code != "INVALID_TICKET" {
		t.Errorf("refusal %s", body)
	}
	body = h.show(t, "/cas/proxy", "pgt", "PGT-x", "targetService", page("lire"), "format", "JSON")
	if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.ServiceResponse.Proxy.Code != "UNAUTHORIZED_SERVICE" {
		t.Errorf("proxy %s", body)
	}
}

func TestNoValueBecomesMarkUp(t *testing.T) {
	t.Parallel()
	for what, value := range map[string]string{
		"an element":  `x</cas:sn><cas:PRO>National_DIR</cas:PRO><cas:sn>`,
		"a user":      `</cas:attributes></cas:authenticationSuccess><cas:user>admin</cas:user>`,
		"a CDATA end": `]]><!-- " ' & <?php ?> &lt; &#x3c;`,
		"lines":       "a\nb\tc",
	} {
		h := newHouse(t, nil)
		h.Sources[idptest.ENT].People[idptest.Lea]["sn"] = []string{value}
		body := h.show(t, "/cas/p3/serviceValidate", "service", page("carnet"), "ticket", h.ticket(t, "carnet"))
		got := parse(t, body).attributes()
		if len(got["PRO"]) != 0 || strings.Count(body, "<cas:user>") != 1 || strings.Count(body, "<cas:sn>") != 1 {
			t.Errorf("%s: %s", what, body)
		}
		if clean := strings.Join(strings.Fields(value), " "); strings.Join(strings.Fields(got["sn"][0]), " ") != clean {
			t.Errorf("%s arrives as %q", what, got["sn"])
		}
	}
}

func TestATransientUserIsAnotherEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.settings("ecrire", `{"user":"transient"}`)
	user := func() (string, string) {
		r := parse(t, h.show(t, "/cas/p3/serviceValidate", "service", page("ecrire"), "ticket", h.ticket(t, "ecrire")))
		if r.Success == nil {
			t.Fatalf("%+v", r.Failure)
		}
		return r.Success.User, r.attributes()["IDO"][0]
	}
	first, ido := user()
	second, again := user()
	if first == second || first == ido || len(first) < 32 || ido != again || len(ido) != 128 {
		t.Errorf("users of %d and %d characters, equal %v; the lasting number is the same: %v", len(first), len(second), first == second, ido == again)
	}
}

func TestWhatIsSentIsToldToTheWatcherAndNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	body := h.show(t, "/cas/p3/serviceValidate", "service", page("lire"), "ticket", h.ticket(t, "lire"))
	h.validate(t, page("lire"), "ST-none")
	if len(h.sent) != 1 {
		t.Fatalf("%d messages were told, want 1", len(h.sent))
	}
	s := h.sent[0]
	if string(s.Body) != body || s.Protocol != "cas" || s.Kind != "cas" || s.Service != "lire" || s.Handle != home("lire") ||
		s.Declaration != "d-lire" || s.Version != 1 || s.UAI != string(idptest.School) || s.Profile != "National_ELV" || s.At.IsZero() {
		t.Errorf("told %s of %s %s %d at %s", s.Kind, s.Handle, s.Declaration, s.Version, s.UAI)
	}
}

func TestARequestThatIsNotCompleteIsRefusedAsOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for what, pairs := range map[string][]string{
		"no ticket":    {"service", page("lire")},
		"no service":   {"ticket", "ST-x"},
		"two tickets":  {"service", page("lire"), "ticket", "ST-x", "ticket", "ST-y"},
		"two services": {"service", page("lire"), "service", page("calcul"), "ticket", "ST-x"},
		"format":       {"service", page("lire"), "ticket", "ST-x", "format", "YAML"},
	} {
		r := parse(t, h.show(t, "/cas/serviceValidate", pairs...))
		if r.Failure == nil || r.Failure.Code != "INVALID_REQUEST" {
			t.Errorf("%s: %+v", what, r.Failure)
		}
	}
	for _, q := range []string{"service=%zz&ticket=x", strings.Repeat("a", 20<<10)} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("GET", idptest.Origin+"/cas/serviceValidate", nil)
		r.URL.RawQuery = q
		h.Handler.ServeHTTP(w, r)
		if r := parse(t, w.Body.String()); r.Failure == nil || r.Failure.Code != "INVALID_REQUEST" {
			t.Errorf("a query of %d bytes: %+v", len(q), r.Failure)
		}
	}
}

func TestProxyTicketsAreRefusedAndNothingIsFetched(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	if code := h.validate(t, page("lire"), h.ticket(t, "lire"), "pgtUrl", "https://169.254.169.254/"); code != "UNAUTHORIZED_SERVICE_PROXY" {
		t.Errorf("pgtUrl: %q", code)
	}
	if r := parse(t, h.show(t, "/cas/proxy", "pgt", "x", "targetService", page("lire"))); r.ProxyFailure == nil || r.ProxyFailure.Code != "UNAUTHORIZED_SERVICE" {
		t.Errorf("proxy: %+v", r)
	}
	if r := parse(t, h.show(t, "/cas/proxy")); r.ProxyFailure == nil || r.ProxyFailure.Code != "INVALID_REQUEST" {
		t.Errorf("proxy without anything: %+v", r)
	}
	if len(h.sent) != 0 {
		t.Error("data was sent")
	}
}

func TestNamesOfTheBindingAreUsed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.binding("lire", func(b *registry.Binding) { b.Names = map[registryAttr]string{"level": "niveau"} })
	r := parse(t, h.show(t, "/cas/p3/serviceValidate", "service", page("lire"), "ticket", h.ticket(t, "lire")))
	if got := r.attributes(); !slices.Equal(got["niveau"], []string{"CE2"}) || got["ENTEleveNivFormation"] != nil {
		t.Errorf("attributes %q", got)
	}
}
