package desk

import (
	"reflect"
	"slices"
	"strings"
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

func TestEveryHashThatAVersionRefersToIsFoundAtItsPlace(t *testing.T) {
	t.Parallel()
	hash := func(of string) string { return strings.Repeat(of, 64) }
	v := registry.Declaration{
		DPIA: registry.DPIA{Document: hash("1")}, Supplier: registry.Supplier{Terms: registry.Terms{Document: hash("2")}},
		Documents: []registry.Document{{Hash: hash("3")}, {Hash: hash("4")}}, Transfers: []registry.Transfer{{Assessment: hash("5")}},
		Informed: []registry.Notice{{Document: "CA-2026-12"}, {Document: hash("6")}}, Paper: &registry.Paper{Document: hash("7")},
	}
	want := []reference{
		{"dpia.document", hash("1")},
		{"supplier.terms.document", hash("2")},
		{"documents[0].hash", hash("3")},
		{"documents[1].hash", hash("4")},
		{"transfers[0].assessment", hash("5")},
		{"informed[1].document", hash("6")},
		{"paper.document", hash("7")},
	}
	if got := references(v); !slices.Equal(got, want) {
		t.Errorf("found %v", got)
	}
}
