package app_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// TestASourceThatIsStoppedLeavesNobodyAtTheDeskAsHead has a head at the desk when the source that
// vouched for them is stopped.
func TestASourceThatIsStoppedLeavesNobodyAtTheDeskAsHead(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s := &story{w: w, b: w.browser(), clerks: map[string]*browser{}}
	if err := errors.Join(s.enterDesk([]string{"paul"}), s.enterDesk([]string{"remi"})); err != nil {
		t.Fatal(err)
	}
	roles := func(who string) string {
		t.Helper()
		if err := s.ask(who, http.MethodGet, "/me", nil); err != nil {
			t.Fatal(err)
		}
		return s.said.text
	}
	if got := roles("paul"); !strings.Contains(got, "head") {
		t.Fatalf("paul is %s", got)
	}
	err := s.ask("remi", http.MethodPut, "/sources/demo/suspension", map[string]string{"reason": "une intrusion"})
	if err != nil || s.said.status != http.StatusOK {
		t.Fatalf("%v, %d %s", err, s.said.status, s.said.text)
	}
	if got := roles("paul"); strings.Contains(got, `"role"`) {
		t.Errorf("paul is still %s", got)
	}
	if got := roles("remi"); s.said.status == http.StatusUnauthorized {
		t.Log("on a slow machine everybody whom the source signed in is out by now")
	} else if !strings.Contains(got, "recteur") || strings.Contains(got, "staff") {
		t.Errorf("remi, who was appointed, is %s", got)
	}
}
