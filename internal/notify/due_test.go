package notify_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

func TestASuspensionIsToldAtOnceToWhoeverLooksAfterItAndToTheSchoolsThatUseIt(t *testing.T) {
	t.Parallel()
	at := now().Add(-time.Minute)
	whole := "admin lille, dpo lille, oncall lille, recteur lille"
	for name, c := range map[string]struct {
		change func(*registry.Contents)
		want   string
	}{
		"service": {func(c *registry.Contents) { c.Services[0].Decisions = stopped(at) }, whole + ", directeur 0590002B, head 0590001A, provider pix"},
		"declaration": {
			func(c *registry.Contents) { c.Declarations[0].Decisions = stopped(at) },
			"dpo lille, drane lille, head 0590001A, oncall lille, provider pix, recteur lille",
		},
		"declaration of a department": {func(c *registry.Contents) {
			c.Declarations[0].Scope, c.Declarations[0].Decisions = inNord(), stopped(at)
		}, "dasen 059, dpo lille, head 0590001A, oncall lille, provider pix"},
		"source": {func(c *registry.Contents) { c.Sources[0].Decisions = stopped(at) }, whole + ", head 0590001A"},
		"source's own entry": {func(c *registry.Contents) {
			c.Sources[0].Declaration = &registry.SourceDeclaration{Decisions: stopped(at)}
		}, whole + ", head 0590001A"},
		"in one collège": {func(c *registry.Contents) {
			c.Enablings[0].State, c.Enablings[0].Decisions = registry.SuspendedHere, stopped(at)
		}, "dpo lille, head 0590001A, provider pix"},
		"in one école": {func(c *registry.Contents) {
			c.Enablings[1].State, c.Enablings[1].Decisions = registry.SuspendedHere, stopped(at)
		}, "dasen 059, directeur 0590002B, dpo lille, provider pix"},
		"by the command line": {func(c *registry.Contents) {
			c.Appointments = []registry.Appointment{{ID: "a1", Role: registry.Admin, Author: "command:admin-link", Since: at}}
		}, "dpo lille"},
		"proposed by hand": {func(c *registry.Contents) {
			c.Appointments = []registry.Appointment{{ID: "a1", Role: registry.Admin, Author: "h", Since: at}}
		}, ""},
		"long ago": {func(c *registry.Contents) { c.Services[0].Decisions = stopped(now().Add(-notify.Fresh)) }, ""},
		"to come":  {func(c *registry.Contents) { c.Services[0].Decisions = stopped(now().Add(2 * time.Minute)) }, ""},
		"approvals": {func(c *registry.Contents) {
			c.Services[0].Decisions = []registry.Decision{{At: at, State: registry.Approved}}
		}, ""},
	} {
		contents := academy()
		d := declared("d", "pix", inLille(), day(2028, 8, 31))
		contents.Declarations = slices.Insert(contents.Declarations, 0, d)
		registrytest.Enable(&contents, d, college)
		registrytest.Enable(&contents, declared("other", "pix", inLille(), day(2028, 8, 31)), ecole)
		registrytest.Say(&contents, registry.Enabling{Service: "pix", UAI: lycee, State: registry.RefusedHere})
		c.change(&contents)
		list := view(t, contents, now()).AtOnce()
		got := ""
		if len(list) == 1 {
			got = told(list[0].To)
		}
		want := strings.Split(c.want, ", ")
		slices.Sort(want)
		if len(list) > 1 || got != strings.Join(want, ", ") {
			t.Errorf("%s: %d occasions, to %s\nwant %s", name, len(list), got, c.want)
		}
	}
}

func TestEachSuspensionOfOneThingIsToldOnceAndALiftedOneToo(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Services[0].Decisions = append(stopped(now().Add(-2*time.Hour)), registry.Decision{At: now().Add(-time.Hour), State: registry.Approved})
	d := newDesk(t, c)
	if got := boxes(d.look(t, now())); got != "admin lille, dpo lille, oncall lille, provider pix, recteur lille" {
		t.Errorf("told %s", got)
	}
	if got := d.look(t, now().Add(time.Minute)); len(got) != 0 {
		t.Errorf("told again: %v", got)
	}
	d.c.Services[0].Decisions = append(d.c.Services[0].Decisions, stopped(now().Add(2*time.Minute))...)
	if got := d.look(t, now().Add(3*time.Minute)); len(got) != 5 {
		t.Errorf("of the second suspension %d were told", len(got))
	}
}

func TestAnEndIsToldAt90And30And7DaysAndThenOneLevelUp(t *testing.T) {
	t.Parallel()
	until := day(2027, 3, 31) // the clocks change on 28 March
	for name, c := range map[string]struct {
		scope registry.Scope
		renew string // who can renew
		both  string // and one level up
	}{
		"of a collège":     {inSchools(college), "head 0590001A", "dasen 059, head 0590001A"},
		"of an école":      {inSchools(ecole), "dasen 059", "dasen 059, recteur lille"},
		"of two schools":   {inSchools(college, lycee), "head 0590001A, head 0620003C", "dasen 059, dasen 062, head 0590001A, head 0620003C"},
		"of a department":  {inNord(), "dasen 059", "dasen 059, recteur lille"},
		"of the academy":   {inLille(), "drane lille, recteur lille", "dpo lille, drane lille, recteur lille"},
		"of an unknown":    {inSchools("0599999Z"), "", ""},
		"of no such level": {registry.Scope{}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contents := academy()
			contents.Declarations = append(contents.Declarations, declared("d", "pix", c.scope, until))
			d := newDesk(t, contents)
			d.Reaches = func(notify.Box) bool { return false } // no digest here
			got := map[int]string{}
			for left := 95; left >= -10; left-- {
				morning := until.Add(-left).Starts(d.zone).Add(9 * time.Hour)
				for range 2 { // the second look of a day finds nothing
					if mails := d.look(t, morning); len(mails) > 0 {
						if got[left] != "" {
							t.Errorf("told twice with %d days left", left)
						}
						got[left] = boxes(mails)
					}
				}
			}
			want := map[int]string{90: c.renew, 30: c.renew, 7: c.both, -1: c.both}
			for left := 95; left >= -10; left-- {
				if got[left] != want[left] {
					t.Errorf("%d days left: %q, want %q", left, got[left], want[left])
				}
			}
		})
	}
}

func TestAnEndThatWasMissedIsToldOnceAtTheStageThatIsReached(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Declarations = append(c.Declarations, declared("d", "pix", inSchools(college), day(2026, 12, 10)))
	d := newDesk(t, c)
	d.Reaches = func(notify.Box) bool { return false }
	first := d.look(t, now()) // 16 days left
	if boxes(first) != "head 0590001A" || !strings.Contains(first[0].Text, "dans 16 jours") || !strings.Contains(first[0].Text, "10 décembre 2026") {
		t.Errorf("%v", first)
	}
	if again := d.look(t, now().AddDate(0, 0, 1)); len(again) != 0 {
		t.Errorf("told again: %v", again)
	}
	if seven := d.look(t, now().AddDate(0, 0, 10)); boxes(seven) != "dasen 059, head 0590001A" {
		t.Errorf("seven days: %s", boxes(seven))
	}
}

func TestNothingIsToldOfAnEndThatSomebodyHasSeenTo(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Contents, *registry.Declaration){
		"a newer version": func(c *registry.Contents, d *registry.Declaration) {
			n := *d
			n.Version, n.Until = 2, day(2028, 1, 1)
			c.Declarations = append(c.Declarations, n)
		},
		"a draft":            func(_ *registry.Contents, d *registry.Declaration) { d.State = registry.Draft },
		"suspended":          func(_ *registry.Contents, d *registry.Declaration) { d.State = registry.Suspended },
		"without a last day": func(_ *registry.Contents, d *registry.Declaration) { d.Until = registry.Date{} },
		"without a first":    func(_ *registry.Contents, d *registry.Declaration) { d.From = registry.Date{} },
		"far away":           func(_ *registry.Contents, d *registry.Declaration) { d.Until = day(2027, 2, 23) },
		"long over":          func(_ *registry.Contents, d *registry.Declaration) { d.Until = day(2026, 11, 16) },
	} {
		c := academy()
		d := declared("d", "pix", inSchools(college), day(2026, 12, 10))
		change(&c, &d)
		c.Declarations = append(c.Declarations, d)
		if list := view(t, c, now()).Endings(); len(list) != 0 {
			t.Errorf("%s: %+v", name, list)
		}
	}
	c := academy()
	d := declared("d", "pix", inSchools(college), day(2026, 12, 10))
	newer := d
	newer.Version, newer.State = 2, registry.Submitted
	c.Declarations = append(c.Declarations, d, newer)
	if list := view(t, c, now()).Endings(); len(list) != 1 {
		t.Errorf("a version that nobody approved yet silences %d", len(list))
	}
}

func TestWhatADeclarationRestsOnEndsItToo(t *testing.T) {
	t.Parallel()
	c := academy()
	d := declared("d", "pix", inSchools(college), day(2029, 12, 10))
	d.Supplier.Until = day(2026, 12, 1)
	c.Declarations = append(c.Declarations, d)
	list := view(t, c, now()).Endings()
	if len(list) != 1 || list[0].Last != day(2026, 12, 1) || list[0].Days != 7 || list[0].Stage != 7 {
		t.Errorf("%+v", list)
	}
}

func TestADigestIsMadeOnceAWeekAtItsHourAcrossTheChangeOfClocks(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		hour  int
		first time.Time
		want  []time.Time
	}{
		"in autumn": {7, time.Date(2026, 10, 17, 0, 0, 0, 0, time.UTC), []time.Time{
			time.Date(2026, 10, 19, 5, 0, 0, 0, time.UTC), time.Date(2026, 10, 26, 6, 0, 0, 0, time.UTC), time.Date(2026, 11, 2, 6, 0, 0, 0, time.UTC),
		}},
		"in spring": {7, time.Date(2027, 3, 20, 0, 0, 0, 0, time.UTC), []time.Time{
			time.Date(2027, 3, 22, 6, 0, 0, 0, time.UTC), time.Date(2027, 3, 29, 5, 0, 0, 0, time.UTC), time.Date(2027, 4, 5, 5, 0, 0, 0, time.UTC),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			contents := academy()
			contents.Wishes = []registry.Wish{{ID: "w", UAI: college, About: "pix", State: registry.Wished, At: c.first}}
			d := newDesk(t, contents)
			d.Schedule.Hour = c.hour
			var got []time.Time
			for at := c.first; at.Before(c.first.AddDate(0, 0, 20)); at = at.Add(time.Hour) {
				if mails := d.look(t, at); len(mails) > 0 {
					got = append(got, at)
					if b := boxes(mails); b != "dpo lille, drane lille, head 0590001A" {
						t.Errorf("%s: %s", at, b)
					}
				}
			}
			if !slices.EqualFunc(got, c.want, time.Time.Equal) {
				t.Errorf("made at %v, want %v", got, c.want)
			}
		})
	}
}

func TestADigestInAnHourThatDoesNotExistIsMadeAllTheSame(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Wishes = []registry.Wish{{ID: "w", UAI: college, About: "pix", State: registry.Wished}}
	d := newDesk(t, c)
	d.Schedule = notify.Schedule{Day: time.Sunday, Hour: 2} // 28 March 2027: from 2:00 to 3:00
	made := 0
	for at := time.Date(2027, 3, 27, 20, 0, 0, 0, time.UTC); at.Before(time.Date(2027, 3, 29, 0, 0, 0, 0, time.UTC)); at = at.Add(15 * time.Minute) {
		if len(d.look(t, at)) > 0 {
			made++
		}
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
}

func TestADigestThatIsTooLateWaitsForTheNextAndAnEmptyOneIsNotSent(t *testing.T) {
	t.Parallel()
	monday := time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC) // 7:00 in Paris
	wish := []registry.Wish{{ID: "w", UAI: college, About: "pix", State: registry.Wished}}
	for name, c := range map[string]struct {
		wishes []registry.Wish
		at     time.Duration
		want   int
	}{
		"in time": {wish, 0, 3}, "too early": {wish, -time.Minute, 0}, "a day late": {wish, 24 * time.Hour, 3},
		"two days late": {wish, 48 * time.Hour, 0}, "nothing waits": {nil, 0, 0},
	} {
		contents := academy()
		contents.Wishes = c.wishes
		d := newDesk(t, contents)
		if got := d.look(t, monday.Add(c.at)); len(got) != c.want {
			t.Errorf("%s: %d mails, want %d", name, len(got), c.want)
		}
	}
	d := newDesk(t, academy())
	d.look(t, monday)
	d.c.Wishes = wish
	if got := d.look(t, monday.Add(time.Hour)); len(got) != 0 {
		t.Errorf("an empty week was looked at again: %v", got)
	}
	d = newDesk(t, academy())
	d.c.Wishes, d.Reaches = wish, func(b notify.Box) bool { return b.Role != registry.DRANE }
	if got := boxes(d.look(t, monday)); got != "dpo lille, head 0590001A" {
		t.Errorf("one without an address: %s", got)
	}
}

func TestADigestSaysWhatWaitsForEachFunction(t *testing.T) {
	t.Parallel()
	c := academy()
	submitted := declared("s", "pix", inLille(), day(2028, 8, 31))
	submitted.State = registry.Submitted
	mend := declared("m", "lire", inNord(), day(2028, 8, 31))
	mend.State = registry.ToCorrect
	ends := declared("e", "pix", inSchools(college), day(2027, 1, 31))
	waits := declared("o", "lire", inSchools(lycee, ecole), day(2028, 8, 31))
	halted := declared("h", "lire", inLille(), day(2028, 8, 31))
	halted.State = registry.Suspended
	c.Declarations = append(c.Declarations, submitted, mend, ends, waits, halted)
	registrytest.Enable(&c, ends, college)
	c.Wishes = []registry.Wish{
		{ID: "1", UAI: college, About: "pix", State: registry.Wished},
		{ID: "2", UAI: lycee, About: "pix", State: registry.Wished},
		{ID: "3", UAI: lycee, About: "lire", State: registry.Declined},
	}
	got := view(t, c, now()).Digests(2)
	for box, want := range map[notify.Box]string{
		{Role: registry.DPO, Of: "lille"}:                "stopped 1, ending 1, review 1, wish 1",
		{Role: registry.DRANE, Of: "lille"}:              "stopped 1, review 1, wish 1",
		{Role: registry.Recteur, Of: "lille"}:            "stopped 1, review 1",
		{Role: registry.DASEN, Of: "059"}:                "correct 1, enable 1",
		{Role: registry.HeadOfSchool, Of: "0590001A"}:    "ending 1, wish 1",
		{Role: registry.HeadOfSchool, Of: "0620003C"}:    "enable 1, wish 1",
		{Role: registry.Provider, Of: "lire"}:            "correct 1",
		{Role: registry.Admin, Of: "lille"}:              "undelivered 2",
		{Role: registry.Directeur, Of: string(ecole)}:    "",
		{Role: registry.HeadOfSchool, Of: string(ecole)}: "",
	} {
		var words []string
		for _, p := range got[box] {
			words = append(words, fmt.Sprint(p.Word, " ", p.Count))
		}
		if strings.Join(words, ", ") != want {
			t.Errorf("%s: %v, want %s", box, words, want)
		}
	}
	if wish := got[notify.Box{Role: registry.DPO, Of: "lille"}][3]; wish.Lines[0].Schools != 2 || wish.Lines[0].School != "" {
		t.Errorf("%+v", wish)
	}
	if len(got) != 8 {
		t.Errorf("%d boxes", len(got))
	}
}

func TestAWiderVersionWaitsForEachSchoolThatAcceptedTheOneBefore(t *testing.T) {
	t.Parallel()
	c := academy()
	one := declared("d", "pix", inLille(), day(2028, 8, 31))
	two := one
	two.Version, two.Items = 2, []registry.Item{{Attr: person.Mail}}
	same := one
	same.Version, same.ID, same.ServiceID = 2, "r", "lire"
	before := same
	before.Version = 1
	c.Declarations = append(c.Declarations, one, two, same, before)
	registrytest.Enable(&c, one, college, lycee)
	registrytest.Enable(&c, two, lycee)
	registrytest.Enable(&c, before, college)
	got := view(t, c, now()).Digests(0)
	if parts := got[notify.Box{Role: registry.HeadOfSchool, Of: string(college)}]; len(parts) != 1 || parts[0].Word != notify.WaitsAccept || parts[0].Count != 1 || parts[0].Lines[0].School != "Collège Jean Moulin" {
		t.Errorf("%+v", parts)
	}
	if parts := got[notify.Box{Role: registry.HeadOfSchool, Of: string(lycee)}]; parts != nil {
		t.Errorf("who accepted it: %+v", parts)
	}
}

func TestALongDigestNamesSomeAndCountsTheRest(t *testing.T) {
	t.Parallel()
	c := academy()
	for i := range 50 {
		id := fmt.Sprintf("s%02d", i)
		c.Services = append(c.Services, registry.Service{ID: id, Name: registry.Text{FR: "Service " + id}})
		d := declared(id, id, inLille(), day(2028, 8, 31))
		d.State = registry.Submitted
		c.Declarations = append(c.Declarations, d)
	}
	parts := view(t, c, now()).Digests(0)[notify.Box{Role: registry.DPO, Of: "lille"}]
	if len(parts) != 1 || parts[0].Count != 50 || len(parts[0].Lines) != 20 || parts[0].More != 30 || parts[0].Lines[0].Name.FR != "Service s00" {
		t.Errorf("%+v", parts)
	}
}

func TestAClosedSchoolIsToldNothing(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Establishments[0].Closed = true
	ends := declared("e", "pix", inSchools(college), day(2026, 12, 1))
	c.Declarations = append(c.Declarations, ends)
	registrytest.Enable(&c, ends, college)
	c.Services[0].Decisions, c.Sources[0].Decisions = stopped(now()), stopped(now())
	v := view(t, c, now())
	for _, o := range append(v.AtOnce(), v.Endings()...) {
		if strings.Contains(told(o.To), "0590001A") {
			t.Errorf("%s: told to %s", o.Mark, told(o.To))
		}
	}
}

func TestAPrivateEcoleIsToldByItsHeadAndRenewsItsOwn(t *testing.T) {
	t.Parallel()
	c := academy()
	c.Establishments[1].Private = true
	d := declared("d", "pix", inSchools(ecole), day(2026, 12, 20))
	c.Declarations = append(c.Declarations, d)
	registrytest.Enable(&c, d, ecole)
	c.Services[0].Decisions = stopped(now())
	v := view(t, c, now())
	if got := told(v.Endings()[0].To); got != "head 0590002B" {
		t.Errorf("of its end: %s", got)
	}
	if got := told(v.AtOnce()[0].To); !strings.Contains(got, "head 0590002B") || strings.Contains(got, "directeur") {
		t.Errorf("of a suspension: %s", got)
	}
}
