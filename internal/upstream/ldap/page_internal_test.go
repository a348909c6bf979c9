package ldap

import (
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/upstream/typed"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestPageSpeaksToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for name, change := range map[string]func(*typed.Sheet){
		"first":   func(*typed.Sheet) {},
		"unnamed": func(s *typed.Sheet) { s.Service = "" },
		"wrong":   func(s *typed.Sheet) { s.Errors = []web.InputError{{Name: "login", Text: "Non."}} },
		"empty": func(s *typed.Sheet) {
			s.Inputs[1].Error = "Non."
			s.Errors = []web.InputError{{Name: "password", Text: "Non."}}
		},
		"away":      func(s *typed.Sheet) { s.Away = true },
		"a minute":  func(s *typed.Sheet) { s.Minutes = 1 },
		"some time": func(s *typed.Sheet) { s.Minutes = 15 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			webtest.RenderAll(t, kit, "ldap/password", func(a web.Audience) any {
				page := typed.Sheet{
					Frame: web.Frame{Audience: a}, Action: "/source/ent/password", Challenge: "defi", Service: "Carnet de lecture",
					Inputs: []web.Input{{Name: "login", Label: "Identifiant"}, {Name: "password", Label: "Mot de passe", Type: "password"}},
				}
				change(&page)
				return page
			})
		})
	}
}

func TestMappingOfTheSDETReadsNothingThatIsNeverImported(t *testing.T) {
	t.Parallel()
	m := person.SDET("ac-rennes")
	if findings := checkMapping(m); len(findings) != 0 {
		t.Errorf("found %v", findings)
	}
	asked := strings.Join(wanted(m), " ")
	if strings.Contains(asked, "ecluseWard") || !strings.Contains(asked, "ENTPersonJointure") || strings.Contains(asked, "*") {
		t.Errorf("asked for: %s", asked)
	}
}

func TestRelationIsReadOnlyForItsGuardian(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		values    []string
		authority string
		related   bool
	}{
		"holds":                     {[]string{"AC$7$1$1$1$1$1"}, "1", true},
		"does not":                  {[]string{"AC$7$1$1$2$1$1"}, "2", true},
		"as an entry":               {[]string{"UID=p,dc=fr$1$1$0$1$1"}, "0", true},
		"nothing said":              {[]string{"AC$7$1$1$$1$1"}, "", true},
		"cut short":                 {[]string{"AC$7$1$1$1"}, "", true},
		"said twice":                {[]string{"AC$7$1$1$1$1$1", "ac$7$2$1$1$1$1"}, "1", true},
		"said in two ways":          {[]string{"AC$7$1$1$1$1$1", "AC$7$2$1$2$1$1"}, "", true},
		"then said a third time":    {[]string{"AC$7$1$1$1$1$1", "AC$7$2$1$2$1$1", "AC$7$1$1$1$1$1"}, "", true},
		"somebody whose key longer": {[]string{"AC$7$8$1$1$1$1$1"}, "", false},
		"somebody else":             {[]string{"AC$77$1$1$1$1$1", "AC$7", "", "$"}, "", false},
	} {
		authority, related := relation(c.values, []string{"AC$7", "uid=p,dc=fr"})
		if authority != c.authority || related != c.related {
			t.Errorf("%s: %q, %v", name, authority, related)
		}
	}
}

func FuzzRelation(f *testing.F) {
	f.Add("AC$7$1$1$1$1$1", "AC$7")
	f.Add("é$", "É")
	f.Fuzz(func(t *testing.T, value, key string) {
		authority, related := relation([]string{value}, []string{key})
		if authority != "" && !related {
			t.Errorf("%q: authority without a relation", value)
		}
		if related && (strings.Count(value, "$") > strings.Count(key, "$")+5 || !strings.EqualFold(value[:len(key)]+"$", key+"$")) {
			t.Errorf("%q is a relation of %q", value, key)
		}
	})
}
