package admin_test

import (
	"slices"
	"testing"

	"ecluse/internal/admin"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// draft is a second version that asks for the class too and no longer for the level, where each controller decides.
func (w *world) draft() registry.Declaration {
	d := w.declaration
	d.Version, d.State, d.Change, d.Decisions = 2, registry.Submitted, "", nil
	d.Items = declared("uai", "classes")
	d.From = registry.Date{Year: 2027, Month: 9, Day: 1}
	d.Scope.All = false
	return d
}

func TestADraftIsComparedAsIfItWereApprovedAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uai", "level")
	view := w.view()
	c := w.Compare(view, w.draft(), w.persona(t, "eleve-ce2", ecole))
	if !c.Before.Allowed || !c.After.Allowed || c.Before.Version != 1 || c.After.Version != 2 {
		t.Fatalf("before %v %s, after %v %s", c.Before.Allowed, c.Before.Reason, c.After.Allowed, c.After.Reason)
	}
	want := map[string]string{"level": "removed", "classes": "added"}
	for _, line := range c.Changes {
		if want[line.What] != line.Kind {
			t.Errorf("%s is %s", line.What, line.Kind)
		}
		delete(want, line.What)
	}
	if len(want) > 0 {
		t.Errorf("not said: %v", want)
	}
	if _, found := view.Declaration("lire-academie", 2); found {
		t.Error("the comparison wrote into the view")
	}
	q := w.persona(t, "eleve-ce2", ecole)
	if e := w.Explain(view, q, nil); e.Version != 1 {
		t.Errorf("after the comparison version %d is in force", e.Version)
	}
}

func TestADraftStillStopsAtAControllersNoAndAtItsEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uai")
	view := w.view().With(registry.Contents{Enablings: []registry.Enabling{{Service: "lire", UAI: ecole, State: registry.RefusedHere}}})
	if c := w.Compare(view, w.draft(), w.persona(t, "eleve-ce2", ecole)); c.After.Allowed {
		t.Error("a draft that waits for the controllers opens where one refused")
	}
	all := w.draft()
	all.Scope.All = true
	c := w.Compare(view, all, w.persona(t, "eleve-ce2", ecole))
	if c.After.Allowed || c.After.Reason != string(policy.RefusedHere) || len(c.Changes) != 0 {
		t.Errorf("a refusal here: %v %s %v", c.After.Allowed, c.After.Reason, c.Changes)
	}
	over := w.draft()
	over.Until = registry.Date{Year: 2026, Month: 1, Day: 1}
	over.From = registry.Date{Year: 2025, Month: 9, Day: 1}
	if c := w.Compare(w.view(), over, w.persona(t, "eleve-ce2", ecole)); c.After.Allowed {
		t.Error("a draft that is over lets somebody in")
	}
	narrow := w.draft()
	narrow.Audience.Profiles = []person.Profile{person.Teacher}
	c = w.Compare(w.view(), narrow, w.persona(t, "eleve-ce2", ecole))
	if c.After.Reason != string(policy.NotForProfile) || c.Changes[0].What != "decision" {
		t.Errorf("a narrower audience: %s, %v", c.After.Reason, c.Changes)
	}
}

func TestTheEffectOfADraftNamesEachPersonaForWhomSomethingChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uai", "level")
	d := w.draft()
	d.Version = 0 // from a file that says none
	list := w.Effect(w.view(), d, w.personas, "", "fr")
	if len(list) != len(w.personas) {
		t.Fatalf("%d of %d personas", len(list), len(w.personas))
	}
	for _, c := range list {
		changed := slices.ContainsFunc(c.Changes, func(l admin.ChangedLine) bool { return l.What == "classes" && l.Kind == "added" })
		if c.Persona == "eleve-ce2" && (!changed || c.After.Version != 2) || c.Persona == "parent-sans-autorite" && len(c.Changes) != 0 {
			t.Errorf("%s: version %d, %v", c.Persona, c.After.Version, c.Changes)
		}
		if len(c.After.Messages)+len(c.After.Pages) > 0 || c.Name == "" {
			t.Errorf("%s: messages or pages in the list, or no name", c.Persona)
		}
	}
}

func TestAPersonaFileTellsEveryMistake(t *testing.T) {
	t.Parallel()
	_, problems := admin.ReadPersonas("x.yaml", []byte("kind: Persona\nid: a\nname: {fr: A, en: A}\nprofile: National_X\n---\n"+
		"kind: Persona\nid: a\nname: {fr: A, en: A}\nprofile: National_ELV\nchild: {name: B}\nshoes: 43\n---\nkind: Person\nid: b\nprofile: National_TUT\n"))
	if len(problems) < 6 {
		t.Errorf("%d mistakes are told, at least 6 are there:\n%v", len(problems), problems)
	}
}

func TestAReferenceOpensWhatTheJournalKeptAndNoValue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "uai", "level")
	journal := memory{
		{
			At: noon().Add(2), Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Reason: "informed", Ref: "0000-0000", Service: "lire",
			Declaration: "lire-academie", Version: 1, UAI: string(ecole), Protocol: "saml", Attributes: []string{"uai", "level"},
			Detail: map[string]string{"withheld": "mail=not_declared groups=not_known", "profile": "National_ELV"},
		},
		{At: noon().Add(1), Class: audit.ClassSignIn, Action: "sign_in", Outcome: audit.SignedIn, Ref: "0000-0000", Service: "lire", Source: "ent"},
		{At: noon(), Class: audit.ClassAdmin, Action: "explain_person", Ref: "0000-0000"},
	}
	all := func(person.UAI) bool { return true }
	p, err := admin.ExplainRef(t.Context(), journal, w.view(), w.words, "oooo 0000", "fr", all)
	if err != nil || len(p.Events) != 2 || p.Events[0].Action != "sign_in" {
		t.Fatalf("%v, %v", err, p)
	}
	e := p.Events[1]
	if e.Released[1].Justification != "pour level" || e.Released[1].Declared != "lire-academie v1 items[1]" || e.Withheld[0].WhySays != "non déclarée" || e.School == "" || e.State != "approved" {
		t.Errorf("%+v", e)
	}
	if _, err := admin.ExplainRef(t.Context(), journal, w.view(), w.words, "0000-0000", "fr", func(person.UAI) bool { return false }); err == nil {
		t.Error("nothing may be read, and something is")
	}
	for _, ref := range []string{"0000-0001", "", "lina"} {
		if _, err := admin.ExplainRef(t.Context(), journal, w.view(), w.words, ref, "fr", all); err == nil {
			t.Errorf("%q opens something", ref)
		}
	}
}
