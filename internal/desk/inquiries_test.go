package desk_test

import (
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
	"ecluse/internal/roles"
)

const pupil = "eleve-4711"

func question() desk.Question {
	return desk.Question{Academy: desktest.Academy, Source: "ent", Person: pupil, Reason: "réclamation CNIL 2026-18"}
}

// released writes what a sign-in leaves in the journal.
func released(t *testing.T, h *desktest.House, who, service string, uai person.UAI) {
	t.Helper()
	releasedTo(t, h, person.Key{Authority: "ac", ID: who}, service, uai)
}

func releasedTo(t *testing.T, h *desktest.House, who person.Key, service string, uai person.UAI) {
	t.Helper()
	subject := consent.JournalSubject(h.Ring, who, service)
	_, err := h.Journal.Append(t.Context(), audit.Entry{
		Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Subject: subject, Service: service, UAI: string(uai),
		Attributes: []string{"pseudonym", "level"},
	})
	if err != nil {
		t.Fatal(err)
	}
	h.Wait(time.Minute)
}

func asked(t *testing.T, h *desktest.House) registry.Inquiry {
	t.Helper()
	q, err := h.Inquire(t.Context(), h.DPO(), question())
	if err != nil {
		t.Fatal(explain(err))
	}
	return q
}

func TestTwoPersonsLearnWhichServicesAPersonUsedAndNobodyElseDoes(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		released(t, h, pupil, "lire", desktest.College)
		released(t, h, "another", "lire", desktest.College)
		released(t, h, pupil, "calcul", desktest.College)
		released(t, h, pupil, "calcul", "0410505X") // of no school of the academy
		q := asked(t, h)
		_, err := h.Uses(t.Context(), h.DPO(), q.ID)
		conflicts(t, err, "state") // one person alone
		_, err = h.ConfirmInquiry(t.Context(), h.DPO(), q.ID, "")
		isDenied(t, err, "own_act")
		if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, "vu"); err != nil {
			t.Fatal(explain(err))
		}
		_, err = h.ConfirmInquiry(t.Context(), h.Recteur(), q.ID, "")
		conflicts(t, err, "state")
		for _, c := range []roles.Caller{h.DPO(), h.Auditor()} {
			uses, err := h.Uses(t.Context(), c, q.ID)
			if err != nil || len(uses) != 2 || uses[0].Service != "calcul" || uses[1].Service != "lire" || uses[0].UAI != desktest.College || len(uses[0].Attributes) != 2 {
				t.Fatalf("%v reads %v, %v", c, uses, explain(err))
			}
		}
		_, err = h.Uses(t.Context(), h.Recteur(), q.ID)
		isDenied(t, err, "perimeter")
		for _, c := range []roles.Caller{h.Stranger(), h.Head(desktest.College), h.Admin(), h.Support(), h.OnCall(), h.DASEN(), h.Provider()} {
			_, err := h.Uses(t.Context(), c, q.ID)
			isMissing(t, err)
			if list, err := h.Inquiries(t.Context(), c); err != nil || len(list) != 0 {
				t.Errorf("%v sees %v, %v", c, list, err)
			}
		}
	})
}

// TestAnInquiryFindsWhatWasFiledUnderAFormerKey asks about somebody whom another source knew before.
func TestAnInquiryFindsWhatWasFiledUnderAFormerKey(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		now, before := person.Key{Authority: "ac", ID: pupil}, person.Key{Authority: "ent", ID: "before"}
		ine := person.Key{Authority: "ine", ID: "hash"}
		for _, own := range []person.Key{before, now} {
			if _, err := h.Book.Know(t.Context(), own.Authority, own, ine); err != nil {
				t.Fatal(err)
			}
		}
		releasedTo(t, h, before, "lire", desktest.College)
		released(t, h, pupil, "calcul", desktest.College)
		released(t, h, "another", "lire", desktest.College)
		q := asked(t, h)
		if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, "vu"); err != nil {
			t.Fatal(explain(err))
		}
		uses, err := h.Uses(t.Context(), h.DPO(), q.ID)
		if err != nil || len(uses) != 2 || uses[0].Service != "calcul" || uses[1].Service != "lire" {
			t.Errorf("read %v, %v", uses, explain(err))
		}
	})
}

// TestAnInquiryLooksAtEveryServiceHoweverManyThereAre has more services than one look into the journal is asked about.
func TestAnInquiryLooksAtEveryServiceHoweverManyThereAre(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		var many []registry.Service
		for i := range 1200 {
			many = append(many, registry.Service{ID: fmt.Sprintf("service-%04d", i), Name: registry.Text{FR: "Service"}, Provider: "Éditeur"})
		}
		h.Apply(t, registry.Change{Services: many})
		want := []string{"service-1199", "service-0700", "service-0000", "lire"} // the newest first
		for _, service := range slices.Backward(want) {
			released(t, h, pupil, service, desktest.College)
			released(t, h, "another", service, desktest.College)
		}
		q := asked(t, h)
		if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, "vu"); err != nil {
			t.Fatal(explain(err))
		}
		uses, err := h.Uses(t.Context(), h.DPO(), q.ID)
		var got []string
		for _, u := range uses {
			got = append(got, u.Service)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("read %v, %v", got, explain(err))
		}
	})
}

func TestAnInquiryIsOverAfterSevenDaysOrWhenItIsEnded(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	q, late, ended := asked(t, h), asked(t, h), asked(t, h)
	for _, id := range []string{q.ID, ended.ID} {
		if _, err := h.ConfirmInquiry(t.Context(), h.Recteur(), id, "vu"); err != nil {
			t.Fatal(explain(err))
		}
	}
	if _, err := h.EndInquiry(t.Context(), h.DPO(), ended.ID, "fait"); err != nil {
		t.Fatal(explain(err))
	}
	_, err := h.Uses(t.Context(), h.DPO(), ended.ID)
	conflicts(t, err, "state")
	_, err = h.ConfirmInquiry(t.Context(), h.Auditor(), ended.ID, "")
	conflicts(t, err, "state")
	_, err = h.EndInquiry(t.Context(), h.DPO(), ended.ID, "encore")
	conflicts(t, err, "state")
	_, err = h.EndInquiry(t.Context(), h.Stranger(), q.ID, "")
	isMissing(t, err)
	h.Wait(registry.InquiryDays*24*time.Hour - time.Second)
	if _, err := h.Uses(t.Context(), h.Recteur(), q.ID); err != nil {
		t.Errorf("in time: %v", explain(err))
	}
	h.Wait(time.Second)
	_, err = h.Uses(t.Context(), h.Recteur(), q.ID)
	conflicts(t, err, "state")
	_, err = h.ConfirmInquiry(t.Context(), h.Auditor(), late.ID, "")
	conflicts(t, err, "state")
	for _, q := range h.Snapshot(t).Inquiries() {
		if (q.Person == "") != (q.ID == ended.ID) {
			t.Errorf("%s is %s and keeps %q", q.ID, q.State, q.Person)
		}
	}
}

func TestAnInquiryWantsADataProtectionOfficerInPersonAndAReason(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for _, c := range []roles.Caller{h.Recteur(), h.Auditor(), h.Head(desktest.College), h.DASEN(), h.Admin(), h.Support(), h.DRANE(), h.OnCall()} {
		_, err := h.Inquire(t.Context(), c, question())
		isDenied(t, err, "role")
	}
	far := question()
	far.Academy = "ailleurs"
	_, err := h.Inquire(t.Context(), h.DPO(), far)
	isDenied(t, err, "perimeter")
	_, err = h.Inquire(t.Context(), h.DPO(), desk.Question{Academy: desktest.Academy, Source: "unknown"})
	isInvalid(t, err, "reason", "person", "source")
	program := h.DPO()
	for _, scopes := range [][]string{roles.Scopes(), {"inquire"}, {"confirm_inquiry"}} {
		program.Scopes = scopes
		_, err = h.Inquire(t.Context(), program, question())
		isDenied(t, err, "token")
	}
	q := asked(t, h)
	program = h.Auditor()
	program.Scopes = roles.Scopes()
	_, err = h.ConfirmInquiry(t.Context(), program, q.ID, "")
	isMissing(t, err)
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, ""); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Uses(t.Context(), program, q.ID)
	isMissing(t, err)
}

func TestWhoeverLostTheOfficeReadsNoMore(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	q := asked(t, h)
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, ""); err != nil {
		t.Fatal(explain(err))
	}
	for _, a := range h.Snapshot(t).Appointments() {
		if a.ID == "auditor" {
			a.State = registry.Revoked
			h.Apply(t, registry.Change{Appointments: []registry.Appointment{a}})
		}
	}
	_, err := h.Uses(t.Context(), h.Auditor(), q.ID)
	isMissing(t, err)
}

func TestNothingThatAnInquiryLeavesNamesThePerson(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	q := asked(t, h)
	if _, err := h.ConfirmInquiry(t.Context(), h.Auditor(), q.ID, "vu"); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.Uses(t.Context(), h.DPO(), q.ID); err != nil {
		t.Fatal(explain(err))
	}
	stored := h.Snapshot(t).Inquiries()[0]
	if stored.Person == "" || strings.Contains(stored.Person, pupil) || q.Person != "" {
		t.Errorf("stored %q, given back %q", stored.Person, q.Person)
	}
	if _, err := h.Subjects.Subjects(t.Context(), "another", stored.Person, []string{"lire"}); err == nil {
		t.Error("what was sealed for one inquiry opens for another")
	}
	list, err := h.Inquiries(t.Context(), h.Auditor())
	if err != nil || len(list) != 1 || list[0].Person != "" || list[0].Decisions[0].Reason == "" {
		t.Errorf("listed as %+v, %v", list, err)
	}
	count := map[string]int{}
	for _, e := range h.Entries(t) {
		if e.Class != audit.ClassAdmin || e.Detail["inquiry"] != q.ID {
			continue
		}
		count[e.Action]++
		if e.Subject != "" || e.Actor == "" || strings.Contains(e.Detail["state"], pupil) {
			t.Errorf("journaled as %+v", e)
		}
	}
	if count["inquiry_ask"] != 1 || count["inquiry_confirm"] != 1 || count["inquiry_read"] != 1 {
		t.Errorf("the journal has %v", count)
	}
}
