package sqldb

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

const bulk = 130 // schools in one act: more than one statement writes

// The desk's writer is killed in mid-work 12 times. Each of its acts enables a service of its own in many schools,
// approves a declaration, keeps a document, opens an incident, stops a mandate and is journaled: all of that is there, or none.
func TestKillLeavesNoActHalfDone(t *testing.T) {
	t.Parallel()
	onKills(t, actUntilKilled, func(t *testing.T, d *DB, k killing) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "beside")}
		acknowledged := map[string]bool{}
		for round := range 12 {
			for _, act := range k.after(t, round, 1+round*2, time.Duration(round*3)*time.Millisecond) {
				acknowledged[act] = true
			}
			beside := fmt.Sprint("beside", round)
			if err := perform(t.Context(), s, beside); err != nil {
				t.Fatalf("an act after the kill: %v", err)
			}
			acknowledged[beside] = true
		}
		found := checkActs(t, s)
		for act := range acknowledged {
			if !found[act] {
				t.Errorf("act %s was acknowledged and is lost", act)
			}
		}
		if r := verified(t, d, journalRing(t)); !r.OK() || r.Entries != int64(len(found)) {
			t.Errorf("%d acts, %d entries, problems %v", len(found), r.Entries, r.Problems)
		}
		t.Logf("%d acts acknowledged, %d found", len(acknowledged), len(found))
	})
}

// perform does one act.
func perform(ctx context.Context, s *Registry, act string) error {
	d := registry.Declaration{ID: "d-" + act, ServiceID: act, Version: 1, State: registry.Approved, Decisions: decided(registry.Approved)}
	paper := document(act)
	d.Documents = []registry.Document{{Kind: registry.ContractPaper, Hash: paper.Hash}}
	since := time.Date(2026, 9, 7, 8, 0, 0, 0, time.UTC)
	opened := registry.Incident{
		ID: act, State: registry.IncidentOpen, Known: since, Opened: since, Steps: []registry.IncidentStep{{At: since, Word: registry.StepOpened, Office: "dpd"}},
	}
	entry := applyEntry()
	entry.Action, entry.Service, entry.Declaration, entry.Version = "enable", act, d.ID, 1
	_, err := s.Apply(ctx, registry.Change{
		Declarations: []registry.Declaration{d}, Enablings: enablings(act, 0, bulk), Files: []registry.File{paper},
		Incidents: []registry.Incident{opened}, Stops: []registry.Stop{{Kind: registry.StopAppointment, ID: act, Suspended: true, Since: since}},
	}, entry)
	return err
}

// checkActs gives the acts that are there, and fails when one of them is not whole.
func checkActs(t *testing.T, s *Registry) map[string]bool {
	t.Helper()
	c, err := s.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	schools, found, view := map[string]int{}, map[string]bool{}, registry.NewSnapshot(c, time.UTC)
	for _, e := range c.Enablings {
		schools[e.Service]++
	}
	for _, d := range c.Declarations {
		found[d.ServiceID] = true
		p, err := s.DB.Audit().List(t.Context(), audit.Query{Service: d.ServiceID})
		if err != nil || len(p.Entries) != 1 || p.Entries[0].Action != "enable" || p.Entries[0].Declaration != d.ID {
			t.Errorf("act %s: %d entries, %v", d.ServiceID, len(p.Entries), err)
		}
		if _, ok, err := s.File(t.Context(), d.Documents[0].Hash); err != nil || !ok || len(d.Decisions) != 1 {
			t.Errorf("act %s: its document is there: %v, %v", d.ServiceID, ok, err)
		}
		opened, known := view.Incident(d.ServiceID)
		if stop, ok := view.Stop(registry.StopAppointment, d.ServiceID); !known || len(opened.Steps) != 1 || !ok || !stop.Suspended {
			t.Errorf("act %s: its incident is there: %v; what it stopped: %v", d.ServiceID, known, ok)
		}
	}
	for act, n := range schools {
		if n != bulk || !found[act] {
			t.Errorf("act %s: %d of %d schools, declared %v", act, n, bulk, found[act])
		}
	}
	if int(c.Revision) != len(found) || len(schools) != len(found) || len(c.Incidents) != len(found) || len(c.Stops) != len(found) {
		t.Errorf("revision %d after %d declarations and %d services", c.Revision, len(found), len(schools))
	}
	return found
}

func actUntilKilled(t *testing.T, d *DB, round string) {
	s := &Registry{DB: d, Journal: testJournal(t, d, audit.WriterID("child"))}
	untilKilled(3, func(caller, i int) (string, error) {
		act := fmt.Sprintf("s-%s-%d-%d", round, caller, i)
		return act, perform(context.Background(), s, act)
	})
}
