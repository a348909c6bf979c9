package register

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// Public is what anybody may read of the register of one place, today: what is open there and what is stopped. It is made
// of types that have no room for security measures, papers, drafts, reasons, incidents, contacts and people.
type Public struct {
	On      registry.Date `json:"on"`
	School  *PublicSchool `json:"school,omitempty"`
	Academy string        `json:"academy,omitempty"` // for a whole academy
	Schools int           `json:"schools,omitempty"` // that it has, for a whole academy
	Lines   []PublicLine  `json:"services"`
	House   []PublicLine  `json:"gateway"` // the gateway's own processing
}

// PublicSchool is an establishment as the ministry's list has it.
type PublicSchool struct {
	UAI        person.UAI    `json:"uai"`
	Name       string        `json:"name"`
	Town       string        `json:"town"`
	Kind       registry.Kind `json:"kind"`
	Academy    string        `json:"academy"`
	Department string        `json:"department"`
	Closed     bool          `json:"closed,omitempty"`
}

// PublicLine is one service that stands in a place, under one version of one declaration.
type PublicLine struct {
	Service     string             `json:"service"`
	Name        registry.Text      `json:"name"`
	Sentence    registry.Text      `json:"sentence"`
	Provider    string             `json:"provider"`
	Stopped     bool               `json:"suspended"`
	By          policy.Opener      `json:"opened_by"`
	Controllers []PublicController `json:"controllers"`
	Purposes    []registry.Text    `json:"purposes"`
	Basis       registry.BasisKind `json:"basis"`
	Founded     string             `json:"basis_text,omitempty"`
	Profiles    []person.Profile   `json:"profiles"`
	Levels      []string           `json:"levels,omitempty"`
	MinAge      int                `json:"min_age,omitempty"`
	Persons     []registry.Text    `json:"persons,omitempty"`
	Named       bool               `json:"names"` // whether names leave; a number that nobody can read otherwise
	Items       []PublicItem       `json:"data"`
	Produced    []registry.Text    `json:"categories,omitempty"`
	Recipients  []registry.Text    `json:"recipients,omitempty"`
	Supplier    PublicSupplier     `json:"supplier"`
	Hosting     []string           `json:"hosting"`
	Transfers   []PublicTransfer   `json:"transfers"`
	Kept        registry.Text      `json:"kept"`
	Erasure     []registry.Erasure `json:"erasure,omitempty"`
	Since       registry.Date      `json:"since,omitzero"`
	Until       registry.Date      `json:"until,omitzero"`    // the last day, under the rules of now
	Schools     int                `json:"schools,omitempty"` // where it stands, for a whole academy
}

// PublicController is an authority and the function that signs for it.
type PublicController struct {
	Name   string `json:"name"`
	Office string `json:"office"`
}

// PublicItem is one attribute that leaves, in words, and why.
type PublicItem struct {
	Label    registry.Text    `json:"label"`
	Why      registry.Text    `json:"why"`
	Profiles []person.Profile `json:"profiles,omitempty"`
}

// PublicSupplier is the supplier in its true role, and those whom it engages.
type PublicSupplier struct {
	Role registry.Relation `json:"role"`
	Name string            `json:"name,omitempty"`
	Sub  []PublicSub       `json:"sub_processors,omitempty"`
}

// PublicSub is a processor of the processor.
type PublicSub struct {
	Name    string `json:"name"`
	Country string `json:"country"`
	For     string `json:"for,omitempty"`
}

// PublicTransfer is a flow of data out of the EEA.
type PublicTransfer struct {
	Country    string              `json:"country"`
	Recipient  string              `json:"recipient"`
	Remote     bool                `json:"remote,omitempty"`
	Instrument registry.Instrument `json:"instrument"`
}

// OfSchool gathers what the public may read of one establishment at now. ok is false where there is none, or a test tenant.
func OfSchool(s *registry.Snapshot, words *dictionary.Dictionary, now time.Time, uai person.UAI) (out Public, ok bool) {
	school, known := s.Establishment(uai)
	if !known || school.Test {
		return Public{}, false
	}
	shown := publicSchool(s, now, school)
	out = Public{On: registry.DateOf(now.In(s.Zone())), School: &shown}
	for _, service := range s.FindServices() {
		if stand, stands := policy.Here(s, now, service.ID, school); stands {
			out.add(publicLine(words, *service, stand))
		}
	}
	return out, true
}

// OfAcademy gathers what the public may read of a whole academy at now: what stands in one of its establishments at least,
// each version once, and in how many. ok is false where it has no establishment.
func OfAcademy(s *registry.Snapshot, words *dictionary.Dictionary, now time.Time, academy string) (out Public, ok bool) {
	out = Public{On: registry.DateOf(now.In(s.Zone())), Academy: academy}
	schools := alike{sort: map[person.UAI]likeness{}, all: map[likeness][]*registry.Establishment{}}
	for _, e := range s.FindEstablishments() {
		if e.Academy == academy && academy != "" && !e.Test && !e.ClosedAt(now, s.Zone()) {
			out.Schools++
			schools.add(s, now, e)
		}
	}
	for _, service := range s.FindServices() {
		for _, line := range wide(s, words, now, service, schools) {
			out.add(line)
		}
	}
	return out, out.Schools > 0
}

// likeness is all of an open establishment on which it depends how services stand there about which its controller said
// nothing: what is decided for it is decided for an academy, or for the public écoles of a department.
type likeness struct {
	academy, department string
	ecole               bool // a public one
	reached             bool // by the gateway's own entry
	stopped             bool
}

// alike is a place's establishments by their likeness.
type alike struct {
	sort  map[person.UAI]likeness
	all   map[likeness][]*registry.Establishment
	order []likeness // as they were first met
}

func (a *alike) add(s *registry.Snapshot, now time.Time, e *registry.Establishment) {
	l := likeness{
		academy: e.Academy, department: e.Department, ecole: e.Kind == registry.Ecole && !e.Private,
		reached: policy.Reached(s, now, *e), stopped: s.Stopped(registry.StopEstablishment, string(e.UAI)),
	}
	if a.sort[e.UAI] = l; a.all[l] == nil {
		a.order = append(a.order, l)
	}
	a.all[l] = append(a.all[l], e)
}

// wide are the lines of one service in many establishments: those whose controller said something are looked at one by one,
// of the others one of each likeness stands for all.
func wide(s *registry.Snapshot, words *dictionary.Dictionary, now time.Time, service *registry.Service, schools alike) []PublicLine {
	if len(s.Declarations(service.ID)) == 0 {
		return nil
	}
	type under struct {
		declaration string
		version     int
		stopped     bool
	}
	var lines []PublicLine
	at := map[under]int{}
	look := func(e *registry.Establishment, n int) {
		stand, stands := policy.Here(s, now, service.ID, *e)
		if !stands {
			return
		}
		key := under{stand.Version.ID, stand.Version.Version, stand.Stopped}
		i, seen := at[key]
		if !seen {
			i, at[key] = len(lines), len(lines)
			lines = append(lines, publicLine(words, *service, stand))
		}
		lines[i].Schools += n
		if first := lines[i].Since; stand.Since.String() < first.String() {
			lines[i].Since = stand.Since
		}
	}
	said := map[person.UAI]bool{}
	saying := map[likeness]int{}
	for _, uai := range s.Said(service.ID) {
		if l, here := schools.sort[uai]; here {
			said[uai] = true
			saying[l]++
			look(s.FindEstablishment(uai), 1)
		}
	}
	if !alone(s, service.ID) {
		return lines
	}
	for _, l := range schools.order {
		all := schools.all[l]
		i := slices.IndexFunc(all, func(e *registry.Establishment) bool { return !said[e.UAI] })
		if i >= 0 {
			look(all[i], len(all)-saying[l])
		}
	}
	return lines
}

// alone tells whether somebody may open a service in establishments without a word of theirs.
func alone(s *registry.Snapshot, service string) bool {
	return len(s.OpeningsOf(service)) > 0 || slices.ContainsFunc(s.Declarations(service), func(d registry.Declaration) bool { return d.Scope.Alone() && d.WasApproved() })
}

func (p *Public) add(line PublicLine) {
	if line.Service == registry.House || line.Service == registry.Desk {
		p.House = append(p.House, line)
		return
	}
	p.Lines = append(p.Lines, line)
}

func publicSchool(s *registry.Snapshot, now time.Time, e registry.Establishment) PublicSchool {
	return PublicSchool{
		UAI: e.UAI, Name: e.Name, Town: e.Town, Kind: e.Kind, Academy: e.Academy, Department: e.Department, Closed: e.ClosedAt(now, s.Zone()),
	}
}

func publicLine(words *dictionary.Dictionary, service registry.Service, stand policy.Stand) PublicLine {
	d := stand.Version
	out := PublicLine{
		Service: service.ID, Name: service.Name, Sentence: service.Sentence, Provider: public(service.Provider), Stopped: stand.Stopped, By: stand.By,
		Purposes: publicTexts(d.Purposes), Basis: d.Basis.Kind, Founded: public(d.Basis.Text),
		Profiles: d.Audience.Profiles, Levels: d.Audience.Levels, MinAge: d.Audience.MinAge, Persons: publicTexts(d.Persons),
		Named: d.Mode == registry.Nominative && service.Narrow != registry.Pseudonymous, Produced: publicTexts(d.Data), Recipients: publicTexts(d.Recipients),
		Supplier: PublicSupplier{Role: d.Supplier.Relation, Name: public(d.Supplier.Name)}, Hosting: d.Hosting,
		Kept: publicText(d.Retention), Since: stand.Since, Until: stand.Last,
	}
	for _, c := range append([]registry.Controller{d.Controller}, d.Joint...) {
		out.Controllers = append(out.Controllers, PublicController{public(c.Name), public(c.Office)})
	}
	for _, item := range d.Items {
		label := registry.Text{FR: string(item.Attr)}
		if e, ok := words.Entry(item.Attr); ok {
			label = registry.Text{FR: e.Label.FR, EN: e.Label.EN}
		}
		out.Items = append(out.Items, PublicItem{label, publicText(item.Justification), item.Profiles})
	}
	for _, sub := range d.Supplier.Sub {
		out.Supplier.Sub = append(out.Supplier.Sub, PublicSub{public(sub.Name), sub.Country, public(sub.For)})
	}
	for _, t := range d.Transfers {
		out.Transfers = append(out.Transfers, PublicTransfer{t.Country, public(t.Recipient), t.Remote, t.Instrument})
	}
	for _, e := range d.Erasure {
		out.Erasure = append(out.Erasure, registry.Erasure{What: publicText(e.What), Months: e.Months, After: e.After})
	}
	return out
}

var addresses = regexp.MustCompile(`(mailto:)?[^\s<>(),;:"«»]+@[^\s<>(),;:"«»]+`)

// public takes mail addresses out of what people wrote: they belong to somebody, and whoever writes to all of them is no
// parent.
func public(text string) string {
	if !strings.Contains(text, "@") {
		return text
	}
	return addresses.ReplaceAllString(text, "[…]")
}

func publicText(t registry.Text) registry.Text {
	return registry.Text{FR: public(t.FR), EN: public(t.EN)}
}

func publicTexts(list []registry.Text) []registry.Text {
	var out []registry.Text
	for _, t := range list {
		out = append(out, publicText(t))
	}
	return out
}

// FindSchools lists the establishments whose name, town or UAI holds every word of a text, whatever case and accents, in the order
// of their towns and names; test tenants are none.
func FindSchools(s *registry.Snapshot, now time.Time, text string) []PublicSchool {
	words := strings.Fields(plainly(text))
	var out []PublicSchool
	for _, e := range s.FindEstablishments() {
		in := plainly(e.Name + " " + e.Town + " " + string(e.UAI))
		if !e.Test && !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(in, w) }) {
			out = append(out, publicSchool(s, now, *e))
		}
	}
	slices.SortFunc(out, func(a, b PublicSchool) int {
		return cmp.Or(strings.Compare(a.Town, b.Town), strings.Compare(a.Name, b.Name), strings.Compare(string(a.UAI), string(b.UAI)))
	})
	return out
}

// plainly is small letters without accents, in words.
func plainly(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return ' '
		}
	}, norm.NFKD.String(text))
}

// Academies lists the academies that have an establishment, in the order of their names; test tenants are none.
func Academies(s *registry.Snapshot) []string {
	var out []string
	for _, e := range s.FindEstablishments() {
		if !e.Test && e.Academy != "" && !slices.Contains(out, e.Academy) {
			out = append(out, e.Academy)
		}
	}
	slices.Sort(out)
	return out
}
