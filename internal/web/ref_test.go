package web_test

import (
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const refAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

func TestReferencesHaveTheirShapeAndDiffer(t *testing.T) {
	t.Parallel()
	shape, seen := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$`), map[web.Ref]bool{}
	for range 1000 {
		ref := web.NewRef()
		if !shape.MatchString(string(ref)) || seen[ref] {
			t.Fatalf("reference %q has another shape or came twice", ref)
		}
		seen[ref] = true
		if got, err := web.ParseRef(string(ref)); err != nil || got != ref {
			t.Fatalf("ParseRef(%s) = %s, %v", ref, got, err)
		}
	}
}

func TestReferenceIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	if _, err := web.ParseRef(string(webtest.Ref)); err != nil {
		t.Fatalf("the reference of test kits: %v", err)
	}
	var withDigits web.Ref
	for withDigits == "" {
		if ref := web.NewRef(); strings.Contains(string(ref), "0") && strings.Contains(string(ref), "1") {
			withDigits = ref
		}
	}
	typed := strings.NewReplacer("0", "o", "1", "l", "-", " ").Replace(strings.ToLower(string(withDigits)))
	if got, err := web.ParseRef(typed); err != nil || got != withDigits {
		t.Errorf("ParseRef(%q) = %q, %v, want %q", typed, got, err, withDigits)
	}
}

func TestReferenceFindsEverySingleMistakeAndEveryExchange(t *testing.T) {
	t.Parallel()
	for range 8 {
		ref := strings.ReplaceAll(string(web.NewRef()), "-", "")
		for i := range ref {
			for _, symbol := range refAlphabet {
				if wrong := ref[:i] + string(symbol) + ref[i+1:]; wrong != ref && accepts(wrong) {
					t.Fatalf("%s was accepted for %s", wrong, ref)
				}
			}
			for j := range i {
				swapped := []byte(ref)
				swapped[i], swapped[j] = swapped[j], swapped[i]
				if wrong := string(swapped); wrong != ref && accepts(wrong) {
					t.Fatalf("%s was accepted for %s", wrong, ref)
				}
			}
		}
	}
}

func accepts(ref string) bool {
	_, err := web.ParseRef(ref)
	return err == nil
}

func TestReferenceRefusesOtherShapes(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"", "K7Q2", "K7Q2-9FMZX", "K7Q2-9FMU", "K7Q2-9FM!", "K7Q2-9FMé", "--------"} {
		if accepts(typed) {
			t.Errorf("%q was accepted", typed)
		}
	}
}

func FuzzParseRef(f *testing.F) {
	f.Add("k7q2 9fmz")
	f.Fuzz(func(t *testing.T, typed string) {
		if ref, err := web.ParseRef(typed); err == nil {
			if again, err := web.ParseRef(string(ref)); err != nil || again != ref {
				t.Errorf("%q gave %q, which gives %q, %v", typed, ref, again, err)
			}
		}
	})
}
