package person_test

import (
	"strings"
	"testing"

	"ecluse/internal/person"
)

func TestUAIAcceptsTheLetterThatItsDigitsGive(t *testing.T) {
	t.Parallel()
	for _, uai := range []string{
		"0790031E", "0280101H", "0280202T", "0750652B", "0010138V", "0130049H", "0620155G", "9740001H", "9830002K", "0351234B",
		"0692866R", "9710003B", "0442045J",
	} {
		if got, err := person.ParseUAI(uai); err != nil || string(got) != uai {
			t.Errorf("ParseUAI(%q) = %q, %v; want it as it is", uai, got, err)
		}
	}
}

func TestUAIForgivesCaseAndSpaceOnly(t *testing.T) {
	t.Parallel()
	if got, err := person.ParseUAI(" 0790031e\n"); err != nil || got != "0790031E" {
		t.Errorf("ParseUAI = %q, %v; want 0790031E", got, err)
	}
	for _, bad := range []string{
		"", " ", "0790031", "0790031EE", "+790031E", "-790031E", "0_90031E", "079003AE", "07900310", "0x90031E",
		"0790031É", "٠٧٩٠٠٣١E", "ou=x,dc=y", "0790031I", "0790031O", "0790031Q",
	} {
		if got, err := person.ParseUAI(bad); err == nil || got != "" {
			t.Errorf("ParseUAI(%q) = %q, %v; want nothing and an error", bad, got, err)
		}
	}
}

func TestUAIWithAWrongLetterProposesTheRightOne(t *testing.T) {
	t.Parallel()
	for wrong, right := range map[string]string{"0010138R": "0010138V", "0790031F": "0790031E", "0280101Z": "0280101H"} {
		_, err := person.ParseUAI(wrong)
		if err == nil || !strings.Contains(err.Error(), right) {
			t.Errorf("ParseUAI(%q): %v; want an error that proposes %s", wrong, err, right)
		}
	}
}

func TestProfilesAreReadWhateverTheirCase(t *testing.T) {
	t.Parallel()
	for _, p := range person.Profiles() {
		for _, spelling := range []string{string(p), strings.ToLower(string(p)), strings.ToUpper(string(p)), " " + string(p) + " "} {
			if got, ok := person.ParseProfile(spelling); !ok || got != p {
				t.Errorf("ParseProfile(%q) = %q, %v; want %q", spelling, got, ok, p)
			}
		}
	}
	for _, unknown := range []string{"", "National_", "National_acd", "National_1", "National_ELVE", "élève", "NATIONAL_ENS$x"} {
		if got, ok := person.ParseProfile(unknown); ok || got != "" {
			t.Errorf("ParseProfile(%q) = %q, %v; want it refused", unknown, got, ok)
		}
	}
}

func TestUnknownIsTheZeroAnswer(t *testing.T) {
	t.Parallel()
	var zero person.Tri
	if zero == person.Yes || zero.String() != "unknown" || person.Yes.String() != "yes" || person.No.String() != "no" {
		t.Errorf("the zero answer is %q", zero)
	}
}
