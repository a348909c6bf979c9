package registry_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestRightObjectsHaveNoFindings(t *testing.T) {
	t.Parallel()
	for name, findings := range map[string][]registry.Finding{
		"service": service().Check(), "establishment": establishment().Check(), "source": source().Check(),
		"declaration": declaration().Check(), "delegation": delegation().Check(),
	} {
		if len(findings) != 0 {
			t.Errorf("%s: %v", name, findings)
		}
	}
}

// mistake changes one thing in a right object; where is the one place that must be found, said a part of the message.
type mistake[T any] struct {
	name   string
	change func(*T)
	where  string
	said   string
}

func try[T any](t *testing.T, kind string, right func() T, check func(T) []registry.Finding, mistakes []mistake[T]) {
	t.Helper()
	for _, m := range mistakes {
		o := right()
		m.change(&o)
		findings := check(o)
		if len(findings) != 1 || findings[0].Where != m.where || !strings.Contains(findings[0].String(), m.said) {
			t.Errorf("%s, %s: %q; want one at %s with %q", kind, m.name, findings, m.where, m.said)
		}
		if !registry.Blocks(findings) {
			t.Errorf("%s, %s: does not block", kind, m.name)
		}
	}
}

// alone is a check that knows no test tenants.
func alone[T any](check func(T, ...person.UAI) []registry.Finding) func(T) []registry.Finding {
	return func(o T) []registry.Finding { return check(o) }
}

func TestServiceMistakes(t *testing.T) {
	t.Parallel()
	try(t, "service", service, registry.Service.Check, []mistake[registry.Service]{
		{"no id", func(s *registry.Service) { s.ID = "" }, "id", "no identifier"},
		{"capitals in the id", func(s *registry.Service) { s.ID = "Lire" }, "id", "small letters"},
		{"a long id", func(s *registry.Service) { s.ID = strings.Repeat("a", 65) }, "id", "64 at most"},
		{"a path as id", func(s *registry.Service) { s.ID = "../lire" }, "id", "no identifier"},
		{"two lines as id", func(s *registry.Service) { s.ID = "lire\n" }, "id", "no identifier"},
		{"no French name", func(s *registry.Service) { s.Name = registry.Text{EN: "Read"} }, "name.fr", "French"},
		{"no sentence", func(s *registry.Service) { s.Sentence.FR = "" }, "sentence.fr", "sentence"},
		{"no provider", func(s *registry.Service) { s.Provider = "" }, "provider", "missing"},
		{"a bad sector", func(s *registry.Service) { s.Sector = "La lecture" }, "sector", "no identifier"},
		{"a script as start", func(s *registry.Service) { s.Start = "javascript:alert(1)" }, "start", "no address"},
		{"a relative start", func(s *registry.Service) { s.Start = "//lire.example/" }, "start", "no address"},
		{"a start with a password", func(s *registry.Service) { s.Start = "https://a:b@lire.example/" }, "start", "no address"},
		{"a start with a fragment", func(s *registry.Service) { s.Start = "https://lire.example/#x" }, "start", "no address"},
		{"a setting that would widen", func(s *registry.Service) { s.Narrow = registry.Nominative }, "narrow", "not known"},
		{"no binding", func(s *registry.Service) { s.Bindings, s.Start = nil, "" }, "bindings", "one binding"},
		{"no protocol", func(s *registry.Service) { s.Bindings[0].Protocol = "" }, "bindings[0].protocol", "saml, oidc or cas"},
		{"no handle", func(s *registry.Service) { s.Bindings[0].Handle = "" }, "bindings[0].handle", "entityID"},
		{"a long handle", func(s *registry.Service) { s.Bindings[0].Handle = strings.Repeat("h", 1025) }, "bindings[0].handle", "entityID"},
	})
}

func TestEstablishmentMistakes(t *testing.T) {
	t.Parallel()
	try(t, "establishment", establishment, registry.Establishment.Check, []mistake[registry.Establishment]{
		{"a wrong letter (hard case 29)", func(e *registry.Establishment) { e.UAI = "0280101Z" }, "uai", "0280101H would"},
		{"small letters", func(e *registry.Establishment) { e.UAI = "0280101h" }, "uai", "(0280101H)"},
		{"no UAI", func(e *registry.Establishment) { e.UAI = "" }, "uai", "seven digits"},
		{"a test tenant without one", func(e *registry.Establishment) { e.UAI, e.Test = "", true }, "uai", "seven digits"},
		{"no name", func(e *registry.Establishment) { e.Name = "" }, "name", "missing"},
		{"no academy", func(e *registry.Establishment) { e.Academy = "" }, "academy", "missing"},
		{"no department", func(e *registry.Establishment) { e.Department = "" }, "department", "missing"},
		{"a mailbox that is none", func(e *registry.Establishment) { e.Mailbox = "accueil" }, "mailbox", "no mail address"},
		{"a mailbox with a name", func(e *registry.Establishment) { e.Mailbox = "Le collège <a@b.example>" }, "mailbox", "no mail address"},
		{"two mailboxes", func(e *registry.Establishment) { e.Mailbox = "a@b.example,c@d.example" }, "mailbox", "no mail address"},
		{"a mailbox with a line more", func(e *registry.Establishment) { e.Mailbox = "a@b.example\r\nBcc: c@d.example" }, "mailbox", "no mail address"},
		{"a pattern", func(e *registry.Establishment) { e.Mailbox = "ce.{uai}@b.example" }, "mailbox", "no mail address"},
		{"a mailbox of no domain", func(e *registry.Establishment) { e.Mailbox = "accueil@college" }, "mailbox", "no mail address"},
		{"a long mailbox", func(e *registry.Establishment) { e.Mailbox = strings.Repeat("a", 250) + "@b.example" }, "mailbox", "no mail address"},
		{"no kind", func(e *registry.Establishment) { e.Kind = "" }, "kind", "not known"},
		{"fewer pupils than none", func(e *registry.Establishment) { e.Pupils = -1 }, "pupils", "not a number of pupils"},
		{"a bad way", func(e *registry.Establishment) { e.Ways = []registry.Way{{Label: "ENT", URL: "ent.example"}} }, "ways[0].url", "no address"},
		{"a way without a name", func(e *registry.Establishment) { e.Ways = []registry.Way{{URL: "https://ent.example/"}} }, "ways[0].label", "missing"},
	})
	tenant := establishment()
	tenant.Test, tenant.UAI = true, "0010138R"
	if findings := tenant.Check(); len(findings) != 0 {
		t.Errorf("a test tenant may carry a wrong letter: %v", findings)
	}
}

func TestSourceMistakes(t *testing.T) {
	t.Parallel()
	try(t, "source", source, alone(registry.Source.Check), []mistake[registry.Source]{
		{"no id", func(s *registry.Source) { s.ID = "" }, "id", "no identifier"},
		{"no name", func(s *registry.Source) { s.Name.FR = "" }, "name.fr", "French"},
		{"no connector", func(s *registry.Source) { s.Connector = "" }, "connector", "missing"},
		{"no authority", func(s *registry.Source) { s.Authority = "" }, "authority", "missing"},
		{"a mapping without authority", func(s *registry.Source) { s.Mapping = &person.Mapping{ID: "uid"} }, "mapping.authority", "missing"},
		{"a mapping like another and no authority", func(s *registry.Source) { s.Authority, s.Mapping = "", &person.Mapping{Like: "sdet"} }, "mapping.authority", "missing"},
		{"a mapping like none", func(s *registry.Source) { s.Mapping = &person.Mapping{Like: "aaf"} }, "mapping.like", "sdet or educonnect"},
		{"two authorities", func(s *registry.Source) { m := person.SDET("autre"); s.Mapping = &m }, "authority", "another authority"},
		{"a bad way", func(s *registry.Source) { s.Way = &registry.Way{Label: "ENT", URL: "ftp://x/"} }, "way.url", "no address"},
		{"a bad UAI", func(s *registry.Source) { s.UAIs = []person.UAI{ecole, "0280202A"} }, "uais[1]", "0280202T would"},
		{"small letters", func(s *registry.Source) { s.UAIs = []person.UAI{"0280101h"} }, "uais[0]", "(0280101H)"},
		{"no declaration", func(s *registry.Source) { s.Declaration = nil }, "declaration", "interconnection"},
		{"no reference", func(s *registry.Source) { s.Declaration.Reference = "" }, "declaration.reference", "register"},
		{"no purpose", func(s *registry.Source) { s.Declaration.Covers = "" }, "declaration.covers", "interconnection"},
		{"no controller", func(s *registry.Source) { s.Declaration.Controller.Name = "" }, "declaration.controller.name", "missing"},
		{"no last day", func(s *registry.Source) { s.Declaration.Until = registry.Date{} }, "declaration.until", "yyyy-mm-dd"},
	})
}

func TestDeclarationMistakes(t *testing.T) {
	t.Parallel()
	try(t, "declaration", declaration, alone(registry.Declaration.Check), []mistake[registry.Declaration]{
		{"no id", func(d *registry.Declaration) { d.ID = "" }, "id", "no identifier"},
		{"no service", func(d *registry.Declaration) { d.ServiceID = "" }, "service", "no identifier"},
		{"version zero", func(d *registry.Declaration) { d.Version = 0 }, "version", "from 1"},
		{"no controller", func(d *registry.Declaration) { d.Controller.Name = "" }, "controller.name", "missing"},
		{"no office", func(d *registry.Declaration) { d.Controller.Office = "" }, "controller.office", "missing"},
		{"no DPO", func(d *registry.Declaration) { d.Controller.DPO = "" }, "controller.dpo", "officer"},
		{"no relation", func(d *registry.Declaration) { d.Supplier.Relation = "" }, "supplier.relation", "processor"},
		{"no basis", func(d *registry.Declaration) { d.Basis.Kind = "" }, "basis.kind", "public_interest"},
		{"no mode", func(d *registry.Declaration) { d.Mode = "" }, "mode", "pseudonymous"},
		{"a pseudonym for ever", func(d *registry.Declaration) { d.Pseudonym = "always" }, "pseudonym", "school_year"},
		{"a negative session", func(d *registry.Declaration) { d.MaxSession = -1 }, "max_session", "negative"},
		{"a negative overlap", func(d *registry.Declaration) { d.Overlap = -1 }, "pseudonym_overlap", "0 to 366"},
		{"an overlap without end", func(d *registry.Declaration) { d.Overlap = 367 }, "pseudonym_overlap", "0 to 366"},
		{"no first day", func(d *registry.Declaration) { d.From = registry.Date{} }, "from", "yyyy-mm-dd"},
		{"no last day", func(d *registry.Declaration) { d.Until = registry.Date{} }, "until", "yyyy-mm-dd"},
		{"days the wrong way round", func(d *registry.Declaration) { d.Until = d.From.Add(-1) }, "until", "is before"},
		{"no level", func(d *registry.Declaration) { d.Scope = registry.Scope{} }, "scope.level", "academy"},
		{"no academy", func(d *registry.Declaration) { d.Scope = registry.Scope{Level: registry.ByAcademy} }, "scope.academies", "missing"},
		{"no department", func(d *registry.Declaration) { d.Scope = registry.Scope{Level: registry.ByDepartment} }, "scope.departments", "missing"},
		{"no establishment", func(d *registry.Declaration) { d.Scope.UAIs = nil }, "scope.uais", "missing"},
		{"a wrong letter", func(d *registry.Declaration) { d.Scope.UAIs = []person.UAI{"0280101A"} }, "scope.uais[0]", "0280101H would"},
		{"nobody", func(d *registry.Declaration) { d.Audience.Profiles = nil }, "audience.profiles", "nobody"},
		{"an unknown profile", func(d *registry.Declaration) { d.Audience.Profiles = []person.Profile{"National_elv"} }, "audience.profiles[0]", "National_ELV"},
		{"a negative age", func(d *registry.Declaration) { d.Audience.MinAge = -1 }, "audience.min_age", "no age"},
		{"an absurd age", func(d *registry.Declaration) { d.Audience.MinAge = 100 }, "audience.min_age", "no age"},
		{"a school that answers for the gateway", func(d *registry.Declaration) { d.ServiceID = registry.House }, "scope.level", "academy"},
		{"a school that answers for the desk", func(d *registry.Declaration) { d.ServiceID = registry.Desk }, "scope.level", "academy"},
		{"a desk that forgets who holds an office", func(d *registry.Declaration) {
			d.ServiceID, d.Pseudonym, d.Scope = registry.Desk, registry.PerSchoolYear, registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}}
		}, "pseudonym", "appointment"},
		{"an unknown profile of an item", func(d *registry.Declaration) { d.Items[0].Profiles = []person.Profile{"x"} }, "items[0].profiles[0]", "no profile"},
	})
}

func TestDelegationMistakes(t *testing.T) {
	t.Parallel()
	try(t, "delegation", delegation, alone(registry.Delegation.Check), []mistake[registry.Delegation]{
		{"no id", func(d *registry.Delegation) { d.ID = "" }, "id", "no identifier"},
		{"no function", func(d *registry.Delegation) { d.Function = "" }, "function", "missing"},
		{"no act", func(d *registry.Delegation) { d.Act = "" }, "act", "missing"},
		{"a wrong letter", func(d *registry.Delegation) { d.UAI = "0280101A" }, "uai", "0280101H would"},
		{"no first day", func(d *registry.Delegation) { d.From = registry.Date{} }, "from", "yyyy-mm-dd"},
		{"no last day", func(d *registry.Delegation) { d.Until = registry.Date{} }, "until", "yyyy-mm-dd"},
	})
}

func TestAllMistakesOfAnObjectAreToldAtOnce(t *testing.T) {
	t.Parallel()
	findings := registry.Declaration{}.Check()
	for _, where := range []string{
		"id", "service", "version", "controller.name", "controller.office", "controller.dpo", "supplier.relation", "basis.kind",
		"mode", "from", "until", "scope.level", "audience.profiles",
	} {
		if !slices.ContainsFunc(findings, func(f registry.Finding) bool { return f.Where == where }) {
			t.Errorf("an empty declaration: nothing is said of %s", where)
		}
	}
}

func TestFindingInOneLine(t *testing.T) {
	t.Parallel()
	f := registry.Finding{Where: "basis", What: "is missing", Mend: "name it", Law: "RGPD art. 6"}
	if got := f.String(); got != "basis: is missing (name it) [RGPD art. 6]" {
		t.Errorf("%q", got)
	}
	if registry.Blocks([]registry.Finding{{Severity: registry.ToJustify}, {Severity: registry.Note}}) {
		t.Error("what must be justified blocks")
	}
	if registry.Blocking.String() != "blocking" || registry.ToJustify.String() != "to justify" || registry.Note.String() != "note" {
		t.Error("severities have other words")
	}
}

func TestALinkNeedsNoBinding(t *testing.T) {
	t.Parallel()
	link := registry.Service{
		ID: "lien", Name: registry.Text{FR: "Lien"}, Sentence: registry.Text{FR: "Un site."}, Provider: "Exemple", Start: "https://lien.example/",
	}
	if found := link.Check(); len(found) != 0 {
		t.Errorf("%v", found)
	}
}

// The ministry's list has inspectors' circonscriptions among its establishments: one of them must not keep a whole list back.
func TestEveryKindOfEstablishmentOfTheMinistrysListIsOne(t *testing.T) {
	t.Parallel()
	for _, kind := range []registry.Kind{registry.Ecole, registry.College, registry.Lycee, registry.Circonscription, registry.Office} {
		e := registry.Establishment{UAI: "0280202T", Name: "x", Kind: kind, Academy: "exemple", Department: "028"}
		if found := e.Check(); len(found) != 0 {
			t.Errorf("%s: %v", kind, found)
		}
	}
}
