package desk_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
)

// camille is a pupil of the collège, known by two keys.
func camille(h *desktest.House) rights.Party {
	return rights.Party{Own: []string{
		person.Key{Authority: "ac", ID: "MARQUE-1"}.Handle(h.Ring), person.Key{Authority: "ent", ID: "MARQUE-2"}.Handle(h.Ring),
	}}
}

// asks files a request of camille's.
func asks(t *testing.T, h *desktest.House, ref string, kind rights.Kind, service string, uai person.UAI) rights.Request {
	t.Helper()
	r, _, err := h.Rights.File(t.Context(), camille(h), rights.Form{
		Ref: ref, Kind: kind, UAI: string(uai), Pause: true, Words: "je suis MARQUE", Contact: "MARQUE@exemple.fr",
		Entry: registry.Declaration{ID: service + "-d", ServiceID: service, Version: 1, Basis: registry.Basis{Kind: registry.PublicInterest}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shut tells whether lire is closed for camille, and what she may do instead.
func shut(t *testing.T, h *desktest.House, ledger *consent.Ledger) (bool, string) {
	t.Helper()
	said, err := ledger.Said(t.Context(), camille(h).Own[1:], "lire") // found by any of her keys? filed under the first
	if err != nil {
		t.Fatal(err)
	}
	more, err := ledger.Said(t.Context(), camille(h).Own, "lire")
	if err != nil || len(said) > 0 {
		t.Fatalf("%v, %d under another key", err, len(said))
	}
	out := consent.Question{}.Weigh(more)
	return out.Answer == consent.Shut, out.Closing.Instead.FR
}

func TestWhoAnswersIsTheControllerOfTheEstablishmentAndTheOfficerReads(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		h.TakeRights(t)
		asks(t, h, "COLL-EGE0", rights.Access, "lire", desktest.College)
		asks(t, h, "ECOL-E000", rights.Access, "lire", desktest.Ecole)
		asks(t, h, "SERV-ICE0", rights.Access, "lire", desktest.Service)
		for name, c := range map[string]struct {
			by                   roles.Caller
			lists, reads, answer string
		}{
			"head":      {h.Head(desktest.College), "COLL-EGE0", "COLL-EGE0", "COLL-EGE0"},
			"other":     {h.Head(desktest.Other), "", "", ""},
			"dasen":     {h.DASEN(), "ECOL-E000", "ECOL-E000", "ECOL-E000"},
			"recteur":   {h.Recteur(), "SERV-ICE0", "SERV-ICE0", "SERV-ICE0"},
			"dpo":       {h.DPO(), "COLL-EGE0 ECOL-E000 SERV-ICE0", "COLL-EGE0 ECOL-E000 SERV-ICE0", ""},
			"directeur": {h.Head(desktest.Ecole), "", "", ""},
			"admin":     {h.Admin(), "", "", ""},
			"auditor":   {h.Auditor(), "", "", ""},
			"nobody":    {roles.Caller{}, "", "", ""},
		} {
			var lists, reads, answers []string
			list, err := h.RightsOf(t.Context(), c.by)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range list {
				lists = append(lists, r.Ref)
			}
			for _, ref := range []string{"COLL-EGE0", "ECOL-E000", "SERV-ICE0"} {
				if r, err := h.Right(t.Context(), c.by, ref); err == nil && r.Words.Words == "je suis MARQUE" && r.Words.Contact != "" && r.Words.Who == nil {
					reads = append(reads, ref)
				} else if !denied(err) {
					t.Errorf("%s reads %s: %v", name, ref, err)
				}
				// an answer that is wrong is refused after it is asked who gives it
				_, err := h.AnswerRight(t.Context(), c.by, ref, desk.RightAnswer{})
				if invalid := (*desk.Invalid)(nil); errors.As(err, &invalid) {
					answers = append(answers, ref)
				} else if !denied(err) {
					t.Errorf("%s answers %s: %v", name, ref, err)
				}
			}
			for what, pair := range map[string][2]string{"lists": {strings.Join(lists, " "), c.lists}, "reads": {strings.Join(reads, " "), c.reads}, "answers": {strings.Join(answers, " "), c.answer}} {
				if pair[0] != pair[1] {
					t.Errorf("%s %s %q, want %q", name, what, pair[0], pair[1])
				}
			}
			for _, unknown := range []string{"", "XXXX-XXXX"} {
				if _, err := h.Right(t.Context(), c.by, unknown); !denied(err) {
					t.Errorf("%s reads %q: %v", name, unknown, err)
				}
			}
		}
	})
}

// denied tells an act that is refused, in either of its ways.
func denied(err error) bool {
	var missing *desk.NotFound
	var no *roles.Denied
	return errors.As(err, &missing) || errors.As(err, &no)
}

func TestAnObjectionThatIsAcceptedClosesTheServiceForThatPersonAlone(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ledger, head := h.TakeRights(t), h.Head(desktest.College)
		asks(t, h, "AAAA-BBBB", rights.Objection, "lire", desktest.College)
		if closed, instead := shut(t, h, ledger); !closed || instead != "" {
			t.Fatalf("meanwhile: closed %v, %q", closed, instead)
		}
		yes := desk.RightAnswer{Outcome: rights.Accepted, Text: "Nous sommes d'accord."}
		for name, bad := range map[string]rights.Instead{
			"nothing": {}, "spaces": {Text: " "}, "itself": {Service: "lire"}, "nobody's": {Service: "nope"}, "both": {Service: "calcul", Text: "ou le livre"},
			"long": {Text: strings.Repeat("x", 500)},
		} {
			yes.Instead = bad
			if _, err := h.AnswerRight(t.Context(), head, "AAAA-BBBB", yes); !invalidAt(err, "instead") {
				t.Errorf("instead %s: %v", name, err)
			}
		}
		yes.Instead = rights.Instead{Service: "calcul"}
		made, err := h.AnswerRight(t.Context(), head, "AAAA-BBBB", yes)
		if err != nil || made.Request.State != rights.Answered || made.Request.Office != "chef d'établissement" || !made.Request.Settled {
			t.Fatalf("%v: %+v", err, made.Request)
		}
		if closed, instead := shut(t, h, ledger); !closed || instead != "calcul" {
			t.Errorf("closed %v, instead %q", closed, instead)
		}
		if _, err := h.AnswerRight(t.Context(), head, "AAAA-BBBB", yes); !inConflict(err, "state") {
			t.Errorf("a second answer: %v", err)
		}
		other := person.Key{Authority: "ac", ID: "other"}.Handle(h.Ring)
		if said, err := ledger.Said(t.Context(), []string{other}, "lire"); err != nil || len(said) > 0 {
			t.Errorf("somebody else: %v", said)
		}
		if said, err := ledger.Said(t.Context(), camille(h).Own, "calcul"); err != nil || len(said) > 0 {
			t.Errorf("another service: %v", said)
		}
		if _, err := h.Rights.TakeBack(t.Context(), camille(h), "AAAA-BBBB"); err != nil {
			t.Fatal(err)
		}
		if closed, _ := shut(t, h, ledger); closed {
			t.Error("taken back, and still closed")
		}
	})
}

func TestAnObjectionThatIsRefusedOpensWhatWasStoppedMeanwhile(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ledger := h.TakeRights(t)
		asks(t, h, "AAAA-BBBB", rights.Objection, "lire", desktest.College)
		for name, a := range map[string]desk.RightAnswer{
			"no reason": {Outcome: rights.Refused}, "a list": {Outcome: rights.Refused, Text: "non", Fiche: true},
			"instead": {Outcome: rights.Refused, Text: "non", Instead: rights.Instead{Text: "x"}}, "no outcome": {Text: "non"},
			"dropped": {Outcome: rights.Dropped, Text: "non"}, "long": {Outcome: rights.Refused, Text: strings.Repeat("x", 4001)},
		} {
			if _, err := h.AnswerRight(t.Context(), h.Head(desktest.College), "AAAA-BBBB", a); !invalidAt(err, "") {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := h.AnswerRight(t.Context(), h.Head(desktest.College), "AAAA-BBBB", desk.RightAnswer{Outcome: rights.Refused, Text: "La loi l'impose."})
		if err != nil {
			t.Fatal(explain(err))
		}
		if closed, _ := shut(t, h, ledger); closed {
			t.Error("still closed")
		}
		mine, err := h.Rights.One(t.Context(), camille(h), "AAAA-BBBB")
		if err != nil || mine.Contents.Answer != "La loi l'impose." || mine.Outcome != rights.Refused {
			t.Errorf("%v: the person reads %q", err, mine.Contents.Answer)
		}
	})
}

func TestMoreTimeIsTakenWithAReasonByTheOfficerToo(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	h.TakeRights(t)
	r := asks(t, h, "AAAA-BBBB", rights.Erasure, "lire", desktest.College)
	if r.Due.String() != "2026-12-22" {
		t.Errorf("due on %s", r.Due)
	}
	if _, err := h.ExtendRight(t.Context(), h.DPO(), "AAAA-BBBB", " "); !invalidAt(err, "reason") {
		t.Errorf("without a reason: %v", err)
	}
	if _, err := h.CommentRight(t.Context(), h.DPO(), "AAAA-BBBB", "vérifier auprès de l'éditeur"); err != nil {
		t.Fatal(explain(err))
	}
	made, err := h.ExtendRight(t.Context(), h.DPO(), "AAAA-BBBB", "L'éditeur doit chercher.")
	if err != nil || made.Request.Due.String() != "2027-02-22" || made.Request.State != rights.Extended {
		t.Fatalf("%v: due on %s", err, made.Request.Due)
	}
	if _, err := h.ExtendRight(t.Context(), h.Head(desktest.College), "AAAA-BBBB", "encore"); !inConflict(err, "state") {
		t.Errorf("twice: %v", err)
	}
	seen, err := h.Right(t.Context(), h.Head(desktest.College), "AAAA-BBBB")
	if err != nil || len(seen.Words.Comments) != 1 || seen.Words.Comments[0].Office != "DPD" || seen.Words.Longer != "L'éditeur doit chercher." || seen.Overdue {
		t.Errorf("%v: %+v", err, seen.Words.Comments)
	}
	asks(t, h, "CCCC-DDDD", rights.Access, "lire", desktest.College)
	h.Day("2026-12-23")
	if _, err := h.ExtendRight(t.Context(), h.DPO(), "CCCC-DDDD", "trop tard"); !inConflict(err, "late") {
		t.Errorf("after the first month: %v", err)
	}
	list, err := h.RightsOf(t.Context(), h.DPO())
	if err != nil || len(list) != 2 || list[0].Ref != "CCCC-DDDD" || !list[0].Overdue(h.Now(), h.Live.Zone) || list[1].Overdue(h.Now(), h.Live.Zone) {
		t.Errorf("%v: the overdue one is not on top: %v", err, list)
	}
	tasks, err := h.Waiting(t.Context(), h.Head(desktest.College))
	if err != nil || !slices.ContainsFunc(tasks, func(k desk.Task) bool {
		return k.Kind == "right" && k.About == "CCCC-DDDD" && k.Until == "2026-12-22" && k.UAI == string(desktest.College)
	}) {
		t.Errorf("%v: %+v", err, tasks)
	}
}

// TestHardCase37TheFicheOfEverythingIssuedAndTheOppositionStoredPerService: somebody asks for what was sent of them, to be
// erased, and not to be sent again. The fiche names services, attributes and moments and holds no value; the opposition is
// one service's and this person's.
func TestHardCase37TheFicheOfEverythingIssuedAndTheOppositionStoredPerService(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		ledger, head := h.TakeRights(t), h.Head(desktest.College)
		who := camille(h).Own
		sent := func(handle, service string, uai person.UAI, attributes ...string) {
			t.Helper()
			h.Wait(time.Minute)
			_, err := h.Journal.Append(t.Context(), audit.Entry{
				Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Subject: consent.SubjectOf(h.Ring, handle, service), Service: service,
				UAI: string(uai), Declaration: service + "-d", Version: 1, Attributes: attributes, Detail: map[string]string{"withheld": "mail=not_declared"},
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sent(who[0], "lire", desktest.College, "given_name", "classes")
		sent(who[1], "lire", desktest.College, "given_name")                                // by a former key
		sent(who[0], "calcul", desktest.College, "uai")                                     // another service
		sent(who[0], "lire", desktest.Other, "uai")                                         // another establishment
		sent(person.Key{Authority: "ac", ID: "x"}.Handle(h.Ring), "lire", desktest.College) // somebody else
		asks(t, h, "AAAA-0001", rights.Access, "lire", desktest.College)
		asks(t, h, "AAAA-0002", rights.Access, registry.House, desktest.College)
		asks(t, h, "AAAA-0003", rights.Erasure, "lire", desktest.College)
		asks(t, h, "AAAA-0004", rights.Objection, "lire", desktest.College)

		for ref, want := range map[string]string{
			"AAAA-0001": "lire [given_name] lire [given_name classes] ", "AAAA-0002": "calcul [uai] lire [given_name] lire [given_name classes] ",
		} {
			list, err := h.Fiche(t.Context(), head, ref)
			var got strings.Builder
			for _, i := range list {
				fmt.Fprint(&got, i.Service, " ", i.Attributes, " ")
				if i.At.IsZero() || i.UAI != desktest.College || i.Declaration != i.Service+"-d" {
					t.Errorf("%s: %+v", ref, i)
				}
			}
			if err != nil || got.String() != want {
				t.Errorf("%s: %q, %v", ref, got.String(), err)
			}
		}
		if _, err := h.Fiche(t.Context(), head, "AAAA-0003"); !inConflict(err, "state") {
			t.Errorf("the fiche of an erasure: %v", err)
		}
		if _, err := h.Fiche(t.Context(), h.Head(desktest.Other), "AAAA-0001"); !denied(err) {
			t.Errorf("another head reads it: %v", err)
		}

		for _, a := range []struct {
			ref string
			desk.RightAnswer
		}{
			{"AAAA-0001", desk.RightAnswer{Outcome: rights.Accepted, Fiche: true}},
			{"AAAA-0003", desk.RightAnswer{Outcome: rights.Accepted, Text: "L'éditeur a effacé votre compte."}},
			{"AAAA-0004", desk.RightAnswer{Outcome: rights.Accepted, Text: "D'accord.", Instead: rights.Instead{Text: "le livre en papier"}}},
		} {
			if _, err := h.AnswerRight(t.Context(), head, a.ref, a.RightAnswer); err != nil {
				t.Fatal(a.ref, explain(err))
			}
		}
		if closed, instead := shut(t, h, ledger); !closed || instead != "le livre en papier" {
			t.Errorf("closed %v, %q", closed, instead)
		}
		if _, err := h.Rights.Done(t.Context(), camille(h), "AAAA-0001"); err != nil {
			t.Fatal(err)
		}
		if _, err := h.Fiche(t.Context(), head, "AAAA-0001"); !inConflict(err, "state") {
			t.Errorf("the fiche of a closed request: %v", err)
		}
		checkRightsJournal(t, h)
	})
}

// checkRightsJournal: each act and each reading is there, about whom only by a handle, and nothing that anybody wrote.
func checkRightsJournal(t *testing.T, h *desktest.House) {
	t.Helper()
	count := map[string]int{}
	for _, e := range h.Entries(t) {
		count[e.Action]++
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range append(camille(h).Own, "MARQUE", "éditeur", "papier", "accord") {
			if strings.Contains(string(text), secret) {
				t.Errorf("%s holds %q: %s", e.Action, secret, text)
			}
		}
		if strings.HasPrefix(e.Action, "right_") && e.Action != "right_door" && (e.Ref == "" || e.Service == "") {
			t.Errorf("%s: %+v", e.Action, e)
		}
		if e.Action == "right_answer" && (e.Actor == "" || e.Subject != rights.HandleOf(h.Ring, camille(h).Own[0]) || e.Detail["office"] == "" || e.Detail["outcome"] != "accepted") {
			t.Errorf("%+v", e)
		}
	}
	for word, want := range map[string]int{"right_file": 4, "right_fiche": 3, "right_answer": 3, "right_door": 2, "right_done": 1} {
		if count[word] != want {
			t.Errorf("%s stands %d times, want %d", word, count[word], want)
		}
	}
}

func invalidAt(err error, where string) bool {
	var invalid *desk.Invalid
	return errors.As(err, &invalid) && slices.ContainsFunc(invalid.Findings, func(f registry.Finding) bool { return strings.HasPrefix(f.Where, where) })
}

func inConflict(err error, code string) bool {
	var c *desk.Conflict
	return errors.As(err, &c) && c.Code == code
}
