package app

import (
	"ecluse/internal/admin"
	"ecluse/internal/admin/wizard"
	"ecluse/internal/consent"
	"ecluse/internal/fetch"
	"ecluse/internal/idp"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// mountWizard adds the pages on which declarations are written and services connected. What a person is told is printed by
// the pages of a sign-in, and what the simulator answers here is about personas alone.
func (g *gateway) mountWizard(development bool) error {
	all, err := personas()
	if err != nil {
		return err
	}
	outside, err := g.toServices(development)
	if err != nil {
		return err
	}
	client := fetch.New(outside)
	g.closers.add(func() error { client.Close(); return nil })
	asked := askedBy(g.flow.Protocols, g.words)
	wizard.Mount(g.mux, g.frame, wizard.Config{
		Told: g.tells(g.flow.Protocols, g.flow), Personas: all, Protocols: g.flow.Protocols, Reach: client.Reach, Fetch: client.Get,
		Asks: func(s registry.Service) []string {
			var out []string
			for _, word := range asked(s) {
				out = append(out, string(word))
			}
			return out
		},
	})
	return nil
}

// tells is the simulator whose pages are what a person is told, for a place beside something else.
func (b *base) tells(protocols map[string]idp.Protocol, flow *login.Flow) *admin.Simulator {
	out := b.simulator(protocols, flow)
	out.Page = func(s admin.Shown) ([]byte, error) {
		told, err := flow.Tell(login.Shown{
			View: s.View, Person: s.Person, Service: s.Service, Release: s.Release, Refused: s.Refused,
			Act: consent.Act(s.Need), Parents: s.Need == parentsFirst, Wording: web.Audience(s.Wording), Lang: web.Lang(s.Lang),
		})
		return []byte(told), err
	}
	return out
}
