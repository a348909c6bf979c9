package headcounts_test

import (
	"bytes"
	"encoding/csv"
	"reflect"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/encoding/charmap"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/headcounts"
)

const list = `uai;type;libellé;effectif
0280101H;classe;CE2 B;24
0280101H;groupe;Éveil;4
0280202T;classe;6E 1;25
0280202T;groupe;LATIN;0
`

func read(t *testing.T, text string) headcounts.List {
	t.Helper()
	l, err := headcounts.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// known is a registry of two schools, a closed one, and what was counted there.
type known map[person.UAI]registry.Headcount

func (k known) Establishment(uai person.UAI) (registry.Establishment, bool) {
	switch uai {
	case "0280101H", "0280202T":
		return registry.Establishment{UAI: uai}, true
	case "0280303C":
		return registry.Establishment{UAI: uai, Closed: true}, true
	}
	return registry.Establishment{}, false
}

func (k known) Headcount(uai person.UAI) (registry.Headcount, bool) {
	h, ok := k[uai]
	return h, ok
}

func how() headcounts.How {
	return headcounts.How{Now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), Zone: time.UTC}
}

func today() registry.Date { return registry.Date{Year: 2026, Month: 11, Day: 22} }

func TestAListIsReadWhateverItsSpelling(t *testing.T) {
	t.Parallel()
	want := []registry.Headcount{
		{UAI: "0280101H", Classes: map[string]int{"CE2 B": 24}, Groups: map[string]int{"Éveil": 4}},
		{UAI: "0280202T", Classes: map[string]int{"6E 1": 25}, Groups: map[string]int{"LATIN": 0}},
	}
	latin, err := charmap.Windows1252.NewEncoder().String(list)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"as it is": list, "commas": strings.ReplaceAll(list, ";", ","), "tabs": strings.ReplaceAll(list, ";", "\t"), "a mark": "\ufeff" + list,
		"Windows-1252": latin, "lines of Windows": strings.ReplaceAll(list, "\n", "\r\n"), "capitals": strings.Replace(list, "uai;type;libellé", "UAI;Type;LIBELLE", 1),
		"plural words and spaces": strings.ReplaceAll(list, ";classe;", "; Classe ;"), "small letters in a UAI": strings.Replace(list, "0280101H", "0280101h", 1),
		"the same row twice": list + "0280202T;groupe;LATIN;0\n",
	} {
		l := read(t, text)
		if len(l.Problems) != 0 || !reflect.DeepEqual(l.Counts, want) {
			t.Errorf("%s: %+v, %v", name, l.Counts, l.Problems)
		}
	}
}

func TestEveryMistakeIsToldAtOnceWithItsLine(t *testing.T) {
	t.Parallel()
	l := read(t, list+"0280101Z;classe;CM1;20\n0280101H;section;;many\n0280202T;classe;6E 1;24\n0280202T;groupe\n0280202T;groupe;grec;-1\n0280202T;groupe;grec;5001\n")
	want := map[int]int{6: 1, 7: 3, 8: 1, 9: 1, 10: 1, 11: 1}
	got := map[int]int{}
	for _, p := range l.Problems {
		got[p.Line]++
		if p.What == "" || p.UAI == "" {
			t.Errorf("%+v says nothing or not of whom", p)
		}
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%v", l.Problems)
	}
	p := headcounts.NewPlan(l, known{}, how())
	if p.Stop == "" || !strings.Contains(p.Stop, "8 rows") {
		t.Errorf("a bad list is carried out: %q", p.Stop)
	}
}

func TestAFileThatIsNoListIsRefused(t *testing.T) {
	t.Parallel()
	if _, err := headcounts.Read(strings.NewReader("")); err == nil {
		t.Error("an empty file is a list")
	}
	for name, text := range map[string]string{
		"no column": "uai;type;effectif\n0280101H;classe;3\n", "a column twice": "uai;type;libelle;effectif;UAI\n0280101H;classe;a;3;x\n",
		"no row": "uai;type;libelle;effectif\n", "an open quote": list + "0280202T;classe;\"6E 2;3\n", "two encodings": list + "0280202T;classe;\xe9;3\n",
	} {
		l := read(t, text)
		if p := headcounts.NewPlan(l, known{}, headcounts.How{Now: how().Now, Zone: time.UTC, SkipBad: true}); p.Stop == "" {
			t.Errorf("%s: it is carried out", name)
		}
	}
}

func TestAnEstablishmentOfTheListIsReplacedWholeAndOthersStay(t *testing.T) {
	t.Parallel()
	before := known{
		"0280101H": {UAI: "0280101H", On: today(), Classes: map[string]int{"CE2 B": 24}, Groups: map[string]int{"Éveil": 4}},
		"0280202T": {UAI: "0280202T", On: today(), Classes: map[string]int{"6E 1": 25, "6E 2": 3}},
	}
	p := headcounts.NewPlan(read(t, list), before, how())
	if p.Stop != "" || p.Unchanged != 1 || len(p.Changed) != 1 || len(p.Created) != 0 || p.Changed[0].Classes["6E 2"] != 0 || p.Changed[0].On != today() {
		t.Errorf("%+v", p)
	}
	later := how()
	later.Now = later.Now.AddDate(0, 0, 1)
	if p := headcounts.NewPlan(read(t, list), before, later); len(p.Changed) != 2 {
		t.Errorf("another day is another headcount: %+v", p)
	}
	managed := known{"0280101H": {UAI: "0280101H", On: today(), ManagedBy: "a.yaml"}}
	if p := headcounts.NewPlan(read(t, list), managed, how()); len(p.Managed) != 1 || len(p.Created) != 1 {
		t.Errorf("%+v", p)
	}
}

func TestASchoolWithABadRowStaysAsItIs(t *testing.T) {
	t.Parallel()
	skip := how()
	skip.SkipBad = true
	text := list + "0280202T;classe;6E 2;many\n0280303C;classe;6E 1;20\n0280404M;classe;6E 1;20\n"
	p := headcounts.NewPlan(read(t, text), known{}, skip)
	if p.Stop != "" || len(p.Created) != 1 || p.Created[0].UAI != "0280101H" || len(p.Problems) != 3 {
		t.Errorf("%+v", p)
	}
	if p := headcounts.NewPlan(read(t, text), known{}, how()); p.Stop == "" {
		t.Error("without asking, bad rows are left out")
	}
}

func TestWhatWasCountedLongAgoOrIsToComeIsRefused(t *testing.T) {
	t.Parallel()
	for day, want := range map[string]bool{"2026-11-22": true, "2025-11-23": true, "2025-11-22": false, "2026-11-23": false} {
		h := how()
		h.On, _ = registry.ParseDate(day)
		if p := headcounts.NewPlan(read(t, list), known{}, h); (p.Stop == "") != want {
			t.Errorf("%s: %q", day, p.Stop)
		}
	}
}

func TestALabelLikeANameIsToldWithItsLineAndNeverRepeated(t *testing.T) {
	t.Parallel()
	l := read(t, list+"0280202T;groupe;GR M. Dupont;12\n0280202T;groupe;;M. Martin\n")
	p := headcounts.NewPlan(l, known{}, how())
	if len(p.Named) != 1 || p.Named[0].Line != 6 {
		t.Fatalf("%v", p.Named)
	}
	var out bytes.Buffer
	if err := p.Report(&out); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || len(rows) != 5 || strings.Contains(text, "Dupont") || strings.Contains(text, "Martin") {
		t.Errorf("%v, %v", rows, err)
	}
	if rows[1][0] != "7" || rows[1][2] != "bad" || rows[3][2] != "named" || rows[4][1] != "0280101H" || rows[4][2] != "created" {
		t.Errorf("%v", rows)
	}
}
