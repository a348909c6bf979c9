package api_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/person"
	"ecluse/internal/web"
)

var update = flag.Bool("update", false, "write the table of routes and the committed document anew")

const tableFile = "testdata/routes.txt"

func schoolsOf(list ...person.UAI) []person.UAI { return list }

// cell is how an answer stands in the table.
func cell(status int) string {
	switch {
	case status >= 200 && status < 400:
		return "ok"
	case status == http.StatusForbidden:
		return "no"
	default:
		return fmt.Sprint(status)
	}
}

func (tr trial) target() string {
	if tr.path == "" {
		_, pattern, _ := strings.Cut(tr.route, " ")
		return pattern
	}
	if strings.HasPrefix(tr.path, "/bureau/") {
		return tr.path
	}
	return api.Base + tr.path
}

func (tr trial) label() string {
	if tr.note == "" {
		return tr.route
	}
	return tr.route + " (" + tr.note + ")"
}

// play tries one request as one caller on a fresh academy.
func (s *stage) play(t *testing.T, tr trial, who string) int {
	t.Helper()
	from := s.from
	if tr.without {
		from.RuleSets = nil
	}
	s.begin(t, from)
	if s.Desk.Journal = nil; tr.journal {
		s.Desk.Journal = s.journal
	}
	method, _, _ := strings.Cut(tr.route, " ")
	if who == "anonymous" {
		who = ""
	}
	w := s.ask(t, who, method, tr.target(), tr.body, tr.headers...)
	if w.Code >= 500 {
		t.Errorf("%s as %q: %d %s", tr.label(), who, w.Code, w.Body)
	}
	return w.Code
}

// TestWhoMayCallWhatIsTheTableThatWasRead walks every route as every kind of caller and compares with the table that
// people read. -update writes it; its diff is a decision.
func TestWhoMayCallWhatIsTheTableThatWasRead(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	width := 0
	list := trials(t, s)
	for _, tr := range list {
		width = max(width, len([]rune(tr.label())))
	}
	var b strings.Builder
	b.WriteString("# Who may call what. ok: answered; no: 403; else the status. Written by the test with -update.\n")
	line := func(first string, cells func(column) string) {
		row := first + strings.Repeat(" ", width-len([]rune(first)))
		for _, c := range s.columns() {
			row += fmt.Sprintf("  %-*s", max(4, len(c.name)), cells(c))
		}
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	line("", func(c column) string { return c.name })
	for _, tr := range list {
		line(tr.label(), func(c column) string { return cell(s.play(t, tr, c.name)) })
	}
	held(t, tableFile, b.String())
}

// held compares with what is committed, or writes it.
func held(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	before := strings.Split(string(want), "\n")
	for line := range strings.SplitSeq(got, "\n") {
		if !slices.Contains(before, line) {
			t.Errorf("%s does not have:\n%.200s", name, line)
		}
	}
	t.Errorf("%s is not what the code says; -update writes it", name)
}

func TestEveryRouteHasARowInTheTable(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	table, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, route := range s.mux.Routes() {
		if !strings.HasPrefix(route.Pattern, api.Programs) && !strings.HasPrefix(route.Pattern, "/bureau/") {
			continue
		}
		n++
		row := "\n" + route.Method + " " + route.Pattern + " "
		if !strings.Contains(string(table), row) {
			t.Errorf("%s %s: no row in %s", route.Method, route.Pattern, tableFile)
		}
	}
	if n < 60 {
		t.Errorf("only %d routes were found", n)
	}
	for _, tr := range trials(t, s) {
		if !slices.ContainsFunc(s.mux.Routes(), func(r web.Route) bool { return r.Method+" "+r.Pattern == tr.route }) {
			t.Errorf("%s: a row without a route", tr.route)
		}
	}
}
