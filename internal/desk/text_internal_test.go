package desk

import (
	"reflect"
	"testing"
	"time"

	"ecluse/internal/registry"
)

// TestALifeIsEveryFieldThatNoFileSays keeps the list of withLife whole: what becomes of a version is what a file never
// says, and a writer must not be able to say any of it.
func TestALifeIsEveryFieldThatNoFileSays(t *testing.T) {
	t.Parallel()
	full := registry.Declaration{
		State: registry.Approved, Since: time.Now(), Author: "a", Message: registry.Text{FR: "m"}, Change: registry.First,
		Decisions: []registry.Decision{{}}, Opinions: []registry.Opinion{{}}, Judged: &registry.Examination{},
		Terms: []registry.Confirmed{{}}, Review: &registry.Review{}, ManagedBy: "f",
	}
	bare, taken := reflect.ValueOf(withLife(full, registry.Declaration{})), reflect.ValueOf(withLife(registry.Declaration{}, full))
	for i := range bare.NumField() {
		field := bare.Type().Field(i)
		life := field.Tag.Get("yaml") == "-"
		if life && (!bare.Field(i).IsZero() || taken.Field(i).IsZero()) {
			t.Errorf("%s is a part of a life and withLife leaves it out", field.Name)
		}
		if !life && !taken.Field(i).IsZero() {
			t.Errorf("%s is a part of the text", field.Name)
		}
	}
}

func TestPapersListsEveryHashThatAVersionRefersTo(t *testing.T) {
	t.Parallel()
	v := registry.Declaration{
		DPIA: registry.DPIA{Document: "dpia"}, Supplier: registry.Supplier{Terms: registry.Terms{Document: "terms"}},
		Documents: []registry.Document{{Hash: "paper"}}, Transfers: []registry.Transfer{{Assessment: "tia"}},
		Informed: []registry.Notice{{Document: "notice"}}, Paper: &registry.Paper{Document: "act"},
	}
	got := map[string]bool{}
	for _, hash := range papers(v) {
		got[hash] = true
	}
	for _, want := range []string{"dpia", "terms", "paper", "tia", "notice", "act"} {
		if !got[want] {
			t.Errorf("%s is not found", want)
		}
	}
}
