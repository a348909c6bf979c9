package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

func TestAListOfPapersIsFiledWholeByTheCommand(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		r := newRenewing(t, h)
		h.Apply(t, registry.Change{Declarations: []registry.Declaration{{
			ID: "avis-d", ServiceID: "lire", Version: 1, State: registry.Approved, Basis: registry.Basis{Kind: registry.Consent, Parents: registry.AnswerYes},
			Scope: registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}, All: true},
			From:  desktest.Day("2026-09-01"), Until: desktest.Day("2027-08-31"), Decisions: []registry.Decision{{State: registry.Approved}},
		}}})
		authority := papers.Authorities(h.Snapshot(t), desktest.Ecole)[0]
		run := func(o AgreementsOptions, lines ...string) (string, error) {
			o.File = filepath.Join(t.TempDir(), "list.csv")
			text := strings.Join(papers.Columns(), ";") + "\n" + strings.Join(lines, "\n") + "\n"
			if err := os.WriteFile(o.File, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			var out strings.Builder
			err := attestAgreements(t.Context(), r.base, o, &out)
			if all := out.String() + fmt.Sprint(err); strings.Contains(all, "MARQUE") {
				t.Errorf("somebody is named: %s", all)
			}
			return out.String(), err
		}
		o := AgreementsOptions{UAI: string(desktest.Ecole), Declaration: "avis-d", By: "directeur d'école"}
		good := []string{authority + ";MARQUE-1;holder;agreed;2026-09-14;12;;", authority + ";MARQUE-2;all_holders;refused;2026-09-14;12;;"}
		said := func(id string) []consent.Receipt {
			book := consent.Book{Store: &sqldb.Receipts{DB: h.DB, Journal: r.journal}, Keys: r.ring, Now: h.Now}
			got, err := book.Ledger().Said(t.Context(), []string{person.Key{Authority: authority, ID: id}.Handle(r.ring)}, "lire")
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		dry := o
		dry.DryRun = true
		if out, err := run(dry, good...); err != nil || !strings.Contains(out, "1 agreed, 1 refused") || said("MARQUE-1") != nil {
			t.Errorf("a preview: %s, %v", out, err)
		}
		for name, c := range map[string]struct {
			o     AgreementsOptions
			lines []string
			want  string
		}{
			"without a function":  {AgreementsOptions{UAI: o.UAI, Declaration: o.Declaration}, good, "--by"},
			"another declaration": {AgreementsOptions{UAI: o.UAI, Declaration: "x", By: o.By}, good, "1 mistakes"},
			"bad lines":           {o, append(good, "ent;MARQUE-3;holder;perhaps;2026-09-14;Lina;;", "MARQUE"), "4 mistakes"},
		} {
			if out, err := run(c.o, c.lines...); !errors.Is(err, ErrNotAttested) || !strings.Contains(fmt.Sprint(err), c.want) {
				t.Errorf("%s: %v, %s", name, err, out)
			}
		}
		if said("MARQUE-1") != nil {
			t.Error("a list with mistakes was filed")
		}
		if _, err := run(o, good...); err != nil {
			t.Fatal(err)
		}
		one, two := said("MARQUE-1"), said("MARQUE-2")
		if len(one) != 1 || one[0].Act != consent.Agreed || one[0].Paper.Office != "directeur d'école" || len(two) != 1 || !two[0].Paper.Everyone {
			t.Errorf("%+v %+v", one, two)
		}
		n := 0
		for _, e := range h.Entries(t) {
			if e.Action == "agreements_attest" {
				n++
				if e.Actor != attester || e.Detail["by"] != "directeur d'école" || e.Detail["document"] != "12" || e.UAI != o.UAI {
					t.Errorf("entry %+v", e)
				}
			}
		}
		if n != 1 {
			t.Errorf("%d entries", n)
		}
	})
}
