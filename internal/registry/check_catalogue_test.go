package registry_test

import (
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func signed() *registry.Paper {
	return &registry.Paper{
		Act: "2026-3", Date: registry.Date{Year: 2026, Month: 9, Day: 2}, Signatory: "chef d'établissement", Document: strings.Repeat("0a", 32),
	}
}

func TestWhatIsWrongWithAnEnablingIsSaid(t *testing.T) {
	t.Parallel()
	good := registry.Enabling{Service: "lire", UAI: college, State: registry.Enabled, Declaration: "lire-ecoles", Version: 1, Paper: signed()}
	if findings := good.Check(); len(findings) > 0 {
		t.Errorf("a good one: %v", findings)
	}
	closed := registry.Enabling{Service: "lire", UAI: college, State: registry.RefusedHere}
	if findings := closed.Check(); len(findings) > 0 {
		t.Errorf("a refusal needs neither declaration nor paper: %v", findings)
	}
	for where, edit := range map[string]func(*registry.Enabling){
		"service":         func(e *registry.Enabling) { e.Service = "" },
		"uai":             func(e *registry.Enabling) { e.UAI = "0280202A" },
		"state":           func(e *registry.Enabling) { e.State = "approved" },
		"declaration":     func(e *registry.Enabling) { e.Declaration = "" },
		"version":         func(e *registry.Enabling) { e.Version = 0 },
		"paper":           func(e *registry.Enabling) { e.State, e.Paper = registry.ClaimedOnPaper, nil },
		"paper.act":       func(e *registry.Enabling) { e.Paper.Act = "" },
		"paper.date":      func(e *registry.Enabling) { e.Paper.Date = registry.Date{} },
		"paper.signatory": func(e *registry.Enabling) { e.Paper.Signatory = "" },
		"paper.document":  func(e *registry.Enabling) { e.Paper.Document = "acte.pdf" },
	} {
		bad := good
		bad.Paper = signed()
		edit(&bad)
		if findings := bad.Check(); len(findings) != 1 || findings[0].Where != where || findings[0].Severity != registry.Blocking {
			t.Errorf("%s: %v", where, findings)
		}
	}
}

func TestADeclarationTakenOverFromPaperNamesTheWholeAct(t *testing.T) {
	t.Parallel()
	d := declaration()
	d.Paper = signed()
	if findings := d.Check(); len(findings) > 0 {
		t.Errorf("a whole act: %v", findings)
	}
	d.Paper = &registry.Paper{Act: "2026-3"}
	if findings := d.Check(); len(findings) != 3 {
		t.Errorf("an act without date, signatory and document: %v", findings)
	}
}
