package keys_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

func TestDeriveTellsEveryDifferentInputApart(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	inputs := [][]string{
		{"p"},
		{"p", ""},
		{"p", "", ""},
		{"p", "ab", "c"},
		{"p", "a", "bc"},
		{"p", "abc"},
		{"pabc"},
		{"q", "abc"},
		{"p", "a\x00b"},
		{"p", "a", "b"},
		{"p", "\x00\x00\x00\x00\x00\x00\x00\x01a"},
	}
	seen := map[string]int{}
	for i, in := range inputs {
		out := ring.Derive(in[0], in[1:]...)
		if len(out) != 64 {
			t.Fatalf("%q: %d bytes", in, len(out))
		}
		if j, ok := seen[string(out)]; ok {
			t.Errorf("%q and %q derive the same value", inputs[j], in)
		}
		seen[string(out)] = i
		if !bytes.Equal(out, ring.Derive(in[0], in[1:]...)) {
			t.Errorf("%q: not the same twice", in)
		}
	}
}

func TestDeriveProperty(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	rapid.Check(t, func(t *rapid.T) {
		a := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "a")
		b := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "b")
		same := len(a) == len(b) && strings.Join(a, "\xff") == strings.Join(b, "\xff")
		if got := bytes.Equal(ring.Derive(a[0], a[1:]...), ring.Derive(b[0], b[1:]...)); got != same {
			t.Fatalf("%q and %q: equal is %v", a, b, got)
		}
	})
}

func TestCheckMACAcceptsOnlyTheSamePurposeAndParts(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	mac := ring.MAC("hop", "transaction", "consent")
	if len(mac) != 43 || !ring.CheckMAC(mac, "hop", "transaction", "consent") {
		t.Fatalf("own MAC %q refused", mac)
	}
	refused := map[string]bool{
		"other step":    ring.CheckMAC(mac, "hop", "transaction", "answer"),
		"other purpose": ring.CheckMAC(mac, "link", "transaction", "consent"),
		"parts moved":   ring.CheckMAC(mac, "hop", "transactionconsent"),
		"cut":           ring.CheckMAC(mac[:42], "hop", "transaction", "consent"),
		"empty":         ring.CheckMAC("", "hop", "transaction", "consent"),
		"longer":        ring.CheckMAC(mac+"A", "hop", "transaction", "consent"),
	}
	for name, ok := range refused {
		if ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestNameHidesAndSeparatesKinds(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	a := ring.Name("session", "x")
	if a != ring.Name("session", "x") || a == ring.Name("code", "x") || a == ring.Name("session", "y") {
		t.Error("names are not told apart")
	}
	if ring.Name("ab", "c") == ring.Name("a", "bc") {
		t.Error("the border between kind and name does not count")
	}
}

func TestOpenRefusesWhatSealDidNotMake(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	ad, plain := []byte("session\x00name"), []byte("a person")
	sealed, err := ring.Seal(ad, plain)
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := ring.Seal(ad, plain); bytes.Equal(again, sealed) {
		t.Error("sealing twice gives the same bytes")
	}
	if _, err := ring.Open([]byte("code\x00name"), sealed); !errors.Is(err, keys.ErrOpen) {
		t.Errorf("other associated data: %v", err)
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x10
		if _, err := ring.Open(ad, bad); !errors.Is(err, keys.ErrOpen) {
			t.Errorf("byte %d flipped: %v", i, err)
		}
		if _, err := ring.Open(ad, sealed[:i]); !errors.Is(err, keys.ErrOpen) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	ring := keystest.Ring(f)
	good, err := ring.Seal([]byte("ad"), []byte("plain"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte("ad"), good[1:])
	f.Add([]byte("ad"), []byte{})
	f.Fuzz(func(t *testing.T, ad, sealed []byte) {
		if _, err := ring.Open(ad, sealed); err == nil && !bytes.Equal(sealed, good) {
			t.Error("opened bytes that were never sealed")
		}
	})
}

func BenchmarkDerive(b *testing.B) {
	ring := keystest.Ring(b)
	b.ReportAllocs()
	for b.Loop() {
		ring.Derive("pseudonym", "ac-versailles.fr", "3f0c9a4e-person", "sector", "2026")
	}
}

func BenchmarkMAC(b *testing.B) {
	ring := keystest.Ring(b)
	b.ReportAllocs()
	for b.Loop() {
		ring.MAC("hop", "transaction", "step")
	}
}

func BenchmarkSeal(b *testing.B) {
	ring := keystest.Ring(b)
	ad, plain := []byte("session"), make([]byte, 2000)
	b.ReportAllocs()
	b.SetBytes(int64(len(plain)))
	for b.Loop() {
		if _, err := ring.Seal(ad, plain); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpen(b *testing.B) {
	ring := keystest.Ring(b)
	ad := []byte("session")
	sealed, _ := ring.Seal(ad, make([]byte, 2000))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := ring.Open(ad, sealed); err != nil {
			b.Fatal(err)
		}
	}
}
