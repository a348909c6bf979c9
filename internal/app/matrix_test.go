package app_test

import (
	"crypto/hmac"
	"crypto/sha512"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/app"
	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/upstream/demo"
)

const matrixFile = "testdata/release-matrix.golden.txt"

// TestReleaseMatrix holds what leaves for every person, establishment and service of the demo to one file for people to
// read. `go test ./internal/app -run TestReleaseMatrix -update` writes it again after a wanted change.
func TestReleaseMatrix(t *testing.T) {
	t.Parallel()
	now := func() time.Time { return time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC) }
	w := newWorld(t, app.DemoOptions{Now: now})
	got := drawMatrix(t, w.contents(), now)
	if *update {
		if err := os.WriteFile(matrixFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(matrixFile)
	if err != nil {
		t.Fatal(err)
	}
	if got == string(want) {
		return
	}
	before, after := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range max(len(before), len(after)) {
		if i >= len(before) || i >= len(after) || before[i] != after[i] {
			t.Fatalf("%s:%d: what leaves has changed; -update writes the file again\nwas %s\nis  %s",
				matrixFile, i+1, at(before, i), at(after, i))
		}
	}
}

var update = flag.Bool("update", false, "write golden files again") //nolint:gochecknoglobals // a flag of the test binary

func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return "(nothing)"
}

// cell is one square of the matrix.
type cell struct {
	who     demo.Person
	uai     string
	service registry.Service
}

func (c cell) String() string { return c.who.ID + " " + c.uai + " " + c.service.ID }

// demoPeople are the shipped people.
func demoPeople(t testing.TB) demo.People {
	t.Helper()
	files, err := fs.Sub(configs.Files, "demo")
	if err != nil {
		t.Fatal(err)
	}
	loaded, _ := manifest.Load(files) // other kinds hold marks that the demo fills in
	people, problems := demo.ReadPeople(loaded.People)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	return people
}

// cells lists every person, each with their establishments and those of their children, and every service.
func cells(t testing.TB, contents registry.Contents) []cell {
	t.Helper()
	var out []cell
	for _, who := range demoPeople(t) {
		var uais []string
		for _, place := range who.Places {
			uais = append(uais, place.UAI)
		}
		for _, child := range who.Children {
			uais = append(uais, child.UAI)
		}
		for _, uai := range uais {
			for _, service := range contents.Services {
				if service.ID == registry.House {
					continue // nobody signs in to it
				}
				out = append(out, cell{who, uai, service})
			}
		}
	}
	if len(out) < 40 {
		t.Fatalf("the matrix has %d cells only", len(out))
	}
	return out
}

// sameKeys derive the same values in every run.
type sameKeys struct{}

func (sameKeys) Derive(purpose string, parts ...string) []byte {
	mac := hmac.New(sha512.New, []byte("keys of the release matrix"))
	fmt.Fprintf(mac, "%q %q", purpose, parts)
	return mac.Sum(nil)
}

// drawMatrix prints the matrix by the real gate and engine: the demo's people where they are, and the invented ones, who
// stand for every profile, in each establishment of the kinds where such a person is found.
func drawMatrix(t testing.TB, contents registry.Contents, now func() time.Time) string {
	t.Helper()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	zone := registrytest.Paris()
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	contents.RuleSets = []registry.RuleSet{{Rules: rules}}
	d := drawing{
		simulator: admin.Simulator{Engine: &attrs.Engine{Dictionary: words, Keys: sameKeys{}}, Now: now},
		view:      registry.NewSnapshot(contents, zone), services: contents.Services, labels: labels{},
	}
	d.WriteString("What leaves, for every profile, establishment and service of the demo, on 22 November 2026, when a service asks\n" +
		"for everything that is declared. The same letter is the same pseudonym. First the people of the demo, then the\n" +
		"simulator's invented ones, for whom what is merely not declared is not listed.\n")
	d.people(t)
	d.invented(t)
	return d.String()
}

// drawing is the matrix being drawn.
type drawing struct {
	strings.Builder
	simulator admin.Simulator
	view      *registry.Snapshot
	services  []registry.Service
	labels    labels
}

func (d *drawing) people(t testing.TB) {
	t.Helper()
	last := ""
	for _, c := range cells(t, registry.Contents{Services: d.services}) {
		head := c.who.ID + " at " + c.uai
		if head == last {
			continue
		}
		last = head
		raw := c.who.Raw()
		raw.Authn = person.Authn{Source: "demo", At: d.simulator.Now(), Method: demo.Method}
		who, err := person.SDET("demo").Resolve(raw)
		if err != nil {
			t.Fatalf("%s: %v", c, err)
		}
		d.row(head, c.who.About.EN, admin.Question{Person: who, UAI: person.UAI(c.uai)})
	}
}

func (d *drawing) invented(t testing.TB) {
	t.Helper()
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		t.Fatal(err)
	}
	all, problems := admin.ReadPersonas("personas.yaml", data)
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	drawn := map[string]bool{}
	for _, p := range all {
		for _, e := range d.view.Establishments() {
			if !slices.Contains(p.Usual, e.Kind) {
				continue
			}
			drawn[p.Profile] = true
			d.row(p.ID+" at "+string(e.UAI), p.Name.EN+", in "+e.Name, admin.Question{
				Person: p.At(d.view, d.simulator.Now(), e.UAI, ""), UAI: e.UAI, Invented: true,
			})
		}
	}
	for _, profile := range person.Profiles() {
		if !drawn[string(profile)] {
			t.Errorf("no persona of profile %s stands in the matrix", profile)
		}
	}
}

// row prints what each service would get of one person in one place; all refusals are one line.
func (d *drawing) row(head, about string, q admin.Question) {
	fmt.Fprintf(d, "\n%s (%s)\n%s\n", head, about, strings.Repeat("=", len(head)))
	refused := map[string][]string{}
	var order []string
	for _, service := range d.services {
		if service.ID == registry.House {
			continue // nobody signs in to it
		}
		q.Service = service.ID
		e := d.simulator.Explain(d.view, q, nil)
		if e.Allowed {
			d.labels.draw(&d.Builder, e, service.Bindings[0].Subject, q.Invented)
			continue
		}
		why := strings.Join(strings.Fields(e.Reason+" "+e.Since+" "+e.Missing), " ")
		if refused[why] == nil {
			order = append(order, why)
		}
		refused[why] = append(refused[why], service.ID)
	}
	for i, why := range order {
		order[i] = strings.Join(refused[why], " ") + " (" + why + ")"
	}
	fmt.Fprintf(d, "  refused: %s\n", strings.Join(order, ", "))
}

// labels give pseudonyms a letter each, so that a reader sees which are the same.
type labels map[string]string

func (l labels) of(value string) string {
	if len(value) < 100 {
		return value
	}
	if l[value] == "" {
		n := len(l)
		l[value] = strings.TrimLeft(string([]byte{byte('@' + n/26), byte('A' + n%26)}), "@")
	}
	return "pseudonym " + l[value]
}

// draw prints what is allowed, attribute by attribute, or in two lines when it is to be short. subject is the attribute by
// which the service knows the person, where that is not the pseudonym.
func (l labels) draw(out *strings.Builder, e admin.Explanation, subject attrs.Name, short bool) {
	known := l.of(e.Subject)
	if subject != "" {
		known = "known by " + string(subject)
	}
	fmt.Fprintf(out, "  %-8s %s, %s under %s v%d, as %s\n", e.Service, known, e.Mode, e.Declaration, e.Version, e.Profile)
	var sent []string
	for _, item := range e.Released {
		values := make([]string, len(item.Values))
		for i, value := range item.Values {
			values[i] = l.of(value)
		}
		if sent = append(sent, item.Attribute+"="+strings.Join(values, " | ")); !short {
			fmt.Fprintf(out, "           + %-12s %s\n", item.Attribute, strings.Join(values, " | "))
		}
	}
	if short {
		fmt.Fprintf(out, "           + %s\n", strings.Join(sent, ", "))
	}
	kept := map[string][]string{}
	var order []string
	for _, w := range e.Withheld {
		if short && w.Why == string(attrs.NotDeclared) {
			continue
		}
		if kept[w.Why] == nil {
			order = append(order, w.Why)
		}
		kept[w.Why] = append(kept[w.Why], w.Attribute)
	}
	for i, why := range order {
		order[i] = strings.Join(kept[why], " ") + " (" + why + ")"
	}
	if len(order) > 0 {
		fmt.Fprintf(out, "           - %s\n", strings.Join(order, ", "))
	}
}
