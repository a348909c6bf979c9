package registry

import (
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"
)

// bothFold folds a label both ways: by the alphabet, and by the tables of Unicode alone.
func bothFold(t interface{ Fatalf(string, ...any) }, letters *alphabet, label string) {
	want := fold(label)
	got, ok := letters.fold(nil, label)
	beyond := strings.IndexFunc(label, func(r rune) bool { return r >= rune(len(letters.apart)) || unicode.Is(unicode.Cf, r) }) >= 0
	if ok == beyond {
		t.Fatalf("%q: folded by the alphabet: %t", label, ok)
	}
	if ok && string(got) != want {
		t.Fatalf("%q: %q by the alphabet, %q by the tables", label, got, want)
	}
}

func TestTheAlphabetFoldsAsTheTablesDo(t *testing.T) {
	t.Parallel()
	letters := newAlphabet()
	for a := range rune(len(letters.apart)) {
		for _, around := range []string{"", "6", "6e", "a", " ", "é", "6 i", "5è"} {
			bothFold(t, letters, around+string(a))
			bothFold(t, letters, string(a)+around)
			bothFold(t, letters, around+string(a)+around)
		}
	}
	for _, label := range []string{"6E ULIS", "6ÈME upe2a", "5ieme3", "½ groupe", "ﬁn", "\xff6e", "6e\u0301ULIS", "", " ", "6", "e", "6e", "6eme", "６Ｅ"} {
		bothFold(t, letters, label)
	}
	rapid.Check(t, func(rt *rapid.T) {
		bothFold(rt, letters, rapid.StringOf(rapid.OneOf(
			rapid.RuneFrom([]rune("aeimulsEIMULS0123456789 -_.éèÉÈ²½ßœŒ\u0301\u0308")), rapid.RuneFrom(nil, unicode.Latin), rapid.Rune(),
		)).Draw(rt, "label"))
	})
}

func FuzzTheAlphabetFoldsAsTheTablesDo(f *testing.F) {
	for _, label := range []string{"6E ULIS", "6EME SEGPA gr.2", "5è\u0301me", "\xff", "ŉ½", "6eulis"} {
		f.Add(label)
	}
	letters := newAlphabet()
	labels := Rules{Sensitive: []SensitiveWord{{Word: "ULIS"}, {Word: "6e SEGPA"}, {Word: "SEGPA"}, {Word: "langue des signes"}, {Word: "dys"}}}
	quick := labels.Labels()
	f.Fuzz(func(t *testing.T, label string) {
		bothFold(t, letters, label)
		fast, found := quick.Reveals(label)
		if slow, also := labels.Reveals(label); found != also || fast != slow {
			t.Fatalf("%q reveals %q, or %q by the tables", label, fast.Word, slow.Word)
		}
	})
}

// TestALabelOfTheAlphabetNeedsNoMemory keeps the check of labels from costing more than the rest of a release.
func TestALabelOfTheAlphabetNeedsNoMemory(t *testing.T) {
	labels := Rules{Sensitive: []SensitiveWord{{Word: "ULIS"}, {Word: "élèves allophones"}}}.Labels()
	for _, label := range []string{"5E3 ALL2 élèves GR.12", "6EULIS", strings.Repeat("é", room/2)} {
		if n := testing.AllocsPerRun(100, func() { labels.Reveals(label) }); n != 0 {
			t.Errorf("%q: %v allocations", label, n)
		}
	}
}

func TestACodeRevealsByItsBeginning(t *testing.T) {
	t.Parallel()
	l := Rules{SensitiveCodes: []SensitiveCode{{Code: "164", Reveals: "difficulty", Neutral: "6EME"}, {}, {Code: "1671A"}}}.Labels()
	for code, want := range map[string]string{"16410002110": "164", " 16410002110 ": "164", "1671a00211A": "1671A", "1671000211A": "", "16": "", "": "", "10016412110": ""} {
		if c, found := l.RevealsCode(code); c.Code != want || found != (want != "") {
			t.Errorf("%q reveals by %q, want %q", code, c.Code, want)
		}
	}
	if _, found := (*Labels)(nil).RevealsCode("16410002110"); found {
		t.Error("no rules know a code")
	}
}
