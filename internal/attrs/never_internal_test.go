package attrs

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"ecluse/internal/attrs/dictionary"
)

// lookedAt holds the look at each byte to the close one: what it lets by, no word forbids.
func lookedAt(t interface{ Fatalf(string, ...any) }, entries []dictionary.Entry, value string, said ...string) (let bool) {
	v := &values{}
	for _, ine := range said {
		if number := compare(nil, ine); len(number) > 0 {
			v.ine = append(v.ine, number)
		}
	}
	v.fewest = fewest(v.ine)
	for i := range entries {
		close, quick := v.forbiddenClosely(&entries[i], value), v.forbidden(&entries[i], value)
		if close != quick {
			t.Fatalf("%q under %s, of somebody with the numbers %q: forbidden is %t, and %t when looked at closely", value, entries[i].Attr, said, quick, close)
		}
	}
	return weight(value) < v.fewest
}

// kinds are words of every kind that is told apart where numbers are looked for.
func kinds(t testing.TB) (entries []dictionary.Entry) {
	t.Helper()
	d, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []Name{"groups", "display_name", "login", "mail", "ine", "level_code", "heads_of"} {
		entry, ok := d.Entry(n)
		if !ok {
			t.Fatalf("no word %s", n)
		}
		entries = append(entries, entry)
	}
	return entries
}

// TestOneLookAtEachByteLetsNoNumberBy: numbers as they are, in the digits of others, parted by what is left out in ASCII and
// by bytes that are no text, and national numbers of every shape, short ones and ones without a digit included.
func TestOneLookAtEachByteLetsNoNumberBy(t *testing.T) {
	t.Parallel()
	entries := kinds(t)
	number := rapid.SampledFrom([]string{
		"0123456789A", "012345678AB", "01234567", "0280202T", "0330001X", "184127645108946", "1 84 12 76 451 089 46", "2550814168025", "185052A006084",
		"lea@ecole.example", "＠", "﹫", "ÀÉ1", "AB", "é", "ſ7", "1234567", "12",
	})
	other := rapid.OneOf(
		rapid.SampledFrom([]string{"", "5E3 ALL2 élèves GR.12", "Œuvrard", "ŉ", "×", "÷", "ĸ", "中", "\u200b", "\u2060", "\u00ad", "\u00a0", "²", "½", "½½½½", "㉑", "㉑㉑㉑", "⒇", "٣", "𝟚", "\xff", "\xc3", "\xc3\xc3", "\x80\x80", "\xc5", "\xc2"}),
		rapid.StringOf(rapid.RuneFrom([]rune("0123456789 @-éÀÿſ²½㉑٣𝟚"))),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 5), func(b []byte) string { return string(b) }),
	)
	written := rapid.Custom(func(t *rapid.T) string {
		all := []rune(number.Draw(t, "number"))
		for i, r := range all {
			if r >= '0' && r <= '9' && rapid.IntRange(0, 5).Draw(t, "otherwise") == 0 {
				all[i] = rapid.SampledFrom([]rune{0xFF10, 0x1D7CE, 0x0660, 0x2080}).Draw(t, "as") + r - '0'
			}
		}
		at := rapid.IntRange(0, len(all)).Draw(t, "at")
		return string(all[:at]) + rapid.SampledFrom([]string{"", "", " ", "\u200b", "ĸ", "中", "\xff", "\xc3", "é"}).Draw(t, "parted by") + string(all[at:])
	})
	let, held := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		value := strings.Join(rapid.SliceOfN(rapid.OneOf(written, other), 0, 3).Draw(rt, "value"), "")
		if lookedAt(rt, entries, value, rapid.SliceOfN(rapid.OneOf(number, other), 0, 2).Draw(rt, "said")...) {
			let++
		} else {
			held++
		}
	})
	if let == 0 || held == 0 {
		t.Errorf("%d values let by, %d held: this tests nothing", let, held)
	}
}

func FuzzOneLookAtEachByte(f *testing.F) {
	entries := kinds(f)
	f.Add("5E3 ALL2 élèves GR.12", "0123456789A")
	f.Add("éAB", "ab")
	f.Add("012345\xff6789A", "1é")
	f.Add("㉑㉑㉑㉑㉑㉑㉑", "")
	f.Fuzz(func(t *testing.T, value, ine string) { lookedAt(t, entries, value, ine) })
}

// What is light is a letter wherever it is read: no digit and no @ comes of it in ASCII.
func TestNoNumberComesOfLettersThatWeighNothing(t *testing.T) {
	t.Parallel()
	light := 0
	for r := rune(utf8.RuneSelf); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) || weight(string(r)) > 0 {
			continue
		}
		light++
		if written := plain("x" + string(r) + "x"); strings.ContainsAny(written, "0123456789@") || r > 'ſ' {
			t.Errorf("%q is written %q, and weighs nothing", r, written)
		}
	}
	if want := int('ſ'-'À') + 1; light != want {
		t.Errorf("%d letters beyond ASCII weigh nothing, want %d", light, want)
	}
	for b := range 256 {
		one := string([]byte{byte(b)})
		for _, value := range []string{one, one + "1", "\xc3" + one, one + "\x80"} {
			digits := 0
			for _, r := range plain(value) {
				if strings.ContainsRune("0123456789@", r) {
					digits++
				}
			}
			if digits > weight(value) {
				t.Errorf("%q is written with %d digits and weighs %d", value, digits, weight(value))
			}
		}
	}
}

// Most values of a school hold no number: it is this look that makes them cheap, so it must let them by.
func TestTheValuesOfASchoolAreLetBy(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "5E3 ALL2 élèves GR.12", "Œuvrard", "TERMINALE SPÉ MATHS", "L0100", "2026-27", "CM1-CM2"} {
		if weight(value) >= fewest(nil) || weight(value) >= fewest([][]byte{[]byte("0123456789A")}) {
			t.Errorf("%q is looked at closely", value)
		}
	}
}

// At the border: exactly as many digits as the shortest code has, or the person's own number, however short a source writes it.
func TestTheLookAtEachByteHoldsWhatHasJustEnoughDigits(t *testing.T) {
	t.Parallel()
	entries := kinds(t)
	for _, c := range []struct{ value, ine string }{
		{"0280202T", ""},
		{"0280202T", "0123456789A"},
		{"a12", "A 12"},
		{"ab", "AB"},
		{"é1", "é1"},
		{"élève 1234567 890A", "1234567890A"},
		{"x12345678901y", "12345678901"},
		{"0280202\xffT", ""},
	} {
		if lookedAt(t, entries, c.value, c.ine) {
			t.Errorf("%q of somebody with the number %q is not looked at closely", c.value, c.ine)
		}
		v := &values{}
		if number := compare(nil, c.ine); len(number) > 0 {
			v.ine = [][]byte{number}
		}
		v.fewest = fewest(v.ine)
		if !v.forbidden(&entries[0], c.value) {
			t.Errorf("%q would leave of somebody with the number %q", c.value, c.ine)
		}
	}
}
