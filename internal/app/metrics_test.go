package app

import (
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestMetricsCountDecisionsSignInsAndOurOwnWork reads the ops listener after one sign-in and one refusal.
func TestMetricsCountDecisionsSignInsAndOurOwnWork(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	x.signIn(x.authnRequest(0), "lina")
	x.signIn(x.authnRequest(1), "lina") // on the session, with nothing to be told
	if w := x.ask(http.MethodGet, "/go/discute", nil); w.Code != http.StatusForbidden {
		t.Fatalf("discute: status %d", w.Code)
	}
	for end := time.Now().Add(time.Minute); x.app.gateway.canary.Waiting() > 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	response, err := http.Get("http://" + x.app.OpsAddr().String() + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]float64{
		`ecluse_decisions_total{outcome="released",reason="informed"}`:      1,
		`ecluse_decisions_total{outcome="released",reason="passed"}`:        1,
		`ecluse_decisions_total{outcome="refused",reason="no_declaration"}`: 1,
		`ecluse_decisions_total{outcome="refused",reason="too_young"}`:      0,
		`ecluse_sign_ins_total{outcome="signed_in",protocol="saml"}`:        1,
		`ecluse_sign_ins_total{outcome="answered",protocol="saml"}`:         2,
		`ecluse_work_duration_seconds_count{stage="record"}`:                3,
		`ecluse_panics_total`:                                             0,
		`ecluse_canary_messages_total{outcome="looked"}`:                  2,
		`ecluse_canary_messages_total{outcome="dropped"}`:                 0,
		`ecluse_canary_breaches_total{kind="undeclared",protocol="saml"}`: 0,
		`ecluse_canary_unwritten`:                                         0,
	} {
		m := regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(name) + ` (\S+)$`).FindSubmatch(text)
		if m == nil {
			t.Errorf("%s is not there", name)
			continue
		}
		if got, err := strconv.ParseFloat(string(m[1]), 64); err != nil || got != want {
			t.Errorf("%s is %s, want %v", name, m[1], want)
		}
	}
	for _, personal := range []string{"lina", "Lina", "Martin", "0280101H", "calcul", "lire"} {
		if strings.Contains(string(text), personal) {
			t.Errorf("the metrics name %q", personal)
		}
	}
}
