package canary

import (
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// late is for how long a message may still rest on what was decided before: a replica may act on a view that old.
const late = registry.MaxAge

// judge compares one message with one view of the registry.
type judge struct {
	words   *dictionary.Dictionary
	message *Message
	told    told
	profile person.Profile

	service registry.Service
	binding registry.Binding
	version registry.Declaration
	rules   registry.Rules

	found []finding
}

// compare gives everything that is wrong with a message under a view.
func compare(words *dictionary.Dictionary, m *Message, t told, s *registry.Snapshot) []finding {
	j := &judge{words: words, message: m, told: t, profile: person.Profile(m.Profile), rules: s.Rules(m.At)}
	if !j.place(s) {
		return j.found
	}
	j.standing(s)
	for _, name := range t.strange {
		j.say(Strange, name)
	}
	for _, i := range t.items {
		j.item(i)
	}
	j.subject()
	for _, value := range t.asides {
		if disguised(value) {
			j.say(Disguised, "")
		}
	}
	return j.found
}

func (j *judge) say(kind Kind, name string) { j.found = append(j.found, finding{kind, name}) }

// place finds service, binding and version. Without them nothing explains anything.
func (j *judge) place(s *registry.Snapshot) bool {
	m := j.message
	var known, named bool
	j.service, known = s.Service(m.Service)
	i := slices.IndexFunc(j.service.Bindings, func(b registry.Binding) bool { return b.Protocol == m.Protocol && b.Handle == m.Handle })
	j.version, named = s.Declaration(m.Declaration, m.Version)
	if !known || !named || i < 0 || j.version.ServiceID != m.Service {
		j.say(Unregistered, "")
		return false
	}
	j.binding = j.service.Bindings[i]
	return true
}

// standing judges whether the version was in force for that place and profile at that moment. What was suspended since
// was in force until then.
func (j *judge) standing(s *registry.Snapshot) {
	m, d := j.message, j.version
	was := d
	if d.State != registry.Approved && d.WasApproved() && !d.Since.Add(late).Before(m.At) {
		was.State = registry.Approved
	}
	if !was.InForce(m.At, s.Zone()) || stoppedBefore(j.service, m.At.Add(-late)) {
		j.say(NotInForce, "")
	}
	school, known := s.Establishment(person.UAI(m.UAI))
	if !known || !d.Scope.Covers(school) || !slices.Contains(d.Audience.Profiles, j.profile) {
		j.say(OtherPlace, "")
	}
}

// stoppedBefore tells whether a service was suspended already at a moment and has been since.
func stoppedBefore(s registry.Service, moment time.Time) bool {
	if !s.Suspended {
		return false
	}
	n := len(s.Decisions)
	return n == 0 || s.Decisions[n-1].At.Before(moment)
}

// item judges one attribute: its name, then its values.
func (j *judge) item(i item) {
	if dictionary.Forbidden(i.name) || dictionary.Forbidden(i.friendly) {
		j.say(Forbidden, i.name)
	}
	meanings := j.meanings(i.name)
	if len(meanings) == 0 {
		j.say(Undeclared, i.name)
		return
	}
	why, right := Kind(""), -1
	for n, m := range meanings {
		kind := j.covers(m, i.values)
		if kind == "" {
			right = n
			break
		}
		why = kind
	}
	if right < 0 {
		j.say(why, i.name)
		return
	}
	if m := meanings[right]; i.friendly != "" && i.friendly != m.friendly {
		j.say(Strange, i.friendly)
	}
	for _, value := range i.values {
		if kind := j.value(meanings[right], value); kind != "" {
			j.say(kind, i.name)
		}
	}
}

// value judges one value by the words that it stands for.
func (j *judge) value(m meaning, value string) Kind {
	has := func(words ...person.Attr) bool {
		return slices.ContainsFunc(words, func(w person.Attr) bool { return slices.Contains(m.words, w) })
	}
	said := bare(m.form, value)
	numbers := has("pseudonym", "former_pseudonym", "pairwise_id", "short_code", "child")
	switch {
	case dictionary.LooksLikeNIR(value), isINE(said) && !has(codes()...):
		return Disguised
	case isMail(said) && j.labels(m):
		return FreeLabel
	case isMail(said) && !has(addresses()...) && !(numbers && pairwiseShape.MatchString(strings.ToLower(said))) &&
		!(has("scoped_affiliation") && scopedShape.MatchString(strings.ToLower(said))):
		return Disguised
	case m.composed != nil:
		return ""
	case numbers && m.form.IsZero() && !isNumber(value):
		return Disguised
	case has("uai") && !j.says(m.form, value, j.message.UAI), has("profile") && !j.says(m.form, value, j.message.Profile):
		return OtherPlace
	case isUAI(value) && value != j.message.UAI && !has(person.HeadsOf, person.ActsFor) && m.form.IsZero():
		return OtherPlace
	}
	return ""
}

// addresses are the words whose values may be a mail address, or look like one: addresses, what a source uses as a login,
// and names with a scope.
func addresses() []person.Attr {
	return []person.Attr{person.Mail, "relay_mail", person.Login, person.Anchor, "principal_name", "subject_id"}
}

// codes are the words whose values may look like a national pupil number: that number, and national codes of levels and
// subjects.
func codes() []person.Attr {
	return []person.Attr{
		person.INE, person.LevelCode, "level_stat1", "level_stat2", "level_stat3", "level_stat4", "courses", "subject_codes",
		"taught_level_codes", "taught_stat1", "taught_stat2", "taught_stat3", "taught_stat4", "school_local_id",
	}
}

// labels tells whether a value is one that a school writes as it likes.
func (j *judge) labels(m meaning) bool {
	return slices.ContainsFunc(m.words, func(word person.Attr) bool {
		e, _ := j.words.Entry(word)
		return e.Reveals == dictionary.ByLabel
	})
}

// says tells whether a value is the expected one, as the form writes it.
func (j *judge) says(f registry.Form, value, want string) bool {
	if f.Encode != "" || f.Most > 0 {
		return true // what it says can no longer be read off
	}
	for from, to := range f.Values {
		if strings.EqualFold(from, want) {
			want = to
			break
		}
	}
	if f.Labelled != "" {
		want = want + f.Labelled + want
	}
	want = f.Before + want + f.After
	if f.Case != "" || f.ASCII {
		return strings.EqualFold(want, value) || f.ASCII && len(value) < len(want)
	}
	return value == want
}

// subject judges the identifier of the person.
func (j *judge) subject() {
	word, value := j.binding.Subject, j.told.subject
	switch {
	case word == "" || word == "pseudonym":
		shape := j.binding.Shape
		if !shaped(shape, value) && !(j.told.transient && handleShape.MatchString(value)) {
			j.say(Subject, "")
		}
	case j.told.transient:
		if !handleShape.MatchString(value) {
			j.say(Subject, "")
		}
	case value == "":
		j.say(Subject, "")
	default:
		m := meaning{words: []person.Attr{word}, form: j.binding.SubjectForm}
		if kind := j.covers(m, nil); kind != "" {
			j.say(kind, string(word))
		} else if kind := j.value(m, value); kind != "" {
			j.say(kind, string(word))
		}
	}
}

// shaped tells whether a value has the shape in which the binding has the pseudonym written.
func shaped(shape registry.Shape, value string) bool {
	switch shape {
	case registry.Hex128:
		return hexShape.MatchString(value)
	case registry.Pairwise:
		return pairwiseShape.MatchString(value)
	case registry.Compact:
		return compactShape.MatchString(value)
	case registry.UUID:
		return uuidShape.MatchString(value)
	case registry.Code:
		return codeShape.MatchString(value)
	default:
		return false
	}
}

// isNumber tells whether a value is a pseudonym in any shape.
func isNumber(value string) bool {
	return slices.ContainsFunc([]registry.Shape{registry.Hex128, registry.Pairwise, registry.Compact, registry.UUID, registry.Code},
		func(s registry.Shape) bool { return shaped(s, value) })
}
