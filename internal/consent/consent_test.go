package consent_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha512"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

const ecole = person.UAI("0280101H")

type hasher struct{}

func (hasher) Derive(purpose string, parts ...string) []byte {
	mac := hmac.New(sha512.New, []byte("key"))
	fmt.Fprintf(mac, "%q %q", purpose, parts)
	return mac.Sum(nil)
}

// drawer is a consent.Store in memory.
type drawer struct {
	receipts []consent.Receipt
	entries  []audit.Entry
	fail     error
}

func (d *drawer) Receipts(_ context.Context, handles []string) ([]consent.Receipt, error) {
	if d.fail != nil {
		return nil, d.fail
	}
	return slices.DeleteFunc(slices.Clone(d.receipts), func(r consent.Receipt) bool { return !slices.Contains(handles, r.Handle) }), nil
}

func (d *drawer) Record(_ context.Context, entry audit.Entry, receipts []consent.Receipt, _ consent.Left) error {
	if d.fail != nil {
		return d.fail
	}
	d.entries = append(d.entries, entry)
	d.receipts = append(d.receipts, receipts...)
	return nil
}

func (d *drawer) RecordAll(_ context.Context, entries []audit.Entry, receipts []consent.Receipt) error {
	if d.fail != nil {
		return d.fail
	}
	d.entries = append(d.entries, entries...)
	d.receipts = append(d.receipts, receipts...)
	return nil
}

// scene is one release and the book that may clear it.
type scene struct {
	rules       []registry.RuleSet
	store       *drawer
	book        *consent.Book
	declaration registry.Declaration
	person      person.Person
	place       policy.Place
	now         time.Time
	zone        *time.Location
}

func newScene(basis registry.BasisKind) *scene {
	s := &scene{
		store: &drawer{}, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), zone: time.UTC,
		declaration: registry.Declaration{
			ID: "lire-d", ServiceID: "lire", Version: 1, State: registry.Approved, Mode: registry.Nominative, Basis: registry.Basis{Kind: basis},
			Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}, All: true},
			Audience: registry.Audience{Profiles: person.Profiles()}, Items: []registry.Item{{Attr: "uai"}, {Attr: person.Mail}, {Attr: "classes"}},
			From: registry.Date{Year: 2026, Month: 9, Day: 1}, Until: registry.Date{Year: 2027, Month: 8, Day: 31},
		},
		person: person.Person{
			Key: person.Key{Authority: "ac", ID: "MARQUE-ID"}, Authn: person.Authn{Source: "ent"},
			Values:       map[person.Attr][]string{person.Mail: {"MARQUE@example.org"}},
			Affiliations: []person.Affiliation{{UAI: ecole, Profile: person.Teacher}},
		},
		place: policy.Place{UAI: ecole, Profile: person.Teacher},
	}
	s.book = &consent.Book{Store: s.store, Keys: hasher{}, Now: func() time.Time { return s.now }}
	return s
}

// pupil makes the person a pupil born on a day; an empty day is an unknown age.
func (s *scene) pupil(born string) *scene {
	s.person.Affiliations[0].Profile, s.place.Profile = person.Pupil, person.Pupil
	s.person.Age.Born, _ = time.Parse(time.DateOnly, born)
	return s
}

// free lets nobody prescribe the service.
func (s *scene) free() *scene {
	s.declaration.Basis.Prescribed = registry.AnswerNo
	return s
}

// shipped is read once: it is immutable.
var shipped = sync.OnceValues(dictionary.Shipped)

func (s *scene) release(t testing.TB) attrs.Release {
	t.Helper()
	words, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	contents := registry.Contents{
		RuleSets: s.rules, Services: []registry.Service{{ID: "lire"}}, Declarations: []registry.Declaration{s.declaration},
		Establishments: []registry.Establishment{{UAI: ecole, Academy: "Exemple"}},
		Enablings:      []registry.Enabling{{Service: "lire", UAI: ecole, State: registry.Enabled, Declaration: s.declaration.ID, Version: s.declaration.Version}},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{
			State: registry.Approved, From: registry.Date{Year: 2020, Month: 1, Day: 1}, Until: registry.Date{Year: 2040, Month: 1, Day: 1},
		}}},
	}
	registrytest.Cover(&contents)
	snapshot := registry.NewSnapshot(contents, s.zone)
	grant, err := policy.Gate(snapshot, s.now, policy.Ask{Person: s.person, Place: s.place, Service: "lire"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := (&attrs.Engine{Dictionary: words, Keys: hasher{}}).Release(s.person, grant, attrs.Request{Session: "s"})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// looked is a store that is read and keeps nothing.
type looked struct{ consent.Store }

func (looked) Record(context.Context, audit.Entry, []consent.Receipt, consent.Left) error { return nil }

func (s *scene) needs(t testing.TB) (consent.Need, error) {
	t.Helper()
	only := *s.book
	only.Store = looked{only.Store}
	cleared, err := only.Clear(t.Context(), s.person, s.release(t), consent.Said{}, consent.Around{Ref: "ABC-123", Protocol: "saml"})
	var asking *consent.Asking
	switch {
	case errors.As(err, &asking):
		return asking.Need, nil
	case err == nil:
		return consent.Need{Act: cleared.Act()}, nil
	default:
		return consent.Need{}, err
	}
}

// clear does what the page asks for, honestly.
func (s *scene) clear(t testing.TB, act consent.Act) (consent.Cleared, error) {
	t.Helper()
	r := s.release(t)
	return s.book.Clear(t.Context(), s.person, r, consent.Said{Act: act, Digest: r.Digest()}, consent.Around{Ref: "ABC-123", Protocol: "saml"})
}

func TestWhatIsNeededFollowsFromBasisAndAge(t *testing.T) {
	t.Parallel()
	for _, basis := range []registry.BasisKind{registry.PublicInterest, registry.LegalObligation, registry.Contract, registry.LegitimateInterest} {
		for _, born := range []string{"", "2018-01-01", "2000-01-01"} {
			if need, err := newScene(basis).pupil(born).needs(t); err != nil || need.Act != consent.Informed || need.Changed {
				t.Errorf("%s, born %q: %+v, %v; want to inform", basis, born, need, err)
			}
		}
	}
	for _, basis := range []registry.BasisKind{registry.Consent, "", "unheard-of"} {
		if need, err := newScene(basis).needs(t); err != nil || need.Act != consent.Agreed {
			t.Errorf("%q, a teacher: %+v, %v; want to ask", basis, need, err)
		}
		if need, err := newScene(basis).free().pupil("2011-11-22").needs(t); err != nil || need.Act != consent.Agreed {
			t.Errorf("%q, fifteen today: %+v, %v; want to ask", basis, need, err)
		}
		for name, born := range map[string]string{"fifteen tomorrow": "2011-11-23", "eight": "2018-01-01", "of unknown age": ""} {
			s := newScene(basis).free().pupil(born)
			if _, err := s.needs(t); !errors.Is(err, consent.ErrParents) {
				t.Errorf("%q, %s: %v, want ErrParents", basis, name, err)
			}
			if c, err := s.clear(t, consent.Agreed); !errors.Is(err, consent.ErrParents) || !c.Empty() || s.store.entries != nil {
				t.Errorf("%q, %s: a child's own yes lets something out: %v", basis, name, err)
			}
		}
	}
}

// TestHardCase11TheAgeOfConsentIsTheRules asks the rules that hold, for services that nobody prescribes; elsewhere majority.
func TestHardCase11TheAgeOfConsentIsTheRules(t *testing.T) {
	t.Parallel()
	const fifteen, sixteen, seventeen, eighteen = "2011-11-22", "2010-11-22", "2008-11-23", "2008-11-22"
	for _, c := range []struct {
		name       string
		consent    int
		majority   int
		prescribed registry.Answer
		parents    registry.Answer
		born       string
		agrees     bool
	}{
		{"fifteen under rules at 16", 16, 18, registry.AnswerNo, "", fifteen, false},
		{"sixteen under rules at 16", 16, 18, registry.AnswerNo, "", sixteen, true},
		{"fifteen under rules at 15", 15, 18, registry.AnswerNo, "", fifteen, true},
		{"seventeen where it is prescribed", 15, 18, registry.AnswerYes, "", seventeen, false},
		{"eighteen where it is prescribed", 15, 18, registry.AnswerYes, "", eighteen, true},
		{"seventeen where nobody said", 15, 18, "", "", seventeen, false},
		{"an unknown age", 16, 18, registry.AnswerNo, "", "", false},
		{"no rules on ages", 0, 0, registry.AnswerNo, "", eighteen, false},
		{"parents are not asked", 16, 18, registry.AnswerNo, registry.AnswerNo, fifteen, false},
		{"that parents are asked is no parent's answer", 16, 18, registry.AnswerNo, registry.AnswerYes, fifteen, false},
	} {
		s := newScene(registry.Consent).pupil(c.born)
		s.declaration.Basis.Prescribed, s.declaration.Basis.Parents = c.prescribed, c.parents
		s.rules = []registry.RuleSet{{Rules: registry.Rules{ConsentAge: c.consent, Majority: c.majority, TermsMonths: 12, TermsGrace: 30, KeepMonths: 3}}}
		need, err := s.needs(t)
		if agrees := err == nil && need.Act == consent.Agreed; agrees != c.agrees || !agrees && !errors.Is(err, consent.ErrParents) {
			t.Errorf("%s: %+v, %v", c.name, need, err)
		}
	}
}

// TestTheJournalDoesNotSayThatALabelReveals keeps from the journal what the label itself may not tell.
func TestTheJournalDoesNotSayThatALabelReveals(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest).pupil("")
	s.rules = []registry.RuleSet{{Rules: registry.Rules{
		ConsentAge: 15, Majority: 18, TermsMonths: 12, TermsGrace: 30, KeepMonths: 3, Sensitive: []registry.SensitiveWord{{Word: "ULIS", Reveals: "disability", Neutral: "le niveau seul"}},
	}}}
	s.person.Affiliations[0].Classes = []string{"6E ULIS"}
	s.declaration.Items = append(s.declaration.Items, registry.Item{Attr: "classes"})
	if _, err := s.clear(t, consent.Informed); err != nil {
		t.Fatal(err)
	}
	withheld := " " + s.store.entries[0].Detail["withheld"] + " "
	if !strings.Contains(withheld, " classes=not_known ") || strings.Contains(withheld, "reveals") {
		t.Errorf("the journal keeps %q", withheld)
	}
}

func TestFifteenIsReachedInTheAcademysZone(t *testing.T) {
	t.Parallel()
	s := newScene(registry.Consent).free().pupil("2011-11-22")
	var err error
	if s.zone, err = time.LoadLocation("America/Guadeloupe"); err != nil {
		t.Fatal(err)
	}
	s.now = time.Date(2026, 11, 22, 3, 59, 0, 0, time.UTC)
	if _, err := s.needs(t); !errors.Is(err, consent.ErrParents) {
		t.Errorf("a minute before midnight there: %v", err)
	}
	s.now = s.now.Add(time.Minute)
	if _, err := s.needs(t); err != nil {
		t.Errorf("at midnight there: %v", err)
	}
}

func TestInformedOncePerSubstance(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	c, err := s.clear(t, consent.Informed)
	if err != nil || c.Empty() || !c.At().Equal(s.now) || c.Release().Subject() == "" {
		t.Fatalf("the first time: %v", err)
	}
	if need, _ := s.needs(t); need.Act != consent.Passed || need.Changed {
		t.Errorf("the second time: %+v, want nothing", need)
	}
	s.declaration.Version, s.declaration.Until = 2, registry.Date{Year: 2028, Month: 8, Day: 31}
	s.person.Values[person.Mail] = []string{"new@example.org"}
	if need, _ := s.needs(t); need.Act != consent.Passed {
		t.Errorf("a renewal that says the same: %+v, want nothing", need)
	}
	if c, err := s.clear(t, ""); err != nil || c.Empty() {
		t.Errorf("a renewal that says the same: %v", err)
	}
	if len(s.store.receipts) != 1 || len(s.store.entries) != 2 || s.store.entries[1].Reason != "passed" || s.store.entries[1].Version != 2 {
		t.Errorf("%d receipts, entries %+v", len(s.store.receipts), s.store.entries)
	}
	s.declaration.Version, s.declaration.Retention.FR = 3, "dix ans"
	if need, _ := s.needs(t); need.Act != consent.Informed || !need.Changed {
		t.Errorf("another substance: %+v, want to inform and to say that it changed", need)
	}
	if c, err := s.clear(t, ""); !errors.Is(err, consent.ErrNeeded) || !c.Empty() {
		t.Errorf("another substance passes in silence: %v", err)
	}
}

func TestInformationIsNoAgreement(t *testing.T) {
	t.Parallel()
	s := newScene(registry.Consent)
	s.store.receipts = nil
	if _, err := s.clear(t, consent.Agreed); err != nil {
		t.Fatal(err)
	}
	s.store.receipts[0].Act = consent.Informed
	if need, _ := s.needs(t); need.Act != consent.Agreed || need.Changed {
		t.Errorf("%+v: an information stands for an agreement, or the substance is said to have changed", need)
	}
	s.store.receipts[0].Act, s.store.receipts[0].Substance = consent.Agreed, ""
	if need, _ := s.needs(t); need.Act != consent.Agreed {
		t.Error("a receipt without a substance covers something")
	}
}

func TestTwoDeclarationsOfOneServiceDoNotReplaceEachOther(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	for i := range 3 {
		for _, id := range []string{"school-a", "school-b"} {
			s.declaration.ID, s.declaration.Controller.Name = id, id
			if need, _ := s.needs(t); (need.Act == consent.Passed) != (i > 0) || need.Changed {
				t.Errorf("%s, time %d: %+v", id, i+1, need)
			}
			act := consent.Informed
			if i > 0 {
				act = ""
			}
			if _, err := s.clear(t, act); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestNothingIsClearedOnAnAnswerToSomethingElse(t *testing.T) {
	t.Parallel()
	s := newScene(registry.Consent)
	r := s.release(t)
	for name, said := range map[string]consent.Said{
		"nothing": {}, "another digest": {Act: consent.Agreed, Digest: "x"}, "no digest": {Act: consent.Agreed},
		"information only": {Act: consent.Informed, Digest: r.Digest()}, "passed": {Act: consent.Passed, Digest: r.Digest()},
		"an unknown act": {Act: "refused", Digest: r.Digest()},
	} {
		c, err := s.book.Clear(t.Context(), s.person, r, said, consent.Around{})
		if !errors.Is(err, consent.ErrNeeded) || !c.Empty() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s.store.entries != nil || s.store.receipts != nil {
		t.Error("something was written")
	}
}

func TestNoEntryNoRelease(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	if _, err := s.clear(t, consent.Informed); err != nil {
		t.Fatal(err)
	}
	s.store.fail = errors.New("disk full")
	for _, act := range []consent.Act{consent.Informed, ""} {
		if c, err := s.clear(t, act); !errors.Is(err, s.store.fail) || !c.Empty() || c.Release().Subject() != "" {
			t.Errorf("a store that fails clears: %v", err)
		}
	}
	if _, err := s.needs(t); !errors.Is(err, s.store.fail) {
		t.Errorf("needs says %v", err)
	}
}

func TestNothingIsClearedOfNothingNorAfterTheEnd(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	if c, err := s.book.Clear(t.Context(), s.person, attrs.Release{}, consent.Said{Act: consent.Informed}, consent.Around{}); err == nil || !c.Empty() {
		t.Error("the zero release is cleared")
	}
	r := s.release(t)
	said := consent.Said{Act: consent.Informed, Digest: r.Digest()}
	s.now = r.NotAfter()
	if c, err := s.book.Clear(t.Context(), s.person, r, said, consent.Around{}); !errors.Is(err, consent.ErrOver) || !c.Empty() {
		t.Errorf("cleared at the moment at which the declaration has ended: %v", err)
	}
	s.now = s.now.Add(-1)
	if _, err := s.book.Clear(t.Context(), s.person, r, said, consent.Around{}); err != nil {
		t.Errorf("refused at the last moment: %v", err)
	}
	if (consent.Cleared{}).Release().Subject() != "" || !(consent.Cleared{}).Empty() {
		t.Error("the zero cleared says something")
	}
}

func TestEntryHasNamesAndNeverValues(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	c, err := s.clear(t, consent.Informed)
	if err != nil {
		t.Fatal(err)
	}
	e, receipt := s.store.entries[0], s.store.receipts[0]
	text := fmt.Sprintf("%#v %#v %v", e, receipt, c)
	if strings.Contains(text, "MARQUE") || strings.Contains(text, c.Release().Subject()) {
		t.Errorf("a value or the pseudonym is in the journal or on the receipt: %s", text)
	}
	if !slices.Equal(e.Attributes, []string{"uai", "mail"}) || !strings.Contains(e.Detail["withheld"], "classes=not_known") {
		t.Errorf("attributes %v, withheld %q", e.Attributes, e.Detail["withheld"])
	}
	if e.Class != audit.ClassRelease || e.Action != "release" || e.Outcome != audit.Released || e.Reason != "informed" || e.Ref != "ABC-123" ||
		e.Service != "lire" || e.Declaration != "lire-d" || e.Version != 1 || e.UAI != string(ecole) || e.Source != "ent" || e.Protocol != "saml" {
		t.Errorf("entry %+v", e)
	}
	if len(e.Subject) != 64 || len(receipt.Handle) != 64 || e.Subject == receipt.Handle ||
		strings.HasPrefix(c.Release().Subject(), e.Subject) || strings.HasPrefix(c.Release().Subject(), receipt.Handle) {
		t.Error("pseudonym, receipt and journal can be joined")
	}
	if receipt.Act != consent.Informed || receipt.Substance != s.declaration.Substance() || !receipt.At.Equal(s.now) {
		t.Errorf("receipt %+v", receipt)
	}
}

func TestLaterAnswerShowsNoPageAndIsWrittenAsOne(t *testing.T) {
	t.Parallel()
	s := newScene(registry.PublicInterest)
	later := consent.Around{Ref: "ABC-123", Protocol: "oidc", Later: true}
	if c, err := s.book.Clear(t.Context(), s.person, s.release(t), consent.Said{}, later); !errors.Is(err, consent.ErrNeeded) || !c.Empty() {
		t.Errorf("before anything was said: %v", err)
	}
	if _, err := s.clear(t, consent.Informed); err != nil {
		t.Fatal(err)
	}
	if _, err := s.book.Clear(t.Context(), s.person, s.release(t), consent.Said{}, later); err != nil {
		t.Errorf("after the page: %v", err)
	}
	if e := s.store.entries[1]; e.Action != "release.later" || e.Reason != "passed" {
		t.Errorf("entry %+v", e)
	}
}

// TestNeverAskedAgainWithoutChangeNorSpared draws a life of changes and sign-ins under one declaration.
func TestNeverAskedAgainWithoutChangeNorSpared(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		basis := rapid.SampledFrom([]registry.BasisKind{registry.PublicInterest, registry.Consent}).Draw(rt, "basis")
		act := consent.Informed
		if basis == registry.Consent {
			act = consent.Agreed
		}
		s := newScene(basis)
		last, seen := "", false // the substance of the last page
		for range rapid.IntRange(1, 12).Draw(rt, "events") {
			switch rapid.IntRange(0, 5).Draw(rt, "event") {
			case 0:
				s.declaration.Version++
			case 1:
				s.declaration.Until = s.declaration.Until.Add(1)
			case 2:
				s.declaration.Retention.FR = rapid.SampledFrom([]string{"un an", "deux ans"}).Draw(rt, "retention")
			case 3:
				s.person.Values[person.Mail] = []string{rapid.StringMatching(`[a-z]{3}@x`).Draw(rt, "mail")}
			case 4:
				s.now = s.now.Add(time.Hour)
			}
			need, err := s.needs(t)
			if err != nil {
				rt.Fatal(err)
			}
			substance := s.declaration.Substance()
			want := consent.Need{Act: act, Changed: seen}
			if seen && last == substance {
				want = consent.Need{Act: consent.Passed}
			}
			if need.Act != want.Act || need.Changed != want.Changed {
				rt.Fatalf("needs %+v, want %+v", need, want)
			}
			if _, err := s.clear(t, ""); (err == nil) != (want.Act == consent.Passed) {
				rt.Fatalf("cleared in silence: %v", err)
			}
			if _, err := s.clear(t, act); err != nil {
				rt.Fatal(err)
			}
			last, seen = substance, true
		}
	})
}

// TestWhoeverIsAskedAgainAnswersAnew: a service may want the page shown although what was said stands; a later answer shows
// none, and a no counts.
func TestWhoeverIsAskedAgainAnswersAnew(t *testing.T) {
	t.Parallel()
	for basis, act := range map[registry.BasisKind]consent.Act{registry.PublicInterest: consent.Informed, registry.Consent: consent.Agreed} {
		s := newScene(basis)
		if _, err := s.clear(t, act); err != nil {
			t.Fatal(err)
		}
		again := consent.Around{Ref: "ABC-123", Protocol: "oidc", Ask: true}
		var asking *consent.Asking
		if _, err := s.book.Clear(t.Context(), s.person, s.release(t), consent.Said{}, again); !errors.As(err, &asking) || asking.Need.Act != act {
			t.Fatalf("%s: asked again: %v, want %s", basis, err, act)
		}
		for _, wrong := range []consent.Said{{Act: act}, {Act: "again", Digest: s.release(t).Digest()}} {
			if _, err := s.book.Clear(t.Context(), s.person, s.release(t), wrong, again); !errors.Is(err, consent.ErrNeeded) {
				t.Errorf("%s: %+v is taken for an answer: %v", basis, wrong, err)
			}
		}
		said := consent.Said{Act: act, Digest: s.release(t).Digest()}
		if c, err := s.book.Clear(t.Context(), s.person, s.release(t), said, again); err != nil || c.Act() != act || len(s.store.receipts) != 2 {
			t.Errorf("%s: answered again: %v, %s, %d receipts", basis, err, c.Act(), len(s.store.receipts))
		}
		again.Later = true
		if _, err := s.book.Clear(t.Context(), s.person, s.release(t), consent.Said{}, again); err != nil {
			t.Errorf("%s: a later answer asks: %v", basis, err)
		}
		again.Later = false
		if err := s.book.Refuse(t.Context(), s.person, s.release(t), said, again); err != nil {
			t.Fatal(err)
		}
		_, err := s.clear(t, "")
		if refused := errors.Is(err, consent.ErrDeclined); refused != (basis == registry.Consent) {
			t.Errorf("%s: after a no: %v", basis, err)
		}
	}
}
