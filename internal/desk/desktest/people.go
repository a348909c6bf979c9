package desktest

import (
	"context"
	"fmt"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// The handles of those who were appointed; those whom a federation vouches for have others.
func handle(of string) string { return "handle-of-the-" + of }

// Recteur holds the academy.
func (h *House) Recteur() roles.Caller { return appointee("recteur") }

// DASEN holds the department.
func (h *House) DASEN() roles.Caller { return appointee("dasen") }

// DPO is the academy's data-protection officer.
func (h *House) DPO() roles.Caller { return appointee("dpo") }

// DRANE instructs.
func (h *House) DRANE() roles.Caller { return appointee("drane") }

// Admin is technical.
func (h *House) Admin() roles.Caller { return appointee("admin") }

// OnCall suspends.
func (h *House) OnCall() roles.Caller { return appointee("oncall") }

// Support sees references.
func (h *House) Support() roles.Caller { return appointee("support") }

// Auditor reads.
func (h *House) Auditor() roles.Caller { return appointee("auditor") }

// IEN inspects the circonscription of the école.
func (h *House) IEN() roles.Caller { return appointee("ien") }

// Provider is the contact of the service "lire".
func (h *House) Provider() roles.Caller { return appointee("provider") }

// Stranger holds nothing.
func (h *House) Stranger() roles.Caller { return roles.Caller{Handle: handle("stranger")} }

// Head heads an establishment: of the école, its directeur, who is no controller.
func (h *House) Head(uai person.UAI) roles.Caller {
	role := registry.HeadOfSchool
	if uai == Ecole {
		role = registry.Directeur
	}
	return h.vouched("head-"+string(uai), registry.Held{Role: role, Over: over(uai)})
}

// Teacher teaches there.
func (h *House) Teacher(uai person.UAI) roles.Caller {
	return h.vouched("teacher-"+string(uai), registry.Held{Role: registry.Staff, Over: over(uai), Functions: []string{"ENS"}})
}

// Deputy acts for the head under an act that ends after the given day.
func (h *House) Deputy(uai person.UAI, act string, until registry.Date) roles.Caller {
	held := registry.Held{Role: registry.Deputy, Over: over(uai), Under: act}
	c := h.vouched("deputy-"+string(uai), held)
	c.Held[0].Until = until.Ends(h.Live.Zone)
	return c
}

// Assistant prepares what the collège declares.
func (h *House) Assistant() roles.Caller { return appointee("assistant") }

func appointee(of string) roles.Caller { return roles.Caller{Handle: handle(of)} }

// vouched is somebody for whom a federation vouched a moment ago.
func (h *House) vouched(name string, held registry.Held) roles.Caller {
	held.From, held.Until = h.now().Add(-time.Hour), h.now().Add(11*time.Hour)
	return roles.Caller{Handle: handle(name), Held: []registry.Held{held}}
}

func over(uai person.UAI) registry.Over { return registry.Over{UAIs: []person.UAI{uai}} }

// furniture is what a new house holds.
func furniture(now time.Time) registry.Change {
	return registry.Change{
		Services: []registry.Service{
			service("lire", "lecture"), service("calcul", "exercices"), service(registry.House, "passerelle"), service(registry.Desk, "bureau"),
		},
		Establishments: schools(),
		Sources: []registry.Source{{
			ID: "ent", Name: registry.Text{FR: "ENT"}, Connector: "ldap", Authority: "ac",
			Declaration: &registry.SourceDeclaration{
				Reference: "annuaire-2026-1", Controller: registry.Controller{Name: "Académie d'Exemple", Office: "recteur", DPO: "dpd@ac-exemple.fr"},
				Covers: "interconnexion avec la passerelle", State: registry.Approved, From: Day("2026-01-01"), Until: Day("2028-12-31"),
			},
		}},
		Declarations: []registry.Declaration{house(now)},
		Appointments: appointments(now),
		Files:        papers(),
	}
}

// papers are the contents of the papers that the texts of this package attach. A paper's content is the word of which
// conformitytest.Hash made its hash.
func papers() []registry.File {
	whose := []string{"", "house", Department}
	for _, uais := range [][]person.UAI{{College}, {Other}, {Lycee}, {Ecole}, {College, Other}, {"0289999X"}} {
		whose = append(whose, fmt.Sprint(uais))
	}
	var out []registry.File
	for _, w := range whose {
		for _, kind := range []string{"contract", "terms", "dpia", "council"} {
			out = append(out, registry.File{Hash: conformitytest.Hash(kind + w), Type: "text/plain; charset=utf-8", Body: []byte(kind + w)})
		}
	}
	return out
}

func service(id, category string) registry.Service {
	return registry.Service{
		ID: id, Name: registry.Text{FR: id}, Sentence: registry.Text{FR: "Pour essayer."}, Provider: "Éditions du Canal", Category: category,
		Bindings: []registry.Binding{{Protocol: "saml", Handle: "https://" + id + ".example/sp"}},
	}
}

func schools() []registry.Establishment {
	school := func(uai person.UAI, kind registry.Kind, pupils int) registry.Establishment {
		return registry.Establishment{UAI: uai, Name: string(uai), Town: "Chartres", Kind: kind, Academy: Academy, Department: Department, Pupils: pupils}
	}
	ecole, lycee := school(Ecole, registry.Ecole, 120), school(Lycee, registry.Lycee, 900)
	ecole.District, lycee.Private = "Chartres 1", true
	return []registry.Establishment{ecole, school(College, registry.College, 400), school(Other, registry.College, 350), lycee, school(Service, registry.Office, 0)}
}

// house is the gateway's own register entry, in force, for everybody in the academy.
func house(now time.Time) registry.Declaration {
	d := conformitytest.Conforming(registry.House, "ecluse-2026")
	d.Scope.All = true
	d = WithPapers(d, "house")
	d.State, d.Since, d.Author = registry.Approved, now, "command:test"
	d.Decisions = []registry.Decision{{At: now, State: registry.Approved, Office: "recteur", By: handle("recteur")}}
	return d
}

func appointments(now time.Time) []registry.Appointment {
	all := registry.Over{Academies: []string{Academy}}
	give := func(name string, role registry.Role, over registry.Over) registry.Appointment {
		return registry.Appointment{
			ID: name, Role: role, Over: over, Reason: "essai", From: Day("2026-01-01"), Until: Day("2029-12-31"),
			State: registry.ConfirmedApp, Holder: handle(name), Author: "command:test", Since: now,
		}
	}
	return []registry.Appointment{
		give("recteur", registry.Recteur, all), give("dpo", registry.DPO, all), give("drane", registry.DRANE, all),
		give("admin", registry.Admin, all), give("oncall", registry.OnCall, all), give("support", registry.Support, all),
		give("auditor", registry.Auditor, all),
		give("dasen", registry.DASEN, registry.Over{Departments: []string{Department}}),
		give("ien", registry.IEN, registry.Over{Circonscriptions: []string{"Chartres 1"}}),
		give("provider", registry.Provider, registry.Over{Services: []string{"lire"}}),
		give("assistant", registry.Assistant, over(College)),
	}
}

// OnePupil is a source that knows nobody but the pupil "eleve-4711" of the collège; who looked is kept as it is in service.
type OnePupil struct {
	consent.Looks
	Now func() time.Time
}

// Find finds the pupil.
func (o OnePupil) Find(_ context.Context, source, id string) (person.Person, error) {
	if id != "eleve-4711" {
		return person.Person{}, desk.ErrNobody
	}
	return person.Person{
		Key: person.Key{Authority: "ac", ID: id}, Authn: person.Authn{Source: source, At: o.Now()},
		Affiliations: []person.Affiliation{{UAI: College, Profile: person.Pupil}},
	}, nil
}
