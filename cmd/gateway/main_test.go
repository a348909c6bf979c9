package main

import (
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestWhoeverAsksForWhatThereIsNotIsToldWhatThereIs(t *testing.T) {
	t.Parallel()
	for words, want := range map[string]string{
		"nonsense":             "gateway --help says more",
		"demo --nonsense":      "usage: gateway demo [flags]\ngateway demo --help says more",
		"import schools":       "usage: gateway import schools LIST.csv [flags]",
		"keys frobnicate saml": "gateway keys --help says more",
		"keys prepare saml":    `required flag(s) "by", "reason" not set`,
		"register export":      "gateway register export --help says more",
	} {
		var out strings.Builder
		if code := run(t.Context(), quiet(), strings.Fields(words), &out); code != 2 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: exit code %d:\n%s\nwant: %s", words, code, out.String(), want)
		}
	}
}

// What a command itself refuses is no question of how it is called.
func TestAMistakeOfTheInstallationIsToldAlone(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	words := []string{"serve", "--config", "no-such-file.yaml"}
	if code := run(t.Context(), quiet(), words, &out); code != 1 || strings.Count(out.String(), "\n") != 1 {
		t.Errorf("exit code %d:\n%s", code, out.String())
	}
}

// A shell reads $1001 as a variable of its own unless quotes keep it.
func TestExamplesRunInAShellAsTheyStand(t *testing.T) {
	t.Parallel()
	quoted := regexp.MustCompile(`'[^']*'`)
	count := 0
	each(root(), func(cmd *cobra.Command) {
		if cmd.Example == "" {
			return
		}
		count++
		if strings.Contains(quoted.ReplaceAllString(cmd.Example, ""), "$") {
			t.Errorf("%s: a shell would read the $ of\n%s", cmd.CommandPath(), cmd.Example)
		}
	})
	if count < 20 {
		t.Errorf("only %d commands have examples", count)
	}
}

func each(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, do)
	}
}

func quiet() *cobra.Command {
	cmd := root()
	cmd.SetOut(io.Discard)
	cmd.SetErr(io.Discard)
	return cmd
}
