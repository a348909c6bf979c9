package settings_test

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/upstream/settings"
)

type own struct {
	Claim string `json:"claim"`
}

type all struct {
	Name   string            `json:"name"`
	Yes    bool              `json:"yes"`
	Count  int               `json:"count"`
	Span   time.Duration     `json:"span"`
	Until  registry.Date     `json:"until"`
	List   []string          `json:"list"`
	Words  map[string]string `json:"words"`
	Own    own               `json:"own"`
	hidden string
}

func shape(any) string { return "an object with a claim" }

func TestEachKindOfSettingIsRead(t *testing.T) {
	t.Parallel()
	for _, count := range []any{5, 5.0, int64(5)} { // what YAML and JSON make of it
		r, got := settings.New(map[string]any{
			"name": "ENT", "yes": true, "count": count, "span": "5s", "until": "2027-07-07", "list": []any{"a", "b"},
			"words": map[string]any{"a": "b"}, "own": map[string]any{"claim": "sub"},
		}), all{hidden: "kept"}
		r.Fill(&got, shape)
		want := all{
			Name: "ENT", Yes: true, Count: 5, Span: 5 * time.Second, Until: registry.Date{Year: 2027, Month: 7, Day: 7}, List: []string{"a", "b"},
			Words: map[string]string{"a": "b"}, Own: own{"sub"}, hidden: "kept",
		}
		if len(r.Findings()) > 0 || !reflect.DeepEqual(got, want) {
			t.Errorf("%T: %+v, %v", count, got, r.Findings())
		}
	}
}

func TestAllMistakesAreSaidAtOnceAndNeverWhatWasFound(t *testing.T) {
	t.Parallel()
	const secret = "s3cret"
	before := all{Name: "as it was", Count: 8, Span: time.Minute}
	for _, wrong := range []any{nil, []any{map[string]any{}}, map[string]any{"other": secret}} {
		r, got := settings.New(map[string]any{
			"name": wrong, "yes": secret, "count": secret, "span": wrong, "until": secret, "list": secret, "words": secret, "own": wrong, "hidden": secret,
		}), before
		r.Fill(&got, shape)
		if !reflect.DeepEqual(got, before) {
			t.Errorf("%v: %+v", wrong, got)
		}
		var said []string
		for _, f := range r.Findings() {
			if strings.Contains(f.Where+f.What+f.Mend, secret) {
				t.Errorf("it is said: %+v", f)
			}
			said = append(said, strings.TrimPrefix(f.Where, "settings.")+": "+f.Mend)
		}
		want := []string{
			"count: a whole number is expected",
			`hidden: one of ["count" "list" "name" "own" "span" "until" "words" "yes"]`,
			"list: a list of texts is expected", "name: a text is expected", "own: an object with a claim is expected",
			"span: a duration such as 5s is expected", "until: a day such as 2027-07-07 is expected", "words: texts under names is expected",
			"yes: true or false is expected",
		}
		if !slices.Equal(said, want) {
			t.Errorf("%v: %q", wrong, said)
		}
	}
	for _, count := range []any{5.5, "5", 1e30, true} {
		r, got := settings.New(map[string]any{"count": count}), before
		if r.Fill(&got, nil); len(r.Findings()) != 1 || got.Count != 8 {
			t.Errorf("%v: %d, %v", count, got.Count, r.Findings())
		}
	}
}

func TestAuthoritiesThatCannotBeReadAreSaid(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{empty: "no certificate", empty + ".not": "cannot be read"} {
		r := settings.New(nil)
		if pool := r.Roots(file); pool == nil || len(r.Findings()) != 1 || !strings.Contains(r.Findings()[0].What, want) {
			t.Errorf("%s: %v", file, r.Findings())
		}
	}
}

func TestATextIsNoOtherValue(t *testing.T) {
	t.Parallel()
	r := settings.New(map[string]any{"a": "text", "b": 5})
	if r.Text("a") != "text" || r.Text("b") != "" || r.Text("c") != "" {
		t.Error("another value is taken for a text")
	}
}
