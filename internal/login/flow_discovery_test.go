package login_test

import (
	"testing"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

// Whoever chose a provider at a federation's discovery service comes to a page of ours with that source as a wish.
func TestArrivingWithASourceGoesStraightToIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	const arrive = "/entrer?vers=sites"
	offers(t, "no source at all", h.Browser(t).Get(arrive), "source")
	for _, source := range []string{idptest.Desk, idptest.Hidden} {
		p := h.Browser(t).Get(arrive + "&source=" + source)
		if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+source {
			t.Errorf("%s: at %s", source, p.URL)
		}
	}
	offers(t, "a source that nobody registered", h.Browser(t).Get(arrive+"&source=nothing"), "source")
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Sources {
			c.Sources[i].Suspended = c.Sources[i].ID == idptest.Desk
		}
	})
	p := h.Browser(t).Get(arrive + "&source=" + idptest.Desk)
	if prefix, _, at := p.AtSource(); at && prefix == "/source/"+idptest.Desk {
		t.Error("a suspended source was asked")
	}
}
