package samlidp_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/web/webtest"
)

func wheres(findings []registry.Finding) []string {
	out := []string{}
	for _, f := range findings {
		if f.What == "" || f.Severity != registry.Blocking {
			out = append(out, "empty or not blocking: ")
		}
		out = append(out, f.Where)
	}
	return out
}

func TestSettingsAreCheckedWithAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good := metadata("lire", plainMD)
	swap := func(from, to string) string {
		out := strings.Replace(good, from, to, 1)
		if out == good {
			t.Fatalf("%q is not in the metadata", from)
		}
		return out
	}
	raw := func(s string) registry.Binding {
		return registry.Binding{Protocol: "saml", Handle: entity("lire"), Settings: json.RawMessage(s)}
	}
	set := func(s samlidp.Settings) registry.Binding { return bind(t, entity("lire"), s) }
	withSubject := set(samlidp.Settings{Metadata: good, NameID: "emailAddress"})
	withSubject.Subject = "mail"
	for name, c := range map[string]struct {
		binding registry.Binding
		want    []string
	}{
		"good":                   {set(samlidp.Settings{Metadata: good}), nil},
		"good with all words":    {set(samlidp.Settings{Metadata: metadata("lire", keyMD(t)), NameID: "transient", Sign: "both", RequireSigned: true}), nil},
		"good with a mail":       {withSubject, nil},
		"no settings":            {raw(""), []string{"settings"}},
		"null":                   {raw("null"), []string{"settings.metadata"}},
		"a list":                 {raw("[]"), []string{"settings"}},
		"more behind them":       {raw("{} {}"), []string{"settings"}},
		"of the wrong kind":      {raw(`{"metadata": 1}`), []string{"settings.metadata"}},
		"several of them":        {raw(`{"targets": "x", "name_id": 3, "zebra": 1, "sign": "both"}`), []string{"settings.name_id", "settings.targets", "settings.zebra"}},
		"unknown keys":           {raw(`{"metdata": "x", "zebra": 1}`), []string{"settings.metdata", "settings.zebra", "settings.metadata"}},
		"several mistakes":       {raw(`{"name_id":"mail","sign":"none","encipher":true}`), []string{"settings.encipher", "settings.name_id", "settings.sign", "settings.metadata"}},
		"a mail without subject": {set(samlidp.Settings{Metadata: good, NameID: "emailAddress"}), []string{"settings.name_id"}},
		"a value without one":    {set(samlidp.Settings{Metadata: good, NameID: "unspecified"}), []string{"settings.name_id"}},
		"a signature nobody can check": {
			set(samlidp.Settings{Metadata: good, RequireSigned: true}), []string{"settings.require_signed"},
		},
		"assertions wanted signed": {
			set(samlidp.Settings{Metadata: swap("<md:SPSSODescriptor ", `<md:SPSSODescriptor WantAssertionsSigned="true" `), Sign: "response"}),
			[]string{"settings.sign"},
		},
		"another entity":          {set(samlidp.Settings{Metadata: metadata("autre", plainMD)}), []string{"handle"}},
		"no XML":                  {set(samlidp.Settings{Metadata: "lire"}), []string{"settings.metadata"}},
		"an entity declaration":   {set(samlidp.Settings{Metadata: "<!DOCTYPE x>" + good}), []string{"settings.metadata"}},
		"expired metadata":        {set(samlidp.Settings{Metadata: swap(" entityID", ` validUntil="2020-01-01T00:00:00Z" entityID`)}), []string{"settings.metadata"}},
		"a plain address":         {set(samlidp.Settings{Metadata: swap("https://lire.example/acs", "http://lire.example/acs")}), []string{"settings.metadata"}},
		"a local plain address":   {set(samlidp.Settings{Metadata: swap("https://lire.example/acs", "http://lire.localhost/acs")}), []string{"settings.metadata"}},
		"a script for an address": {set(samlidp.Settings{Metadata: swap("https://lire.example/acs", "javascript:alert(1)")}), []string{"settings.metadata"}},
		"an address with a quote": {set(samlidp.Settings{Metadata: swap("https://lire.example/acs/other", "https://lire.example/acs'other")}), []string{"settings.metadata"}},
		"no address by post":      {set(samlidp.Settings{Metadata: strings.ReplaceAll(good, "HTTP-POST", "HTTP-Redirect")}), []string{"settings.metadata"}},
	} {
		if got := wheres(h.provider.CheckSettings(c.binding)); !slices.Equal(got, c.want) && len(got)+len(c.want) > 0 {
			t.Errorf("%s: findings at %q, want %q", name, got, c.want)
		}
	}
}

func TestPlainLocalAddressesAreForDevelopment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(c *samlidp.Config) { c.Development = true })
	at := func(address string) []registry.Finding {
		return h.provider.CheckSettings(bind(t, entity("lire"), samlidp.Settings{
			Metadata: strings.ReplaceAll(metadata("lire", plainMD), "https://lire.example/acs", address),
		}))
	}
	for _, address := range []string{"http://lire.localhost:8080/acs", "http://127.0.0.1/acs", "http://[::1]:9/acs"} {
		if found := at(address); len(found) > 0 {
			t.Errorf("%s: %v", address, found)
		}
	}
	for _, address := range []string{"http://lire.example/acs", "http://localhost.example/acs", "javascript:alert(1)", "http://10.0.0.1/acs"} {
		if found := at(address); len(found) == 0 {
			t.Errorf("%s is accepted", address)
		}
	}
}

func TestMetadataOfTheServiceChoosesTheFormatWhereNobodyElseDoes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := newParty(t, h, "lire")
	p.AuthnNameIDFormat = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"
	for _, c := range []struct{ listed, setting, want string }{
		{"", "", persistentFormat},
		{"urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"},
		{emailFormat, "", persistentFormat}, // nothing is declared that could be said in it
		{"urn:oasis:names:tc:SAML:2.0:nameid-format:transient", "persistent", persistentFormat},
	} {
		md := metadata("lire", plainMD)
		if c.listed != "" {
			md = metadata("lire", plainMD+"<md:NameIDFormat>"+c.listed+"</md:NameIDFormat>")
		}
		h.change(func(g *gateway) {
			g.contents.Services[0].Bindings = []registry.Binding{bind(t, entity("lire"), samlidp.Settings{Metadata: md, NameID: c.setting})}
		})
		if got := p.sign(t).Subject.NameID.Format; got != c.want {
			t.Errorf("metadata %q and setting %q: format %q", c.listed, c.setting, got)
		}
	}
}

// rolling is a key ring in the middle of a rotation.
type rolling struct {
	*keys.Ring
	other *keys.Ring
}

func (r *rolling) All(uses ...keys.Use) []keys.SigningKey {
	if r.other == nil {
		return r.Ring.All(uses...)
	}
	return append(r.other.All(uses...), r.Ring.All(uses...)...)
}

func TestMetadataIsSignedKeptAndMadeAnewWhenItMust(t *testing.T) {
	t.Parallel()
	roll := &rolling{Ring: keystest.Ring(t)}
	h := newHouse(t, func(c *samlidp.Config) { c.Keys = roll })
	first := h.published(t, "")
	if first.status != http.StatusOK || first.header.Get("Content-Type") != "application/samlmetadata+xml" || first.header.Get("ETag") == "" {
		t.Fatalf("status %d, %v", first.status, first.header)
	}
	active := keystest.Ring(t).Signer(keys.UseSAML)
	if _, err := saml.VerifyRoot([]byte(first.body), saml.MetadataLimits(), publics(active)); err != nil {
		t.Errorf("the signature of the metadata: %v", err)
	}
	if got := h.published(t, first.header.Get("ETag")); got.status != http.StatusNotModified || got.body != "" {
		t.Errorf("the same again: status %d, %d bytes", got.status, len(got.body))
	}
	h.clock.Advance(24 * time.Hour)
	tomorrow := h.published(t, first.header.Get("ETag"))
	if tomorrow.status != http.StatusOK || until(t, tomorrow).Sub(h.clock.Now()) < 13*24*time.Hour {
		t.Errorf("a day later: status %d", tomorrow.status)
	}
	roll.other = otherRing(t)
	rolled := h.published(t, tomorrow.header.Get("ETag"))
	if strings.Count(rolled.body, "<md:KeyDescriptor ") != 4 || strings.Count(tomorrow.body, "<md:KeyDescriptor ") != 2 {
		t.Error("the next keys, RSA and P-256, are not published beside the active ones")
	}
	if !strings.Contains(rolled.body[:strings.Index(rolled.body, "</md:KeyDescriptor>")], b64(string(active.Certificate()))) {
		t.Error("the active key does not stand first")
	}
}

func (h *house) published(t *testing.T, etag string) page {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.base+"/saml/metadata", nil)
	if err != nil {
		t.Fatal(err)
	}
	if etag != "" {
		r.Header.Set("If-None-Match", etag)
	}
	return do(t, r)
}

func until(t *testing.T, p page) time.Time {
	t.Helper()
	var md struct {
		Until time.Time `xml:"validUntil,attr"`
	}
	if err := xml.Unmarshal([]byte(p.body), &md); err != nil {
		t.Fatal(err)
	}
	return md.Until
}

func TestPreviewShowsTheResponseAndIsWorthNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	newParty(t, h, "lire").sign(t)
	service, binding, _ := h.snapshot().Binding("saml", entity("lire"))
	release, err := h.release(service.ID, binding)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.provider.Preview(release, binding)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{"Preview", release.Subject(), "CE2", "échecs &amp; &lt;jeux&gt;", acs("lire"), entity("lire"), "\n      <saml:"} {
		if !bytes.Contains(out, []byte(part)) {
			t.Errorf("the preview lacks %q:\n%s", part, out)
		}
	}
	if bytes.Contains(out, []byte("Signature")) || bytes.Contains(out, []byte("Léa")) {
		t.Errorf("the preview holds a signature or a name:\n%s", out)
	}
	decoder := xml.NewDecoder(bytes.NewReader(out))
	for {
		if _, err := decoder.Token(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatalf("the preview is no XML: %v", err)
		}
	}
	if out, err := h.provider.Preview(zeroRelease(), binding); err == nil {
		t.Errorf("a preview of nothing: %s", out)
	}
}

func TestPagesAreComplete(t *testing.T) {
	t.Parallel()
	webtest.New(t, samlidp.Pages())
}

func TestNewRefusesAnIncompleteConfiguration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	whole := samlidp.Config{Kit: h.kit, Keys: keystest.Ring(t), Tickets: &brokenTickets{noEpoch: true}, Now: h.clock.Now}
	if _, err := samlidp.New(whole); err != nil {
		t.Fatalf("a whole configuration: %v", err)
	}
	for name, spoil := range map[string]func(*samlidp.Config){
		"no kit":       func(c *samlidp.Config) { c.Kit = nil },
		"no keys":      func(c *samlidp.Config) { c.Keys = nil },
		"no tickets":   func(c *samlidp.Config) { c.Tickets = nil },
		"no clock":     func(c *samlidp.Config) { c.Now = nil },
		"negative age": func(c *samlidp.Config) { c.Behind = -1 },
		"no key":       func(c *samlidp.Config) { c.Keys = new(keys.Ring) },
	} {
		c := whole
		spoil(&c)
		if _, err := samlidp.New(c); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
