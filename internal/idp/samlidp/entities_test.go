package samlidp_test

import (
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"

	"ecluse/internal/federation"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
)

// fromFederation opens a house in which the service lire has its metadata in a federation that is kept beside it.
func fromFederation(t *testing.T) (h *house, fed *federation.Federation, publish func(doc string)) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "fed.xml")
	publish = func(doc string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
			t.Fatal(err)
		}
		_ = fed.Refresh(t.Context()) // a test says itself whether anything is there
	}
	h = newHouse(t, func(c *samlidp.Config) {
		var err error
		fed, err = federation.New(federation.Config{
			Folder: t.TempDir(), Now: c.Now, Log: slog.New(slog.DiscardHandler),
			Sources: []federation.Source{{
				Name: "fed", File: file, Refresh: time.Hour, MaxAge: time.Hour, MaxBytes: 1 << 20,
			}},
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = fed.Close() })
		c.Entities = fed
	})
	h.change(func(g *gateway) {
		g.contents.Services[0].Bindings = []registry.Binding{bind(t, entity("lire"), samlidp.Settings{MetadataFrom: "fed"})}
	})
	return h, fed, publish
}

func TestAServiceOfAFederationSignsInAsItsMetadataStandsNow(t *testing.T) {
	t.Parallel()
	h, fed, publish := fromFederation(t)
	p := newParty(t, h, "lire")
	refused := func(why string) {
		t.Helper()
		started := h.starts()
		got := h.get(t, p.query(t, p.request(t, crewjam.HTTPRedirectBinding), ""))
		if got.action() != "" || h.fault() != "SAM-401" && h.fault() != "SAM-402" || h.starts() != started {
			t.Errorf("%s: form to %q (%s)", why, got.action(), h.fault())
		}
	}
	refused("nothing was had yet")
	publish(metadata("lire", plainMD))
	p.sign(t)
	publish(strings.ReplaceAll(metadata("lire", plainMD), acs("lire"), acs("elsewhere")))
	refused("the address is no longer theirs")
	publish(metadata("lire", plainMD))
	p.sign(t)
	publish(metadata("suite", plainMD))
	refused("the entity has gone")
	publish(metadata("lire", plainMD))
	p.sign(t)
	publish("broken")
	p.sign(t) // the last good copy
	h.clock.Advance(time.Hour + time.Second)
	refused("the copy is too old")
	if _, _, err := fed.Entity("fed", entity("lire")); err == nil {
		t.Error("too old a copy is given")
	}
}

func TestWhereMetadataIsKeptIsCheckedAndWhatIsNotThereYetStopsNoRegistration(t *testing.T) {
	t.Parallel()
	h, _, publish := fromFederation(t)
	publish(metadata("lire", plainMD))
	alone := newHouse(t)
	raw := func(handle, s string) registry.Binding {
		return registry.Binding{Protocol: "saml", Handle: handle, Settings: json.RawMessage(s)}
	}
	for name, c := range map[string]struct {
		binding  registry.Binding
		where    string
		severity registry.Severity
	}{
		"known":           {raw(entity("lire"), `{"metadata_from":"fed"}`), "", 0},
		"unknown source":  {raw(entity("lire"), `{"metadata_from":"other"}`), "settings.metadata_from", registry.Blocking},
		"unknown entity":  {raw(entity("autre"), `{"metadata_from":"fed"}`), "settings.metadata_from", registry.Note},
		"said twice":      {raw(entity("lire"), `{"metadata_from":"fed","metadata_url":"https://lire.example/md"}`), "settings.metadata", registry.Blocking},
		"an address":      {raw(entity("lire"), `{"metadata_url":"https://lire.example/md"}`), "settings.metadata_url", registry.Note},
		"in clear":        {raw(entity("lire"), `{"metadata_url":"http://lire.example/md"}`), "settings.metadata_url", registry.Blocking},
		"with a password": {raw(entity("lire"), `{"metadata_url":"https://a:b@lire.example/md"}`), "settings.metadata_url", registry.Blocking},
		"no address":      {raw(entity("lire"), `{"metadata_url":"lire"}`), "settings.metadata_url", registry.Blocking},
		"a further fault": {raw(entity("lire"), `{"metadata_from":"fed","require_signed":true}`), "settings.require_signed", registry.Blocking},
	} {
		found := h.provider.CheckSettings(c.binding)
		if c.where == "" && len(found) > 0 || c.where != "" && (len(found) != 1 || found[0].Where != c.where || found[0].Severity != c.severity) {
			t.Errorf("%s: %v", name, found)
		}
	}
	found := alone.provider.CheckSettings(raw(entity("lire"), `{"metadata_from":"fed"}`))
	if len(found) != 1 || found[0].Severity != registry.Note {
		t.Errorf("where nothing is kept: %v", found)
	}
}
