package portal

import (
	"cmp"
	"errors"
	"html/template"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/charter"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/pictures"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// State is where a service stands for one person in one establishment: a stable word.
type State string

// The states. Only Open leads anywhere.
const (
	Open      State = "open"
	Elsewhere State = "elsewhere" // open, and nobody registered where it begins
	Lacking   State = "lacking"   // open, and what it requires of this person cannot be sent
	ToEnable  State = "to_enable" // examined, and not opened by the controller: staff alone are told
	Parents   State = "parents"   // open, and the agreement of a holder of parental authority is missing
	Stopped   State = "stopped"   // suspended, and open but for that
	TooYoung  State = "too_young" // in a pupil's view alone: it has a minimum age, which a level does not tell
)

// Tile is one service as a person finds it.
type Tile struct {
	Service   string
	State     State
	Name      string
	Sentence  string
	Provider  string
	URL       string    // where the tile leads; empty unless State is Open
	Closes    time.Time // its last day, where that comes within 30 days; else zero
	Message   string    // of whoever suspended it; may be empty
	Office    string    // the function that opens it, for ToEnable; may be empty
	MinAge    int       // for TooYoung
	Favourite bool
	Picture   template.HTML // an inline picture of ours
	Subjects  []string
	Levels    []string
	Kinds     []string

	place policy.Place
}

// soon is within which a service's end is told.
const soon = 30 * 24 * time.Hour

// Forecast is what a service would receive of somebody, by names and never by values.
type Forecast struct {
	Sent        []Said
	Kept        []dictionary.Name // what does not leave
	Declaration string
	Version     int
	Number      bool // an opaque number stands for the person, or goes along
}

// Said is one thing that would be sent, and why.
type Said struct {
	Name dictionary.Name
	Why  registry.Text
}

// Would says what a sign-in of one person would come to, and sends nothing. Its error is a refusal of this person there;
// or one of those below.
type Would func(place policy.Place, service registry.Service) (Forecast, error)

// The errors of Would that are no refusals of the gate or of what is sent.
var (
	// ErrUnknown says that nobody knows whether the person could enter. Unknown is no.
	ErrUnknown = errors.New("it could not be found out whether this person may enter")
	// ErrParents says that the agreement of those who hold parental authority is missing.
	ErrParents = errors.New("the parents are asked first")
	// ErrClosed says that the service is closed for this person alone. Whoever looks over their shoulder is told nothing.
	ErrClosed = errors.New("the service is closed for this person")
)

// shelf makes the tiles of one person in one establishment. It asks the gate about each service and decides nothing.
type shelf struct {
	view    *registry.Snapshot
	now     time.Time
	lifted  func() *registry.Snapshot // the view as it would be if nothing were suspended
	would   Would                     // nil asks the gate alone
	lang    string
	as      charter.Wording // in whose words
	who     person.Person   // as they are in this establishment and nowhere else
	uai     person.UAI
	staff   bool
	partial bool // something could not be found out
	pupils  bool // it is a pupil's view that somebody else looks at
}

// tiles lists the services that concern the person, open ones first, each part by name.
func (s *shelf) tiles() []Tile {
	var out []Tile
	for _, service := range s.view.Services() {
		if service.ID == registry.House || service.ID == registry.Desk {
			continue
		}
		if t, shown := s.tile(service); shown {
			out = append(out, t)
		}
	}
	slices.SortStableFunc(out, func(a, b Tile) int {
		if (a.State == Open) != (b.State == Open) {
			if a.State == Open {
				return -1
			}
			return 1
		}
		return compareWords(a.Name, b.Name)
	})
	return out
}

func (s *shelf) tile(service registry.Service) (Tile, bool) {
	t := s.plain(service)
	if places := policy.Places(s.view, s.now, s.who, service.ID); len(places) > 0 {
		return t, s.open(&t, service, places)
	}
	why := policy.Why(s.view, s.now, s.who, service.ID)
	if why == nil {
		return Tile{}, false
	}
	switch why.Reason {
	case policy.NotEnabled, policy.AwaitingController:
		t.State, t.Office = ToEnable, why.Office
		return t, s.staff && !s.pupils
	case policy.ServiceSuspended, policy.DeclarationStopped, policy.SuspendedHere:
		t.State, t.Message = Stopped, cmp.Or(why.Words.For(string(s.as), s.lang), why.Message.In(s.lang))
		return t, len(policy.Places(s.lifted(), s.now, s.who, service.ID)) > 0
	case policy.TooYoung:
		t.State, t.MinAge = TooYoung, why.MinAge
		return t, s.pupils
	default:
		return Tile{}, false
	}
}

// open fills the tile of a service that the gate opens somewhere. One that is closed for this person alone is not shown.
func (s *shelf) open(t *Tile, service registry.Service, places []policy.Place) (shown bool) {
	t.State = Lacking
	for _, place := range places {
		grant, err := policy.Gate(s.view, s.now, policy.Ask{Person: s.who, Place: place, Service: service.ID})
		if err != nil {
			continue
		}
		if s.would != nil {
			_, err := s.would(place, service)
			switch {
			case errors.Is(err, ErrClosed):
				return false
			case errors.Is(err, ErrParents):
				t.State = Parents
			case errors.Is(err, ErrUnknown):
				s.partial = true
			}
			if err != nil {
				continue
			}
		}
		t.State, t.place = Open, place
		if left := grant.Until().Sub(s.now); left < soon {
			t.Closes = grant.Until().Add(-time.Nanosecond)
		}
		break
	}
	switch {
	case t.State != Open || s.pupils: // who looks at somebody else's view does not enter from there
	case service.Start == "":
		t.State = Elsewhere
	default:
		if t.URL = "/go/" + service.ID; guardian.Names(s.who, s.uai) { // else the sign-in asks for which child
			t.URL = classLink(service.ID, s.uai)
		}
	}
	return true
}

func (s *shelf) plain(service registry.Service) Tile {
	t := Tile{
		Service: service.ID, Name: service.Name.In(s.lang), Sentence: service.Sentence.In(s.lang), Provider: service.Provider,
		Picture: pictures.Inline(service.Vignette()),
	}
	if l := service.Listing; l != nil {
		t.Subjects, t.Levels, t.Kinds = names(l.Subjects), names(l.Levels), names(append(slices.Clone(l.Pedagogical), l.Documents...))
	}
	return t
}

func names(terms []registry.Term) []string {
	var out []string
	for _, t := range terms {
		out = append(out, t.Name)
	}
	return out
}

// classLink is the address of a service for whoever is in one establishment; it names nobody and holds no secret.
func classLink(service string, uai person.UAI) string {
	return "/go/" + service + "?uai=" + string(uai)
}

// lift is the view as it would be if nothing were suspended: what the gate opens there and not in the true one is shut for
// that reason alone. Nothing is ever released on it.
func lift(view *registry.Snapshot) *registry.Snapshot {
	c := registry.Contents{Revision: view.Revision()}
	for _, service := range view.Services() {
		if service.Suspended {
			service.Suspended = false
			c.Services = append(c.Services, service)
		}
	}
	for _, d := range view.AllDeclarations() {
		if d.State == registry.Suspended {
			d.State = registry.Approved
			c.Declarations = append(c.Declarations, d)
		}
	}
	for _, e := range view.Enablings() {
		if e.State == registry.SuspendedHere {
			e.State = registry.Enabled
			c.Enablings = append(c.Enablings, e)
		}
	}
	return view.With(c)
}

// only is somebody as they are in one establishment.
func only(who person.Person, uai person.UAI) person.Person {
	who.Affiliations = slices.DeleteFunc(slices.Clone(who.Affiliations), func(a person.Affiliation) bool { return a.UAI != uai })
	return who
}

// worksAt tells whether somebody is staff in an establishment now.
func worksAt(who person.Person, uai person.UAI, now time.Time) bool {
	return slices.ContainsFunc(who.Affiliations, func(a person.Affiliation) bool {
		return a.UAI == uai && a.Holds(now) && a.Profile != person.Pupil && a.Profile != person.Guardian
	})
}
