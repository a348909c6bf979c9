package annuaire_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

const (
	header = "identifiant_de_l_etablissement;nom_etablissement;type_etablissement;statut_public_prive;libelle_nature;nom_commune;code_departement;libelle_academie;etat;code_circonscription;type_contrat_prive;nombre_d_eleves"
	ecole  = "0280101H;École Jules-Ferry;Ecole;Public;ECOLE ELEMENTAIRE;Chartres;028;Orléans-Tours;OUVERT;0280999J;;210"
	veil   = "0280303C;Collège Simone-Veil;Collège;Public;COLLEGE;Dreux;028;Orléans-Tours;OUVERT;;;480"
	prive  = "0750652B;Lycée Sainte-Barbe;Lycée;Privé;LYCEE;Paris;075;Paris;OUVERT;;CONTRAT D'ASSOCIATION TOUTES CLASSES;"
)

func list(rows ...string) string { return strings.Join(append([]string{header}, rows...), "\n") + "\n" }

func read(t *testing.T, text string) annuaire.List {
	t.Helper()
	l, err := annuaire.Read(strings.NewReader(text), annuaire.Only{})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func day(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func plan(t *testing.T, text string, before []registry.Establishment, how annuaire.How) annuaire.Plan {
	t.Helper()
	if how.Today.IsZero() {
		how.Today = day("2026-11-22")
	}
	return annuaire.NewPlan(read(t, text), before, how)
}

func TestARowBecomesAnEstablishment(t *testing.T) {
	t.Parallel()
	l := read(t, list(ecole, prive))
	want := []registry.Establishment{
		{
			UAI: "0280101H", Name: "École Jules-Ferry", Town: "Chartres", Kind: registry.Ecole, Academy: "orleans-tours",
			Department: "028", District: "0280999J", Pupils: 210,
		},
		{
			UAI: "0750652B", Name: "Lycée Sainte-Barbe", Town: "Paris", Kind: registry.Lycee, Private: true, Academy: "paris",
			Department: "075", Contract: "CONTRAT D'ASSOCIATION TOUTES CLASSES",
		},
	}
	if len(l.Problems) != 0 || len(l.Schools) != 2 || l.Rows != 2 {
		t.Fatalf("%d schools of %d rows, %v", len(l.Schools), l.Rows, l.Problems)
	}
	for i, s := range l.Schools {
		if fmt.Sprintf("%+v", s.Establishment) != fmt.Sprintf("%+v", want[i]) || s.Line != i+2 {
			t.Errorf("line %d:\n%+v\nwant\n%+v", s.Line, s.Establishment, want[i])
		}
		if found := s.Check(); len(found) > 0 {
			t.Errorf("what was read does not pass its own check: %v", found)
		}
	}
}

func TestBothSpellingsSeparatorsAndEncodingsAreRead(t *testing.T) {
	t.Parallel()
	want := read(t, list(ecole, veil)).Schools
	capitals := strings.NewReplacer("identifiant_de", "Identifiant_de", "nom_etab", "Nom_etab", "code_dep", "Code_dep", "libelle_academie", "Libelle_academie", "etat", "Etat").Replace(header)
	latin, err := charmap.Windows1252.NewEncoder().String(list(ecole, veil))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"capitals":       capitals + "\n" + ecole + "\n" + veil + "\n",
		"commas":         strings.ReplaceAll(list(ecole, veil), ";", ","),
		"tabs":           strings.ReplaceAll(list(ecole, veil), ";", "\t"),
		"a mark":         "\xef\xbb\xbf" + list(ecole, veil),
		"Windows-1252":   latin,
		"carriage":       strings.ReplaceAll(list(ecole, veil), "\n", "\r\n"),
		"no last return": strings.TrimSuffix(list(ecole, veil), "\n"),
	} {
		l := read(t, text)
		if len(l.Problems) != 0 || fmt.Sprint(l.Schools) != fmt.Sprint(want) {
			t.Errorf("%s: %v, %v", name, l.Schools, l.Problems)
		}
	}
	if l := read(t, latin); l.Encoding != annuaire.Windows1252 {
		t.Errorf("the encoding is said to be %q", l.Encoding)
	}
}

func TestHardCase29AWrongLetterIsNamedAndTheRightOneProposed(t *testing.T) {
	t.Parallel()
	l := read(t, list(strings.Replace(ecole, "0280101H", "0280101A", 1), veil))
	if len(l.Schools) != 1 || len(l.Problems) != 1 {
		t.Fatalf("%v, %v", l.Schools, l.Problems)
	}
	if p := l.Problems[0]; p.Line != 2 || p.UAI != "0280101A" || !strings.Contains(p.Error(), "0280101H") {
		t.Errorf("%v", p)
	}
}

func TestEveryMistakeOfARowIsToldAtOnceWithItsLine(t *testing.T) {
	t.Parallel()
	l := read(t, list(veil, "0280101A;;Ecole;?;;Chartres;999;;PERDU;;;douze"))
	if len(l.Schools) != 1 || len(l.Problems) != 7 {
		t.Fatalf("%d problems: %v", len(l.Problems), l.Problems)
	}
	for i, what := range []string{"letter", "Public nor", "department", "state", "pupils", "name is missing", "academy is missing"} {
		if p := l.Problems[i]; p.Line != 3 || !strings.Contains(p.What, what) {
			t.Errorf("%v, want something of %q", p, what)
		}
	}
}

func TestWhatIsNotAListIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a column missing":   strings.Replace(list(ecole), "etat", "status", 1),
		"a column twice":     strings.Replace(list(ecole), "nom_commune", "etat", 1),
		"two encodings":      list(ecole) + "0280303C;Coll\xe8ge;Collège;Public;;Dreux;028;X;OUVERT;;;\n",
		"an open quotation":  list(veil, `"0280101H;École`, veil),
		"nothing but a head": list(),
		"a spreadsheet":      "PK\x03\x04\x14\x00\x81\x8d",
	} {
		l, err := annuaire.Read(strings.NewReader(text), annuaire.Only{})
		p := annuaire.NewPlan(l, nil, annuaire.How{Today: day("2026-11-22"), SkipBad: true})
		if err == nil && p.Stop == "" {
			t.Errorf("%s: %q, %v", name, p.Stop, p.Establishments())
		}
		if name == "two encodings" && (len(l.Problems) != 1 || l.Problems[0].Line != 3) {
			t.Errorf("%s: %v", name, l.Problems)
		}
	}
	if _, err := annuaire.Read(strings.NewReader(""), annuaire.Only{}); err == nil {
		t.Error("an empty file is no list")
	}
}

func TestKindsThatAreNotRegisteredAreSkippedAndCounted(t *testing.T) {
	t.Parallel()
	l := read(t, list(ecole, strings.Replace(veil, ";Collège;", ";Médico-social;", 1), strings.Replace(prive, "OUVERT", "A OUVRIR", 1),
		"0281234X;IEN Dreux;Service Administratif;;CIRCONSCRIPTION IEN;Dreux;28;Orléans-Tours;OUVERT;;;"))
	if l.Skipped["Médico-social"] != 1 || l.Skipped["Lycée"] != 1 {
		t.Errorf("skipped %v", l.Skipped)
	}
	for _, p := range l.Problems {
		if p.UAI != "0281234X" { // its letter is invented
			t.Error(p)
		}
	}
	if len(l.Schools) != 1 {
		t.Errorf("%v", l.Schools)
	}
}

func TestDuplicateRowsCountOnceAndContradictionsNotAtAll(t *testing.T) {
	t.Parallel()
	if l := read(t, list(ecole, ecole, veil)); len(l.Schools) != 2 || len(l.Problems) != 0 {
		t.Errorf("the same twice: %v, %v", l.Schools, l.Problems)
	}
	l := read(t, list(ecole, veil, strings.Replace(ecole, "Public", "Privé", 1)))
	if len(l.Schools) != 1 || l.Schools[0].UAI != "0280303C" || len(l.Problems) != 1 || l.Problems[0].Line != 4 {
		t.Errorf("a contradiction: %v, %v", l.Schools, l.Problems)
	}
}

func TestDepartmentsHaveOneSpelling(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{"28": "028", "028": "028", "0028": "028", "1": "001", "2A": "02A", "02b": "02B", "974": "974"} {
		l := read(t, list(strings.Replace(ecole, ";028;", ";"+code+";", 1)))
		if len(l.Schools) != 1 || l.Schools[0].Department != want {
			t.Errorf("%s: %v, %v", code, l.Schools, l.Problems)
		}
	}
	for _, code := range []string{"", "2C", "0", "-1", "1000"} {
		if l := read(t, list(strings.Replace(ecole, ";028;", ";"+code+";", 1))); len(l.Schools) != 0 {
			t.Errorf("%q is a department", code)
		}
	}
}

func TestAPlanTellsCreatedChangedUnchangedAndMissing(t *testing.T) {
	t.Parallel()
	first := plan(t, list(ecole, veil), nil, annuaire.How{})
	if first.Stop != "" || len(first.Created) != 2 {
		t.Fatalf("%s: %v", first.Stop, first.Created)
	}
	before := first.Establishments()
	before[0].Ways = []registry.Way{{Label: "Mon ENT", URL: "https://ent.example/"}}
	before[0].Group = "cité Ferry"
	again := plan(t, list(ecole, veil), before, annuaire.How{})
	if again.Unchanged != 2 || len(again.Establishments()) != 0 {
		t.Errorf("a second time: %s", again.Summary())
	}
	moved := plan(t, list(strings.Replace(ecole, "Chartres", "Lucé", 1), prive), before, annuaire.How{})
	if len(moved.Changed) != 1 || !slices.Equal(moved.Changed[0].Fields, []string{"town"}) || moved.Changed[0].Next.Group != "cité Ferry" ||
		len(moved.Changed[0].Next.Ways) != 1 || len(moved.Created) != 1 || !slices.Equal(moved.Missing, []person.UAI{"0280303C"}) {
		t.Errorf("%s: %+v", moved.Summary(), moved.Changed)
	}
}

func TestSchoolsThatFilesManageStayAsTheyAre(t *testing.T) {
	t.Parallel()
	before := plan(t, list(ecole, veil), nil, annuaire.How{}).Establishments()
	before[0].ManagedBy = "schools.yaml"
	p := plan(t, list(strings.Replace(ecole, "Chartres", "Lucé", 1), veil), before, annuaire.How{})
	if !slices.Equal(p.Managed, []person.UAI{"0280101H"}) || len(p.Establishments()) != 0 {
		t.Errorf("%s", p.Summary())
	}
}

func TestABadRowKeepsEverythingBackUnlessItIsLeftOut(t *testing.T) {
	t.Parallel()
	text := list(strings.Replace(ecole, "0280101H", "0280101A", 1), veil)
	if p := plan(t, text, nil, annuaire.How{}); p.Stop == "" {
		t.Error("a bad row was passed over")
	}
	if p := plan(t, text, nil, annuaire.How{SkipBad: true}); p.Stop != "" || len(p.Created) != 1 {
		t.Errorf("%s, %s", p.Stop, p.Summary())
	}
}

func TestSchoolsCloseOnADateAndAListThatClosesTooManyIsBroken(t *testing.T) {
	t.Parallel()
	before := plan(t, list(ecole, veil, prive), nil, annuaire.How{}).Establishments()
	shut := plan(t, list(strings.Replace(ecole, "OUVERT", "FERME", 1), veil, prive), before, annuaire.How{})
	if shut.Stop != "" || len(shut.Closed) != 1 || !shut.Closed[0].Closed || shut.Closed[0].ClosedOn != day("2026-11-22") {
		t.Errorf("%s: %+v", shut.Stop, shut.Closed)
	}
	if p := plan(t, list(ecole), before, annuaire.How{Close: true}); p.Stop == "" || len(p.Closed) != 2 {
		t.Errorf("two of three schools close: %q, %s", p.Stop, p.Summary())
	}
	if p := plan(t, list(ecole), before, annuaire.How{Close: true, CloseMany: true}); p.Stop != "" {
		t.Error(p.Stop)
	}
	if p := plan(t, list(ecole), before, annuaire.How{Close: true, Only: annuaire.Only{Academy: "orleans-tours"}}); len(p.Closed) != 1 || p.Closed[0].UAI != "0280303C" {
		t.Errorf("another academy's schools close: %+v", p.Closed)
	}
	closed := shut.Closed
	if p := plan(t, list(ecole), closed, annuaire.How{}); len(p.Establishments()) != 0 {
		t.Errorf("the list reopened a school: %+v", p.Establishments())
	}
}

func TestTheReportNamesEveryRowAndNoFormula(t *testing.T) {
	t.Parallel()
	p := plan(t, list(strings.Replace(ecole, "École Jules-Ferry", "=cmd()", 1), strings.Replace(veil, "0280303C", "0280303A", 1)), nil, annuaire.How{SkipBad: true})
	var out bytes.Buffer
	if err := p.Report(&out); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%v, %v", rows, err)
	}
	if rows[1][2] != "bad" || rows[1][0] != "3" || rows[2][2] != "created" || rows[2][3] != "'=cmd()" {
		t.Errorf("%v", rows)
	}
}

func TestSeventyThousandRows(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(header + "\n")
	const letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
	for i := range 70_000 {
		n := 100_000 + i
		fmt.Fprintf(&b, "%07d%c;École %d;Ecole;Public;;Dreux;028;Orléans-Tours;OUVERT;;;%d\n", n, letters[n%23], i, i%400)
	}
	p := plan(t, b.String(), nil, annuaire.How{})
	if p.Stop != "" || len(p.Created) != 70_000 {
		t.Fatalf("%s, %s", p.Stop, p.Summary())
	}
	again := plan(t, b.String(), p.Establishments(), annuaire.How{})
	if again.Unchanged != 70_000 {
		t.Error(again.Summary())
	}
}

func FuzzReadNeverInventsASchool(f *testing.F) {
	f.Add([]byte(list(ecole, veil)))
	f.Add([]byte("\xff\xfe"))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := annuaire.Read(bytes.NewReader(data), annuaire.Only{})
		if err != nil {
			return
		}
		for _, s := range l.Schools {
			if _, err := person.ParseUAI(string(s.UAI)); err != nil || s.Academy == "" || s.Kind == "" || s.Line < 2 {
				t.Fatalf("%+v", s)
			}
		}
	})
}
