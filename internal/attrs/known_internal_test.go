package attrs

import (
	"fmt"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func TestAPseudonymIsKnownAgainInEachShape(t *testing.T) {
	t.Parallel()
	number, another := numberOf("one"), numberOf("another")
	for shape := range shapes() {
		written := shaped(number, shape, "id.example.fr")
		forms := []string{written, " " + written + "\n"}
		if shape != registry.Compact {
			forms = append(forms, strings.ToUpper(written), strings.ToLower(written))
		}
		switch shape {
		case registry.Pairwise:
			forms = append(forms, written[:64], written[:64]+"@elsewhere.example")
		case registry.Code:
			forms = append(forms, strings.ReplaceAll(written, "-", ""))
		case registry.Hex128, registry.Compact, registry.UUID:
		}
		for _, form := range forms {
			known, ok := ReadKnown(form)
			if !ok || !known.Is(number) || known.Is(another) || known.Is("") {
				t.Errorf("shape %q written %q: read %t, known again %t", shape, form, ok, known.Is(number))
			}
			if said := fmt.Sprintf("%v %+v %#v %s", known, known, known, known); strings.Contains(said, known.text) {
				t.Errorf("it prints as %q", said)
			}
		}
	}
}

func TestCapitalsCountInTheCompactShapeAlone(t *testing.T) {
	t.Parallel()
	number := numberOf("one")
	if known, ok := ReadKnown(strings.ToLower(shaped(number, registry.Compact, ""))); ok && known.Is(number) {
		t.Error("a compact pseudonym in small letters is another one")
	}
}

func TestACodeMayBeTypedWithTheLettersThatAreReadForItsDigits(t *testing.T) {
	t.Parallel()
	number := "00443214c74254b635cf84653a56d7c6" + strings.Repeat("f", 96)
	for _, typed := range []string{"o1234567 89ab", "O123-4567-89AB", "oi23-4567-89ab", "0l23456789ab", "0U23-4567-89AB"} {
		known, ok := ReadKnown(typed)
		if want := !strings.ContainsAny(typed, " U") && !strings.HasPrefix(typed, "o12"); (ok && known.Is(number)) != want {
			t.Errorf("%q: read %t, want it known %t", typed, ok, want)
		}
	}
}

func TestWhatHasNoShapeIsNoPseudonym(t *testing.T) {
	t.Parallel()
	number := numberOf("one")
	for _, p := range []string{
		"", "@", "ada", number[:127], number + "0", "x" + number[1:], "x" + number[1:64], "é" + number[2:128], number[:63] + "@id.example.fr",
		strings.Repeat("*", 43), strings.Repeat("A", 42) + "B", strings.Repeat("-", 36), "00443214c-742-84b6-b5cf-84653a56d7c6",
		"00443214-c742-84b6-b5cf-84653a56d7cx", strings.Repeat("\u212a", 12), "ABCD-EFGH-JKMU", "0123-4567-89A", "0123-4567-89ABC",
	} {
		if known, ok := ReadKnown(p); ok || known.Is(number) {
			t.Errorf("%q is read", p)
		}
	}
	if (Known{}).Is(number) || (Known{}).Is("") {
		t.Error("nothing is known as somebody")
	}
}
