package charttest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// program is where the gateway says what it counts.
const program = "../../internal/app"

// counted lists the names under which the gateway counts.
func counted(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(program + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	name := regexp.MustCompile(`"(ecluse_[a-z_]+|http_server_[a-z_]+)"`)
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(source), -1) {
			out = append(out, m[1])
		}
	}
	if len(out) < 20 {
		t.Fatalf("only %q are counted in %s: is it written in another way now?", out, program)
	}
	return out
}

// alerts are the chart's own rules, by name.
func alerts(t *testing.T) map[string]monitoringv1.Rule {
	t.Helper()
	out := map[string]monitoringv1.Rule{}
	for _, group := range one[*monitoringv1.PrometheusRule](t, render(t, values("everything")...)).Spec.Groups {
		for _, rule := range group.Rules {
			if _, twice := out[rule.Alert]; twice {
				t.Errorf("two alerts are called %q", rule.Alert)
			}
			out[rule.Alert] = rule
		}
	}
	return out
}

// An alert about a metric that nobody counts never sounds, and nothing else would say so.
func TestEveryAlertReadsWhatTheGatewayCounts(t *testing.T) {
	t.Parallel()
	known := append(counted(t), "up", "process_start_time_seconds") // Prometheus's own, and the process collector's
	read := regexp.MustCompile(`([a-zA-Z_:][a-zA-Z0-9_:]*)\{`)
	for name, rule := range alerts(t) {
		metrics := read.FindAllStringSubmatch(rule.Expr.String(), -1)
		if len(metrics) == 0 {
			t.Errorf("%s reads nothing: %s", name, rule.Expr.String())
		}
		for _, m := range metrics {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s reads %s, which %s does not count", name, m[1], program)
			}
		}
	}
}

// Whoever is woken by an alert reads what to do: on the gateway itself, under a heading that is there.
func TestEveryAlertLeadsToItsSectionOfTheHandbook(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, m := range regexp.MustCompile(`(?m)^##+ (.+)$`).FindAllStringSubmatch(string(text), -1) {
		sections = append(sections, strings.ReplaceAll(strings.ToLower(m[1]), " ", "-"))
	}
	all := alerts(t)
	for name, rule := range all {
		page, section, _ := strings.Cut(rule.Annotations["runbook_url"], "#")
		if !strings.HasPrefix(name, "Ecluse") {
			continue // somebody's own
		}
		if !strings.HasPrefix(page, "https://") || !strings.HasSuffix(page, "/aide/operator") || !slices.Contains(sections, section) {
			t.Errorf("%s leads to %q", name, rule.Annotations["runbook_url"])
		}
	}
	if len(all) < 15 {
		t.Errorf("only %d alerts", len(all))
	}
}

// Every metric that the handbook names is counted, and every one that is counted is named there.
func TestTheHandbookNamesWhatTheGatewayCounts(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operator.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`\b(?:ecluse_[a-z_]+|http_server_[a-z_]+)`).FindAllString(string(text), -1)
	for _, name := range named {
		if !slices.Contains(counted(t), name) {
			t.Errorf("the handbook names %s, which %s does not count", name, program)
		}
	}
	for _, name := range counted(t) {
		if !slices.Contains(named, name) {
			t.Errorf("%s is counted, and the handbook does not say so", name)
		}
	}
}

// What the canary finds is a breach of personal data: that its alerts are there, and as loud, is part of what it is.
func TestTheAlertsOfTheCanaryAreThere(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"EcluseCanary":          "critical increase(ecluse_canary_breaches_total{}[15m]) > 0",
		"EcluseCanaryUnwritten": "critical ecluse_canary_unwritten{} > 0",
		"EcluseCanaryBlind":     `warning increase(ecluse_canary_messages_total{outcome="dropped"}[15m]) > 100`,
	}
	job := regexp.MustCompile(`job="[^"]*", namespace="[^"]*"(, )?`)
	got := map[string]string{}
	for name, rule := range alerts(t) {
		if !strings.HasPrefix(name, "EcluseCanary") {
			continue
		}
		got[name] = rule.Labels["severity"] + " " + job.ReplaceAllString(rule.Expr.String(), "")
		for _, text := range []string{"summary", "description"} {
			if rule.Annotations[text] == "" {
				t.Errorf("%s has no %s", name, text)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("alerts of the canary (-want +got):\n%s", diff)
	}
	for name, rule := range want {
		metric := regexp.MustCompile(`ecluse_\w+`).FindString(rule)
		if !slices.Contains(counted(t), metric) {
			t.Errorf("%s is about %s, which %s does not count", name, metric, program)
		}
	}
}
