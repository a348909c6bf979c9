package attrs_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// TestNothingLeavesThatIsNotDeclared draws declarations, people and requests.
func TestNothingLeavesThatIsNotDeclared(t *testing.T) {
	t.Parallel()
	all := append(words(t).Words(), "nir", "shoe_size", person.INE)
	for range 12 { // rapid draws 100 cases in each round
		rapid.Check(t, func(rt *rapid.T) {
			s := newScene(rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 8, rapid.ID[person.Attr]).Draw(rt, "declared")...)
			for i := range s.declaration.Items {
				s.declaration.Items[i].Profiles = rapid.SliceOfN(rapid.SampledFrom(person.Profiles()), 0, 2).Draw(rt, "profiles")
			}
			s.declaration.Mode = rapid.SampledFrom([]registry.Mode{"", registry.Pseudonymous, registry.Nominative}).Draw(rt, "mode")
			s.service.Narrow = rapid.SampledFrom([]registry.Mode{"", registry.Pseudonymous}).Draw(rt, "narrow")
			if rapid.Bool().Draw(rt, "college") {
				s.place.UAI = college
			}
			for n := range s.person.Values {
				if rapid.IntRange(0, 3).Draw(rt, "unknown") == 2 {
					delete(s.person.Values, n)
				}
			}
			if rapid.Bool().Draw(rt, "asks") {
				s.request.Asked = rapid.SliceOfN(rapid.SampledFrom(all), 0, 6).Draw(rt, "asked")
				if s.request.Asked == nil {
					s.request.Asked = []attrs.Name{}
				}
			}
			r, err := s.release(t)
			if err != nil {
				rt.Fatal(err)
			}
			judge(rt, s, r)
		})
	}
}

// judge says in other words than the engine's what may leave.
func judge(rt *rapid.T, s scene, r attrs.Release) {
	nominative := s.declaration.Mode == registry.Nominative && s.service.Narrow == ""
	left := map[attrs.Name]bool{}
	for _, item := range r.Items() {
		n := item.Entry.Attr
		left[n] = true
		i := slices.IndexFunc(s.declaration.Items, func(d registry.Item) bool { return d.Attr == n })
		switch {
		case i < 0 || n == "nir" || n == person.INE || n == "shoe_size":
			rt.Fatalf("%s leaves and is not declared", n)
		case len(s.declaration.Items[i].Profiles) > 0 && !slices.Contains(s.declaration.Items[i].Profiles, s.place.Profile):
			rt.Fatalf("%s leaves for another profile", n)
		case item.Entry.Names && !nominative:
			rt.Fatalf("%s leaves under a pseudonymous declaration", n)
		case s.request.Asked != nil && !slices.Contains(s.request.Asked, n):
			rt.Fatalf("%s leaves and was not asked for", n)
		case len(item.Values) == 0:
			rt.Fatalf("%s leaves without a value", n)
		}
	}
	for _, w := range r.Withheld() {
		if left[w.Entry.Attr] && w.Why != attrs.Reveals || w.Why == "" {
			rt.Fatalf("%s leaves and is withheld (%q)", w.Entry.Attr, w.Why)
		}
	}
	elsewhere := "6B"
	if s.place.UAI == college {
		elsewhere = "CM2A"
	}
	for protocol, out := range map[string]attrs.Output{
		"saml": r.As("saml", registry.Binding{}), "oidc": r.As("oidc", registry.Binding{}), "cas": r.As("cas", registry.Binding{}),
	} {
		if len(out.Values) != len(r.Items()) || out.Subject != r.Subject() {
			rt.Fatalf("%s prints something else than the release", protocol)
		}
		for _, n := range out.Values {
			if slices.Contains(n.Values, elsewhere) {
				rt.Fatalf("%s: a class of the other establishment leaves", protocol)
			}
		}
	}
}

func TestReleaseHoldsTheValuesOfTheChosenEstablishment(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "school_name", "school_kind", "profile", "affiliation", "classes", "groups", "level", "cycle", "subjects")
	want := map[person.Attr][]string{
		"uai": {"0280101H"}, "school_name": {"École 0280101H"}, "school_kind": {"ecole"}, "profile": {"National_ELV"}, "affiliation": {"student"},
		"classes": {"CM2A"}, "groups": {"G1", "G2"}, "level": {"CM2"}, "cycle": {"cycle3"},
	}
	if diff := cmp.Diff(want, values(s.must(t))); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	s.place.UAI = college
	want = map[person.Attr][]string{
		"uai": {"0280202T"}, "school_name": {"École 0280202T"}, "school_kind": {"college"}, "profile": {"National_ELV"}, "affiliation": {"student"},
		"classes": {"6B"}, "subjects": {"ALLEMAND"},
	}
	if diff := cmp.Diff(want, values(s.must(t))); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestNamesLeaveOnlyUnderANominativeDeclaration(t *testing.T) {
	t.Parallel()
	s := newScene(person.GivenName, person.FamilyName, person.Mail, "initials", "uai")
	if r := s.must(t); len(r.Items()) != 1 || why(r)[person.Mail] != attrs.NotNominative || why(r)["initials"] != attrs.NotNominative {
		t.Errorf("pseudonymous: %v leave, withheld %v", r.Names(), why(r))
	}
	s.declaration.Mode = registry.Nominative
	if r := s.must(t); len(r.Items()) != 5 || values(r)["initials"][0] != "AL" || !r.Nominative() {
		t.Errorf("nominative: %v leave", r.Names())
	}
	s.service.Narrow = registry.Pseudonymous
	if r := s.must(t); len(r.Items()) != 1 || r.Nominative() {
		t.Errorf("narrowed by the service: %v leave", r.Names())
	}
}

func TestRequestNarrowsAndNeverWidens(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "classes")
	s.request.Asked = []attrs.Name{"uai", person.Mail, "level"}
	r := s.must(t)
	if !slices.Equal(r.Names(), []string{"uai"}) {
		t.Errorf("%v leave, want uai", r.Names())
	}
	got := why(r)
	if got["classes"] != attrs.NotRequested || got[person.Mail] != attrs.NotDeclared || got["level"] != attrs.NotDeclared {
		t.Errorf("withheld %v", got)
	}
	s.request.Asked = []attrs.Name{}
	if r := s.must(t); len(r.Items()) != 0 {
		t.Errorf("an empty list asks for nothing, %v leave", r.Names())
	}
	s.request.Asked = nil
	if r := s.must(t); len(r.Items()) != 2 {
		t.Errorf("no list asks for all that is declared, %v leave", r.Names())
	}
}

func TestWithheldSaysEachReason(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "subjects", person.Mail, "level")
	s.declaration.Items[3].Profiles = []person.Profile{person.Teacher}
	s.request.Asked = []attrs.Name{"uai", "subjects", person.Mail, "level", "groups"}
	got := why(s.must(t))
	for n, want := range map[person.Attr]attrs.WhyNot{
		"subjects": attrs.NotKnown, person.Mail: attrs.NotNominative, "level": attrs.NotThisProfile, "groups": attrs.NotDeclared,
		"classes": attrs.NotDeclared, person.GivenName: attrs.NotDeclared,
	} {
		if got[n] != want {
			t.Errorf("%s is withheld as %q, want %q", n, got[n], want)
		}
	}
}

func TestRequiredAndMissingRefusesNamingTheAttribute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		attr   person.Attr
		mode   registry.Mode
		change func(*scene)
		why    attrs.WhyNot
	}{
		"unknown (hard cases 9 and 24)": {"classes", "", func(s *scene) { s.person.Affiliations[0].Classes = nil }, attrs.NotKnown},
		"pseudonymous":                  {person.Mail, "", func(*scene) {}, attrs.NotNominative},
		"unknown name":                  {person.Mail, registry.Nominative, func(s *scene) { delete(s.person.Values, person.Mail) }, attrs.NotKnown},
	} {
		s := newScene("uai", c.attr)
		s.declaration.Mode, s.declaration.Items[1].Required = c.mode, true
		c.change(&s)
		r, err := s.release(t)
		var missing *attrs.Missing
		if !errors.As(err, &missing) || missing.Entry.Attr != c.attr || missing.Why != c.why || missing.Source != "ent" {
			t.Errorf("%s: %v, want %s missing as %s", name, err, c.attr, c.why)
			continue
		}
		if !r.Empty() || r.Items() != nil || !strings.Contains(err.Error(), string(c.attr)) || strings.Contains(err.Error(), "ada@") {
			t.Errorf("%s: %v, and a release %v", name, err, r.Names())
		}
	}
	s := newScene("uai", "classes")
	s.declaration.Items[1].Required, s.request.Asked = true, []attrs.Name{"uai"}
	if r := s.must(t); len(r.Items()) != 1 {
		t.Errorf("what is required and not asked for is withheld, %v leave", r.Names())
	}
	s = newScene("classes")
	s.declaration.Items[0].Required, s.declaration.Items[0].Profiles = true, []person.Profile{person.Teacher}
	if r := s.must(t); len(r.Items()) != 0 {
		t.Error("what is required of teachers is asked of a pupil")
	}
}

func TestSubjectThatCarriesAValueIsADeclaredItem(t *testing.T) {
	t.Parallel()
	s := newScene("uai", person.Mail)
	s.declaration.Mode, s.request.Subject = registry.Nominative, person.Mail
	s.request.Asked = []attrs.Name{"uai"} // the subject is always asked for
	out := s.must(t).As("saml", registry.Binding{})
	if out.Subject != "ada@example.org" || out.Pseudonym || len(out.Values) != 2 {
		t.Errorf("subject given as pseudonym: %v, %d values", out.Pseudonym, len(out.Values))
	}
	for name, c := range map[string]struct {
		change func(*scene)
		why    attrs.WhyNot
	}{
		"not declared":                  {func(s *scene) { s.declaration.Items = s.declaration.Items[:1] }, attrs.NotDeclared},
		"not declared for this profile": {func(s *scene) { s.declaration.Items[1].Profiles = []person.Profile{person.Head} }, attrs.NotThisProfile},
		"not nominative":                {func(s *scene) { s.declaration.Mode = registry.Pseudonymous }, attrs.NotNominative},
		"not known":                     {func(s *scene) { delete(s.person.Values, person.Mail) }, attrs.NotKnown},
		"two values":                    {func(s *scene) { s.person.Values[person.Mail] = []string{"a@x", "b@x"} }, attrs.NotKnown},
		"no word":                       {func(s *scene) { s.request.Subject = "shoe_size" }, attrs.NotDeclared},
	} {
		s := newScene("uai", person.Mail)
		s.declaration.Mode, s.request.Subject = registry.Nominative, person.Mail
		c.change(&s)
		r, err := s.release(t)
		var missing *attrs.Missing
		if !errors.As(err, &missing) || missing.Why != c.why || !r.Empty() {
			t.Errorf("%s: %v, want the subject missing as %s", name, err, c.why)
		}
	}
	s = newScene("uai")
	s.request.Subject = "pseudonym"
	if out := s.must(t).As("oidc", registry.Binding{}); !out.Pseudonym || len(out.Subject) != 128 {
		t.Error("the pseudonym needs no item to be the subject")
	}
}

func TestNoReleaseWithoutAGrant(t *testing.T) {
	t.Parallel()
	if r, err := engine(t).Release(pupil(), policy.Grant{}, attrs.Request{}); err == nil || !r.Empty() {
		t.Error("a release without a grant")
	}
	s := newScene("uai")
	other := pupil()
	other.Affiliations = other.Affiliations[1:]
	if r, err := engine(t).Release(other, s.grant(t), attrs.Request{}); err == nil || !r.Empty() {
		t.Error("a release to somebody who does not belong there")
	}
}

func TestZeroReleaseGivesNothing(t *testing.T) {
	t.Parallel()
	var r attrs.Release
	if out := r.As("saml", registry.Binding{}); out.Subject != "" || out.Values != nil || out.Pseudonym {
		t.Errorf("the zero release says something: %v", out)
	}
	if !r.Empty() || r.Subject() != "" || r.Session() != "" || r.Items() != nil || r.Withheld() != nil || len(r.Names()) != 0 || r.Nominative() || !r.NotAfter().IsZero() {
		t.Error("the zero release holds something")
	}
}

func TestEveryProtocolGetsItsNamesAndEveryServiceItsOwn(t *testing.T) {
	t.Parallel()
	s := newScene(person.Mail, "uai")
	s.declaration.Mode = registry.Nominative
	r := s.must(t)
	mail, uai := []string{"ada@example.org"}, []string{"0280101H"}
	isMail, isUAI := []attrs.Name{person.Mail}, []attrs.Name{"uai"}
	for protocol, want := range map[string][]attrs.Named{
		"saml": {
			{Name: "urn:oid:0.9.2342.19200300.100.1.3", Friendly: "mail", Format: registry.URIName, Values: mail, Words: isMail},
			{Name: "UAI", Format: registry.BasicName, Values: uai, Words: isUAI},
		},
		"oidc": {{Name: "email", Values: mail, Words: isMail}, {Name: "uai", Values: uai, Words: isUAI}},
		"cas":  {{Name: "mail", Values: mail, Words: isMail}, {Name: "UAI", Values: uai, Words: isUAI}},
	} {
		if diff := cmp.Diff(want, r.As(protocol, registry.Binding{}).Values); diff != "" {
			t.Errorf("%s: want -, got +:\n%s", protocol, diff)
		}
	}
	own := registry.Binding{Names: map[person.Attr]string{person.Mail: "EmailAddress", "uai": "urn:x:rne", "classes": "DIVISION"}}
	want := []attrs.Named{
		{Name: "EmailAddress", Format: registry.BasicName, Values: mail, Words: isMail},
		{Name: "urn:x:rne", Format: registry.URIName, Values: uai, Words: isUAI},
	}
	if diff := cmp.Diff(want, r.As("saml", own).Values); diff != "" {
		t.Errorf("names of its own: want -, got +:\n%s", diff)
	}
}

func TestSessionHandleDiffersPerServiceAndSession(t *testing.T) {
	t.Parallel()
	s := newScene("uai")
	first := s.must(t).Session()
	if again := s.must(t).Session(); again != first || len(first) != 32 {
		t.Errorf("%q and %q: one session at one service has one handle", first, again)
	}
	s.request.Session = "s2"
	if s.must(t).Session() == first {
		t.Error("two sessions have one handle")
	}
	s.request.Session, s.service.ID, s.declaration.ServiceID = "s1", "compter", "compter"
	if s.must(t).Session() == first {
		t.Error("two services have one handle")
	}
}

func TestReleasesPrintNobody(t *testing.T) {
	t.Parallel()
	s := newScene(person.Mail, "classes")
	s.declaration.Mode, s.request.Subject, s.request.Session = registry.Nominative, person.Mail, "MARQUE"
	s.person.Values[person.Mail], s.person.Affiliations[0].Classes = []string{"MARQUE"}, []string{"MARQUE"}
	r := s.must(t)
	out := r.As("saml", registry.Binding{})
	for _, v := range []any{r, &r, r.Items()[0], out, out.Values[0], s.request, fmt.Sprint(r.Items()), fmt.Sprint(out.Values)} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "v", v)
		fmt.Fprintf(&log, "%v %+v %#v %s %q", v, v, v, v, v)
		if strings.Contains(log.String(), "MARQUE") || strings.Contains(log.String(), r.Subject()) {
			t.Errorf("%T is printed: %s", v, log.String())
		}
	}
}
