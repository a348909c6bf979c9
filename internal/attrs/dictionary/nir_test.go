package dictionary_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"ecluse/internal/attrs/dictionary"
)

func TestASocialSecurityNumberIsRecognisedWhateverCarriesIt(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"thirteen digits and the key":    "255081416802538",
		"with spaces":                    "2 55 08 14 168 025 38",
		"with narrow spaces":             "2\u202f55\u202f08\u202f14\u202f168\u202f025\u202f38",
		"with dots and dashes":           "2.55.08.14-168-025/38",
		"with blanks around":             "  255081416802538 ",
		"without the key":                "2550814168025",
		"without the key, with spaces":   "2 55 08 14 168 025",
		"Corsica, south":                 key(t, "1 85 05 2A 006 084"),
		"Corsica, north":                 key(t, "1 85 05 2B 006 084"),
		"Corsica, small letter":          strings.ToLower(key(t, "1 85 05 2a 006 084")),
		"Corsica, without the key":       "185052A006084",
		"born abroad":                    key(t, "2 69 05 99 352 588"),
		"an unknown month":               key(t, "1 69 31 75 116 005"),
		"a number that waits":            key(t, "7 05 01 75 116 005"),
		"in a vector":                    "4|Martin|Lina|255081416802538|0280101H",
		"after a label":                  "NIR:255081416802538",
		"in a sentence":                  "n° 2 55 08 14 168 025 38, vérifié",
		"after another number":           "12;255081416802538",
		"in a list that goes on":         "255081416802538 12",
		"after a shorter run of figures": "12 34|255081416802538",
		"wide figures":                   "２５５０８１４１６８０２５３８", "raised figures": "²⁵⁵⁰⁸¹⁴¹⁶⁸⁰²⁵³⁸",
		"some raised figures":         "²5508¹4¹680²5",
		"Arabic figures":              "٢٥٥٠٨١٤١٦٨٠٢٥٣٨",
		"Persian figures, no key":     "۲۵۵۰۸۱۴۱۶۸۰۲۵",
		"figures of several scripts":  "२55٠81416802５3८",
		"behind a raised figure":      "note²255081416802538",
		"before a raised figure":      "255081416802538²",
		"a wide Corsican letter":      "１８５０５２Ａ００６０８４",
		"what cannot be seen between": "2\u200b55\u200b08\u200d14\u2060168025\u00ad38",
		"other dashes between":        "2–55–08–14—168‑025‒38",
	} {
		if !dictionary.LooksLikeNIR(value) {
			t.Errorf("%s: %q would leave", name, value)
		}
	}
}

func TestOtherNumbersAreNoSocialSecurityNumber(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]string{
		"nothing": "", "a name": "Lina Martin", "a UAI": "0280101H", "an INE": "123456789AB", "a MEF": "10010012110", "a telephone": "+33 6 12 34 56 78",
		"a wrong key": "255081416802539", "no such month": "255131416802538", "no department": "2550800168025", "no rank": "2550814168000",
		"a sex nobody has": "555081416802538", "fourteen digits": "25508141680253", "sixteen digits": "2550814168025381",
		"inside a longer word": "a255081416802538", "inside hexadecimal": strings.Repeat("ab12", 8) + "255081416802538" + "ff",
		"a moment": "2026-11-22T08:00:00.000Z", "milliseconds": "1000000000000", "an IBAN": "FR7630006000011234567890189", "a UUID": "25508141-6802-4538-a255-081416802538",
		"thirteen digits in a sentence": "voir 2550814168025 plus loin", "an ISBN": "9782070612758",
	} {
		if dictionary.LooksLikeNIR(value) {
			t.Errorf("%s: %q is held back", name, value)
		}
	}
}

func TestEveryKeyThatDoesNotFitIsNoSocialSecurityNumber(t *testing.T) {
	t.Parallel()
	right := 0
	for k := range 100 {
		if dictionary.LooksLikeNIR(fmt.Sprintf("1850578006084%02d", k)) {
			right++
		}
	}
	if right != 1 {
		t.Errorf("%d keys fit one number, want one", right)
	}
}

func TestPseudonymsAreNoSocialSecurityNumbers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 64, 64).Draw(rt, "number")
		if value := fmt.Sprintf("%x", b); strings.ContainsAny(value, "abcdef") && dictionary.LooksLikeNIR(value) {
			rt.Fatalf("%s is held back", value)
		}
	})
}

func TestRecognisingANumberCostsNothing(t *testing.T) { // not in parallel: it counts allocations
	for _, value := range []string{"Lina", strings.Repeat("0123456789abcdef", 8), "2 55 08 14 168 025 38"} {
		if n := testing.AllocsPerRun(100, func() { dictionary.LooksLikeNIR(value) }); n != 0 {
			t.Errorf("%q: %v allocations", value, n)
		}
	}
}

func FuzzLooksLikeNIR(f *testing.F) {
	for _, s := range []string{"255081416802538", "1 85 05 2A 006 084 27", "2\u202f5", "\xff255081416802538", "2A2B"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if digits := strings.Count(norm.NFKC.String(s), "") - 1; dictionary.LooksLikeNIR(s) && digits < 13 {
			t.Errorf("%q has too few characters", s)
		}
		_ = dictionary.Forbidden(s)
	})
}

// key adds the key to a number, computed as the INSEE says it, in other words than the code's.
func key(t *testing.T, number string) string {
	t.Helper()
	digits := strings.NewReplacer(" ", "", "2A", "19", "2a", "19", "2B", "18", "2b", "18").Replace(number)
	var n int64
	if _, err := fmt.Sscan(digits, &n); err != nil || len(digits) != 13 {
		t.Fatal(digits, err)
	}
	return fmt.Sprintf("%s %02d", number, 97-n%97)
}
