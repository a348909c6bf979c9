package app

import (
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func anEnabling(state, more string) string {
	return "kind: Enabling\nservice: lire\nuai: 0280202T\nstate: " + state + "\ndeclaration: lire-1\nversion: 1\n" + more
}

func aPaper(act string) string {
	return fmt.Sprintf("paper: {act: %q, date: 2026-09-02, signatory: chef d'établissement, document: %s}\n", act, hash)
}

// TestAFileEnablesNothing goes through what a file may say of an enabling while a controller acts too.
func TestAFileEnablesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	before := aSchool + "---\n" + aService + "---\n" + aDeclaration + "---\n"
	say := func(text string) (string, error) {
		t.Helper()
		o.write("a.yaml", before+text)
		return o.apply()
	}
	refused := func(text, want string) {
		t.Helper()
		if out, err := say(text); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a.yaml:") {
			t.Errorf("%q: %v\n%s", text, err, out)
		}
	}
	stands := func(want registry.EnablingState) {
		t.Helper()
		if e := o.contents().Enablings; len(e) != 1 || e[0].State != want {
			t.Errorf("enablings %+v, want one that is %s", e, want)
		}
	}
	accepted := func(text, line string, want registry.EnablingState) {
		t.Helper()
		out, err := say(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		wantLines(t, out, line+" Enabling lire 0280202T")
		stands(want)
	}
	decides := func(state registry.EnablingState) {
		e := o.contents().Enablings[0]
		e.State, e.Since = state, o.b.now()
		e.Decisions = append(e.Decisions, registry.Decision{At: o.b.now(), State: registry.State(state), Office: "chef d'établissement", By: "h1"})
		o.put(registry.Change{Enablings: []registry.Enabling{e}})
	}
	refused(anEnabling("enabled", ""), "a file enables nothing")
	refused(anEnabling("approved", ""), `"approved" is not known`)
	refused(strings.Replace(anEnabling("enabled", aPaper("2026-3")), "version: 1", "version: 2", 1), "version 2 of declaration")
	refused(strings.Replace(anEnabling("enabled", aPaper("2026-3")), "service: lire", "service: ecrire", 1), `the service "ecrire" is not registered`)
	refused(strings.Replace(anEnabling("refused", ""), "0280202T", "0280303C", 1), `the establishment "0280303C" is not registered`)

	accepted(anEnabling("enabled", aPaper("2026-3")), "claimed   ", registry.ClaimedOnPaper)
	accepted(anEnabling("claimed", aPaper("2026-3")), "unchanged ", registry.ClaimedOnPaper)
	decides(registry.Enabled)
	accepted(anEnabling("enabled", aPaper("2026-3")), "unchanged ", registry.Enabled)
	accepted(anEnabling("enabled", ""), "unchanged ", registry.Enabled)
	decides(registry.RefusedHere)
	accepted(anEnabling("enabled", aPaper("2026-3")), "unchanged ", registry.RefusedHere) // taken over before: the later word stands
	refused(anEnabling("enabled", aPaper("2026-8")), "said refused here on 2026-11-22")
	refused(anEnabling("withdrawn", ""), "said refused here on 2026-11-22")
	refused(anEnabling("suspended", ""), "said refused here on 2026-11-22")
	decides(registry.Enabled)
	accepted(anEnabling("suspended", "message: {fr: Un incident.}\n"), "changed   ", registry.SuspendedHere)
	accepted(anEnabling("suspended", "message: {fr: Un incident.}\n"), "unchanged ", registry.SuspendedHere)
	accepted(anEnabling("refused", ""), "changed   ", registry.RefusedHere)
	accepted(anEnabling("enabled", aPaper("2026-8")), "claimed   ", registry.ClaimedOnPaper) // the file takes its own no back, on paper
	if e := o.contents().Enablings[0]; len(e.Decisions) != 7 {
		t.Errorf("%d decisions are kept, want 7", len(e.Decisions))
	}
}

func TestAClaimAboutAnotherVersionDoesNotCloseASchool(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	all := aSchool + "---\n" + aService + "---\n" + aDeclaration + "---\n" + strings.Replace(aDeclaration, "version: 1", "version: 2", 1) + "---\n"
	o.write("a.yaml", all+anEnabling("enabled", aPaper("2026-3")))
	o.applied()
	e := o.contents().Enablings[0]
	e.State, e.Decisions = registry.Enabled, append(e.Decisions, registry.Decision{At: o.b.now(), Office: "chef d'établissement"})
	o.put(registry.Change{Enablings: []registry.Enabling{e}})
	o.write("a.yaml", all+strings.Replace(anEnabling("enabled", aPaper("2026-4")), "version: 1", "version: 2", 1))
	if _, err := o.apply(); err == nil || !strings.Contains(err.Error(), "enabled under lire-1 v1") {
		t.Errorf("apply says %v", err)
	}
}

func TestAFileSuspendsAndNeverLifts(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aService+"---\n"+aSource)
	o.applied()
	c := o.contents()
	c.Services[0].Suspended, c.Sources[0].Suspended = true, true
	c.Sources[0].Declaration.State = registry.Approved
	o.put(registry.Change{Services: c.Services, Sources: c.Sources})
	o.write("a.yaml", strings.Replace(aService, "Lire SAS", "Lire SA", 1)+"---\n"+strings.Replace(aSource, "fr: Annuaire", "fr: Annuaire fédérateur", 1))
	wantLines(t, o.applied(), "stays suspended: a person lifts that")
	c = o.contents()
	if !c.Services[0].Suspended || c.Services[0].Provider != "Lire SA" || !c.Sources[0].Suspended {
		t.Errorf("the service is %+v, the source %+v", c.Services[0], c.Sources[0])
	}
	if got := c.Sources[0].Declaration.State; got != registry.Approved {
		t.Errorf("the source's declaration says the same and is %s", got)
	}
	o.write("a.yaml", strings.Replace(aSource, "covers: annuaire", "covers: tout et annuaire", 1))
	wantLines(t, o.applied(), "its declaration is submitted", `declaration.state: "approved" → "submitted"`)
	if got := o.contents().Sources[0].Declaration.State; got != registry.Submitted {
		t.Errorf("the source's other declaration is %s", got)
	}
}
