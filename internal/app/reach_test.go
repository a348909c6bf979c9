package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func TestCheckTellsWhomTheGatewaysOwnEntryReaches(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tell := func(c registry.Contents) string {
		t.Helper()
		var out bytes.Buffer
		if err := tellReach(c, "Europe/Paris", now, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	c := registry.Contents{Establishments: []registry.Establishment{
		{UAI: "0280202T", Name: "Collège Jean-Moulin", Kind: registry.College, Academy: "exemple", Department: "028"},
		{UAI: "0280101H", Name: "École Jules-Ferry", Kind: registry.Ecole, Academy: "ailleurs", Department: "028"},
		{UAI: "0280303C", Name: "Collège fermé", Kind: registry.College, Academy: "ailleurs", Department: "028", Closed: true},
	}}
	wantLines(t, tell(c), "in force nowhere", "reaches 0 of 2 establishments", "not 0280202T Collège Jean-Moulin")
	c.Declarations = []registry.Declaration{{
		ID: "porte", ServiceID: registry.House, Version: 1, State: registry.Approved,
		Supplier: registry.Supplier{Relation: registry.Internal},
		Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}, All: true},
		From:     registry.Date{Year: 2026, Month: 9, Day: 1}, Until: registry.Date{Year: 2027, Month: 8, Day: 31},
	}}
	out := tell(c)
	wantLines(t, out, "reaches 1 of 2 establishments", "not 0280101H École Jules-Ferry: nothing leaves there")
	if strings.Contains(out, "nowhere") || strings.Contains(out, "fermé") || strings.Contains(out, "not 0280202T") {
		t.Errorf("check says\n%s", out)
	}
	for range 30 {
		c.Establishments = append(c.Establishments, registry.Establishment{Kind: registry.Ecole, Academy: "ailleurs", UAI: c.Establishments[len(c.Establishments)-1].UAI + "x"})
	}
	wantLines(t, tell(c), "reaches 1 of 32 establishments", "and 11 more")
}

func TestCheckLooksAtAStoreAndMakesNone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.write("a.yaml", aSchool)
	o.applied()
	var out bytes.Buffer
	o.b.config.tellReach(&out)
	wantLines(t, out.String(), "reaches 0 of 1 establishments")
	if c := o.contents(); c.Revision != 1 {
		t.Errorf("a look wrote revision %d", c.Revision)
	}
	absent := DefaultConfig()
	absent.dir = t.TempDir()
	out.Reset()
	absent.tellReach(&out)
	wantLines(t, out.String(), "the registry was not looked at", "there is no database yet")
	if _, err := os.Stat(filepath.Join(absent.dir, "ecluse.db")); !os.IsNotExist(err) {
		t.Error("check makes a database")
	}
}
