package frame_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/web/webtest"
)

func TestDaysInATextAreSaidInWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	said := func(lang, text string) (got string) {
		b.do = func(w http.ResponseWriter, v *frame.Visit) error {
			got = v.Days(text)
			return v.Render(w, 200, "list", listPage{Frame: v.Around("")})
		}
		r := httptest.NewRequest("GET", webtest.Origin+"/bureau/choses", nil)
		r.Header.Set("Accept-Language", lang)
		b.mux.ServeHTTP(httptest.NewRecorder(), r)
		return got
	}
	for text, want := range map[string][2]string{
		"2027-08-31":                   {"mardi 31 août 2027", "Tuesday 31 August 2027"},
		"ends on 2027-08-31, at most.": {"ends on mardi 31 août 2027, at most.", "ends on Tuesday 31 August 2027, at most."},
		"from 2026-09-01 2027-08-31":   {"from mardi 1er septembre 2026 mardi 31 août 2027", "from Tuesday 1 September 2026 Tuesday 31 August 2027"},
		"contrat-2026-09-01.pdf":       {"contrat-2026-09-01.pdf", "contrat-2026-09-01.pdf"},
		"on 2026-13-41":                {"on 2026-13-41", "on 2026-13-41"},
		"2026-09-01T10:00:00Z":         {"2026-09-01T10:00:00Z", "2026-09-01T10:00:00Z"},
		"":                             {"", ""},
	} {
		for i, lang := range []string{"fr", "en"} {
			if got := said(lang, text); got != want[i] {
				t.Errorf("%s %q: %q, want %q", lang, text, got, want[i])
			}
		}
	}
}
