package charttest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
)

// metricsFile is where the gateway says what it counts.
const metricsFile = "../../internal/app/metrics.go"

// counted lists the names under which the gateway counts: the value of Name in every literal of metrics.go.
func counted(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), metricsFile, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	ast.Inspect(file, func(n ast.Node) bool {
		pair, ok := n.(*ast.KeyValueExpr)
		if !ok {
			return true
		}
		key, isName := pair.Key.(*ast.Ident)
		value, isText := pair.Value.(*ast.BasicLit)
		if isName && isText && key.Name == "Name" {
			name, err := strconv.Unquote(value.Value)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, name)
		}
		return true
	})
	if len(out) < 10 {
		t.Fatalf("only %q are counted in %s: is it written in another way now?", out, metricsFile)
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
				t.Errorf("%s reads %s, which %s does not count", name, m[1], metricsFile)
			}
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
			t.Errorf("%s is about %s, which %s does not count", name, metric, metricsFile)
		}
	}
}
