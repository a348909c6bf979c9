package api_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/api"
	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
)

func closes(reason guardian.Reason) desk.GuardianView {
	return desk.GuardianView{Source: "ent", Guardian: "MARQUE-parent", Child: "MARQUE-enfant", Reason: reason}
}

// shelf is a guardian.Store that holds nothing.
type shelf struct{}

func (shelf) Closed(context.Context, []string) (map[string][]string, error) { return nil, nil }

func (shelf) Close(context.Context, guardian.Closing, []string, audit.Entry) (bool, error) {
	return true, nil
}

func (shelf) Open(context.Context, person.UAI, []string, audit.Entry) (bool, error) { return true, nil }

func (shelf) Closings(context.Context, person.UAI) ([]guardian.Closing, error) { return nil, nil }

func (shelf) Seen(context.Context, []string) (int, error) { return 0, nil }

func (shelf) Purge(context.Context, time.Time, audit.Entry) (int, error) { return 0, nil }

func ofGuardians() []trial {
	var out []trial
	for _, at := range []struct{ path, note string }{
		{"/establishments/" + string(desktest.Ecole) + "/guardian-closings", "of the école"},
		{"/establishments/" + string(desktest.College) + "/guardian-closings", "of the collège"},
	} {
		const pattern = "/establishments/{uai}/guardian-closings"
		out = append(
			out, get(pattern, at.path, at.note), send("POST", pattern, at.path, at.note, closes(guardian.Court)),
			send("POST", pattern+"/open", at.path+"/open", at.note, closes(guardian.Over)),
		)
	}
	return out
}

func TestAViewIsClosedListedAndOpenedByTheInterface(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	head, path := f.as("head", f.Head(desktest.Ecole)), api.Base+"/establishments/"+string(desktest.Ecole)+"/guardian-closings"
	for i, changed := range []bool{true, false} {
		w := f.ask(t, head, "POST", path, jsonOf(closes(guardian.Danger)))
		if done := read[desk.GuardianActed](t, w, 200); done.Changed != changed || done.Seen {
			t.Errorf("closed for the %dth time: %+v", i+1, done)
		}
	}
	w := f.ask(t, head, "GET", path, "")
	if text := w.Body.String(); w.Code != 200 || strings.Count(text, `"closing"`) != 1 || !strings.Contains(text, "danger") || strings.Contains(text, "MARQUE") {
		t.Errorf("%d %s", w.Code, text)
	}
	for name, body := range map[string]string{
		"no body":           `{}`,
		"another reason":    jsonOf(closes(guardian.Mistake)),
		"no reason":         jsonOf(closes("")),
		"a text as reason":  jsonOf(closes("le père de MARQUE")),
		"a source unheard":  strings.Replace(jsonOf(closes(guardian.Court)), `"ent"`, `"x"`, 1),
		"one and the same":  strings.Replace(jsonOf(closes(guardian.Court)), "MARQUE-parent", "MARQUE-enfant", 1),
		"a name beside":     `{"source":"ent","guardian":"a","child":"b","reason":"court","name":"MARQUE"}`,
		"an endless number": strings.Replace(jsonOf(closes(guardian.Court)), "MARQUE-parent", strings.Repeat("9", 3000), 1),
	} {
		if w := f.ask(t, head, "POST", path, body); w.Code != 422 || strings.Contains(w.Body.String(), "MARQUE-") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	if w := f.ask(t, head, "POST", path+"/open", jsonOf(closes(guardian.Danger))); w.Code != 422 {
		t.Errorf("danger is no reason to open: %d", w.Code)
	}
	if done := read[desk.GuardianActed](t, f.ask(t, head, "POST", path+"/open", jsonOf(closes(guardian.Over))), 200); !done.Changed {
		t.Error("it was not opened")
	}
	if w := f.ask(t, head, "GET", path, ""); strings.Contains(w.Body.String(), `"closing"`) {
		t.Errorf("it still stands: %s", w.Body)
	}
}
