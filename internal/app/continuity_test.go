package app_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// TestHardCase4ThePupilOfCM2IsTheSameIn6eByAnotherSourceAndAnotherSchool goes the whole way: in CM2 by ENT A, whose
// directory writes the national number out, and then in 6e by an account like EduConnect's, which hashes it. They
// share nothing else. The gateway is started anew in between.
func TestHardCase4ThePupilOfCM2IsTheSameIn6eByAnotherSourceAndAnotherSchool(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{With: "testdata/with/cm2-6e"})
	cm2 := numbersOf(t, w, "ent-a", "jointure-31415926")
	w.restart()
	unheard := numbersOf(t, w, "unheard", "compte-sixieme") // first, so that it could have taken the number
	sixth := numbersOf(t, w, "national", "compte-sixieme")
	other := numbersOf(t, w, "national", "compte-voisin")

	for _, service := range numbering() {
		switch {
		case sixth[service] != cm2[service]:
			t.Errorf("%s knows the pupil by another number in 6e", service)
		case other[service] == cm2[service]:
			t.Errorf("%s knows somebody with another national number by the same number", service)
		case unheard[service] == cm2[service]:
			t.Errorf("%s was given the number on the word of a source whose word is not taken", service)
		}
	}
	if cm2["lire"] == cm2["calcul"] {
		t.Error("two services of two families know the pupil by one number")
	}
	w.stop()
	holdsNobodyInClear(t, w.options.Data)
}

// numbering are a service that is known to by SAML and one by OpenID Connect, both pseudonymous for a cycle.
func numbering() []string { return []string{"lire", "calcul"} }

// numbersOf signs somebody in by a source, in a browser of their own, and gives the number at each service.
func numbersOf(t *testing.T, w *world, source, who string) map[string]string {
	t.Helper()
	s := &story{w: w, b: w.browser()}
	out := map[string]string{}
	for i, service := range numbering() {
		err := s.visit([]string{service})
		if i == 0 {
			err = errors.Join(err, s.press("source", source), s.press("person", who))
		}
		if err == nil && informs(s.b.tab.page) {
			err = s.goOn(nil)
		}
		if err = errors.Join(err, s.arrived([]string{service})); err == nil {
			out[service], err = s.number(service)
		}
		if err != nil || len(out[service]) < 40 {
			t.Fatalf("%s by %s at %s: %v\n%s", who, source, service, err, s.where())
		}
	}
	return out
}

// holdsNobodyInClear looks for the pupil in every byte of the database and of what lies beside it.
func holdsNobodyInClear(t *testing.T, dir string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "ecluse.db*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no database: %v", err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.ToLower(data)
		if filepath.Base(file) == "ecluse.db" && !bytes.Contains(data, []byte("0280101h")) {
			t.Error("the database is not what was looked at: no school is found in it")
		}
		for what, text := range map[string]string{
			"the national number": "070813524kb", "its hash": "1d45c9ac32e16fb9a6cdb493821cc320", "the ENT's identifier": "jointure-31415926",
			"the account": "c0ffee27182818284590", "the family name": "quatremain", "the given name": "phyrine",
		} {
			if bytes.Contains(data, []byte(strings.ToLower(text))) {
				t.Errorf("%s holds %s", filepath.Base(file), what)
			}
		}
	}
}
