package desk_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func queue(t *testing.T, h *desktest.House, c roles.Caller, q desk.Queued) []desk.Case {
	t.Helper()
	if q.Most == 0 {
		q.Most = 50
	}
	part, total, err := h.Queue(t.Context(), c, q)
	if err != nil || total != len(part) && q.From == 0 && q.Most == 50 {
		t.Fatalf("%d of %d, %v", len(part), total, err)
	}
	return part
}

// names says in a word what each case is about.
func named(part []desk.Case) (out []string) {
	for _, o := range part {
		if len(o.Wishes) > 0 {
			out = append(out, o.About+" "+string(o.UAI))
		} else {
			out = append(out, o.String())
		}
	}
	return out
}

// risky is the reading site with another risk.
func risky(level registry.RiskLevel, change func(*registry.Declaration)) registry.Declaration {
	d := desktest.Reading()
	for _, p := range []*registry.RiskPoint{
		&d.Risk.Information, &d.Risk.Vulnerability, &d.Risk.Framework, &d.Risk.Exposure, &d.Risk.Identification, &d.Risk.Flaws, &d.Risk.Harvesting,
	} {
		p.Level = registry.Low
	}
	d.Risk.Flaws.Level = level
	if change != nil {
		change(&d)
	}
	return d
}

func TestTheQueueShowsTheHighestStakesFirstThenWhatIsDueFirst(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	var want []string
	for _, d := range []registry.Declaration{
		risky(registry.Low, nil), risky(registry.Medium, nil), risky(registry.High, nil), risky("", nil),
		risky(registry.Low, func(d *registry.Declaration) { d.Mode = registry.Nominative }), risky(registry.High, nil),
	} {
		want = append(want, submitted(t, h, h.DRANE(), d).ID+" v1")
		h.Wait(time.Hour)
	}
	want = []string{want[2], want[5], want[3], want[1], want[4], want[0]}
	part := queue(t, h, h.DPO(), desk.Queued{})
	if got := named(part); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if first := part[0]; first.Stakes != desk.StakesHigh || first.Due != desktest.Day("2026-12-22") || first.Late || len(first.Findings) != 3 {
		t.Errorf("%+v", first)
	}
	if got := named(queue(t, h, h.DPO(), desk.Queued{Stakes: desk.StakesUnknown})); !slices.Equal(got, want[2:3]) {
		t.Errorf("of unknown stakes: %v", got)
	}
	two, total, err := h.Queue(t.Context(), h.DPO(), desk.Queued{From: 1, Most: 2})
	if got := named(two); err != nil || total != 6 || !slices.Equal(got, want[1:3]) {
		t.Errorf("a part: %v of %d, %v", got, total, err)
	}
	if past, total, err := h.Queue(t.Context(), h.DPO(), desk.Queued{From: 99, Most: 2}); err != nil || total != 6 || len(past) != 0 {
		t.Errorf("after the end: %v, %d, %v", past, total, err)
	}
	h.Day("2026-12-23")
	if !queue(t, h, h.DPO(), desk.Queued{})[0].Late {
		t.Error("thirty days have passed and nothing is late")
	}
}

func TestWhatFollowsAVersionIsDueBeforeThatOneEnds(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2026-12-05")
	first := inForce(t, h, text)
	d := next(t, h, first.ID, renewed)
	if o := queue(t, h, h.DPO(), desk.Queued{All: true, Text: d.ID}); len(o) != 1 || o[0].Due != desktest.Day("2026-12-05") || o[0].Change != registry.Renewal {
		t.Errorf("%+v", o)
	}
}

func TestEachSeesInTheQueueWhatTheyCanDoAndNobodyWhatIsAnothersDraft(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	own := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	for name, who := range map[string]struct {
		c    roles.Caller
		acts []roles.Act
		all  bool // seen only when everything is asked for
		not  bool
	}{
		"its head":            {c: h.Head(desktest.College), acts: []roles.Act{roles.Instruct, roles.Approve}},
		"the officer":         {c: h.DPO(), acts: []roles.Act{roles.Opine}},
		"who wrote it":        {c: h.Assistant()},
		"the recteur":         {c: h.Recteur(), all: true},
		"an auditor":          {c: h.Auditor(), all: true},
		"another head":        {c: h.Head(desktest.Other), not: true},
		"a teacher there":     {c: h.Teacher(desktest.College), not: true},
		"the administrator":   {c: h.Admin(), not: true},
		"somebody on support": {c: h.Support(), not: true},
		"a stranger":          {c: h.Stranger(), not: true},
	} {
		todo, seen := queue(t, h, who.c, desk.Queued{}), queue(t, h, who.c, desk.Queued{All: true})
		if (len(seen) == 0) != who.not || (len(todo) == 0) != (who.not || who.all) {
			t.Errorf("%s: %v to do, %v seen", name, named(todo), named(seen))
		}
		if len(todo) == 1 && !slices.Equal(todo[0].Acts, who.acts) {
			t.Errorf("%s: %v", name, todo[0].Acts)
		}
	}
	if o := queue(t, h, h.Assistant(), desk.Queued{})[0]; !o.Mine || o.ID != own.ID || o.UAI != desktest.College {
		t.Errorf("%+v", o)
	}
}

func TestWhoWroteAVersionIsOfferedNoDecisionOnIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	submitted(t, h, h.Head(desktest.College), desktest.ForSchools(desktest.College))
	part := queue(t, h, h.Head(desktest.College), desk.Queued{})
	if len(part) != 1 || slices.Contains(part[0].Acts, roles.Approve) || !part[0].Mine {
		t.Errorf("%+v", part)
	}
}

func TestHardCase18RequestsForOneServiceInOneSchoolAreOneCaseWithACount(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		wish := func(who string, uai person.UAI, about, reason string) {
			t.Helper()
			c := h.Teacher(uai)
			c.Handle += who
			if _, err := h.Wish(t.Context(), c, uai, about, reason); err != nil {
				t.Fatal(explain(err))
			}
			h.Wait(time.Minute)
		}
		wish("1", desktest.College, "lire", "pour la 6e B")
		wish("2", desktest.College, "LIRE", "pour la 6e B")
		wish("5", desktest.College, "lire", "pour la 6e B")
		wish("3", desktest.College, "Géoportail", "cartes")
		wish("1", desktest.Other, "lire", "lecture")
		h.Apply(t, registry.Change{Services: []registry.Service{{ID: "lire", Name: registry.Text{FR: "Lire en ligne"}, Start: "https://www.lire.example/"}}})
		wish("4", desktest.College, "https://lire.example/accueil", "aussi")
		wish("4", desktest.College, "lire en  ligne", "aussi")

		part := queue(t, h, h.Head(desktest.College), desk.Queued{})
		if len(part) != 2 {
			t.Fatalf("%v", named(part))
		}
		one := part[0]
		if one.Service != "lire" || one.People != 4 || len(one.Wishes) != 3 || one.About != "lire" || one.UAI != desktest.College || len(one.Reasons) != 2 {
			t.Errorf("%+v", one)
		}
		if !slices.Equal(one.Acts, []roles.Act{roles.AnswerWish}) || part[1].About != "Géoportail" || part[1].Service != "" || part[1].People != 1 {
			t.Errorf("%+v", part)
		}
		if err := h.AnswerRequest(t.Context(), h.Head(desktest.College), one.Wishes, registry.Declined, "Le CDI le propose déjà."); err != nil {
			t.Fatal(explain(err))
		}
		if left := queue(t, h, h.Head(desktest.College), desk.Queued{}); len(left) != 1 || left[0].About != "Géoportail" {
			t.Errorf("left: %v", named(left))
		}
		entries := slices.DeleteFunc(h.Entries(t), func(e audit.Entry) bool { return e.Action != "wish_answer" })
		if len(entries) != 1 || entries[0].Detail["wishes"] != "3" || entries[0].UAI != string(desktest.College) {
			t.Errorf("journal %+v", entries)
		}
		if theirs := queue(t, h, h.Head(desktest.Other), desk.Queued{}); len(theirs) != 1 || theirs[0].People != 1 {
			t.Errorf("the other school's: %+v", theirs)
		}
	})
}

func TestARequestIsAnsweredByWhoAnswersThereAllOfItOrNone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	var ids []string
	for _, uai := range []person.UAI{desktest.College, desktest.Other} {
		w, err := h.Wish(t.Context(), h.Teacher(uai), uai, "lire", "pour la classe")
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, w.ID)
	}
	isDenied(t, h.AnswerRequest(t.Context(), h.Teacher(desktest.College), ids[:1], registry.Granted, ""), "role")
	isDenied(t, h.AnswerRequest(t.Context(), h.Head(desktest.College), ids, registry.Granted, ""), "perimeter")
	isInvalid(t, h.AnswerRequest(t.Context(), h.DRANE(), ids, registry.Declined, " "), "answer")
	isInvalid(t, h.AnswerRequest(t.Context(), h.DRANE(), ids, "", ""), "state")
	isMissing(t, h.AnswerRequest(t.Context(), h.DRANE(), nil, registry.Granted, ""))
	isMissing(t, h.AnswerRequest(t.Context(), h.DRANE(), []string{"?"}, registry.Granted, ""))
	for _, w := range h.Snapshot(t).Wishes() {
		if w.State != registry.Wished {
			t.Errorf("%+v was answered by an act that was refused", w)
		}
	}
	if err := h.AnswerRequest(t.Context(), h.DRANE(), append(ids, ids[0]), registry.Granted, ""); err != nil {
		t.Fatal(explain(err))
	}
	conflicts(t, h.AnswerRequest(t.Context(), h.DRANE(), ids, registry.Granted, ""), "state")
}

func TestStaffSeeTheirOwnRequestAndAPupilHasNone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	pupil := h.Stranger() // whoever holds no role at the desk: a federation vouches for no pupil there
	_, err := h.Wish(t.Context(), pupil, desktest.College, "lire", "pour jouer")
	isDenied(t, err, "role")
	if _, err := h.Wish(t.Context(), h.Teacher(desktest.College), desktest.College, "lire", "pour la classe"); err != nil {
		t.Fatal(err)
	}
	if part := queue(t, h, h.Teacher(desktest.College), desk.Queued{}); len(part) != 1 || !part[0].Mine || len(part[0].Acts) != 0 {
		t.Errorf("%+v", part)
	}
	if part := queue(t, h, h.DPO(), desk.Queued{All: true}); len(part) != 1 || len(part[0].Acts) != 0 {
		t.Errorf("the officer reads it: %+v", part)
	}
	if part := queue(t, h, h.Head(desktest.Other), desk.Queued{All: true}); len(part) != 0 {
		t.Errorf("another head: %+v", part)
	}
}

func TestTheQueueSaysWhoMayActAndWhoStandsIn(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	school, _ := h.Snapshot(t).Establishment(desktest.College)
	school.Vacant = true
	h.Apply(t, registry.Change{
		Establishments: []registry.Establishment{school},
		Delegations: []registry.Delegation{
			{ID: "now", UAI: desktest.College, Function: "ADF", Act: "D-2026-4", From: desktest.Day("2026-09-01"), Until: desktest.Day("2026-12-31")},
			{ID: "over", UAI: desktest.College, Function: "ADF", Act: "D-2025-1", From: desktest.Day("2025-09-01"), Until: desktest.Day("2026-08-31")},
		},
		Appointments: []registry.Appointment{{
			ID: "interim", Role: registry.Recteur, Over: registry.Over{Academies: []string{desktest.Academy}}, Reason: "intérim", Act: "arrêté 7",
			From: desktest.Day("2026-11-01"), Until: desktest.Day("2027-01-31"), State: registry.ConfirmedApp, Holder: "interim", Author: "command:test",
		}},
	})
	submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	submitted(t, h, h.DRANE(), desktest.Reading())
	for _, o := range queue(t, h, h.DPO(), desk.Queued{}) {
		last := o.Charge[len(o.Charge)-1]
		switch o.Level {
		case registry.ByEstablishment:
			if last.Role != registry.HeadOfSchool || !last.Vacant || len(last.Stands) != 1 || last.Stands[0].Under != "D-2026-4" {
				t.Errorf("the school: %+v", o.Charge)
			}
		default:
			if last.Role != registry.Recteur || last.Vacant || len(last.Stands) != 1 || last.Stands[0].Until != desktest.Day("2027-01-31") || len(o.Charge) != 3 {
				t.Errorf("the academy: %+v", o.Charge)
			}
		}
	}
	h.Day("2030-01-01")
	if o := queue(t, h, h.Provider(), desk.Queued{All: true}); len(o) != 0 {
		t.Errorf("nobody is in office any more: %v", named(o))
	}
}

func TestTheQueueCountsAnewWhatChangedInTheRegister(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	clean := queue(t, h, h.DPO(), desk.Queued{})[0].Findings
	back, err := h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "hosting", What: "où ?"}}})
	if err != nil {
		t.Fatal(explain(err))
	}
	back.Hosting = []string{"FR", "US"}
	if _, err = h.Edit(t.Context(), h.DRANE(), back, ""); err == nil {
		_, err = h.Submit(t.Context(), h.DRANE(), on(back))
	}
	if err != nil {
		t.Fatal(explain(err))
	}
	if now := queue(t, h, h.DPO(), desk.Queued{})[0].Findings; now[0] <= clean[0] || clean[0] != 0 {
		t.Errorf("%v blocking before, %v after", clean, now)
	}
	again := queue(t, h, h.DPO(), desk.Queued{})[0]
	if !slices.Contains(again.Missing, "findings") {
		t.Errorf("asked a second time: %v", again.Missing)
	}
}
