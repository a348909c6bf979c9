package sqldb

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// TestPapersOfOneDayAreKeptApart: those of another version, of another school, and of all holders after one of them; the
// same one twice is one.
func TestPapersOfOneDayAreKeptApart(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Receipts{DB: d, Journal: testJournal(t, d, "w-1")}
		day := registry.Date{Year: 2026, Month: 9, Day: 3}
		paper := func(version int, uai person.UAI, everyone bool) consent.Receipt {
			return consent.Receipt{
				Handle: "h", Service: "lire", Declaration: "d1", Version: version, Act: consent.Agreed, Voice: consent.Holder,
				At: day.Starts(time.UTC), Filed: day.Starts(time.UTC).Add(time.Hour),
				Paper: &consent.Paper{Office: "directeur d'école", UAI: uai, Day: day, Document: "2026-12", Everyone: everyone},
			}
		}
		all := []consent.Receipt{paper(1, "0280101H", false), paper(1, "0280101H", true), paper(2, "0280101H", true), paper(1, "0280102J", false)}
		entry := audit.Entry{Class: audit.ClassAdmin, Action: "agreements_attest", Outcome: audit.Done, Actor: "a"}
		for range 2 {
			for _, r := range all {
				r.Filed = r.Filed.Add(time.Second)
				if err := s.Record(t.Context(), entry, []consent.Receipt{r}, consent.Left{}); err != nil {
					t.Fatal(err)
				}
			}
		}
		got, err := s.Receipts(t.Context(), []string{"h"})
		if err != nil || len(got) != len(all) {
			t.Fatalf("%d receipts of %d papers, %v", len(got), len(all), err)
		}
		for _, want := range all {
			if !slices.ContainsFunc(got, func(r consent.Receipt) bool { return r.Version == want.Version && *r.Paper == *want.Paper }) {
				t.Errorf("version %d of %s, all %v: it is not kept", want.Version, want.Paper.UAI, want.Paper.Everyone)
			}
		}
	})
}

// TestWhatWasSaidBeforePapersWereKeptApartStands: nobody is asked again, and no no is lifted.
func TestWhatWasSaidBeforePapersWereKeptApartStands(t *testing.T) {
	t.Parallel()
	for name, location := range empty(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before(t, location, "00085", `INSERT INTO receipts (handle, service, declaration, voice, speaker, at, act, filed, version, substance, alone, among, more)
VALUES ('h', 'lire', 'd1', 'holder', 'm', 1000, 'refused', 2000, 3, 'x', 1, 'ent', '{"paper":{"Office":"IEN"}}')`)
			s := &Receipts{DB: openAt(t, location, Options{})}
			got, err := s.Receipts(t.Context(), []string{"h"})
			if err != nil || len(got) != 1 {
				t.Fatalf("%+v, %v", got, err)
			}
			want := consent.Receipt{
				Handle: "h", Service: "lire", Declaration: "d1", Voice: consent.Holder, By: "m", At: instant(1000), Act: consent.Refused,
				Filed: instant(2000), Version: 3, Substance: "x", Alone: true, Among: "ent", Paper: got[0].Paper,
			}
			if got[0] != want || want.Paper.Office != "IEN" {
				t.Errorf("%+v", got[0])
			}
		})
	}
}
