package canary

import (
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// written is an academy in which both services have outputs over OIDC.
func written(outputs ...registry.Output) registry.Contents {
	c := academy()
	for i := range c.Services {
		for n := range c.Services[i].Bindings {
			c.Services[i].Bindings[n].Outputs = outputs
		}
	}
	return c
}

func (w *world) claim(service, name string, value any) map[Kind]bool {
	w.t.Helper()
	return kinds(w.see(message(service, "oidc", "userinfo", []byte(claimsOf(w.t, map[string]any{"sub": number, name: value})))))
}

// TestACompositeHoldsNothingThatIsNotDeclared: lire is pseudonymous, so the name in a composite has to be missing there.
func TestACompositeHoldsNothingThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	part := func(n person.Attr, empty bool) registry.Part { return registry.Part{Attr: n, Empty: empty} }
	for name, c := range map[string]struct {
		output      registry.Output
		honest, bad []string
	}{
		"fields": {
			registry.Output{Between: "|", Parts: []registry.Part{part("level", false), part(person.GivenName, true), part("uai", true)}},
			[]string{"CE2||" + school, "CE2||"},
			[]string{"CE2|Léa|" + school, "CE2|Léa", "Léa", "CE2||x|y"},
		},
		"a field that must be there": {
			registry.Output{Between: "|", Parts: []registry.Part{part("level", false), part(person.GivenName, false)}},
			nil,
			[]string{"CE2|Léa", "CE2|"},
		},
		"joined, with text around": {
			registry.Output{Between: "|", Form: registry.Form{Before: "<", After: ">", Join: ";"}, Parts: []registry.Part{part("classes", false), part(person.GivenName, true)}},
			[]string{"<CE2 B|>;<CE2 C|>", "<CE2 B|>"},
			[]string{"<CE2 B|>;<CE2 C|Léa>", "<CE2 B|Léa>;<CE2 C|>"},
		},
		"a space at the end":    {registry.Output{Between: " ", Parts: []registry.Part{part("level", false), part(person.GivenName, true)}}, []string{"CE2 "}, []string{"CE2 Léa"}},
		"a space in front":      {registry.Output{Between: " ", Parts: []registry.Part{part(person.GivenName, true), part("level", false)}}, []string{" CE2", " CE2 B"}, []string{"Léa CE2"}},
		"two spaces within":     {registry.Output{Between: " ", Parts: []registry.Part{part("level", true), part(person.GivenName, true), part("classes", true)}}, []string{"CE2  CE2 B"}, []string{"CE2 Léa CE2"}},
		"nothing between":       {registry.Output{Parts: []registry.Part{part("level", false), part(person.GivenName, true)}}, nil, []string{"CE2Léa", "CE2"}},
		"a word that goes with": {registry.Output{Between: "|", Parts: []registry.Part{part("level", false), {Attr: "classes", With: []person.Attr{person.GivenName}, Empty: true}}}, []string{"CE2|"}, []string{"CE2|x"}},
	} {
		c.output.Name = "vecteur"
		w := newWorld(t, written(c.output))
		for _, value := range c.honest {
			if found := w.claim("lire", "vecteur", value); len(found) != 0 {
				t.Errorf("%s: %q: %v", name, value, found)
			}
		}
		for _, value := range c.bad {
			if found := w.claim("lire", "vecteur", value); !found[NamesSomeone] {
				t.Errorf("%s: %q: %v", name, value, found)
			}
		}
	}
}

// TestFixedTextAroundAValueIsNobodys: what stands before and after is the binding's, and hides nothing.
func TestFixedTextAroundAValueIsNobodys(t *testing.T) {
	t.Parallel()
	pairwise := strings.ToUpper(strings.Repeat("0f", 32)) + "@CONNEXION.EXAMPLE"
	w := newWorld(t, written(
		registry.Output{Attr: "pseudonym", Name: "compte", Form: registry.Form{After: "@site.example"}},
		registry.Output{Attr: "level", Name: "niveau", Form: registry.Form{Before: "n-", After: "@site.example"}},
	))
	for _, c := range []struct {
		name, value string
		want        Kind
	}{
		{"compte", number + "@site.example", ""},
		{"compte", pairwise, ""},
		{"compte", "lea.martin@ecole.example@site.example", Disguised},
		{"compte", "lea.martin@ecole.example", Disguised},
		{"niveau", "n-CE2@site.example", ""},
		{"niveau", "N-CE2@SITE.EXAMPLE", ""},
		{"niveau", "n-1234567890A@site.example", Disguised},
		{"niveau", "lea@ecole.example", FreeLabel},
		{"niveau", "n-lea@ecole.example@site.example", FreeLabel},
	} {
		found := w.claim("lire", c.name, c.value)
		if len(found) != 0 && c.want == "" || c.want != "" && !found[c.want] {
			t.Errorf("%s %q: %v, want %q", c.name, c.value, found, c.want)
		}
	}
}

// TestWhatIsDeclaredForOthersIsNotDeclared: by the profile of an item, and by a service that wants less than it may have.
func TestWhatIsDeclaredForOthersIsNotDeclared(t *testing.T) {
	t.Parallel()
	c := academy()
	for d := range c.Declarations {
		for i := range c.Declarations[d].Items {
			if c.Declarations[d].Items[i].Attr == "classes" {
				c.Declarations[d].Items[i].Profiles = []person.Profile{person.Teacher}
			}
		}
	}
	w := newWorld(t, c)
	if found := w.claim("lire", "classes", []string{"CE2 B"}); !found[Undeclared] {
		t.Errorf("classes of a pupil, declared for teachers: %v", found)
	}
	if found := w.claim("carnet", "given_name", "Léa"); len(found) != 0 {
		t.Errorf("a declared name: %v", found)
	}
	c = academy()
	for i := range c.Services {
		if c.Services[i].ID == "carnet" {
			c.Services[i].Narrow = registry.Pseudonymous
		}
	}
	if found := newWorld(t, c).claim("carnet", "given_name", "Léa"); !found[NamesSomeone] {
		t.Errorf("a declared name at a service that takes none: %v", found)
	}
}

// TestWatchAllocatesNothing on the path of a sign-in, but for the first message of a kind.
func TestWatchAllocatesNothing(t *testing.T) { //nolint:paralleltest // it counts what the whole process allocates
	w := newWorld(t, academy())
	w.cfg.Meter, w.sampler = deaf{}, newSampler(0, 0)
	m := message("lire", "oidc", "userinfo", []byte("{}"))
	if n := testing.AllocsPerRun(1000, func() { w.Watch(m) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
