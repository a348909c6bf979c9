package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"ecluse/configs"
	"ecluse/internal/app"
	"ecluse/internal/strictyaml"
)

// TestEachMistakeOfAConfigurationIsTold reads the files of testdata/config, each named after its one mistake. The first
// line says where it must be told, 0 for the file as a whole, and words that must stand in what is told.
func TestEachMistakeOfAConfigurationIsTold(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/config/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, _, _ := strings.Cut(string(data), "\n")
			var line int
			var rest string
			want, ok := strings.CutPrefix(first, "# want ")
			if _, err := fmt.Sscanf(want, "%d:", &line); !ok || err != nil {
				t.Fatalf("the first line says nothing: %q", first)
			}
			_, rest, _ = strings.Cut(want, ":")
			_, err = app.LoadConfig(file, nil)
			var problems strictyaml.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("it loads, or fails otherwise: %v", err)
			}
			for _, p := range problems {
				if told(p, file, line, rest) {
					return
				}
			}
			t.Errorf("want line %d with %q; told:\n%v", line, rest, err)
		})
	}
}

// told tells whether a problem stands there and has those words. What is missing has no line of its own: it may be told
// of the file's beginning.
func told(p strictyaml.Problem, file string, line int, words string) bool {
	if p.File != file || line != 0 && p.Line != line {
		return false
	}
	text := p.Error()
	for _, word := range strings.Fields(strings.NewReplacer("(", " ", ")", " ").Replace(words)) {
		if !strings.Contains(text, strings.Trim(word, ":")) {
			return false
		}
	}
	return true
}

// Of a file that cannot be read as YAML nobody knows what it lacks: the one mistake is told, at its line.
func TestABrokenConfigurationIsToldByItsLineAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	write(t, file, "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [\n x: : y\n")
	_, err := app.LoadConfig(file, nil)
	if want := file + ":3:1: did not find expected node content"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := app.Check(file, nil, nil, io.Discard); err == nil || strings.Count(err.Error(), "\n") > 0 {
		t.Errorf("check: %v", err)
	}
}

// Whoever mistypes two folders reads of both; one that holds nothing is not passed over in silence.
func TestCheckTellsOfEveryFolderThatItCannotRead(t *testing.T) {
	t.Parallel()
	err := app.Check("", []string{"no-such-folder", "nor-this-one"}, nil, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "no-such-folder") || !strings.Contains(err.Error(), "nor-this-one") {
		t.Errorf("%v", err)
	}
	empty := t.TempDir()
	var out strings.Builder
	if err := app.Check("", []string{empty}, nil, &out); err != nil || !strings.Contains(out.String(), empty+" holds no file") {
		t.Errorf("%v, %s", err, out.String())
	}
}

func TestEnvironmentOverridesKeysAndIsCheckedAlike(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	write(t, file, "public_url: https://sso.ac-exemple.fr\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: m\n")
	c, err := app.LoadConfig(file, []string{"ECLUSE_LOG__LEVEL=debug", "ECLUSE_SESSIONS__IDLE=20m", "PATH=/bin", "ECLUSELOG=x"})
	if err != nil {
		t.Fatal(err)
	}
	if c.Log.Level != "debug" || c.Sessions.Idle != 20*time.Minute {
		t.Errorf("level %s, idle %v", c.Log.Level, c.Sessions.Idle)
	}
	for _, variable := range []string{"ECLUSE_LOG__LEVLE=debug", "ECLUSE_NOTHING=1", "ECLUSE_LOG__LEVEL=loud"} {
		if _, err := app.LoadConfig(file, []string{variable}); err == nil {
			t.Errorf("%s is accepted", variable)
		}
	}
}

// TestTheDocumentedConfigurationIsWhole holds configs/gateway.yaml to the type: every key stands there once, and where
// the file shows a default, it is the real one.
func TestTheDocumentedConfigurationIsWhole(t *testing.T) {
	t.Parallel()
	data, err := configs.Files.ReadFile("gateway.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var documented map[string]any
	if err := yaml.Unmarshal(data, &documented); err != nil {
		t.Fatal(err)
	}
	var defaults map[string]any
	text, err := yaml.Marshal(app.DefaultConfig())
	if err == nil {
		err = yaml.Unmarshal(text, &defaults)
	}
	if err != nil {
		t.Fatal(err)
	}
	examples := map[string]bool{"public_url": true, "trusted_proxies": true, "master_secret_file": true, "store.url": true}
	have, want := flat("", documented), flat("", defaults)
	for key, value := range want {
		shown, ok := have[key]
		if !ok {
			t.Errorf("%s is not documented", key)
			continue
		}
		if !examples[key] && !same(shown, value) {
			t.Errorf("%s is documented as %v; the default is %v", key, shown, value)
		}
		if !regexp.MustCompile(`(?m)^\s*` + key[strings.LastIndex(key, ".")+1:] + `:`).Match(data) {
			t.Errorf("%s has no line of its own", key)
		}
	}
	for key := range have {
		if _, ok := want[key]; !ok {
			t.Errorf("%s is documented and does not exist", key)
		}
	}
	if have["store.url"] != string(app.DefaultConfig().Store.URL) {
		t.Errorf("store.url is documented as %v", have["store.url"])
	}
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	write(t, file, string(data))
	if _, err := app.LoadConfig(file, nil); err != nil {
		t.Errorf("the documented configuration does not load: %v", err)
	}
}

// flat names each value by its path.
func flat(prefix string, value any) map[string]any {
	out := map[string]any{}
	if inner, ok := value.(map[string]any); ok {
		for key, v := range inner {
			for path, leaf := range flat(strings.TrimPrefix(prefix+"."+key, "."), v) {
				out[path] = leaf
			}
		}
		return out
	}
	out[prefix] = value
	return out
}

// same compares what YAML reads: spans are written in several ways.
func same(a, b any) bool {
	x, errX := time.ParseDuration(fmt.Sprint(a))
	y, errY := time.ParseDuration(fmt.Sprint(b))
	if errX == nil && errY == nil {
		return x == y
	}
	return reflect.DeepEqual(a, b)
}

const hush = "a-password-that-nobody-may-read"

func TestSecretsOfAConfigurationAreNeverPrinted(t *testing.T) {
	t.Parallel()
	c := app.DefaultConfig()
	c.Store.URL = "postgres://ecluse:" + hush + "@db/ecluse"
	c.Store.TicketsURL = "rediss://:" + hush + "@cache/0"
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("configuration", "config", c, "store", c.Store, "url", c.Store.URL)
	slog.New(slog.NewTextHandler(&log, nil)).Info("configuration", "config", c, "store", c.Store, "url", c.Store.URL)
	text, err := yaml.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	all := []string{fmt.Sprint(c), fmt.Sprintf("%x", c.Store.URL), log.String(), string(text)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
		all = append(all, fmt.Sprintf(verb, c))
	}
	for _, printed := range all {
		if strings.Contains(printed, hush) || strings.Contains(printed, fmt.Sprintf("%x", hush)) {
			t.Errorf("the password is printed: %s", printed)
		}
	}
}

// TestErrorsOfAConfigurationSayNoSecret gives addresses that cannot be used and looks at what is said of them.
func TestErrorsOfAConfigurationSayNoSecret(t *testing.T) {
	t.Parallel()
	for name, edit := range map[string]func(*app.Config){
		"address that is none":       func(c *app.Config) { c.Store.URL = "postgres://ecluse:" + hush + "@[::1/ecluse" },
		"kind that is not known":     func(c *app.Config) { c.Store.URL = "oracle://ecluse:" + hush + "@db/ecluse" },
		"database that is away":      func(c *app.Config) { c.Store.URL = "postgres://ecluse:" + hush + "@127.0.0.1:1/ecluse" },
		"cache that is away":         func(c *app.Config) { c.Store.TicketsURL = "redis://:" + hush + "@127.0.0.1:1/0" },
		"cache address that is none": func(c *app.Config) { c.Store.TicketsURL = "redis://:" + hush + "@[::1/0" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := servable(t)
			edit(&c)
			var log quietBuffer
			a, err := app.Serve(t.Context(), c, &log)
			if err == nil {
				_ = a.Stop(t.Context())
				t.Fatal("it serves")
			}
			if strings.Contains(err.Error()+log.String(), hush) {
				t.Errorf("the password is told: %v", err)
			}
		})
	}
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
