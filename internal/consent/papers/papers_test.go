package papers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/consent/papers"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func today() registry.Date { return registry.Date{Year: 2026, Month: 11, Day: 22} }

func good(how ...func(*papers.SignedPaper)) papers.SignedPaper {
	l := papers.SignedPaper{Authority: "ent", ID: "MARQUE-1", Who: papers.Holder, Says: consent.Agreed, Day: registry.Date{Year: 2026, Month: 9, Day: 3}, Document: "2026/CE2-B.12"}
	for _, change := range how {
		change(&l)
	}
	return l
}

func TestEveryMistakeOfAListIsToldAtOnceAndNamesNobody(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*papers.SignedPaper){
		"":          func(*papers.SignedPaper) {},
		"authority": func(l *papers.SignedPaper) { l.Authority = "" }, "authority ": func(l *papers.SignedPaper) { l.Authority = "MARQUE" },
		"id": func(l *papers.SignedPaper) { l.ID = "" }, "id ": func(l *papers.SignedPaper) { l.ID = " MARQUE" }, "id  ": func(l *papers.SignedPaper) { l.ID = strings.Repeat("MARQUE", 50) },
		"id   ": func(l *papers.SignedPaper) { l.ID = "MAR\u200bQUE" },
		"who":   func(l *papers.SignedPaper) { l.Who = "MARQUE" }, "who ": func(l *papers.SignedPaper) { l.Who = "" },
		"says": func(l *papers.SignedPaper) { l.Says = "MARQUE" }, "says ": func(l *papers.SignedPaper) { l.Says = consent.Informed }, "says  ": func(l *papers.SignedPaper) { l.Says = consent.Closed },
		"day": func(l *papers.SignedPaper) { l.Day = registry.Date{} }, "day ": func(l *papers.SignedPaper) { l.Day = today().Add(1) },
		"document": func(l *papers.SignedPaper) { l.Document = "" }, "document ": func(l *papers.SignedPaper) { l.Document = "Lina MARQUE 12" },
		"document  ": func(l *papers.SignedPaper) { l.Document = "MARQUE" }, "document   ": func(l *papers.SignedPaper) { l.Document = strings.Repeat("9", 65) },
		"holder_id":        func(l *papers.SignedPaper) { l.HolderAuthority = "ent" },
		"holder_authority": func(l *papers.SignedPaper) { l.HolderID = "MARQUE" },
		"holder_id ":       func(l *papers.SignedPaper) { l.Who, l.HolderAuthority, l.HolderID = papers.Pupil, "ent", "MARQUE" },
		"holder_id  ":      func(l *papers.SignedPaper) { l.Who, l.HolderAuthority, l.HolderID = papers.AllHolders, "ent", "MARQUE" },
	} {
		got := papers.Check([]papers.SignedPaper{good(change)}, []string{"academie", "ent"}, today())
		if want == "" {
			if len(got) != 0 {
				t.Errorf("a good line: %v", got)
			}
			continue
		}
		if len(got) != 1 || got[0].Column != strings.TrimSpace(want) || got[0].Line != 0 {
			t.Errorf("%s: %+v", want, got)
		}
		if strings.Contains(fmt.Sprint(got), "MARQUE") {
			t.Errorf("%s: a mistake repeats what was written: %v", want, got)
		}
	}
	bad := good(func(l *papers.SignedPaper) { l.ID, l.Says, l.Document = "", "", "" })
	if got := papers.Check([]papers.SignedPaper{bad, good(), bad}, []string{"ent"}, today()); len(got) != 7 {
		t.Errorf("%d mistakes of two bad lines, want three each and that they are alike: %v", len(got), got)
	}
	if got := papers.Check(nil, nil, today()); len(got) != 1 || got[0].Line != -1 {
		t.Errorf("no line: %v", got)
	}
	if got := papers.Check(make([]papers.SignedPaper, papers.MostLines+1), nil, today()); len(got) != 1 || got[0].Line != -1 {
		t.Errorf("too many lines: %d mistakes", len(got))
	}
	twice := []papers.SignedPaper{good(), good(func(l *papers.SignedPaper) { l.Says = consent.Refused }), good(func(l *papers.SignedPaper) { l.Who = papers.Pupil })}
	if got := papers.Check(twice, []string{"ent"}, today()); len(got) != 1 || got[0].Line != 1 {
		t.Errorf("one signature that says yes and no on one day: %v", got)
	}
	if text := fmt.Sprintf("%v %#v %+v", good(), good(), []papers.SignedPaper{good()}); strings.Contains(text, "MARQUE") {
		t.Errorf("a line prints itself: %s", text)
	}
}

func TestAListIsReadAsItIsWritten(t *testing.T) {
	t.Parallel()
	list, err := papers.Read(strings.NewReader("authority;id;who;says;day;document;holder_authority;holder_id\n" +
		"ent;1;holder;agreed;2026-09-03;12;ent;9\nent;2;pupil;refused;2026-09-04;13;;\n"))
	want := []papers.SignedPaper{
		{Authority: "ent", ID: "1", Who: papers.Holder, Says: consent.Agreed, Day: registry.Date{Year: 2026, Month: 9, Day: 3}, Document: "12", HolderAuthority: "ent", HolderID: "9"},
		{Authority: "ent", ID: "2", Who: papers.Pupil, Says: consent.Refused, Day: registry.Date{Year: 2026, Month: 9, Day: 4}, Document: "13"},
	}
	if err != nil || len(list.Lines) != 2 || list.Lines[0] != want[0] || list.Lines[1] != want[1] || list.At[1] != 3 || list.Problems != nil || list.Broken != nil {
		t.Fatalf("%d lines, %v, %v, %v", len(list.Lines), list.Problems, list.Broken, err)
	}
	short, err := papers.Read(strings.NewReader("authority,id,who,says,day,document\nent,1,holder,agreed,2026-09-03,12\n"))
	if err != nil || len(short.Lines) != 1 || short.Lines[0].HolderID != "" {
		t.Errorf("without the last two columns: %v", err)
	}
	bad, err := papers.Read(strings.NewReader("authority;id;who;says;day;document\nent;1;holder;agreed;3/9/2026;12\nent;1;holder\nent;\"1;x\n"))
	if err != nil || len(bad.Problems) != 1 || bad.Problems[0].Column != "day" || len(bad.Broken) != 2 {
		t.Errorf("%v, %v, %v", bad.Problems, bad.Broken, err)
	}
	for name, text := range map[string]string{
		"nothing": "", "another first line": "id;authority;who;says;day;document\n", "too few columns": "authority;id\n",
		"Latin 1": "authority;id;who;says;day;document\nent;\xe9;holder;agreed;2026-09-03;12\n", "tabs": "authority\tid\twho\tsays\tday\tdocument\n",
	} {
		if _, err := papers.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: read", name)
		}
	}
}

func TestPapersAreAboutAVersionThatAsksParents(t *testing.T) {
	t.Parallel()
	const uai = person.UAI("0280101H")
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	d := func(id string, version int, how ...func(*registry.Declaration)) registry.Declaration {
		out := registry.Declaration{
			ID: id, ServiceID: "lire", Version: version, State: registry.Approved, Basis: registry.Basis{Kind: registry.Consent, Parents: registry.AnswerYes},
			Scope: registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{uai}},
			From:  registry.Date{Year: 2026, Month: 9, Day: 1}, Until: registry.Date{Year: 2027, Month: 8, Day: 31},
		}
		for _, change := range how {
			change(&out)
		}
		return out
	}
	s := registry.NewSnapshot(registry.Contents{
		Establishments: []registry.Establishment{{UAI: uai}, {UAI: "0280202T"}},
		Declarations: []registry.Declaration{
			d("d", 1), d("d", 2), d("d", 3, func(d *registry.Declaration) { d.State = registry.Draft }),
			d("mission", 1, func(d *registry.Declaration) { d.Basis.Kind = registry.PublicInterest }),
			d("alone", 1, func(d *registry.Declaration) { d.Basis.Parents = "" }),
			d("over", 1, func(d *registry.Declaration) { d.Until = registry.Date{Year: 2026, Month: 10, Day: 1} }),
		},
	}, time.UTC)
	for _, c := range []struct {
		uai     person.UAI
		id      string
		version int
		want    int
	}{
		{uai, "d", 0, 2},
		{uai, "d", 1, 1},
		{uai, "d", 2, 2},
		{uai, "d", 3, 0},
		{uai, "d", 4, 0},
		{uai, "nothing", 0, 0},
		{uai, "", 0, 0},
		{uai, "mission", 0, 0},
		{uai, "alone", 0, 0},
		{uai, "over", 0, 0},
		{uai, "over", 1, 1},
		{"0280202T", "d", 0, 0},
		{"0280303C", "d", 0, 0},
	} {
		got, wrong, ok := papers.About(s, now, c.uai, c.id, c.version)
		if ok != (c.want > 0) || ok && got.Version != c.want || !ok && wrong.Column != "declaration" {
			t.Errorf("%s %s v%d: v%d, %t, %v; want v%d", c.uai, c.id, c.version, got.Version, ok, wrong, c.want)
		}
	}
}

func TestAJournalEntryCountsAndNamesDocuments(t *testing.T) {
	t.Parallel()
	lines := []papers.SignedPaper{good(), good(), good(func(l *papers.SignedPaper) { l.Says, l.Document = consent.Refused, "7" }), good(func(l *papers.SignedPaper) { l.Says = consent.Withdrawn })}
	got := papers.Detail(lines)
	if got["agreed"] != "2" || got["refused"] != "1" || got["withdrawn"] != "1" || got["documents"] != "2" || got["document"] != "2026/CE2-B.12 7" {
		t.Errorf("%v", got)
	}
	var many []papers.SignedPaper
	for i := range 60 {
		many = append(many, good(func(l *papers.SignedPaper) { l.Document = fmt.Sprint(i) }))
	}
	if got := papers.Detail(many); got["documents"] != "60" || got["document"] != "" {
		t.Errorf("%v", got)
	}
}

func TestALineIsTheVoiceThatSigned(t *testing.T) {
	t.Parallel()
	for who, want := range map[papers.Who]consent.Voice{papers.Pupil: consent.Self, papers.Holder: consent.Holder, papers.AllHolders: consent.Holder} {
		got := good(func(l *papers.SignedPaper) { l.Who = who }).Signed("directeur", "h1", "0280101H")
		if got.Voice != want || got.Paper.Everyone != (who == papers.AllHolders) || got.Child.ID != "MARQUE-1" || got.Paper.By != "h1" || got.Paper.UAI != "0280101H" || got.Paper.Office != "directeur" {
			t.Errorf("%s: %v %v", who, got.Voice, got.Paper)
		}
	}
}
