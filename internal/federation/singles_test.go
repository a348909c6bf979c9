package federation_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/saml/samltest"
)

// alone is a document of one signed entity.
func (h *house) alone(t *testing.T, id, when string) []byte {
	t.Helper()
	root := string(samltest.Aggregate(""))
	names := root[strings.Index(root, " xmlns:md="):strings.Index(root, " ID=")]
	doc := strings.Replace(samltest.Entity(id), "<md:EntityDescriptor", "<md:EntityDescriptor"+names+` ID="_one" validUntil="`+when+`"`, 1)
	return h.who.Sign(t, []byte(strings.Replace(doc, "<md:Extensions>", samltest.Template("_one")+"<md:Extensions>", 1)))
}

func (h *house) mdq(t *testing.T) federation.Source {
	s := h.source(t)
	s.URL, s.MDQ = "", h.url+"/mdq/"
	return s
}

func mdqPath(id string) string { return "/mdq/entities/" + url.QueryEscape(id) }

func TestAnMDQServerIsAskedForWhatIsRegisteredAndForNothingElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.mdq(t))
	h.put(mdqPath(samltest.ID(1)), h.alone(t, samltest.ID(1), samltest.Until))
	h.put(mdqPath(samltest.ID(2)), h.alone(t, samltest.ID(2), samltest.Until))
	h.want(federation.Pair{Source: "fed", EntityID: samltest.ID(1)}, federation.Pair{Source: "elsewhere", EntityID: samltest.ID(2)})
	for range 10 {
		for _, id := range []string{samltest.ID(1), samltest.ID(2), "https://unknown.example"} {
			if _, _, err := f.Entity("fed", id); err == nil {
				t.Error("something is given before it was had")
			}
		}
	}
	if asked, _ := h.sent(); asked != 0 {
		t.Fatalf("%d requests were sent because somebody asked for an entity", asked)
	}
	takes(t, f)
	gives(t, f, samltest.ID(1), h.clock.Now())
	if _, _, err := f.Entity("fed", samltest.ID(2)); !errors.Is(err, federation.ErrUnknownEntity) {
		t.Errorf("what is not registered: %v", err)
	}
	if h.asked[0] != "/mdq/entities/https%3A%2F%2Fsp00001.example.org%2Fshibboleth" || len(h.asked) != 1 {
		t.Errorf("asked for %q", h.asked)
	}
	h.clock.Advance(time.Hour)
	takes(t, f)
	if _, whole := h.sent(); whole != 1 || !f.Status()[0].Confirmed.Equal(h.clock.Now()) {
		t.Errorf("%+v", f.Status()[0])
	}
	again := h.open(t, h.mdq(t))
	again.Start() // recalls what is kept before anything is asked
	gives(t, again, samltest.ID(1), h.clock.Now())
	h.want()
	takes(t, f)
	if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrUnknownEntity) {
		t.Errorf("what is no longer registered: %v", err)
	}
}

func TestAnMDQServersAnswerMustBeSignedAboutTheEntityAndEnd(t *testing.T) {
	t.Parallel()
	other := newHouse(t)
	for name, doc := range map[string]func(h *house) []byte{
		"of another entity": func(h *house) []byte { return h.alone(t, samltest.ID(2), samltest.Until) },
		"expired":           func(h *house) []byte { return h.alone(t, samltest.ID(1), "2026-11-22T08:00:00Z") },
		"too long an end":   func(h *house) []byte { return h.alone(t, samltest.ID(1), "2027-11-22T08:00:00Z") },
		"another signer":    func(*house) []byte { return other.alone(t, samltest.ID(1), samltest.Until) },
		"changed": func(h *house) []byte {
			return []byte(strings.ReplaceAll(string(h.alone(t, samltest.ID(1), samltest.Until)), "shibboleth/SAML2", "evil/SAML2"))
		},
		"two": func(h *house) []byte { return h.who.Sign(t, samltest.Whole(2)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.want(federation.Pair{Source: "fed", EntityID: samltest.ID(1)})
			f := h.open(t, h.mdq(t))
			h.put(mdqPath(samltest.ID(1)), h.alone(t, samltest.ID(1), samltest.Until))
			takes(t, f)
			h.put(mdqPath(samltest.ID(1)), doc(h))
			if err := f.Refresh(t.Context()); err == nil {
				t.Error("it is taken")
			}
			gives(t, f, samltest.ID(1), h.clock.Now()) // the last good one
			if s := f.Status()[0]; s.Error == "" || s.Entities != 1 {
				t.Errorf("%+v", s)
			}
			h.clock.Advance(8 * 24 * time.Hour)
			if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrStale) {
				t.Errorf("too old a copy: %v", err)
			}
		})
	}
}

func TestASingleEntityAtAnAddressIsFollowed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t)
	address := h.url + "/one"
	h.want(federation.Pair{Source: address, EntityID: samltest.ID(1), At: true}, federation.Pair{Source: h.url + "/two", EntityID: samltest.ID(2), At: true})
	h.put("/one", h.alone(t, samltest.ID(1), samltest.Until))
	h.put("/two", h.alone(t, samltest.ID(3), samltest.Until))
	if err := f.Refresh(t.Context()); err == nil {
		t.Error("metadata of another entity is taken")
	}
	if _, _, err := f.At(address, samltest.ID(1)); err != nil {
		t.Error(err)
	}
	if _, _, err := f.At(h.url+"/two", samltest.ID(2)); !errors.Is(err, federation.ErrNothingKept) {
		t.Errorf("got %v", err)
	}
	if s := f.Status(); len(s) != 1 || s[0].Entities != 1 || s[0].LeftOut != 1 || s[0].Kind != "address" || s[0].Error == "" {
		t.Errorf("%+v", s)
	}
	moved := strings.ReplaceAll(string(h.alone(t, samltest.ID(1), samltest.Until)), "sp00001.example.org/shibboleth/SAML2", "elsewhere.example/SAML2")
	h.put("/one", []byte(moved))
	_ = f.Refresh(t.Context())
	if !strings.Contains(h.log.String(), "answers may now go to elsewhere.example") {
		t.Error("a new host is not told")
	}
}
