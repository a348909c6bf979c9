package wizard_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

const technical = "/bureau/services/lire/technique"

// metadata is what a service says of itself, without keys.
func metadata(entity string, until time.Time) string {
	end := ""
	if !until.IsZero() {
		end = ` validUntil="` + until.UTC().Format(time.RFC3339) + `"`
	}
	return fmt.Sprintf(`<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID=%q%s><md:SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://lire.example/acs" index="0"/></md:SPSSODescriptor></md:EntityDescriptor>`, entity, end)
}

func (b *bench) bindings(t *testing.T) []registry.Binding {
	t.Helper()
	s, _ := b.Snapshot(t).Service("lire")
	return s.Bindings
}

// form is the form of the page at an address.
func (b *bench) form(t *testing.T, query string, changes url.Values) url.Values {
	t.Helper()
	form := b.get(t, technical+query).want(t, http.StatusOK).fill(t, technical, changes)
	form.Set("act", "garder")
	return form
}

func TestMetadataIsUploadedAndItsEndpointsShownAndReached(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Admin()
	until := b.Now().Add(48 * time.Hour)
	form := b.form(t, "", url.Values{"handle": {""}, "start": {"https://lire.example/"}})
	to := b.upload(t, technical, form, "lire.xml", []byte(metadata("https://lire.example/entity", until))).leads(t)
	b.get(t, to).want(t, http.StatusOK, "La liaison est enregistrée", "https://lire.example/entity", "https://lire.example/acs", "HTTP-POST", "24 novembre 2026")
	if got := b.bindings(t); len(got) != 1 || got[0].Handle != "https://lire.example/entity" {
		t.Errorf("%+v", got)
	}
	b.post(t, technical+"/atteindre", nil).want(t, http.StatusOK, "oui (HTTP 405)")

	form = b.form(t, "?liaison=1&protocole=oidc", url.Values{"handle": {"rp"}, "settings.redirect_uris": {"https://gone.example/cb"}, "settings.type": {"public"}})
	b.upload(t, technical, form, "", nil).leads(t)
	form = b.form(t, "?liaison=2&protocole=cas", url.Values{"handle": {"https://cas.example/app"}, "settings.logout": {"1"}})
	b.upload(t, technical, form, "", nil).leads(t)
	b.post(t, technical+"/atteindre", nil).want(t, http.StatusOK, "OpenID Connect", "non : no server is there", "CAS", "https://cas.example/app")
	if got := b.bindings(t); len(got) != 3 || !strings.Contains(string(got[2].Settings), `"logout":true`) {
		t.Errorf("%+v", got)
	}
	form = b.form(t, "?liaison=1", nil)
	form.Set("act", "retirer")
	b.upload(t, technical, form, "", nil).leads(t)
	if got := b.bindings(t); len(got) != 2 || got[1].Protocol != "cas" {
		t.Errorf("%+v", got)
	}
	form = b.form(t, "?liaison=2&protocole=link", url.Values{"start": {"https://lire.example/go"}})
	to = b.upload(t, technical, form, "", nil).leads(t)
	b.get(t, to).want(t, http.StatusOK, "Un lien seulement, vers https://lire.example/go")
	if got := b.bindings(t); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestTheNameOfAServiceIsReadFromItsMetadataAtAnAddress(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Admin()
	b.served["https://lire.example/metadata"] = metadata("https://lire.example/published", time.Time{})
	form := b.form(t, "", url.Values{"handle": {""}, "settings.metadata_url": {"https://lire.example/metadata"}})
	b.upload(t, technical, form, "", nil).leads(t)
	got := b.bindings(t)
	if len(got) != 1 || got[0].Handle != "https://lire.example/published" || !strings.Contains(string(got[0].Settings), "metadata_url") || strings.Contains(string(got[0].Settings), "EntityDescriptor") {
		t.Errorf("%+v", got)
	}
	form = b.form(t, "", url.Values{"handle": {""}, "settings.metadata_url": {"https://lire.example/nowhere"}})
	b.upload(t, technical, form, "", nil).want(t, http.StatusUnprocessableEntity, "n'ont pas pu être lues à cette adresse", "no such document")
}

func TestBadMetadataNamesWhatAndWhereAndKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Admin()
	before := b.bindings(t)
	for name, c := range map[string]struct {
		file   string
		handle string
		says   string
	}{
		"no XML":           {"this is none", "", "metadata"},
		"of somebody else": {metadata("https://other.example/", time.Time{}), "https://lire.example/sp", "https://other.example/"},
		"too long":         {strings.Repeat("x", 1<<20+1), "", "Le fichier est trop grand"},
	} {
		form := b.form(t, "", url.Values{"handle": {c.handle}, "start": {"https://lire.example/typed"}})
		got := b.upload(t, technical, form, "x.xml", []byte(c.file)).want(t, http.StatusUnprocessableEntity, c.says)
		kept := got.fill(t, technical, nil)
		if kept.Get("start") != "https://lire.example/typed" || len(c.file) < 1<<20 && kept.Get("settings.metadata") != c.file {
			t.Errorf("%s: what was typed is lost: %q", name, kept)
		}
		if !strings.Contains(got.Body.String(), `href="#settings.metadata"`) && !strings.Contains(got.Body.String(), `href="#handle"`) {
			t.Errorf("%s: the summary leads to no field", name)
		}
	}
	if after := b.bindings(t); len(after) != len(before) || string(after[0].Settings) != string(before[0].Settings) {
		t.Errorf("something was kept: %+v", after)
	}
}

func TestWhoMayNotConnectAServiceOnlyReads(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.Admin()
	form := b.form(t, "", url.Values{"handle": {"https://lire.example/entity"}, "settings.metadata": {metadata("https://lire.example/entity", time.Time{})}})
	b.upload(t, technical, form, "", nil).leads(t)
	stale := form
	b.upload(t, technical, stale, "", nil).want(t, http.StatusConflict, "depuis que vous l'avez ouvert")

	b.caller = b.Head(desktest.College)
	page := b.get(t, technical).want(t, http.StatusOK, "https://lire.example/acs", "L'administration technique de l'académie écrit cette partie")
	if strings.Contains(page.Body.String(), "EntityDescriptor") || strings.Contains(page.Body.String(), `name="handle"`) {
		t.Error("who only reads is shown settings")
	}
	b.upload(t, technical, form, "", nil).want(t, http.StatusForbidden, "Administration technique")
	b.caller = b.Provider()
	b.get(t, "/bureau/services/calcul/technique").want(t, http.StatusNotFound)
	b.get(t, "/bureau/services/rien/technique").want(t, http.StatusNotFound)
}
