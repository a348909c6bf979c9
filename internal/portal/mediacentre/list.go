package mediacentre

import (
	"net/url"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// Answer is the list in the form of the GAR's wsListeRessources.
type Answer struct {
	List Resources `json:"listeRessources"`
}

// Resources are the resources of an answer.
type Resources struct {
	Resources []Resource `json:"ressource"`
}

// Resource is one service that is open, in the GAR's words. What the register does not say is empty.
type Resource struct {
	ID           string                `json:"idRessource"`
	IDType       string                `json:"idType"` // ARK, or URN for a name of ours
	Name         string                `json:"nomRessource"`
	EditorID     string                `json:"idEditeur"`
	Editor       string                `json:"nomEditeur"`
	Vignette     string                `json:"urlVignette"`
	Presentation registry.Presentation `json:"typePresentation"`
	Pedagogical  []registry.Term       `json:"typePedagogique"`
	Documents    []registry.Term       `json:"typologieDocument"`
	Levels       []registry.Term       `json:"niveauEducatif"`
	Subjects     []registry.Term       `json:"domaineEnseignement"`
	URL          string                `json:"urlAccesRessource"`
	Label        string                `json:"nomSourceEtiquetteGar"`
	Distributor  string                `json:"distributeurTech"`
	Validator    string                `json:"validateurTech"`
	Description  string                `json:"description"`
	School       person.UAI            `json:"idEtablissement"`
}

// list makes the answer about one person, invented or not.
type list struct {
	view   *registry.Snapshot
	now    time.Time
	kit    *web.Kit
	source string
	lang   string
	would  Would // nil asks the gate alone
}

// of lists what is open for somebody in some establishments.
func (l list) of(who person.Person, schools ...registry.Establishment) Answer {
	out := Answer{List: Resources{Resources: []Resource{}}}
	for _, school := range schools {
		for _, service := range l.view.Services() {
			if service.ID != registry.House && service.ID != registry.Desk && service.Start != "" && l.open(who, school.UAI, service) {
				out.List.Resources = append(out.List.Resources, l.resource(service, school.UAI))
			}
		}
	}
	return out
}

func (l list) open(who person.Person, uai person.UAI, service registry.Service) bool {
	return slices.ContainsFunc(policy.Places(l.view, l.now, who, service.ID), func(p policy.Place) bool {
		return p.UAI == uai && (l.would == nil || l.would(p, service) == nil)
	})
}

// resource says of a service what the register says. The link is the same as long as the service and the school are.
func (l list) resource(service registry.Service, uai person.UAI) Resource {
	q := url.Values{"uai": {string(uai)}}
	if l.source != "" {
		q.Set("source", l.source)
	}
	r := Resource{
		ID: "urn:ecluse:service:" + service.ID, IDType: "URN", Name: service.Name.In(l.lang), Editor: service.Provider,
		URL: l.kit.URL("/go/" + url.PathEscape(service.ID) + "?" + q.Encode()), Label: "Accessible via Écluse",
		Description: service.Sentence.In(l.lang), School: uai, Vignette: l.kit.URL("/vignettes/ecran.svg"),
		Pedagogical: []registry.Term{}, Documents: []registry.Term{}, Levels: []registry.Term{}, Subjects: []registry.Term{},
	}
	said := service.Listing
	if said == nil {
		return r
	}
	if said.Resource != "" {
		r.ID, r.IDType = said.Resource, "ARK"
	}
	if said.Vignette != "" {
		r.Vignette = l.kit.URL("/vignettes/" + said.Vignette + ".svg")
	}
	r.EditorID, r.Distributor, r.Validator, r.Presentation = said.Editor, said.Editor, said.Editor, said.Presentation
	r.Pedagogical, r.Documents = append(r.Pedagogical, said.Pedagogical...), append(r.Documents, said.Documents...)
	r.Levels, r.Subjects = append(r.Levels, said.Levels...), append(r.Subjects, said.Subjects...)
	return r
}
