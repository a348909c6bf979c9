package dictionary

import (
	"testing"

	"pgregory.net/rapid"
)

// What is cheap to ask first may only say no where looking at every character says no.
func TestCountingDigitsLosesNoSocialSecurityNumber(t *testing.T) {
	t.Parallel()
	around := rapid.StringOfN(rapid.SampledFrom([]rune("0123456789AB ./-é°²½➀⒓㉑٣２𝟚’œ\u202f\u00a0\u00ad\u2060|x")), 0, 6, -1)
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		number := []rune(rapid.SampledFrom([]string{
			"255081416802538", "2 55 08 14 168 025 38", "2550814168025", "2 55 08 14 168 025", "185052A006084", "1 85 05 2b 006 084",
		}).Draw(rt, "number"))
		for i, r := range number {
			if r >= '0' && r <= '9' && rapid.IntRange(0, 3).Draw(rt, "written otherwise") == 0 {
				number[i] = rapid.SampledFrom([]rune{0xFF10, 0x1D7CE, 0x1D7D8, 0x1D7F6}).Draw(rt, "as") + r - '0'
			}
		}
		value := around.Draw(rt, "before") + string(number) + around.Draw(rt, "behind")
		if holdsNIR(value) {
			if found++; !LooksLikeNIR(value) {
				rt.Fatalf("%q would leave", value)
			}
		}
	})
	if found == 0 {
		t.Error("no number was found at all: this tests nothing")
	}
}

func FuzzCountingDigits(f *testing.F) {
	for _, s := range []string{"255081416802538", "185052A006084", "２55081416802538", "\xc32550814168025", "²⁵⁵⁰⁸¹⁴¹⁶⁸⁰²⁵³⁸", "㉑㉑㉑㉑㉑㉑㉑"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if holdsNIR(s) && !LooksLikeNIR(s) {
			t.Errorf("%q would leave", s)
		}
	})
}
