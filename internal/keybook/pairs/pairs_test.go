package pairs_test

import (
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/keybook/pairs"
	"ecluse/internal/person"
)

const header = "former_authority;former_id;authority;id\n"

func read(t *testing.T, text string) pairs.List {
	t.Helper()
	l, err := pairs.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestAListIsReadWithEitherSeparatorAndWithAMark(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		header + "ent-a;é1;ent-b;2\n\"ent;a\";3;ent-b;4\n",
		"\ufeff" + header + "ent-a;é1;ent-b;2\r\n\"ent;a\";3;ent-b;4",
		strings.ReplaceAll(header, ";", ",") + "ent-a,é1,ent-b,2\n\nent;a,3,ent-b,4\n",
	} {
		l := read(t, text)
		if len(l.Problems) != 0 || len(l.Pairs) != 2 {
			t.Fatalf("%q: %v", text, l.Problems)
		}
		if p := l.Pairs[0]; p.Former != (person.Key{Authority: "ent-a", ID: "é1"}) || p.Now != (person.Key{Authority: "ent-b", ID: "2"}) || l.Lines[0] != 2 {
			t.Error("a line is not read as it stands")
		}
		if l.Pairs[1].Former.Authority != "ent;a" {
			t.Error("a quoted field is not read")
		}
	}
}

func TestWhatIsNoListIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":          "",
		"no header":        "ent-a;1;ent-b;2\n",
		"another order":    "authority;id;former_authority;former_id\na;1;b;2\n",
		"a further column": "former_authority;former_id;authority;id;name\n",
		"capitals":         strings.ToUpper(header),
		"tabs":             strings.ReplaceAll(header, ";", "\t"),
		"Windows-1252":     header + "a;\xe9;b;2\n",
		"too large":        header + strings.Repeat("a", pairs.MostBytes),
	} {
		if _, err := pairs.Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestEveryMistakeIsToldAtOnceAndRepeatsNobody(t *testing.T) {
	t.Parallel()
	l := read(t, header+
		"ent-a;secret;;secret\n"+ // 2
		" ent-a;secret ;ent-b;secret\n"+ // 3: two
		"ent-a;secret;ent-b\n"+ // 4
		"ent-a;sec\u200bret;ent-b;"+strings.Repeat("secret", 50)+"\n"+ // 5: two
		"ent-a;secret;ent-a;secret\n"+ // 6
		"ent-a;se\"cret;ent-b;secret\n"+ // 7
		"unread\n")
	var got []string
	for _, p := range l.Problems {
		got = append(got, fmt.Sprint(p.Line, " ", p.Column))
		if text := p.Error(); strings.Contains(text, "secret") || !strings.HasPrefix(text, fmt.Sprintf("line %d", p.Line)) {
			t.Errorf("it says %q", text)
		}
	}
	want := "2 authority,3 former_authority,3 former_id,4 ,5 former_id,5 id,6 ,7 byte 9"
	if strings.Join(got, ",") != want {
		t.Errorf("mistakes at %q, want %q", strings.Join(got, ","), want)
	}
	if l := read(t, header+"a;1;b;\xc3\x28\nà;1;b;2\n"); len(l.Problems) != 1 || l.Problems[0].Line != 2 {
		t.Errorf("a line that is broken: %v", l.Problems)
	}
}

func TestLinesThatCannotAllBeTrueAreAMistake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		bad  int
	}{
		"one after another":           {"a;1;b;1\nb;1;c;1\n", 0},
		"in another order":            {"b;1;c;1\na;1;b;1\n", 0},
		"two others":                  {"a;1;b;1\na;1;c;1\n", 0},
		"the same again":              {"a;1;b;1\na;1;b;1\n", 0},
		"there and back":              {"a;1;b;1\nb;1;a;1\n", 0},
		"a new one by the same":       {"a;1;a;2\na;2;a;3\n", 0},
		"a new one by the same later": {"a;1;b;1\nb;1;a;2\n", 0},
		"an identifier is two people": {"a;1;b;1\na;1;b;2\n", 3},
		"two people are one":          {"a;1;b;1\na;2;b;1\n", 3},
		"two are one in the end":      {"a;1;b;1\nb;1;c;1\nx;1;x;2\na;2;c;1\n", 5},
		"two of another authority":    {"a;1;a;2\nb;1;a;2\nb;2;a;1\n", 4},
	} {
		l := read(t, header+c.text)
		if c.bad == 0 && len(l.Problems) != 0 || c.bad != 0 && (len(l.Problems) != 1 || l.Problems[0].Line != c.bad) {
			t.Errorf("%s: %v", name, l.Problems)
		}
	}
}

func TestAListHasItsLimits(t *testing.T) {
	t.Parallel()
	chain := func(n int) string {
		out := header
		for i := range n {
			out += fmt.Sprintf("a;%d;a;%d\n", i, i+1)
		}
		return out
	}
	if l := read(t, chain(pairs.MostKeys-1)); len(l.Problems) != 0 {
		t.Errorf("%v", l.Problems)
	}
	if l := read(t, chain(pairs.MostKeys)); len(l.Problems) != 1 || l.Problems[0].Line != pairs.MostKeys+1 {
		t.Errorf("%v", l.Problems)
	}
	var many strings.Builder
	many.WriteString(header)
	for i := range pairs.MostPairs + 1 {
		fmt.Fprintf(&many, "a;%d;b;%d\n", i, i)
	}
	if l := read(t, many.String()); len(l.Problems) != 1 || l.Problems[0].Line != pairs.MostPairs+2 {
		t.Errorf("%v", l.Problems)
	}
}

func FuzzAListNeverCrashesAndNamesTwoKeysOnEachLine(f *testing.F) {
	f.Add(header + "a;1;b;2\n")
	f.Add(header + "a;1;b;1\na;1;b;2\n\"")
	f.Fuzz(func(t *testing.T, text string) {
		l, err := pairs.Read(strings.NewReader(text))
		if err != nil || len(l.Problems) != 0 {
			return
		}
		for _, p := range l.Pairs {
			if p.Former.IsZero() || p.Now.IsZero() || p.Former == p.Now {
				t.Error("a line without a mistake does not name two keys")
			}
		}
	})
}
