package idptest

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// The invented academy. Begin is the moment at which every house opens.
const (
	School  = person.UAI("0010001W") // a primary school
	College = person.UAI("0010002X") // a collège
	Closed  = person.UAI("0010003Y") // a school that no longer is
)

// Begin is a Monday morning in October.
func Begin() time.Time { return time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC) }

// The people.
const (
	Lea   = "lea"   // in CE2, eight years old
	Nour  = "nour"  // in 4e, thirteen
	Paul  = "paul"  // teaches in both schools
	Zoe   = "zoe"   // teaches there too
	Blank = "blank" // the source forgot who
)

// people are in the words of a directory (SDET), as a source hands them over.
func people() map[string]map[string][]string {
	return map[string]map[string][]string{
		Lea: {
			"ENTPersonJointure": {"ACADEMIE$1001"}, "givenName": {"Léa"}, "sn": {"Martin & Cie"}, "mail": {"lea@ecole.example"},
			"ENTPersonProfils": {"National_ELV"}, "ENTPersonStructRattach": {string(School)},
			"ENTEleveClasses": {string(School) + "$CE2 B"}, "ENTEleveGroupes": {string(School) + "$chorale", string(School) + "$échecs"},
			"ENTEleveNivFormation": {"CE2"}, "ENTPersonDateNaissance": {"12/03/2018"},
		},
		Nour: {
			"ENTPersonJointure": {"ACADEMIE$1002"}, "givenName": {"Nour"}, "sn": {"Benali"}, "mail": {"nour@college.example"},
			"ENTPersonProfils": {"National_ELV"}, "ENTPersonStructRattach": {string(College)},
			"ENTEleveClasses": {string(College) + "$4A"}, "ENTEleveNivFormation": {"4EME"}, "ENTPersonDateNaissance": {"02/01/2013"},
		},
		Paul: {
			"ENTPersonJointure": {"ACADEMIE$2001"}, "givenName": {"Paul"}, "sn": {"Durand"}, "mail": {"paul@academie.example"},
			"ENTPersonFonctions":       {string(School) + "$ENS$1", string(College) + "$ENS$1"},
			"ENTAuxEnsClassesMatieres": {string(School) + "$CE2 B$FRANCAIS", string(College) + "$4A$FRANCAIS"},
			"ENTPersonDateNaissance":   {"20/05/1980"},
		},
		Zoe: {
			"ENTPersonJointure": {"ACADEMIE$2002"}, "givenName": {"Zoé"}, "sn": {"Petit"},
			"ENTPersonFonctions":       {string(School) + "$ENS$1", string(College) + "$ENS$1"},
			"ENTAuxEnsClassesMatieres": {string(School) + "$CE2 B$ANGLAIS", string(College) + "$4A$ANGLAIS"},
		},
		Blank: {"givenName": {"Personne"}},
	}
}

// outline is a service and its declaration in few words.
type outline struct {
	id, sector string
	subject    person.Attr
	items      []person.Attr
	change     func(*registry.Declaration)
}

func outlines() []outline {
	school := []person.Attr{"level", "classes"}
	return []outline{
		{id: "lire", sector: "lecture", items: school},
		{id: "ecrire", sector: "lecture", items: []person.Attr{"pseudonym", "uai"}},
		{id: "calcul", items: []person.Attr{"pseudonym", "profile"}},
		{id: "annee", items: []person.Attr{"level"}, change: func(d *registry.Declaration) { d.Pseudonym = registry.PerSchoolYear }},
		{id: "carnet", items: []person.Attr{person.GivenName, person.FamilyName, "mail", "classes"}, change: nominative},
		{id: "naif", items: []person.Attr{person.GivenName, "level"}}, // declares a name and is not nominative
		{id: "courrier", subject: "mail", items: []person.Attr{"mail", "level"}, change: nominative},
		{id: "muet", subject: "mail", items: []person.Attr{"level"}, change: nominative},
		{id: "adultes", items: []person.Attr{"profile"}, change: func(d *registry.Declaration) {
			d.Audience.Profiles = []person.Profile{person.Teacher}
		}},
		{id: "ferme", items: school, change: func(d *registry.Declaration) {
			d.State, d.Since = registry.Suspended, Begin()
			d.Decisions = []registry.Decision{{At: Begin(), State: registry.Approved}}
		}},
		{id: "muette", items: school, change: func(d *registry.Declaration) { d.ServiceID = "nobody" }}, // no declaration
		{id: "avis", items: school, change: func(d *registry.Declaration) { d.Basis.Kind = registry.Consent }},
	}
}

func nominative(d *registry.Declaration) { d.Mode = registry.Nominative }

// contents registers the academy for one protocol.
func contents(tb testing.TB, bind func(testing.TB, string) registry.Binding) registry.Contents {
	tb.Helper()
	from, until := date(tb, "2026-09-01"), date(tb, "2028-07-10")
	source := func(id string) registry.Source {
		return registry.Source{
			ID: id, Name: registry.Text{FR: "Source " + id}, Authority: "academie", Connector: "test",
			Declaration: &registry.SourceDeclaration{From: from, Until: until, State: registry.Approved},
		}
	}
	ent := source(ENT)
	ent.Way = &registry.Way{Label: "Mon ENT", URL: "https://ent.example/"}
	hidden := source(Hidden)
	hidden.Hidden = true
	c := registry.Contents{
		Establishments: []registry.Establishment{
			{UAI: School, Name: "École des Tilleuls", Kind: registry.Ecole, Academy: "demo", Devices: registry.PersonalDevices, Ways: []registry.Way{{Label: "L'école", URL: "https://ecole.example/"}}},
			{UAI: College, Name: "Collège Jean-Moulin", Kind: registry.College, Academy: "demo"},
			{UAI: Closed, Name: "École fermée", Kind: registry.Ecole, Academy: "demo", Closed: true},
		},
		Sources: []registry.Source{ent, source(Desk), hidden},
	}
	for _, o := range outlines() {
		binding := bind(tb, o.id)
		binding.Subject = o.subject
		c.Services = append(c.Services, registry.Service{
			ID: o.id, Name: registry.Text{FR: "Service " + o.id}, Sector: o.sector, Bindings: []registry.Binding{binding},
			Start: "https://" + o.id + ".example/start",
		})
		c.Declarations = append(c.Declarations, o.declaration(from, until))
	}
	registrytest.Cover(&c)
	return c
}

func (o outline) declaration(from, until registry.Date) registry.Declaration {
	d := registry.Declaration{
		ID: "d-" + o.id, ServiceID: o.id, Version: 1, State: registry.Approved, From: from, Until: until,
		Mode:       registry.Pseudonymous,
		Controller: registry.Controller{Name: "Académie de Démo", Office: "le recteur"},
		Scope:      registry.Scope{Level: registry.ByAcademy, Academies: []string{"demo"}, All: true},
		Basis:      registry.Basis{Kind: registry.PublicInterest, Text: "code de l'éducation"},
		Audience:   registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher}},
		MaxSession: time.Hour,
	}
	for _, word := range o.items {
		d.Items = append(d.Items, registry.Item{Attr: word, Justification: registry.Text{FR: "pour travailler"}})
	}
	if o.change != nil {
		o.change(&d)
	}
	return d
}

func date(tb testing.TB, s string) registry.Date {
	tb.Helper()
	d, err := registry.ParseDate(s)
	if err != nil {
		tb.Fatal(err)
	}
	return d
}
