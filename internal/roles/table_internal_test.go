package roles

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

var update = flag.Bool("update", false, "write testdata/table.txt anew")

// acts lists every act, as acts.go does.
func acts() []Act {
	return []Act{
		Read, ReadDrafts, ReadPapers, ReadJournal, ReadAccess, Inquire, ConfirmInquiry, ListRights, ReadRight, AnswerRight, ExtendRight, CommentRight, CloseGuardian, Simulate, SimulatePerson, Propose, AnswerWish, Draft, Instruct, Opine, OpineBeside, Approve, Enable,
		SuspendLocally, Suspend, Renew, ConfirmRenewal, Lift, Archive, ConfirmTerms, AttestPaper, RecordNotice, ConfirmPaper, EditCharter, OpenInCrisis, EditService,
		EditSchool, EditSource, ApproveSource, SuspendSource, SuspendSchool, LiftSchool, SuspendOffice, LiftOffice, ReadIncident, KeepIncident, Appoint, ConfirmAppoint, RevokeAppoint, ProposeRules,
		SignRules, EditCatalogue, MakeToken, RevokeToken, Export, ManageAccounts, ManageFactors, ResetFactors,
	}
}

func TestTheTableIsTheOneThatWasSigned(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	row := func(first, last string, cell func(registry.Role) string) {
		fmt.Fprintf(&b, "%-16s", first)
		for _, role := range registry.Roles() {
			fmt.Fprintf(&b, " %-12s", cell(role))
		}
		b.WriteString(" " + last + "\n")
	}
	row("", "step_up", func(role registry.Role) string { return string(role) })
	for _, act := range acts() {
		table := policy(act)
		last := "-"
		if StepUp(act) {
			last = "yes"
		}
		row(string(act), last, func(role registry.Role) string {
			if table[role] == never {
				return "-"
			}
			return string(table[role])
		})
	}
	lines := strings.Split(b.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	got := strings.Join(lines, "\n")
	if *update {
		if err := os.WriteFile("testdata/table.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/table.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the table in the code is not testdata/table.txt; -update writes it, and its diff is a decision:\n%s", got)
	}
}

func TestEveryActStandsInTheListOfThisTest(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("acts.go")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Count(string(text), " Act = \""), len(acts()); got != want {
		t.Errorf("acts.go has %d acts, the list %d", got, want)
	}
}

func TestEveryActBelongsToOneScopeAndToSomebody(t *testing.T) {
	t.Parallel()
	for _, act := range acts() {
		if scopeOf(act) == "" {
			t.Errorf("%s: no token could ever be used for it", act)
		}
		if len(policy(act)) == 0 {
			t.Errorf("%s: nobody may", act)
		}
	}
}
