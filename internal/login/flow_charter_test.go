package login_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// readers is a charter.Store in memory that can be made to fail.
type readers struct {
	charter.Store
	mu      sync.Mutex
	rows    map[string]charter.Acknowledgement
	entries []audit.Entry
	fail    error
}

func (s *readers) Acknowledged(_ context.Context, handles []string, version string) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, h := range handles {
		if a, ok := s.rows[h+version]; ok {
			return a.At, true, s.fail
		}
	}
	return time.Time{}, false, s.fail
}

func (s *readers) Acknowledge(_ context.Context, a charter.Acknowledgement, e audit.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fail == nil {
		s.rows[a.Handle+a.Version] = a
		s.entries = append(s.entries, e)
	}
	return s.fail
}

func (s *readers) spoil(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail = err
}

// chartered is a house with an academy-wide charter of a mode.
func chartered(t testing.TB, mode registry.CharterMode, how ...func(*registry.Charter)) (*idptest.House, *readers) {
	t.Helper()
	h := newHouse(t, nil)
	s := &readers{rows: map[string]charter.Acknowledgement{}}
	h.Flow.Charters = &charter.Book{Store: s, Keys: ring(t), Now: h.Clock.Now}
	rule := func(text string) registry.CharterText {
		return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: text}}}, Full: registry.Text{FR: "# Titre\n\n- point"}}
	}
	c := registry.Charter{Academy: "demo", Child: rule("Texte des petits."), Teen: rule("Texte des ados."), Adult: rule("Texte des adultes."), Mode: mode}
	for _, change := range how {
		change(&c)
	}
	h.Registry.Change(func(all *registry.Contents) { all.Charters = []registry.Charter{c} })
	return h, s
}

// asked signs somebody in who is then shown a charter.
func asked(t testing.TB, h *idptest.House, who string, how ...func(*idp.Request)) (*idptest.Browser, *idptest.Page) {
	t.Helper()
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire", how...))), who)
	if p.Offers("place") {
		p = b.Submit(p, "place", 1)
	}
	offers(t, who, p, "charter")
	return b, p
}

// until puts the clock forward to a moment.
func until(h *idptest.House, at time.Time) { h.Clock.Advance(at.Sub(h.Clock.Now())) }

// reads answers the page as its button does.
func reads(b *idptest.Browser, p *idptest.Page) *idptest.Page {
	return b.Submit(p, "charter", 0, "act", "read")
}

func TestWhoHasReadTheCharterGoesOnAndIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	for _, mode := range []registry.CharterMode{"", registry.CharterRemind, registry.CharterRequire} {
		h, s := chartered(t, mode)
		b, p := asked(t, h, idptest.Nour)
		if text := p.Text(); !strings.Contains(text, "Texte des ados.") || !strings.Contains(text, "Titre") || !strings.Contains(text, "Collège Jean-Moulin") {
			t.Errorf("%q: the page shows %s", mode, text)
		}
		yes(t, through(t, b, reads(b, p)), "lire")
		if len(s.rows) != 1 || len(s.entries) != 1 || s.entries[0].UAI != string(idptest.College) || s.entries[0].Ref == "" {
			t.Errorf("%q: %d rows, entries %+v", mode, len(s.rows), s.entries)
		}
		for _, service := range []string{"lire", "ecrire"} { // never per service
			if p := through(t, b, b.Open(byGet(t, request(service)))); p.Landing == nil {
				t.Errorf("%q: %s asks again: %s", mode, service, p.Text())
			}
		}
		other := h.Browser(t)
		if p := other.As(other.Open(byGet(t, request("lire"))), idptest.Nour); p.Offers("charter") {
			t.Errorf("%q: asked again on another device", mode)
		}
	}
}

func TestAnotherVersionAndAnotherYearAreAsked(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	yes(t, through(t, b, reads(b, p)), "lire")
	h.Registry.Change(func(c *registry.Contents) { c.Charters[0].Teen.Rules[0].Text.FR = "Autre texte." })
	p = b.Open(byGet(t, request("lire")))
	offers(t, "another version", p, "charter")
	yes(t, through(t, b, reads(b, p)), "lire")
	h.Registry.Change(func(c *registry.Contents) { c.Charters[0].Adult.Rules[0].Text.FR = "Autre texte des adultes." })
	yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
	until(h, time.Date(2027, 9, 1, 9, 0, 0, 0, time.UTC))
	_, p = asked(t, h, idptest.Nour)
	if len(s.rows) != 2 || !strings.Contains(p.Text(), "Autre texte.") {
		t.Errorf("%d rows, %s", len(s.rows), p.Text())
	}
}

func TestHardCase38TheCharterIsAskedAnewOnItsOwnDay(t *testing.T) {
	t.Parallel()
	h, _ := chartered(t, registry.CharterRequire, func(c *registry.Charter) { c.Begins = "10-05" })
	until(h, time.Date(2026, 10, 4, 12, 0, 0, 0, time.UTC))
	b, p := asked(t, h, idptest.Nour)
	yes(t, through(t, b, reads(b, p)), "lire")
	until(h, time.Date(2026, 10, 5, 0, 0, 0, 0, time.UTC))
	asked(t, h, idptest.Nour)
}

func TestARequiredCharterIsSkippedByNothing(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	for name, fields := range map[string][]string{
		"later": {"act", "later"}, "nothing": {"act", ""}, "an unknown act": {"act", "agreed"}, "another version": {"act", "read", "version", "x"},
		"no version": {"act", "read", "version", ""}, "a question": {"act", "question"}, "back to it": {"act", "return"},
	} {
		next := b.Submit(p, "charter", 0, fields...)
		offers(t, name, next, "charter")
	}
	offers(t, "another service", b.Open(byGet(t, request("ecrire"))), "charter")
	inform := b.Submit(p, "charter", 0, "act", "return")
	if inform.Offers("inform") || len(s.rows) != 0 {
		t.Errorf("%d rows are filed", len(s.rows))
	}
	if released := h.Released("lire", audit.Released); len(released) != 0 {
		t.Error("something left before the charter was read")
	}
	no(t, b.Submit(p, "back", 0), "lire", idp.Denied)
}

func TestWithoutTheProofOfTheStepNothingIsAcknowledged(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	page(t, "a form of another step", b.Submit(p, "charter", 0, "act", "read", "hop", "forged"), http.StatusBadRequest)
	other := h.Browser(t)
	if q := other.Submit(p, "charter", 0, "act", "read"); q.Landing != nil || q.Status < 400 {
		t.Errorf("another browser: %d", q.Status)
	}
	if len(s.rows) != 0 {
		t.Error("something is filed")
	}
}

func TestAReminderIsPutOffForTheDay(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRemind)
	b, p := asked(t, h, idptest.Nour)
	yes(t, through(t, b, b.Submit(p, "charter", 0, "act", "later")), "lire")
	for _, service := range []string{"lire", "ecrire"} {
		if p := b.Open(byGet(t, request(service))); p.Offers("charter") {
			t.Errorf("reminded again of it the same day by %s", service)
		}
	}
	other := h.Browser(t)
	if p := other.As(other.Open(byGet(t, request("lire"))), idptest.Nour); p.Offers("charter") {
		t.Error("reminded again on another device")
	}
	if len(s.rows) != 0 {
		t.Error("putting off is filed as reading")
	}
	until(h, time.Date(2026, 10, 5, 23, 59, 0, 0, time.UTC))
	again := h.Browser(t)
	if p := again.As(again.Open(byGet(t, request("lire"))), idptest.Nour); p.Offers("charter") {
		t.Error("reminded again before the day is over")
	}
	until(h, time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC))
	asked(t, h, idptest.Nour)
}

func TestAReminderIsRequiredAfterItsLastDay(t *testing.T) {
	t.Parallel()
	h, _ := chartered(t, registry.CharterRemind, func(c *registry.Charter) { c.Until = "10-05" })
	b, p := asked(t, h, idptest.Nour)
	if !strings.Contains(p.Text(), "lundi 5 octobre 2026") || !strings.Contains(p.Text(), "Plus tard") {
		t.Errorf("the last day is not told: %s", p.Text())
	}
	yes(t, through(t, b, b.Submit(p, "charter", 0, "act", "later")), "lire")
	until(h, time.Date(2026, 10, 6, 0, 0, 0, 0, time.UTC))
	b, p = asked(t, h, idptest.Nour)
	if strings.Contains(p.Text(), "Plus tard") {
		t.Error("it can still be put off")
	}
	offers(t, "later", b.Submit(p, "charter", 0, "act", "later"), "charter")
}

func TestAQuestionLeadsToAPersonAndStopsNobodyWhoIsReminded(t *testing.T) {
	t.Parallel()
	h, _ := chartered(t, registry.CharterRemind, func(c *registry.Charter) { c.Contact.FR = "la vie scolaire" })
	b, p := asked(t, h, idptest.Nour)
	q := b.Submit(p, "charter", 0, "act", "question")
	offers(t, "a question", q, "charter")
	if !strings.Contains(q.Text(), "la vie scolaire") {
		t.Errorf("to whom it is put is not told: %s", q.Text())
	}
	if again := b.Submit(q, "charter", 0, "act", "return"); !strings.Contains(again.Text(), "Texte des ados.") {
		t.Errorf("back to the charter: %s", again.Text())
	}
	yes(t, through(t, b, b.Submit(q, "charter", 0, "act", "later")), "lire")

	h, _ = chartered(t, registry.CharterRequire)
	b, p = asked(t, h, idptest.Nour)
	q = b.Submit(p, "charter", 0, "act", "question")
	if !strings.Contains(q.Text(), "vie scolaire") || strings.Contains(q.Body, `value="later"`) || !q.Offers("back") {
		t.Errorf("required: %s", q.Text())
	}
}

func TestPupilsOfAnEcoleAreNeverStoppedAndItsStaffAre(t *testing.T) {
	t.Parallel()
	for _, mode := range []registry.CharterMode{registry.CharterRemind, registry.CharterRequire} {
		h, s := chartered(t, mode)
		b := h.Browser(t)
		p := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
		if p.Offers("charter") {
			t.Fatalf("%s: a pupil of an école is asked", mode)
		}
		yes(t, through(t, b, p), "lire")
		if len(s.rows) != 0 {
			t.Error("something is filed of a pupil of an école")
		}
		staff := h.Browser(t)
		p = staff.As(staff.Open(byGet(t, request("lire", atSchool(idptest.School)))), idptest.Paul)
		offers(t, "staff of an école", p, "charter")
		if !strings.Contains(p.Text(), "Texte des adultes.") {
			t.Errorf("%s", p.Text())
		}
	}
}

func TestOncePerSchoolAndNotForAllOfThem(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire", atSchool(idptest.School)))), idptest.Paul)
	yes(t, through(t, b, reads(b, p)), "lire")
	p = b.Open(byGet(t, request("lire", atSchool(idptest.College))))
	offers(t, "the other school", p, "charter")
	yes(t, through(t, b, reads(b, p)), "lire")
	for _, uai := range []person.UAI{idptest.School, idptest.College} {
		if p := b.Open(byGet(t, request("ecrire", atSchool(uai)))); p.Offers("charter") {
			t.Errorf("%s asks again", uai)
		}
	}
	if len(s.rows) != 2 {
		t.Errorf("%d rows, want one for each school", len(s.rows))
	}
}

func TestAPassiveRequestPassesAReminderAndNotWhatIsRequired(t *testing.T) {
	t.Parallel()
	h, _ := chartered(t, registry.CharterShown)
	b := signedIn(t, h, idptest.Nour)
	set := func(mode registry.CharterMode) {
		h.Registry.Change(func(c *registry.Contents) { c.Charters[0].Mode = mode })
	}
	set(registry.CharterRemind)
	yes(t, b.Open(byGet(t, request("lire", passive))), "lire")
	set(registry.CharterRequire)
	no(t, b.Open(byGet(t, request("lire", passive))), "lire", idp.PageNeeded)
	p := b.Open(byGet(t, request("lire")))
	offers(t, "in the open", p, "charter")
	yes(t, reads(b, p), "lire")
	yes(t, b.Open(byGet(t, request("lire", passive))), "lire")
}

func TestALaterAnswerNeedsWhatIsRequiredMeanwhile(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterShown)
	b := h.Browser(t)
	q := yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire", later))), idptest.Nour)), "lire")
	resume := func() error {
		_, err := h.Flow.Resume(t.Context(), q.Get("resume"))
		return err
	}
	set := func(mode registry.CharterMode) {
		h.Registry.Change(func(c *registry.Contents) { c.Charters[0].Mode = mode })
	}
	if set(registry.CharterRemind); resume() != nil {
		t.Error("a reminder stops a later answer")
	}
	set(registry.CharterRequire)
	var failure *idp.Failure
	if err := resume(); !errors.As(err, &failure) || failure.Kind != idp.PageNeeded {
		t.Errorf("what is required does not: %v", err)
	}
	s.spoil(errors.New("disk"))
	if err := resume(); !errors.As(err, &failure) || failure.Kind != idp.Internal {
		t.Errorf("what cannot be looked up is taken for read: %v", err)
	}
	s.spoil(nil)
	p := b.Open(byGet(t, request("ecrire")))
	reads(b, p)
	if err := resume(); err != nil {
		t.Errorf("after it was read: %v", err)
	}
}

func TestABookThatCannotBeReadStopsWhatIsRequiredAlone(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	s.spoil(errors.New("disk"))
	b := h.Browser(t)
	page(t, "required", b.As(b.Open(byGet(t, request("lire"))), idptest.Nour), http.StatusServiceUnavailable)
	h, s = chartered(t, registry.CharterRemind)
	s.spoil(errors.New("disk"))
	b = h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Nour)), "lire")
	h, s = chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	s.spoil(errors.New("disk"))
	page(t, "while it is answered", reads(b, p), http.StatusServiceUnavailable)
	s.spoil(nil)
	yes(t, through(t, b, reads(b, p)), "lire")
}

func TestADoubleSubmitAndTheBackButtonAreHarmless(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	first, second := reads(b, p), reads(b, p)
	offers(t, "the first", first, "inform")
	offers(t, "the second", second, "inform")
	yes(t, through(t, b, second), "lire")
	if q := reads(b, p); q.Landing != nil || q.Offers("charter") || q.Offers("inform") {
		t.Errorf("after the end: status %d at %s: %s", q.Status, q.URL, q.Text())
	}
	if len(s.rows) != 1 || len(s.entries) != 1 {
		t.Errorf("%d rows, %d entries", len(s.rows), len(s.entries))
	}
}

func TestWhoSignsOutMeanwhileAcknowledgesNothing(t *testing.T) {
	t.Parallel()
	h, s := chartered(t, registry.CharterRequire)
	b, p := asked(t, h, idptest.Nour)
	b.Plant("session", "")
	if q := reads(b, p); q.Offers("inform") || len(s.rows) != 0 {
		t.Errorf("%d rows; %s", len(s.rows), q.Text())
	}
}
