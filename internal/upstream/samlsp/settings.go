package samlsp

import (
	"crypto/x509"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/settings"
)

// Settings are what configuration says of an identity provider, under the names of the json tags.
type Settings struct {
	IDP              string        `json:"idp"`                // the entityID of theirs; metadata of another is refused
	Metadata         string        `json:"metadata"`           // their metadata in XML: one EntityDescriptor
	MetadataFile     string        `json:"metadata_file"`      // or a file of it
	MetadataURL      string        `json:"metadata_url"`       // or its address, an MDQ server's too
	MetadataFrom     string        `json:"metadata_from"`      // or the name of a source of metadata that the configuration lists
	MetadataKeysFile string        `json:"metadata_keys_file"` // PEM certificates: metadata must be signed with a key of one of them
	MetadataFolder   string        `json:"metadata_folder"`    // keeps the last good copy of what is at metadata_url
	MetadataRefresh  time.Duration `json:"metadata_refresh"`   // how often it is asked for

	CAFile   string   `json:"ca_file"`  // PEM, for both; the system's authorities when empty
	Networks []string `json:"networks"` // internal networks in which metadata_url, and what is asked by SOAP, may stand
	Insecure bool     `json:"insecure"` // addresses on plain HTTP, on this machine only

	EntityID     string   `json:"entity_id"`     // ours; the address of our metadata when empty
	Binding      string   `json:"binding"`       // redirect or post; what they offer when empty, redirect first
	Answers      string   `json:"answers"`       // post or artifact; post when empty
	SignRequests bool     `json:"sign_requests"` // requests are signed
	NameID       string   `json:"name_id"`       // persistent, transient, emailAddress or unspecified; whichever they like when empty
	AuthnContext []string `json:"authn_context"` // classes that are asked for
	Comparison   string   `json:"authn_context_comparison"`
	StrongFactor []string `json:"strong_factor"` // classes that mean a strong factor, for an act that wants one; nothing means one when empty
	IDPList      []string `json:"idp_list"`      // for a proxy: behind it, these alone (SAML Core 3.4.1.3)

	Encryption bool          `json:"encryption"` // our metadata has a key to encrypt to
	CBCUntil   registry.Date `json:"cbc_until"`  // the last day, in UTC, on which AES-CBC is read
	CBCReason  string        `json:"cbc_reason"`

	ClockSkew   time.Duration `json:"clock_skew"`
	AnswerAge   time.Duration `json:"answer_age"`  // how old an answer may be
	AuthnAge    time.Duration `json:"authn_age"`   // how long ago the person may have signed in there
	Unsolicited bool          `json:"unsolicited"` // who comes without having been asked is brought to a question of ours
	Scopes      []string      `json:"scopes"`      // domains beside those that their metadata lists
	Scoped      []string      `json:"scoped"`      // attributes whose values end in @domain, beside the usual ones

	metadata []byte
	signers  []saml.Certificate
	roots    *x509.CertPool
	networks []netip.Prefix
}

// The settings that need not be said.
const (
	DefaultRefresh   = time.Hour
	DefaultClockSkew = 3 * time.Minute // SAML2int SDP-G01: 3 to 5
	DefaultAnswerAge = 10 * time.Minute
	DefaultAuthnAge  = 24 * time.Hour
)

func defaults() Settings {
	return Settings{
		MetadataRefresh: DefaultRefresh, ClockSkew: DefaultClockSkew, AnswerAge: DefaultAnswerAge, AuthnAge: DefaultAuthnAge,
		SignRequests: true, Encryption: true,
	}
}

// ReadSettings reads a source's settings and reports every mistake at once: what is not known, does not fit, is missing or
// contradicts itself, files that cannot be read, and metadata that could not be used at the instant now. path resolves the
// names of files.
func ReadSettings(source registry.Source, path func(string) string, now time.Time) (Settings, []registry.Finding) {
	s := defaults()
	d := settings.New(source.Settings)
	d.Fill(&s, nil)
	s.checkWords(d)
	s.checkSpans(d)
	s.checkEncryption(d, now)
	s.readOutside(d, path)
	s.readSigners(d, path)
	s.readMetadata(d, path, now)
	if m := source.Reading(); m.ID == "" || m.Authority == "" {
		d.Add(registry.Finding{Where: "mapping", What: "it does not say who somebody is", Mend: "id and authority, or like"})
	}
	return s, d.Findings()
}

// bindings are the words of binding.
func bindings() map[string]string {
	return map[string]string{"redirect": saml.BindingRedirect, "post": saml.BindingPOST}
}

// formats are the words of name_id.
func formats() map[string]string {
	return map[string]string{
		"persistent": saml.NameIDPersistent, "transient": saml.NameIDTransient,
		"emailAddress": saml.NameIDEmail, "unspecified": saml.NameIDUnspecified,
	}
}

func (s *Settings) checkWords(d *settings.Reader) {
	if _, known := bindings()[s.Binding]; !known && s.Binding != "" {
		d.Say("binding", "this binding is not known", "redirect or post")
	}
	if s.Answers != "" && s.Answers != "post" && s.Answers != byArtifact {
		d.Say("answers", "this way is not known", "post or artifact")
	}
	if _, known := formats()[s.NameID]; !known && s.NameID != "" {
		d.Say("name_id", "this format is not known", "persistent, transient, emailAddress or unspecified")
	}
	switch {
	case s.Comparison != "" && s.Comparison != "exact" && s.Comparison != "minimum":
		d.Say("authn_context_comparison", "this comparison is not known", "exact or minimum")
	case s.Comparison != "" && len(s.AuthnContext) == 0:
		d.Say("authn_context_comparison", "there is nothing to compare", "name classes in authn_context")
	}
	for _, list := range []struct {
		key    string
		values []string
	}{{"authn_context", s.AuthnContext}, {"strong_factor", s.StrongFactor}, {"idp_list", s.IDPList}, {"scopes", s.Scopes}, {"scoped", s.Scoped}} {
		if slices.ContainsFunc(list.values, blank) {
			d.Say(list.key, "an entry is empty or has blanks", "leave it out")
		}
	}
	if s.EntityID != "" && (blank(s.EntityID) || len(s.EntityID) > longestEntityID) {
		d.Say("entity_id", "this is no entityID", "at most 1024 characters without blanks")
	}
	if s.IDP != "" && (blank(s.IDP) || len(s.IDP) > longestEntityID) {
		d.Say("idp", "this is no entityID", "at most 1024 characters without blanks")
	}
}

const byArtifact = "artifact" // a word of answers

const longestEntityID = 1024 // SAML Core 8.3.6

func blank(s string) bool { return s == "" || strings.ContainsAny(s, " \t\r\n") }

func (s *Settings) checkSpans(d *settings.Reader) {
	for _, c := range []struct {
		key         string
		said        time.Duration
		least, most time.Duration
		words       string
	}{
		{"metadata_refresh", s.MetadataRefresh, time.Minute, 24 * time.Hour, "1m to 24h"},
		{"clock_skew", s.ClockSkew, 0, 5 * time.Minute, "0s to 5m"},
		{"answer_age", s.AnswerAge, time.Minute, time.Hour, "1m to 1h"},
		{"authn_age", s.AuthnAge, time.Minute, 90 * 24 * time.Hour, "1m to 2160h"},
	} {
		if c.said < c.least || c.said > c.most {
			d.Say(c.key, "this is too short or too long", c.words)
		}
	}
}

func (s *Settings) readOutside(d *settings.Reader, path func(string) string) {
	for _, n := range s.Networks {
		p, err := netip.ParsePrefix(n)
		if err != nil {
			d.Say("networks", "this is no network", "as in 10.1.0.0/16")
			continue
		}
		s.networks = append(s.networks, p)
	}
	if s.CAFile != "" {
		s.roots = d.Roots(path(s.CAFile))
	}
	if s.MetadataFolder != "" {
		s.MetadataFolder = path(s.MetadataFolder)
		if info, err := os.Stat(s.MetadataFolder); err != nil || !info.IsDir() {
			d.Say("metadata_folder", "there is no such folder", "make it, and let the gateway write in it")
		}
	}
}

func (s *Settings) readSigners(d *settings.Reader, path func(string) string) {
	if s.MetadataKeysFile == "" {
		return
	}
	pem, ok := d.File("metadata_keys_file", path(s.MetadataKeysFile))
	if !ok {
		return
	}
	var err error
	if s.signers, err = saml.ReadCertificates(pem); err != nil {
		d.Say("metadata_keys_file", err.Error(), "PEM certificates of RSA keys of 2048 bits and more, or of ECDSA keys")
	}
}

// readMetadata settles where metadata comes from, and reads it where it is at hand.
func (s *Settings) readMetadata(d *settings.Reader, path func(string) string, now time.Time) {
	said := 0
	for _, where := range []string{s.Metadata, s.MetadataFile, s.MetadataURL, s.MetadataFrom} {
		if where != "" {
			said++
		}
	}
	if said != 1 {
		d.Say("metadata", "their metadata must be said once", "metadata, metadata_file, metadata_url or metadata_from")
		return
	}
	if s.MetadataFrom != "" {
		s.checkFrom(d)
		return
	}
	key := "metadata"
	s.metadata = []byte(s.Metadata)
	switch {
	case s.MetadataURL != "":
		s.checkURL(d)
		return
	case s.MetadataFile != "":
		var ok bool
		key = "metadata_file"
		if s.metadata, ok = d.File(key, path(s.MetadataFile)); !ok {
			return
		}
	}
	if s.MetadataFolder != "" {
		d.Say("metadata_folder", "nothing is kept of metadata that is at hand", "leave it out, or use metadata_url")
	}
	if _, err := s.read(s.metadata, now); err != nil {
		d.Say(key, err.Error(), "metadata of one identity provider for SAML 2.0, with https addresses and a signing key")
	}
}

// checkFrom wants what is kept with the metadata of others to be said there alone: who signs it, and where a copy lies.
func (s *Settings) checkFrom(d *settings.Reader) {
	for _, other := range []struct{ key, said string }{{"metadata_keys_file", s.MetadataKeysFile}, {"metadata_folder", s.MetadataFolder}} {
		if other.said != "" {
			d.Say(other.key, "metadata_from has its own", "say it in metadata of the configuration")
		}
	}
	if s.IDP == "" {
		d.Say("idp", "the entityID of theirs is missing", "which of all entities it is")
	}
}

// Kept tells in which source of metadata a source's stands, and under which entityID; nothing where it stands elsewhere.
func Kept(source registry.Source) (from, entityID string) {
	if source.Connector != Name {
		return "", ""
	}
	from, _ = source.Settings["metadata_from"].(string)
	entityID, _ = source.Settings["idp"].(string)
	return from, entityID
}

// NoSuchMetadata says that the configuration has no source of metadata of that name.
func NoSuchMetadata(from string) registry.Finding {
	return registry.Finding{
		Where: "settings.metadata_from", What: fmt.Sprintf("no source of metadata is called %q", from), Mend: "a name in metadata of the configuration",
	}
}

func (s *Settings) checkURL(d *settings.Reader) {
	u, err := url.Parse(s.MetadataURL)
	switch {
	case err != nil || u.Hostname() == "" || u.User != nil || u.Fragment != "":
		d.Say("metadata_url", "this is no address of a document", "https://…")
	case u.Scheme == "https", u.Scheme == "http" && s.Insecure && isLoopback(u.Hostname()):
	default:
		d.Say("metadata_url", "keys would travel in clear", "https://…")
	}
	if s.IDP == "" {
		d.Say("idp", "the entityID of theirs is missing", "what is at an address may change, whose it is may not")
	}
}

func isLoopback(host string) bool {
	addr, err := netip.ParseAddr(host)
	return host == "localhost" || (err == nil && addr.IsLoopback())
}

// outside is what the client for metadata, and for what artifacts stand for, may do.
func (s *Settings) outside() fetch.Config {
	return fetch.Config{Allow: s.networks, Roots: s.roots, PlainHTTP: s.Insecure}
}

// read verifies a document, where signers are configured, and reads it from what was verified. Signed metadata that is
// fetched must end some day: else an old copy, with keys that were given up since, could be served for ever (SAML2int
// SDP-MD02).
func (s *Settings) read(doc []byte, now time.Time) (saml.IDPFacts, error) {
	if len(s.signers) > 0 {
		verified, err := saml.VerifyRoot(doc, saml.MetadataLimits(), saml.Keys(s.signers))
		if err != nil {
			return saml.IDPFacts{}, err
		}
		doc = verified
	}
	var options []saml.MetadataOption
	if s.Insecure {
		options = append(options, saml.AllowLocalHTTP())
	}
	facts, err := saml.ParseIDPMetadata(doc, now, options...)
	switch {
	case err != nil:
		return saml.IDPFacts{}, err
	case s.IDP != "" && facts.EntityID != s.IDP:
		return saml.IDPFacts{}, fmt.Errorf("the metadata is that of %q", facts.EntityID)
	case len(s.signers) > 0 && s.MetadataURL != "" && facts.ValidUntil.IsZero():
		return saml.IDPFacts{}, fmt.Errorf("the metadata does not say until when it is good")
	}
	return facts, s.offers(facts)
}

// offers tells whether a request could be sent to it.
func (s *Settings) offers(facts saml.IDPFacts) error {
	binding := bindings()[s.Binding]
	if _, ok := facts.SignOn(binding); binding != "" && !ok {
		return fmt.Errorf("it takes no requests by %s", s.Binding)
	}
	resolves := func(e saml.Endpoint) bool { return e.Binding == saml.BindingSOAP && e.Index >= 0 }
	if s.Answers == byArtifact && !slices.ContainsFunc(facts.Artifacts, resolves) {
		return fmt.Errorf("it has no address at which artifacts are resolved")
	}
	if facts.WantRequestsSigned && !s.SignRequests {
		return fmt.Errorf("it wants requests signed, and sign_requests is false")
	}
	return nil
}
