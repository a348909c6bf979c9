package app

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/registry/register"
)

const schoolList = `Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Nom_commune;Code_departement;Libelle_academie;etat
0280101H;École Jules-Ferry;Ecole;Public;Chartres;28;Orléans-Tours;OUVERT
0280303C;Collège Simone-Veil;Collège;Public;Dreux;028;Orléans-Tours;OUVERT
0750652B;Lycée Sainte-Barbe;Lycée;Privé;Paris;075;Paris;OUVERT
`

// onDisk is a configuration of its own in a temporary folder.
func onDisk(t *testing.T) Config {
	t.Helper()
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile = t.TempDir(), "https://sso.exemple.fr", "master.secret"
	c.Store, c.Log = Store{URL: "sqlite:ecluse.db"}, Log{Level: "error", Format: "text"}
	if _, err := keys.CreateMaster(c.path(c.MasterSecretFile), strings.NewReader(strings.Repeat("0123456789abcdef", 8))); err != nil {
		t.Fatal(err)
	}
	return c
}

func listFile(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

// registered counts the schools and the entries of the journal that import_schools left.
func registered(t *testing.T, c Config) (schools int, imports int) {
	t.Helper()
	err := onBase(t.Context(), c, "test", io.Discard, func(b *base) error {
		contents, err := b.store.Load(t.Context())
		if err != nil {
			return err
		}
		report, err := audit.Verify(t.Context(), b.db.Audit(), b.ring)
		if err == nil && !report.OK() {
			err = fmt.Errorf("%+v", report)
		}
		schools, imports = len(contents.Establishments), int(report.Entries)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return schools, imports
}

func TestSchoolsAreImportedOnceAndTheSecondTimeChangesNothing(t *testing.T) {
	t.Parallel()
	c, file := onDisk(t), listFile(t, schoolList)
	o := ImportOptions{File: file, How: annuaire.How{Only: annuaire.Only{Academy: "orleans-tours"}}}
	dry := o
	dry.DryRun = true
	var out bytes.Buffer
	if err := ImportSchools(t.Context(), c, dry, &out, io.Discard); err != nil || !strings.Contains(out.String(), "2 created") {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if n, entries := registered(t, c); n != 0 || entries != 0 {
		t.Fatalf("a preview wrote %d schools and %d entries", n, entries)
	}
	if err := ImportSchools(t.Context(), c, o, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := ImportSchools(t.Context(), c, o, &out, io.Discard); err != nil || !strings.Contains(out.String(), "nothing to change") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if n, entries := registered(t, c); n != 2 || entries != 1 {
		t.Errorf("%d schools, %d entries, want 2 and 1", n, entries)
	}
}

func TestABadRowKeepsTheWholeListOutAndIsInTheReport(t *testing.T) {
	t.Parallel()
	c, file := onDisk(t), listFile(t, strings.Replace(schoolList, "0280303C", "0280303A", 1))
	report := filepath.Join(t.TempDir(), "report.csv")
	var out bytes.Buffer
	err := ImportSchools(t.Context(), c, ImportOptions{File: file, Report: report}, &out, io.Discard)
	if !errors.Is(err, ErrNotImported) || !strings.Contains(out.String(), "0280303C would") {
		t.Errorf("%v\n%s", err, out.String())
	}
	if n, entries := registered(t, c); n != 0 || entries != 0 {
		t.Errorf("%d schools and %d entries were written", n, entries)
	}
	data, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != "3" || rows[1][2] != "bad" {
		t.Errorf("%v, %v", rows, err)
	}
	o := ImportOptions{File: file, How: annuaire.How{SkipBad: true}}
	if err := ImportSchools(t.Context(), c, o, io.Discard, io.Discard); err != nil {
		t.Error(err)
	}
	if n, _ := registered(t, c); n != 2 {
		t.Errorf("%d schools, want the two good ones", n)
	}
}

func TestTheRegisterOfNowhereIsAnError(t *testing.T) {
	t.Parallel()
	c := onDisk(t)
	if err := ImportSchools(t.Context(), c, ImportOptions{File: listFile(t, schoolList)}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	for of, want := range map[register.Of]error{
		{UAI: person.UAI("0280101H")}: nil, {Academy: "orleans-tours"}: nil, {Department: "075"}: nil,
		{UAI: "0280404M"}: ErrNoRegister, {Academy: "nulle-part"}: ErrNoRegister,
	} {
		for _, page := range []bool{false, true} {
			var out bytes.Buffer
			err := ExportRegister(t.Context(), c, RegisterOptions{Of: of, HTML: page}, &out, io.Discard)
			if !errors.Is(err, want) || (want == nil) != (out.Len() > 0) {
				t.Errorf("%+v: %v, %d bytes", of, err, out.Len())
			}
			if err != nil && strings.ContainsAny(err.Error(), "{}") {
				t.Errorf("%+v is told as %q", of, err)
			}
		}
	}
}
