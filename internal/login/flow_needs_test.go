package login_test

import (
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

func needing(what ...string) func(*idp.Request) {
	return func(r *idp.Request) { r.Needs = what }
}

// vouching says what the sources of a house can vouch for.
func vouching(h *idptest.House, ent, desk []string) {
	h.Registry.Change(func(c *registry.Contents) {
		c.Sources[0].Assurance, c.Sources[1].Assurance = ent, desk
	})
}

func TestASourceThatCannotVouchForWhatIsNeededIsNotAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	vouching(h, []string{"password"}, []string{"card", "eidas2"})
	p := h.Browser(t).Open(byGet(t, request("lire", needing("eidas2", "eidas3"))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.Desk {
		t.Errorf("at %s, want the one source that can", p.URL)
	}
	offers(t, "either will do", h.Browser(t).Open(byGet(t, request("lire", needing("password", "card")))), "source")
	offers(t, "nothing is needed", h.Browser(t).Open(byGet(t, request("lire"))), "source")
	refused(t, h, "the other one by hint", h.Browser(t).Open(byGet(t, request("lire", needing("card"), fromSource(idptest.ENT)))), "not_as_asked")
	b := h.Browser(t)
	p = b.Open(byGet(t, request("lire", needing("phone"))))
	refused(t, h, "none", p, "not_as_asked")
	no(t, b.Submit(p, "back", 0), "lire", idp.WeakSignIn)
}

func TestASourceOfWhichNobodySaysWhatItCanIsAsked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	vouching(h, nil, []string{"card"})
	p := h.Browser(t).Open(byGet(t, request("lire", needing("password"))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.ENT {
		t.Errorf("at %s, want the source that may", p.URL)
	}
}

func TestASessionOfASourceThatCannotIsNoUseAndIsNotLost(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire", fromSource(idptest.ENT)))), idptest.Lea)), "lire")
	vouching(h, []string{"password"}, []string{"card"})
	no(t, b.Open(byGet(t, request("lire", needing("card"), passive))), "lire", idp.PassiveFailed)
	p := b.Open(byGet(t, request("lire", needing("card"))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.Desk {
		t.Errorf("at %s, want the source that can", p.URL)
	}
	yes(t, b.Open(byGet(t, request("lire", needing("password")))), "lire")
}
