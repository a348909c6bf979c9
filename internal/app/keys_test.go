package app

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/keys"
)

// TestARolloverByCommandsReachesARunningGateway goes through every step of a key while people sign in.
func TestARolloverByCommandsReachesARunningGateway(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	g := x.app.gateway
	o := KeyOptions{Use: "saml", Reason: "yearly", By: "DSI"}
	step := func(do func(context.Context, Config, KeyOptions, io.Writer, io.Writer) error) (string, error) {
		var out strings.Builder
		err := do(t.Context(), g.config, o, &out, t.Output())
		return out.String(), err
	}
	n := 0
	look := func(certificates int) {
		t.Helper()
		if _, err := g.ring.Reload(t.Context()); err != nil {
			t.Fatal(err)
		}
		body := x.ask(http.MethodGet, "/saml/metadata", nil).Body.String()
		if got := strings.Count(body, "<md:KeyDescriptor "); got != certificates {
			t.Errorf("%d certificates are published, want %d", got, certificates)
		}
		x.signIn(x.authnRequest(n), "lina")
		n++
	}
	tag := func() string { return x.ask(http.MethodGet, "/saml/metadata", nil).Header().Get("ETag") }
	first := tag()
	look(2) // RSA, and P-256 for services that ask for it
	if out, err := step(PrepareKey); err != nil || !strings.Contains(out, "published, not used; activate from ") {
		t.Fatalf("%q, %v", out, err)
	}
	look(3)
	if tag() == first {
		t.Error("the metadata has other keys and the same ETag")
	}
	if out, err := step(ActivateKey); err == nil || !strings.Contains(err.Error(), "with --now: services and sources that have not read our metadata") {
		t.Errorf("activated before anybody could have read it: %q, %v", out, err)
	}
	o.Now = true
	if out, err := step(ActivateKey); err != nil || !strings.Contains(out, "before its time: services and sources") {
		t.Fatalf("%q, %v", out, err)
	}
	look(3)
	if out, err := step(RetireKey); err != nil || !strings.Contains(out, "it is kept and not used") {
		t.Fatalf("%q, %v", out, err)
	}
	look(2)
	before := tag()
	if out, err := step(CertifyKey); err != nil || !strings.Contains(out, "its certificate is good until") {
		t.Fatalf("%q, %v", out, err)
	}
	look(2)
	if tag() == before {
		t.Error("the certificate is another and the ETag the same")
	}
	var list strings.Builder
	if err := Keys(t.Context(), g.config, &list, t.Output()); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"saml-encryption", "RSA-OAEP", "oidc-eddsa", "retired", "in use; prepare makes the next one"} {
		if !strings.Contains(list.String(), want) {
			t.Errorf("the list lacks %q:\n%s", want, list.String())
		}
	}
	report, err := audit.Verify(t.Context(), g.db.Audit(), g.ring)
	if err != nil || !report.OK() {
		t.Errorf("the journal: %v, %v", report.Problems, err)
	}
}

func TestAStepOfARotationWantsAUseThatRotatesAReasonAndAFunction(t *testing.T) {
	t.Parallel()
	for want, o := range map[string]KeyOptions{
		"--reason":                  {Use: "saml", By: "DSI"},
		"--by":                      {Use: "saml", Reason: "x", By: " "},
		`"derivation" is no use of`: {Use: "derivation", Reason: "x", By: "DSI"},
		`"tickets" is no use of`:    {Use: "tickets", Reason: "x", By: "DSI"},
	} {
		if err := PrepareKey(t.Context(), Config{}, o, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

func TestMetricsTellTheAgeOfKeysAndForgetWhatIsGone(t *testing.T) {
	t.Parallel()
	m := newMetrics("test")
	at := time.Unix(1_800_000_000, 0)
	m.keys([]keys.Key{{Use: keys.UseSAML, State: keys.Next, Since: at, Until: at.AddDate(10, 0, 0)}, {Use: keys.UseOIDCES256, State: keys.Active, Since: at}})
	m.keys([]keys.Key{{Use: keys.UseSAML, State: keys.Active, Since: at, Until: at.Add(time.Hour)}})
	families, err := m.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]float64{}
	for _, f := range families {
		for _, metric := range f.GetMetric() {
			if strings.HasPrefix(f.GetName(), "ecluse_key_") || strings.HasPrefix(f.GetName(), "ecluse_certificate_") {
				found[f.GetName()+" "+metric.String()] = metric.GetGauge().GetValue()
			}
		}
	}
	if len(found) != 2 {
		t.Errorf("%v", found)
	}
	for name, value := range found {
		if want := map[bool]float64{true: 1_800_003_600, false: 1_800_000_000}[strings.HasPrefix(name, "ecluse_certificate_")]; value != want {
			t.Errorf("%s is %v, want %v", name, value, want)
		}
	}
}

func TestWhatOurMetadataIsToSayIsCheckedAsAWhole(t *testing.T) {
	t.Parallel()
	c := Config{SAML: SAML{
		InformationURL: Bilingual{FR: "http://ac-exemple.fr"}, PrivacyURL: Bilingual{EN: "privacy"},
		Logo: Logo{URL: "https://ac-exemple.fr/logo.png"}, Organization: SAMLOrganization{Name: "Académie"},
		Contacts: SAMLContacts{Technical: "nobody"}, Scopes: []string{"AC-exemple.fr", "ac-exemple", "a b.fr", "ac-exemple.fr"},
		EntityCategories: []string{"R&S"}, AssuranceCertification: []string{"https://refeds.org/sirtfi"},
	}}
	got := map[string]int{}
	for _, m := range c.samlMistakes() {
		got[m.key]++
	}
	for key, want := range map[string]int{
		"saml.information_url.fr": 1, "saml.privacy_url.en": 1, "saml.logo": 1, "saml.organization": 1, "saml.contacts.technical": 1,
		"saml.contacts.security": 1, "saml.scopes": 3, "saml.entity_categories": 1,
	} {
		if got[key] != want {
			t.Errorf("%s: %d mistakes, want %d", key, got[key], want)
		}
		delete(got, key)
	}
	if len(got) > 0 {
		t.Errorf("and %v", got)
	}
}
