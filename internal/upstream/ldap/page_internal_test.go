package ldap

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestPageSpeaksToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	c := &Connector{kit: kit, prefix: "/source/ent"}
	for name, change := range map[string]func(*form){
		"first":   func(*form) {},
		"unnamed": func(f *form) { f.Service = "" },
		"wrong":   func(f *form) { f.Errors = []web.InputError{{Name: "login", Text: "Non."}} },
		"empty": func(f *form) {
			f.Password.Error = "Non."
			f.Errors = []web.InputError{{Name: "password", Text: "Non."}}
		},
		"away":      func(f *form) { f.Away = true },
		"a minute":  func(f *form) { f.Minutes = 1 },
		"some time": func(f *form) { f.Minutes = 15 },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			webtest.RenderAll(t, kit, "ldap/password", func(a web.Audience) any {
				page, err := c.form(httptest.NewRequest(http.MethodGet, "/source/ent/password?challenge=defi", nil),
					upstream.Challenge{ID: "defi", Service: "Carnet de lecture"}, "lea")
				if err != nil {
					t.Fatal(err)
				}
				page.Audience = a
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
