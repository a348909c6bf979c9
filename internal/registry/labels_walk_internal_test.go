package registry

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestEveryLetterSoundsAsItIsFolded(t *testing.T) {
	t.Parallel()
	for r := range rune(len(letterOf)) {
		want := strings.TrimSpace(fold("x" + string(r) + "x")) // between letters a digit stands alone and a letter does not
		switch c := letterOf[r]; {
		case c == '?': // looked at closely
		case c == ' ' && want != "x x", c != ' ' && strings.ReplaceAll(want, " ", "") != "x"+string(rune(c))+"x":
			t.Errorf("%q sounds like %q and is folded to %q", r, c, want)
		}
	}
	for _, r := range "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZàâçéèêëîïôùûüÿÀÉ" {
		if c := letterOf[r]; c == '?' || c == ' ' {
			t.Errorf("%q sounds like nothing", r)
		}
	}
}

// heard holds the walker to fold: the same words in the same order, with the sounds of their parts, or none told.
func heard(t interface{ Fatalf(string, ...any) }, label string) (told bool) {
	want := Words(label)
	w := walker{label: label}
	n := 0
	for ; w.next(); n++ {
		if n == len(want) {
			t.Fatalf("%q: more words than %q", label, want)
		}
		word := want[n]
		if w.word != soundOf(word) || w.butFirst() != soundOf(word[1:]) || w.butLast != soundOf(word[:len(word)-1]) || w.letters != len(word) {
			t.Fatalf("%q: word %d of %q sounds otherwise", label, n, want)
		}
	}
	if !w.lost && n != len(want) {
		t.Fatalf("%q: %d words of %q", label, n, want)
	}
	return !w.lost
}

func labels() *rapid.Generator[string] {
	return rapid.StringOf(rapid.OneOf(
		rapid.RuneFrom([]rune("aeimulsEIMULS0123456789 -_.éèÉÈ")), rapid.RuneFrom([]rune("ieme0123456789 ")),
		rapid.RuneFrom([]rune("²½ßœŒ\u0301\u0308’\u00a0\u00ad")), rapid.RuneFrom([]rune("\u200b\u200d\ufeff\u20ddＵＬＩＳ６ﬁﬆæøłı٣۶६𝟚іЅα")),
		rapid.RuneFrom(nil, unicode.Latin), rapid.Rune(),
	))
}

// TestNoQuickLookLosesWhatTheExactOneFinds: around a word and around a name stands whatever a label may hold, long runs of it and bytes that are
// no text included.
func TestNoQuickLookLosesWhatTheExactOneFinds(t *testing.T) {
	t.Parallel()
	rules := Rules{Sensitive: []SensitiveWord{{Word: "ULIS"}, {Word: "élèves allophones"}, {Word: "cœur"}, {Word: "UPE2A"}}}
	called := []string{"Lebœuf", "Noël", "de La Tour", "Strauß", "Li"}
	quick, names := rules.Labels(), NewNames(called)
	part := rapid.OneOf(
		rapid.SampledFrom([]string{"ULIS", "ul\u00adis", "ＵＬＩＳ", "u\u0301lis", "élèves allophones", "coeur", "CŒUR", "6eUPE2A", "LEBOEUF", "lebœufm", "MLEBOEUF", "noe\u0308l", "STRAUSS", "tour", "li"}),
		labels(), rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 6), func(b []byte) string { return string(b) }),
		rapid.Map(rapid.SampledFrom([]string{"a", "6", "é", "\u0301", "\u200b", " ", "e", "\xff"}), func(s string) string { return strings.Repeat(s, 500) }),
	)
	revealing, naming := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		label := strings.Join(rapid.SliceOfN(part, 0, 5).Draw(rt, "parts"), rapid.SampledFrom([]string{"", " ", "\u200b"}).Draw(rt, "between"))
		heard(rt, label)
		exact, reveals := rules.phrases().find([]byte(fold(label)))
		if fast, found := quick.Reveals(label); found != reveals || fast != exact {
			rt.Fatalf("%q reveals %q, or %q by the exact look", label, fast.Word, exact.Word)
		}
		named := NamesSomebody(label, called...)
		if names.In(label) != named {
			rt.Fatalf("%q names somebody: %t by the exact look", label, named)
		}
		if reveals {
			revealing++
		}
		if named {
			naming++
		}
	})
	if revealing == 0 || naming == 0 {
		t.Errorf("%d labels reveal, %d name: this tests nothing", revealing, naming)
	}
}

// TestAWordIsFoundHoweverItIsWritten: in capitals on a machine without the letter, in wide letters, with accents apart, and with signs that nobody
// sees, whether they stand in the word or part it from another.
func TestAWordIsFoundHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	rules := Rules{Sensitive: []SensitiveWord{{Word: "ULIS"}, {Word: "cœur"}, {Word: "élèves allo\u00adphones"}}}
	quick := rules.Labels()
	for _, label := range []string{
		"6E UL\u00adIS", "UL\u200bIS", "\ufeffULIS", "GR\u200bULIS", "GR\u00adULIS 2", "6\u200beULIS", "Ｕlis", "U\u20ddLIS", "COEUR", "Cœur", "CŒUR", "ELEVES ALLOPHONES", "e\u0301leves\u00a0allophones",
	} {
		if _, found := quick.Reveals(label); !found {
			t.Errorf("%q would leave", label)
		}
		if _, found := rules.Reveals(label); !found {
			t.Errorf("%q would leave by the exact look", label)
		}
	}
	for label, name := range map[string]string{
		"Soutien LEBOEUF": "Lebœuf", "lebœuf": "LEBOEUF", "GR STRAUSS": "Strauß", "aide du\u00adpont": "Dupont", "aide\u200bdupont": "Dupont", "DUPONTM": "Du\u00adpont",
		"Lukasz B": "Łukasz", "SOREN": "Søren", "MLEBOEUF": "Lebœuf",
	} {
		if !NamesSomebody(label, name) || !NewNames([]string{name}).In(label) {
			t.Errorf("%q does not name %q", label, name)
		}
	}
	for _, label := range []string{"GR\u00adULISSE", "CM1\u200bCM2", "coeurs"} {
		if w, found := quick.Reveals(label); found {
			t.Errorf("%q reveals %q", label, w.Word)
		}
	}
}

func TestWordsAreHeardAsTheyAreFolded(t *testing.T) {
	t.Parallel()
	for _, label := range []string{
		"", " ", "6", "e", "6e", "6eme", "6ieme", "6iemeULIS", "6EULIS2", "5E3 ALL2 élèves GR.12", "6 eme", "6e eme eme", "6 emeute", "6 imeme", "6 ee",
		"anticonstitutionnellement", "6eanticonstitutionnellement", "6\u00ad7", "x²y", "12eme3ieme4e", "\xff6e", "6e\xc3", "élèves’",
	} {
		heard(t, label)
	}
	told := 0
	rapid.Check(t, func(rt *rapid.T) {
		if heard(rt, labels().Draw(rt, "label")) {
			told++
		}
	})
	if told == 0 {
		t.Error("no label was told: this tests nothing")
	}
}

func FuzzWordsAreHeardAsTheyAreFolded(f *testing.F) {
	for _, label := range []string{"6E ULIS", "6EME SEGPA gr.2", "5è\u0301me", "\xff", "ŉ½", "6eulis", "2nde GT4 ieme"} {
		f.Add(label)
	}
	f.Fuzz(func(t *testing.T, label string) { heard(t, label) })
}

// What the sieve stops is never looked at: it may stop no label that holds a word.
func TestTheSieveStopsNoLabelThatReveals(t *testing.T) {
	t.Parallel()
	rules := Rules{Sensitive: []SensitiveWord{
		{Word: "ULIS"}, {Word: "6e SEGPA"}, {Word: "élèves allophones"}, {Word: "dys"}, {Word: "UPE2A"}, {Word: "i"}, {Word: "eme"}, {Word: "cœur"}, {Word: "2 a"},
	}}
	quick, stopped, revealing := rules.Labels(), 0, 0
	for _, label := range []string{"6iemeULIS", "6emeULIS", "6EULIS", "6 ième-ULIS", "6e ULIS", "Ulis", "x ULIS", "6ULIS2", "ULIS2", "4È dys", "5iemeÉlèves allophones", "6eUPE2A"} {
		if _, found := quick.Reveals(label); !found {
			t.Errorf("%q would leave", label)
		}
	}
	part := rapid.OneOf(rapid.SampledFrom([]string{
		"ULIS", "ulis", "6e SEGPA", "Élèves", "allophones", "dys", "upe2a", "i", "eme", "ieme", "e", "6", "5", "cœur", "2 a", "é", "e\u0301", " ", "-", ".", "GR", "ＵＬＩＳ",
	}), labels())
	rapid.Check(t, func(rt *rapid.T) {
		label := strings.Join(rapid.SliceOfN(part, 0, 5).Draw(rt, "parts"), rapid.SampledFrom([]string{"", " "}).Draw(rt, "between"))
		fast, found := quick.Reveals(label)
		if slow, also := rules.Reveals(label); found != also || fast != slow {
			rt.Fatalf("%q reveals %q, or %q by the tables", label, fast.Word, slow.Word)
		}
		if found {
			revealing++
		} else if !quick.sieve.passes(label) {
			stopped++
		}
	})
	if stopped == 0 || revealing == 0 {
		t.Errorf("%d labels stopped, %d revealing: this tests nothing", stopped, revealing)
	}
}

// Most labels of a school hold nothing: it is the sieve that makes them cheap, so it must stop them.
func TestTheSieveStopsTheLabelsOfASchool(t *testing.T) {
	t.Parallel()
	quick := Rules{Sensitive: []SensitiveWord{{Word: "ULIS"}, {Word: "élèves allophones"}, {Word: "dys"}}}.Labels()
	for _, label := range []string{"5E3 ALL2 GR.12", "6EME4", "CM1-CM2 Mme Œuvrard", "TERMINALE SPÉ MATHS", "2NDE GT 5", "Chorale", "3e Latin"} {
		if quick.sieve.passes(label) != strings.Contains(label, "Œ") {
			t.Errorf("%q: %t", label, quick.sieve.passes(label))
		}
	}
}

// The quick reading of a letter is held to that of UTF-8, behind which nothing is told.
func TestLettersAreReadAsUTF8IsRead(t *testing.T) {
	t.Parallel()
	read := func(t interface{ Fatalf(string, ...any) }, label string, i int) {
		r, size := utf8.DecodeRuneInString(label[i:])
		want := byte('?')
		if r < rune(len(letterOf)) {
			want = letterOf[r]
		}
		if c, n := letterAt(label, i); c != want || c != '?' && n != size {
			t.Fatalf("%q from %d: %q of %d bytes, want %q of %d", label, i, c, n, want, size)
		}
	}
	for a := range 256 {
		read(t, string([]byte{byte(a)}), 0)
		for b := range 256 {
			read(t, string([]byte{byte(a), byte(b)}), 0)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		label := labels().Draw(rt, "label") + string(rapid.SliceOfN(rapid.Byte(), 1, 4).Draw(rt, "bytes"))
		read(rt, label, rapid.IntRange(0, len(label)-1).Draw(rt, "from"))
	})
}

// Most labels have not all the letters of anybody's name: it is this look that makes them cheap, so it must stop them.
func TestLabelsWithoutTheLettersOfANameAreNotHeard(t *testing.T) {
	t.Parallel()
	names := NewNames([]string{"Dupont-Lévêque"}, []string{"Zoé"}, nil)
	for label, spelled := range map[string]bool{
		"5E3 ALL2 élèves GR.12": false, "": false, "2026": false, "CHORALE": false, "TERMINALE SPÉ MATHS": false,
		"6E DUPONT": true, "pont du 6": true, "zoo é": true, "6 VELEQUE": true, "中": true, "\xff": true,
	} {
		if names.spelled(label) != spelled {
			t.Errorf("%q: %t", label, !spelled)
		}
	}
	for _, nobody := range []Names{{}, NewNames(), NewNames([]string{"", " ", "-"})} {
		if nobody.In("5E3") || nobody.In("中") {
			t.Error("a label names nobody, and is held back")
		}
	}
}
