package app

import (
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func TestAFileThatRepeatsAControllersNoDoesNotMakeItItsOwn(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	before := aSchool + "---\n" + aService + "---\n" + aDeclaration + "---\n"
	o.write("a.yaml", before+anEnabling("enabled", aPaper("2026-3")))
	o.applied()
	e := o.contents().Enablings[0]
	e.State, e.Since = registry.RefusedHere, o.b.now()
	e.Decisions = append(e.Decisions, registry.Decision{
		At: o.b.now(), State: registry.State(registry.RefusedHere), Office: "chef d'établissement", By: "h1",
	})
	o.put(registry.Change{Enablings: []registry.Enabling{e}})
	o.write("a.yaml", before+anEnabling("refused", "message: {fr: Pas ici.}\n"))
	o.applied()
	for _, text := range []string{anEnabling("withdrawn", ""), anEnabling("enabled", aPaper("2026-8"))} {
		o.write("a.yaml", before+text)
		if out, err := o.apply(); err == nil || !strings.Contains(err.Error(), "said refused here") {
			t.Errorf("a file lifts a controller's no: %v\n%s", err, out)
		}
	}
}

func TestASourceThatAFileLetsSpeakForMoreIsApprovedAgain(t *testing.T) {
	t.Parallel()
	one, other := "uais: [0280202T]\n", strings.Replace(aSource, "authority: ac-exemple", "authority: autre", 1)
	for name, c := range map[string]struct {
		before, after string
		want          registry.State
	}{
		"one school, every school": {aSource + one, aSource, registry.Submitted},
		"every school, one school": {aSource, aSource + one, registry.Approved},
		"another name":             {aSource + one, strings.Replace(aSource, "fr: Annuaire", "fr: Le nôtre", 1) + one, registry.Approved},
		"other people":             {aSource, other, registry.Submitted},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.write("a.yaml", aSchool+"---\n"+c.before)
			o.applied()
			sources := o.contents().Sources
			sources[0].Declaration.State = registry.Approved
			o.put(registry.Change{Sources: sources})
			o.write("a.yaml", aSchool+"---\n"+c.after)
			o.applied()
			if got := o.contents().Sources[0].Declaration.State; got != c.want {
				t.Errorf("its declaration is %s, want %s", got, c.want)
			}
		})
	}
}
