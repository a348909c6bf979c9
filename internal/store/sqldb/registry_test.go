package sqldb

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func testJournal(t testing.TB, d *DB, writer string) *audit.Journal {
	t.Helper()
	return audittest.Journal(t, d.Audit(), keystest.Ring(t), writer, time.Now)
}

func applyEntry() audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:test"}
}

func sampleChange() registry.Change {
	day := registry.Date{Year: 2026, Month: time.September, Day: 1}
	return registry.Change{
		Services: []registry.Service{{
			ID: "lire", Name: registry.Text{FR: "Lire", EN: "Read"}, Provider: "Éditions",
			Bindings: []registry.Binding{{
				Protocol: "saml", Handle: "urn:lire", Settings: []byte(`{"metadata":"x"}`), Subject: person.Mail,
				Names: map[person.Attr]string{person.Mail: "courriel"},
			}},
		}},
		Declarations: []registry.Declaration{{
			ID: "d1", ServiceID: "lire", Version: 1, Mode: registry.Nominative, From: day, Until: day.Add(200), State: registry.Submitted,
			Scope: registry.Scope{Level: registry.ByAcademy, Academies: []string{"exemple"}}, MaxSession: time.Hour,
			Items: []registry.Item{{Attr: person.Mail, Justification: registry.Text{FR: "ouvrir le compte"}, Required: true}},
		}},
		Establishments: []registry.Establishment{{UAI: "0280101H", Name: "École", Kind: registry.Ecole, Academy: "exemple"}},
		Sources: []registry.Source{{
			ID: "annuaire", Connector: "ldap", Authority: "ac", Settings: map[string]any{"url": "ldaps://x"},
			Declaration: &registry.SourceDeclaration{Reference: "R", From: day, Until: day.Add(100), State: registry.Approved},
		}},
		Delegations: []registry.Delegation{{ID: "g1", UAI: "0280101H", Function: "adjoint", Act: "A", From: day, Until: day.Add(30)}},
	}
}

func TestRegistryComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		change := sampleChange()
		revision, err := s.Apply(t.Context(), change, applyEntry())
		if err != nil || revision != 1 {
			t.Fatalf("Apply: revision %d, %v", revision, err)
		}
		got, err := s.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		want := registry.Contents{
			Revision: 1, Services: change.Services, Declarations: change.Declarations,
			Establishments: change.Establishments, Sources: change.Sources, Delegations: change.Delegations,
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		report, err := audit.Verify(t.Context(), d.Audit(), keystest.Ring(t))
		if err != nil || !report.OK() || report.Entries != 1 {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}

func TestRegistryRefusesToEditAnApprovedVersion(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		change := sampleChange()
		approved, err := change.Declarations[0].Move(registry.Decision{At: time.Now().UTC(), State: registry.Approved, Office: "recteur"})
		if err != nil {
			t.Fatal(err)
		}
		change.Declarations[0] = approved
		mustApply(t, s, change)

		edited := approved
		edited.Items = nil
		_, err = s.Apply(t.Context(), registry.Change{Declarations: []registry.Declaration{edited}, Services: []registry.Service{{ID: "other"}}}, applyEntry())
		if !errors.Is(err, registry.ErrApproved) {
			t.Fatalf("editing an approved version: %v, want registry.ErrApproved", err)
		}
		got, err := s.Load(t.Context())
		if err != nil || got.Revision != 1 || len(got.Services) != 1 || len(got.Declarations[0].Items) != 1 {
			t.Errorf("a refused change left something: revision %d, %d services, %v", got.Revision, len(got.Services), err)
		}

		suspended, err := approved.Move(registry.Decision{At: time.Now().UTC(), State: registry.Suspended, Office: "DPD"})
		if err != nil {
			t.Fatal(err)
		}
		mustApply(t, s, registry.Change{Declarations: []registry.Declaration{suspended}})
		next := approved
		next.Version, next.Items = 2, nil
		mustApply(t, s, registry.Change{Declarations: []registry.Declaration{next}})
	})
}

func mustApply(t testing.TB, s *Registry, change registry.Change) {
	t.Helper()
	if _, err := s.Apply(t.Context(), change, applyEntry()); err != nil {
		t.Fatal(err)
	}
}

func TestRegistryTellsTheSecondOfTwoWriters(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		mustApply(t, s, sampleChange())
		var wg sync.WaitGroup
		errs := make([]error, 8)
		for i := range errs {
			wg.Go(func() {
				_, errs[i] = s.Apply(t.Context(), registry.Change{Base: 1, Services: []registry.Service{{ID: fmt.Sprint("s", i)}}}, applyEntry())
			})
		}
		wg.Wait()
		won := 0
		for _, err := range errs {
			switch {
			case err == nil:
				won++
			case !errors.Is(err, registry.ErrConflict):
				t.Errorf("a loser is told %v, want ErrConflict", err)
			}
		}
		got, err := s.Load(t.Context())
		if won != 1 || err != nil || len(got.Services) != 2 || got.Revision != 2 {
			t.Errorf("%d won, revision %d, %d services, %v", won, got.Revision, len(got.Services), err)
		}
	})
}

func TestReceiptsAndTheirEntriesAreWrittenTogether(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Receipts{DB: d, Journal: testJournal(t, d, "w-1")}
		at := time.Now().UTC().Truncate(time.Millisecond)
		first := consent.Receipt{Handle: "h", Service: "lire", Declaration: "d1", Version: 1, Substance: "x", Act: consent.Informed, At: at, Filed: at, Voice: consent.Self}
		entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire"}
		if got, err := s.Receipts(t.Context(), []string{"h"}); err != nil || got != nil {
			t.Fatalf("an empty table has a receipt: %v %v", got, err)
		}
		second := first
		second.At, second.Filed, second.Version, second.Act = at.Add(time.Second), at.Add(time.Minute), 2, consent.Agreed
		second.Voice, second.By, second.Among, second.Alone = consent.Holder, "m", "ent", true
		second.Paper = &consent.Paper{
			Office: "directeur d'école", By: "h9", UAI: "0280101H", Day: registry.Date{Year: 2026, Month: 9, Day: 3}, Document: "2026-12", Everyone: true,
		}
		third := consent.Receipt{
			Handle: "h", Service: "lire", Act: consent.Closed, At: at, Filed: at, Voice: consent.Controller,
			Instead: registry.Text{FR: "le même livre, sur papier", EN: "the same book, on paper"},
		}
		for _, r := range [][]consent.Receipt{{first, second, third}, {second}, {second, third}, nil} {
			if err := s.Record(t.Context(), entry, r, consent.Left{}); err != nil {
				t.Fatal(err)
			}
		}
		many := []string{"h"}
		for i := range 500 {
			many = append(many, strconv.Itoa(i))
		}
		got, err := s.Receipts(t.Context(), many)
		slices.SortFunc(got, func(a, b consent.Receipt) int { return strings.Compare(string(a.Act), string(b.Act)) })
		if diff := cmp.Diff([]consent.Receipt{second, third, first}, got); err != nil || diff != "" {
			t.Errorf("receipts: %v\n%s", err, diff)
		}
		if got, err := s.Receipts(t.Context(), []string{"i", "lire"}); err != nil || got != nil {
			t.Errorf("somebody else's receipts: %v, %v", got, err)
		}
		if report, err := audit.Verify(t.Context(), d.Audit(), keystest.Ring(t)); err != nil || report.Entries != 4 {
			t.Errorf("journal: %+v, %v", report, err)
		}
		bad := entry
		bad.Subject = "Lina Martin"
		if err := s.Record(t.Context(), bad, []consent.Receipt{{Handle: "z", Service: "lire", At: at, Filed: at}}, consent.Left{}); err == nil {
			t.Error("an entry that names a person was written")
		}
		if got, _ := s.Receipts(t.Context(), []string{"z"}); got != nil {
			t.Error("a receipt stands without its entry")
		}
	})
}
