package desk_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/sqldb"
)

// candidates are pupils of the source, the third of whom is the one.
func candidates() []desk.Candidate {
	var out []desk.Candidate
	for _, id := range []string{"eleve-1", "eleve-2", pupil, "eleve-4"} {
		out = append(out, desk.Candidate{Source: "ent", Identifiers: []string{id}})
	}
	return out
}

func matching(pseudonym string) desk.Question {
	return desk.Question{
		Academy: desktest.Academy, Service: "lire", Pseudonym: pseudonym, Candidates: candidates(), Reason: "menaces signalées par l'éditeur, plainte 2026-41",
	}
}

// spans are the pupil's numbers at "lire" in a generation.
func spans(t *testing.T, h *desktest.House, generation int) []string {
	t.Helper()
	numbers, err := h.Book.Know(t.Context(), "ent", person.Key{Authority: "ac", ID: pupil})
	if err != nil {
		t.Fatal(err)
	}
	return h.Pseudonyms.Spans(numbers[0], "lire", generation, 2011, 2026)
}

// matched is what the two read of a question that both stand for.
func matched(t *testing.T, h *desktest.House, q desk.Question) []int {
	t.Helper()
	made, err := h.Inquire(t.Context(), h.DPO(), q)
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), made.ID, "vu"); err != nil {
		t.Fatal(explain(err))
	}
	out, err := h.Matches(t.Context(), h.Auditor(), made.ID)
	if err != nil {
		t.Fatal(explain(err))
	}
	return out
}

func TestTwoPersonsLearnWhichCandidateIsBehindAPseudonymAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		q, err := h.Inquire(t.Context(), h.DPO(), matching(spans(t, h, 0)[0]))
		if err != nil {
			t.Fatal(explain(err))
		}
		_, err = h.Matches(t.Context(), h.DPO(), q.ID)
		conflicts(t, err, "state") // one person alone
		_, err = h.ConfirmInquiry(t.Context(), h.DPO(), q.ID, "")
		isDenied(t, err, "own_act")
		if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, "vu"); err != nil {
			t.Fatal(explain(err))
		}
		for _, c := range []roles.Caller{h.DPO(), h.Auditor()} {
			if found, err := h.Matches(t.Context(), c, q.ID); err != nil || !slices.Equal(found, []int{2}) {
				t.Errorf("%v reads %v, %v", c, found, explain(err))
			}
		}
		_, err = h.Uses(t.Context(), h.DPO(), q.ID)
		conflicts(t, err, "state") // it is another question
		_, err = h.Matches(t.Context(), h.Recteur(), q.ID)
		isDenied(t, err, "perimeter")
		for _, c := range []roles.Caller{h.Stranger(), h.Head(desktest.College), h.Admin(), h.Support(), h.OnCall(), h.DASEN(), h.Provider()} {
			_, err := h.Matches(t.Context(), c, q.ID)
			isMissing(t, err)
		}
		filed, err := (&sqldb.Keybook{DB: h.DB}).Numbers(t.Context(), "", 10)
		if err != nil || len(filed) != 1 {
			t.Errorf("the key book knows %d people, want the one who signed in; %v", len(filed), err)
		}
	})
}

func TestACandidateIsFoundInEachShapeAndSpan(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	n := spans(t, h, 0)[3]
	raw := strings.ToUpper(n[:64])
	for _, p := range []string{n, strings.ToUpper(n), n[:64], raw + "@id.example.fr"} {
		if found := matched(t, h, matching(p)); !slices.Equal(found, []int{2}) {
			t.Errorf("%d characters: %v", len(p), found)
		}
	}
	for i, p := range spans(t, h, 0) {
		if found := matched(t, h, matching(p)); !slices.Equal(found, []int{2}) {
			t.Errorf("span %d: %v", i, found)
		}
	}
	if found := matched(t, h, matching(spans(t, h, 1)[0])); found == nil || len(found) != 0 {
		t.Errorf("a generation that is not there yet: %v", found)
	}
	if found := matched(t, h, matching(strings.Repeat("ab", 64))); found == nil || len(found) != 0 {
		t.Errorf("nobody's: %v", found)
	}
	elsewhere := matching(n)
	elsewhere.Service = "calcul"
	if found := matched(t, h, elsewhere); len(found) != 0 {
		t.Errorf("at another service: %v", found)
	}
}

func TestThePresentAndTheFormerGenerationAreLookedAt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for generation := range 3 {
		if generation > 0 {
			h.Apply(t, registry.Change{Families: []registry.Family{{ID: "lire", Generation: generation, State: registry.Approved}}})
		}
		for asked := range 4 {
			found := matched(t, h, matching(spans(t, h, asked)[1]))
			if want := asked == generation || asked == generation-1; slices.Equal(found, []int{2}) != want || !want && len(found) != 0 {
				t.Errorf("in generation %d a number of %d gives %v", generation, asked, found)
			}
		}
	}
}

func TestTwoCandidatesWhoAreOnePersonAreBothNamed(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	one, further := person.Key{Authority: "ac", ID: pupil}, person.Key{Authority: "ine", ID: "h"}
	for _, also := range [][]person.Key{nil, {further}} {
		if _, err := h.Book.Know(t.Context(), "ent", one, also...); err != nil {
			t.Fatal(err)
		}
	}
	ine := *mustSource(t, h)
	ine.ID, ine.Authority = "annuaire", "ine"
	h.Apply(t, registry.Change{Sources: []registry.Source{ine}})
	q := matching(spans(t, h, 0)[0])
	q.Candidates = append(q.Candidates, desk.Candidate{Source: "annuaire", Identifiers: []string{"x", "h"}})
	if found := matched(t, h, q); !slices.Equal(found, []int{2, 4}) {
		t.Errorf("found %v", found)
	}
}

func mustSource(t *testing.T, h *desktest.House) *registry.Source {
	t.Helper()
	s, ok := h.Snapshot(t).Source("ent")
	if !ok {
		t.Fatal("no source")
	}
	return &s
}

func TestNothingOfAMatchIsLeftWhenItEnds(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	p := spans(t, h, 0)[0]
	ended, err := h.Inquire(t.Context(), h.DPO(), matching(p))
	if err != nil {
		t.Fatal(explain(err))
	}
	stored := h.Snapshot(t).Inquiries()[0]
	if text := fmt.Sprintf("%+v", stored); stored.Match == "" || strings.Contains(text, p) || strings.Contains(text, pupil) || ended.Match != "" {
		t.Errorf("stored as %s, given back %q", text, ended.Match)
	}
	if _, err := h.Subjects.ReadMatch("another", stored.Match); err == nil {
		t.Error("what was sealed for one inquiry opens for another")
	}
	if _, err := h.Subjects.Subjects(t.Context(), stored.ID, stored.Match, []string{"lire"}); err == nil {
		t.Error("what was sealed for a match opens as a person")
	}
	for _, step := range []func() error{
		func() error { _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), ended.ID, ""); return err },
		func() error { _, err := h.EndInquiry(t.Context(), h.DPO(), ended.ID, "fait"); return err },
	} {
		if err := step(); err != nil {
			t.Fatal(explain(err))
		}
	}
	_, err = h.Matches(t.Context(), h.DPO(), ended.ID)
	conflicts(t, err, "state")
	if q := h.Snapshot(t).Inquiries()[0]; q.Match != "" || q.Candidates != 4 {
		t.Errorf("kept as %+v", q)
	}
	if _, err := h.Inquire(t.Context(), h.DPO(), matching(p)); err != nil {
		t.Fatal(explain(err))
	}
	h.Wait(registry.InquiryDays*24*time.Hour - time.Second)
	for _, left := range []int{1, 0} {
		if err := h.EraseInquiries(t.Context()); err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, q := range h.Snapshot(t).Inquiries() {
			if q.Match != "" {
				n++
			}
		}
		if n != left {
			t.Errorf("%d are sealed still, want %d", n, left)
		}
		h.Wait(time.Second)
	}
	before := len(h.Entries(t))
	if err := h.EraseInquiries(t.Context()); err != nil || len(h.Entries(t)) != before {
		t.Errorf("nothing to erase is journaled, %v", err)
	}
}

func TestTheJournalHasAMatchBeforeItsAnswerAndNoValueOfIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	p := spans(t, h, 0)[0]
	matched(t, h, matching(p))
	count := map[string]int{}
	for _, e := range h.Entries(t) {
		if e.Class != audit.ClassAdmin || e.Detail["inquiry"] == "" {
			continue
		}
		count[e.Action]++
		if text := fmt.Sprintf("%+v", e); e.Subject != "" || strings.Contains(text, p) || strings.Contains(text, "eleve-") {
			t.Errorf("journaled as %s", text)
		}
		if e.Action == "inquiry_match" && (e.Service != "lire" || e.Detail["candidates"] != "4" || e.Detail["positions"] != "") {
			t.Errorf("the reading is journaled as %+v", e)
		}
	}
	if count["inquiry_ask"] != 1 || count["inquiry_match"] != 1 {
		t.Errorf("the journal has %v", count)
	}
	q, err := h.Inquire(t.Context(), h.DPO(), matching(p))
	if err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, ""); err != nil {
		t.Fatal(explain(err))
	}
	h.Journal = nil
	found, err := h.Matches(t.Context(), h.DPO(), q.ID)
	if conflicts(t, err, "state"); found != nil {
		t.Error("it is answered without a journal")
	}
	said := fmt.Sprintf("%v %+v %#v", matching(p), candidates(), candidates()[0])
	if strings.Contains(said, p) || strings.Contains(said, "eleve") {
		t.Errorf("a question prints as %s", said)
	}
}

func TestAMatchRefusesWhatCannotBeAsked(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	p := spans(t, h, 0)[0]
	many := func(n int) (out []desk.Candidate) {
		for i := range n {
			out = append(out, desk.Candidate{Source: "ent", Identifiers: []string{fmt.Sprint(i)}})
		}
		return out
	}
	far := *mustSource(t, h)
	far.ID, far.UAIs = "loin", []person.UAI{"0410505X"}
	h.Apply(t, registry.Change{Sources: []registry.Source{far}})
	for where, change := range map[string]func(*desk.Question){
		"reason":                       func(q *desk.Question) { q.Reason = " " },
		"service":                      func(q *desk.Question) { q.Service = "inconnu" },
		"pseudonym":                    func(q *desk.Question) { q.Pseudonym = "ada" },
		"person":                       func(q *desk.Question) { q.Source, q.Person = "ent", pupil },
		"candidates":                   func(q *desk.Question) { q.Candidates = many(501) },
		"candidates[0].source":         func(q *desk.Question) { q.Candidates[0].Source = "inconnue" },
		"candidates[1].source":         func(q *desk.Question) { q.Candidates[1].Source = "loin" },
		"candidates[0].identifiers":    func(q *desk.Question) { q.Candidates[0].Identifiers = nil },
		"candidates[2].identifiers":    func(q *desk.Question) { q.Candidates[2].Identifiers = []string{"a", "b", "c", "d", "e", "f"} },
		"candidates[1].identifiers[0]": func(q *desk.Question) { q.Candidates[1] = q.Candidates[0] },
		"candidates[3].identifiers[0]": func(q *desk.Question) { q.Candidates[3].Identifiers = []string{strings.Repeat("x", 201)} },
	} {
		q := matching(p)
		change(&q)
		_, err := h.Inquire(t.Context(), h.DPO(), q)
		isInvalid(t, err, where)
	}
	for _, n := range []int{0, 1} {
		q := matching(p)
		q.Candidates = many(n)
		_, err := h.Inquire(t.Context(), h.DPO(), q)
		isInvalid(t, err, "candidates")
	}
	all := matching(p)
	all.Candidates = many(500)
	if _, err := h.Inquire(t.Context(), h.DPO(), all); err != nil {
		t.Errorf("500 candidates: %v", explain(err))
	}
	_, err := h.Inquire(t.Context(), h.Auditor(), matching(p))
	isDenied(t, err, "role")
	program := h.DPO()
	program.Scopes = roles.Scopes()
	_, err = h.Inquire(t.Context(), program, matching(p))
	isDenied(t, err, "token")
}
