package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
)

const pairsHeader = "former_authority;former_id;authority;id\n"

// joinList writes a list and joins it. Whatever is said and kept of it repeats none of its identifiers, which all begin
// with "id-".
func (r renewing) joinList(o PeopleOptions, lines ...string) (said, report string, err error) {
	r.t.Helper()
	dir := r.t.TempDir()
	o.File, o.Report = filepath.Join(dir, "list.csv"), filepath.Join(dir, "report.csv")
	if o.Reason == "" {
		o.Reason, o.By = " nouvel annuaire, ticket 4711 ", "DSI"
	}
	if err := os.WriteFile(o.File, []byte(pairsHeader+strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		r.t.Fatal(err)
	}
	var out strings.Builder
	err = joinPeople(r.t.Context(), r.base, o, &out)
	text, _ := os.ReadFile(o.Report)
	if all := out.String() + string(text) + fmt.Sprint(err) + fmt.Sprintf("%+v", r.joins()); strings.Contains(all, "id-") {
		r.t.Errorf("somebody is named: %s", all)
	}
	return out.String(), string(text), err
}

// joins lists what the journal has of lists of people.
func (r renewing) joins() []map[string]string {
	r.t.Helper()
	var out []map[string]string
	for _, e := range r.Entries(r.t) {
		if e.Action == "people_join" {
			out = append(out, e.Detail)
			if e.Class != audit.ClassAdmin || e.Outcome != audit.Done || e.Actor != "command:people" || e.Subject != "" {
				r.t.Errorf("the entry is %+v", e)
			}
		}
	}
	return out
}

// sent gives the number that a service gets of somebody, and remembers it as released.
func (r renewing) sent(authority, id, service string) string {
	r.t.Helper()
	numbers := r.know(authority, id)
	n, err := r.people().Serving(r.t.Context(), numbers, func(n string) string { return r.span(n, service, 0, 0) })
	if err != nil {
		r.t.Fatal(err)
	}
	p := r.span(n, service, 0, 0)
	r.release(p)
	return p
}

func TestHardCase25PilotAccountsGiveWayToTheDirectoryAndKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		const pilots = 30
		before := map[int]string{}
		var lines []string
		for i := range pilots {
			before[i] = r.sent("local:pilote", fmt.Sprint("id-", i), "lire")
			if i < pilots-1 { // of one nobody can say who it is: nothing is guessed
				lines = append(lines, fmt.Sprintf("local:pilote;id-%d;aaf;id-J%d", i, i))
			}
		}
		lines = append(lines, "local:pilote;id-never;aaf;id-J99") // had an account and never came
		early := r.sent("aaf", "id-J3", "lire")                   // came by the directory before the list
		said, report, err := r.joinList(PeopleOptions{}, lines...)
		if err != nil || !strings.Contains(said, "29 joined (0 keys that were in doubt, 1 lines whose two people had numbers already, 1 known twice to a service), 0 one already, 1 never seen, 0 refused") {
			t.Fatalf("%v: %s", err, said)
		}
		if !strings.Contains(report, fmt.Sprintf("%d,never_seen,", pilots+1)) || !strings.Contains(report, "5,joined,\"a service knows both") {
			t.Errorf("the report is no queue: %s", report)
		}
		for i := range pilots - 1 {
			want := before[i]
			if i == 3 {
				want = early // the service has an account under it: it keeps both
			}
			if r.sent("aaf", fmt.Sprint("id-J", i), "lire") != want || r.sent("local:pilote", fmt.Sprint("id-", i), "lire") != before[i] {
				t.Errorf("pilot %d has another number at a service that knew them", i)
			}
			if r.sent("aaf", fmt.Sprint("id-J", i), "calcul") != r.sent("local:pilote", fmt.Sprint("id-", i), "calcul") {
				t.Errorf("a service that comes later knows pilot %d twice", i)
			}
		}
		if r.sent("aaf", "id-J29", "lire") == before[29] {
			t.Error("somebody was matched whom the list does not name")
		}
	})
}

func TestHardCase39AcademiesMergeAndNobodysNumberChanges(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		var lines []string
		before := map[string]string{}
		for _, academy := range []string{"caen", "rouen"} {
			for i := range 5 { // the same identifiers in both: nobody is anybody in the other academy
				id := fmt.Sprint("id-", i)
				for _, service := range []string{"lire", "calcul"} {
					before[academy+id+service] = r.sent("ac-"+academy, id, service)
				}
				lines = append(lines, fmt.Sprintf("ac-%s;%s;ac-normandie;%s-%s", academy, id, academy, id))
			}
		}
		if before["caenid-1lire"] == before["rouenid-1lire"] {
			t.Fatal("two people are one before anything happened")
		}
		for range 2 { // the migration is run again, as after a doubt whether it was
			said, _, err := r.joinList(PeopleOptions{}, lines...)
			if err != nil {
				t.Fatalf("%v: %s", err, said)
			}
		}
		for _, academy := range []string{"caen", "rouen"} {
			for i := range 5 {
				id := fmt.Sprint("id-", i)
				for _, service := range []string{"lire", "calcul"} {
					if r.sent("ac-normandie", academy+"-"+id, service) != before[academy+id+service] {
						t.Errorf("somebody of %s has another number", academy)
					}
				}
			}
		}
		if entries := r.joins(); len(entries) != 1 || entries[0]["joined"] != "10" || entries[0]["merged"] != "0" {
			t.Errorf("the journal has %v", entries)
		}
	})
}

func TestAListIsJoinedOnceWithAnEntryThatCountsAndNamesNobody(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		r.know("ent", "id-1")
		lines := []string{"ent;id-1;ent-b;id-1", "ent;id-2;ent-b;id-2"}
		said, report, err := r.joinList(PeopleOptions{DryRun: true}, lines...)
		if err != nil || len(r.joins()) != 0 || len(r.know("ent-c", "id-x")) != 1 || !strings.Contains(said, "1 joined") ||
			!strings.Contains(said, "as it was") || !strings.Contains(report, "2,joined,\n3,never_seen,") {
			t.Fatalf("a preview: %v, %s, %s", err, said, report)
		}
		again, _, err := r.joinList(PeopleOptions{}, lines...)
		if err != nil || strings.Contains(again, "nothing to change") {
			t.Fatalf("%v: %s", err, again)
		}
		digest, _, _ := strings.Cut(strings.TrimPrefix(said, "list "), ":")
		want := map[string]string{
			"list": digest, "lines": "2", "joined": "1", "one_already": "0", "never_seen": "1", "kept_apart": "0", "settled": "0",
			"merged": "0", "known_twice": "0", "reason": "nouvel annuaire, ticket 4711", "by": "DSI",
		}
		if entries := r.joins(); len(entries) != 1 || len(digest) != 32 || fmt.Sprint(entries[0]) != fmt.Sprint(want) {
			t.Errorf("the journal has %v", entries)
		}
		last, report, err := r.joinList(PeopleOptions{}, lines...)
		if err != nil || len(r.joins()) != 1 || !strings.Contains(last, "nothing to change") || !strings.Contains(report, "2,one_already") {
			t.Errorf("a second time: %v, %s", err, last)
		}
		if !strings.Contains(said, `line 2: no source has the authority "ent-b"`) {
			t.Errorf("an authority that nobody has is not told: %s", said)
		}
	})
}

func TestAListIsLeftAsideWhole(t *testing.T) {
	t.Parallel()
	r := newRenewing(t, desktest.New(t))
	r.know("ent", "id-1")
	r.know("ent", "id-2")
	r.know("ent", "id-3")
	good, twice := "ent;id-1;ent-b;id-1", []string{"ent;id-2;ent-c;id-2", "ent;id-2;oid;id-2"}
	if _, _, err := r.joinList(PeopleOptions{}, twice...); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o     PeopleOptions
		lines []string
		says  string
	}{
		"a line without an identifier": {PeopleOptions{}, []string{good, "ent;;ent-b;id-2"}, "line 3, former_id: it is empty"},
		"lines against each other":     {PeopleOptions{}, []string{good, "ent;id-1;ent-b;id-2"}, "line 3: with line 2"},
		"two of one authority":         {PeopleOptions{}, []string{good, "ent;id-2;ent-c;id-9"}, "line 3: an authority would name"},
		"no reason":                    {PeopleOptions{Reason: " ", By: "DSI"}, []string{good}, ""},
		"nobody who does it":           {PeopleOptions{Reason: "x"}, []string{good}, ""},
		"a reason without end":         {PeopleOptions{Reason: strings.Repeat("x", mostJoinText+1), By: "DSI"}, []string{good}, ""},
	} {
		said, _, err := r.joinList(c.o, c.lines...)
		if !errors.Is(err, ErrNotJoined) || !strings.Contains(said, c.says) {
			t.Errorf("%s: %v, %s", name, err, said)
		}
	}
	if len(r.joins()) != 1 || r.know("ent-b", "id-3")[0] == r.know("ent", "id-1")[0] {
		t.Fatal("something of a list that was left aside is there")
	}
	said, report, err := r.joinList(PeopleOptions{SkipBad: true}, good, "ent;id-2;ent-c;id-9", "ent;id-3;ent-b;id-33")
	if err != nil || !strings.Contains(said, "2 joined") || !strings.Contains(said, "1 refused") || !strings.Contains(report, "3,kept_apart,") {
		t.Errorf("without the refused: %v, %s", err, said)
	}
	if !slices.Equal(r.know("ent-b", "id-1"), r.know("ent", "id-1")) || slices.Equal(r.know("ent-c", "id-9"), r.know("ent", "id-2")) {
		t.Error("other people were joined than those that may be")
	}
}
