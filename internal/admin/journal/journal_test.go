package journal_test

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/journal"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// The reference numbers of a release, and of a refusal.
const (
	ref   = "K7Q2-9FMZ"
	other = "2CAW-M1Z0"
)

// office is the pages on a desk of a small academy.
type office struct {
	*frametest.Bench
	chain journal.Chain
	keeps *audit.Journal
}

func newOffice(t testing.TB) *office {
	t.Helper()
	o := &office{}
	o.Bench = frametest.New(t, journal.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		o.keeps = audittest.Journal(t, h.DB.Audit(), h.Ring, "people", h.Now)
		journal.Mount(mux, f, journal.Config{
			Words: h.Desk.Words, Chain: func() journal.Chain { return o.chain },
			Fits: func(ctx context.Context, of audit.Chain, n int64) (bool, error) {
				return audit.Fits(ctx, h.DB.Audit(), of, n)
			},
		})
	})
	return o
}

// get gives all of an answer, a file that is taken away too.
func (o *office) get(who roles.Caller, path string) (int, string) {
	a := o.Ask(who, http.MethodGet, path)
	return a.Status, strings.NewReplacer("\u202f", " ", "\u00a0", " ", "’", "'").Replace(html.UnescapeString(a.Body))
}

func (o *office) keep(t testing.TB, e audit.Entry) audit.Entry {
	t.Helper()
	kept, err := o.keeps.Append(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// happened is a declaration that the collège wrote, got approved and enabled, a sign-in there and one in the other collège,
// a denial, and a wish.
func (o *office) happened(t *testing.T) (release audit.Entry) {
	t.Helper()
	head := o.Head(desktest.College)
	if _, err := o.Begin(t.Context(), head, "", desktest.ForSchools(desktest.College)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Decide(t.Context(), head, desk.Stance{
		Service: "lire", Where: desk.Where{UAIs: []person.UAI{desktest.College}}, State: registry.RefusedHere, Reason: "Trop de données pour un exercice.",
	}); err != nil {
		t.Fatal(err)
	}
	o.keep(t, audit.Entry{Class: audit.ClassSignIn, Action: "sign_in", Outcome: audit.SignedIn, Ref: ref, Service: "lire", Source: "ent", Protocol: "saml"})
	release = o.keep(t, audit.Entry{
		Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Reason: "informed", Ref: ref, Service: "lire", UAI: string(desktest.College),
		Attributes: []string{"pseudonym"}, Subject: strings.Repeat("a", 64), Detail: map[string]string{"withheld": "mail=not_declared", "profile": "eleve", "child": strings.Repeat("b", 64)},
	})
	o.keep(t, audit.Entry{Class: audit.ClassSignIn, Action: "refusal", Outcome: audit.Refused, Reason: "not_for_level", Ref: other, Service: "lire", UAI: string(desktest.Other)})
	o.keep(t, audit.Entry{Class: audit.ClassAdmin, Action: "wish_add", Outcome: audit.Done, Actor: "handle-of-a-teacher", UAI: string(desktest.College)})
	o.keep(t, audit.Entry{Class: audit.ClassAdmin, Action: "enabling_enable", Outcome: audit.Done, Actor: "handle-of-another-head", Service: "calcul", UAI: string(desktest.Other), Detail: map[string]string{audit.As: "head"}})
	o.keep(t, audit.Entry{Class: audit.ClassAdmin, Action: "rules_propose", Outcome: audit.Done, Actor: o.DPO().Handle, Detail: map[string]string{audit.As: "dpo", "secret_sealed": "SEALED"}})
	return release
}

func mainOf(body string) string {
	_, after, _ := strings.Cut(body, "<main")
	return after
}

func TestTheListShowsToEachWhatTheyAnswerFor(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.happened(t)
	const refused, elsewhere, rules = ">service refusé</a>", ">handle-of-an…</a>", ">règles proposées</a>"
	for name, c := range map[string]struct {
		who  roles.Caller
		path string
		code int
		has  []string
		not  []string
	}{
		"officer":            {o.DPO(), "", 200, []string{refused, elsewhere, rules, "déclaration commencée"}, []string{"handle-of-a-t", "SEALED", "données envoyées<"}},
		"head":               {o.Head(desktest.College), "", 200, []string{refused}, []string{elsewhere, rules}},
		"another head":       {o.Head(desktest.Other), "", 200, []string{elsewhere}, []string{refused, rules}},
		"head of the écoles": {o.DASEN(), "", 200, []string{refused, elsewhere}, []string{rules}},
		"another's school":   {o.Head(desktest.Other), "?etablissement=" + string(desktest.College), 403, nil, []string{refused}},
		"one school":         {o.DPO(), "?etablissement=" + string(desktest.College), 200, []string{refused}, []string{elsewhere, rules}},
		"one kind":           {o.DPO(), "?objet=rules", 200, []string{rules}, []string{refused}},
		"one act":            {o.DPO(), "?acte=enabling_refuse", 200, []string{refused}, []string{rules, elsewhere}},
		"an unknown kind":    {o.DPO(), "?objet=x", 200, []string{rules, refused}, nil},
		"one handle":         {o.DPO(), "?par=handle-of-another-head", 200, []string{elsewhere}, []string{refused, rules}},
		"who wished":         {o.DPO(), "?par=handle-of-a-teacher", 200, []string{"Aucune écriture"}, nil},
		"one function":       {o.DPO(), "?fonction=head", 200, []string{refused, elsewhere}, []string{rules}},
		"one service":        {o.DPO(), "?service=calcul", 200, []string{elsewhere}, []string{refused}},
		"before":             {o.DPO(), "?au=2020-01-01", 200, []string{"Aucune écriture"}, []string{refused}},
		"today":              {o.DPO(), "?du=2026-11-22&au=2026-11-22", 200, []string{refused}, nil},
		"no date":            {o.DPO(), "?du=hier", 422, []string{"ne se lit pas"}, []string{refused}},
		"no reference":       {o.DPO(), "?reference=x", 422, []string{"pas un numéro"}, []string{refused}},
		"no cursor":          {o.DPO(), "?apres=x", 404, nil, nil},
		"system":             {o.DPO(), "?journal=systeme", 200, nil, []string{refused}},
		"refused":            {o.DPO(), "?issue=refused", 200, []string{"Aucune écriture"}, []string{refused}},
		"a teacher":          {o.Teacher(desktest.College), "", 403, nil, []string{refused}},
		"a provider":         {o.Provider(), "", 403, nil, []string{refused}},
		"a stranger":         {o.Stranger(), "", 403, nil, []string{refused}},
	} {
		code, body := o.get(c.who, "/bureau/journal"+c.path)
		if code != c.code {
			t.Errorf("%s: %d", name, code)
		}
		for _, words := range c.has {
			if !strings.Contains(mainOf(body), words) {
				t.Errorf("%s: no %q in %s", name, words, mainOf(body))
			}
		}
		for _, words := range append(c.not, strings.Repeat("a", 30), strings.Repeat("b", 30)) {
			if strings.Contains(body, words) {
				t.Errorf("%s: %q stands there", name, words)
			}
		}
	}
}

func TestAReferenceTellsWhatHappenedInWords(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.happened(t)
	for name, c := range map[string]struct {
		who  roles.Caller
		path string
		has  []string
		not  []string
	}{
		"officer":      {o.DPO(), "k7q29fmz", []string{"Ce qui s'est passé sous K7Q2-9FMZ", "données envoyées au service", "page d'information", "non déclarée", "connexion à la source"}, nil},
		"head":         {o.Head(desktest.College), ref, []string{"données envoyées au service"}, []string{"connexion à la source d'identité</a>"}},
		"another head": {o.Head(desktest.Other), ref, []string{"Rien de ce que vous pouvez lire", "Chef ou cheffe"}, []string{"données envoyées au service"}},
		"a refusal":    {o.Head(desktest.Other), other, []string{"refus", "niveau"}, []string{"Rien de ce que"}},
		"nothing":      {o.DPO(), string(web.NewRef()), []string{"Rien de ce que vous pouvez lire"}, nil},
	} {
		code, body := o.get(c.who, "/bureau/journal?reference="+c.path)
		if code != 200 {
			t.Errorf("%s: %d", name, code)
		}
		for _, words := range c.has {
			if !strings.Contains(mainOf(body), words) {
				t.Errorf("%s: no %q in %s", name, words, mainOf(body))
			}
		}
		for _, words := range append(c.not, strings.Repeat("a", 30), strings.Repeat("b", 30)) {
			if strings.Contains(body, words) {
				t.Errorf("%s: %q stands there", name, words)
			}
		}
	}
}

// linked is the first address of an entry that the list leads to by some words.
func (o *office) linked(t *testing.T, who roles.Caller, query, words string) string {
	t.Helper()
	_, body := o.get(who, "/bureau/journal"+query)
	before, _, found := strings.Cut(body, `">`+words+`</a>`)
	if !found {
		t.Fatalf("no %q in %s", words, mainOf(body))
	}
	return before[strings.LastIndex(before, `href="`)+len(`href="`):]
}

func TestAnEntryTellsWhyAndWhatItChanged(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	release := o.happened(t)
	head := o.Head(desktest.College)
	path := o.linked(t, head, "", "service refusé")
	code, body := o.get(head, path)
	for _, words := range []string{"Trop de données pour un exercice.", "Chef ou cheffe", "suit l'écriture précédente", "pas encore vérifié"} {
		if code != 200 || !strings.Contains(body, words) {
			t.Errorf("%d: no %q in %s", code, words, mainOf(body))
		}
	}
	if code, body := o.get(o.Head(desktest.Other), path); code != 404 || strings.Contains(body, "Trop de données") {
		t.Errorf("another school's: %d", code)
	}
	if code, _ := o.get(o.Stranger(), path); code != 403 {
		t.Errorf("a stranger: %d", code)
	}
	people := fmt.Sprintf("/bureau/journal/%s/release/%d", release.Writer, release.Sequence)
	for _, query := range []string{"", "?reference=" + other, "?reference=x"} {
		if code, body := o.get(o.DPO(), people+query); code != 404 || strings.Contains(body, "Numéro opaque") {
			t.Errorf("a release without its reference %q: %d", query, code)
		}
	}
	if code, body := o.get(o.DPO(), people+"?reference=k7q29fmz"); code != 200 || !strings.Contains(body, "Numéro opaque") || strings.Contains(body, strings.Repeat("b", 30)) {
		t.Errorf("a release with its reference: %d %s", code, mainOf(body))
	}
	for _, nowhere := range []string{"/bureau/journal/desk/admin/999", "/bureau/journal/desk/admin/0", "/bureau/journal/desk/admin/x", "/bureau/journal/none/admin/1", "/bureau/journal/desk/none/1"} {
		if code, _ := o.get(o.DPO(), nowhere); code != 404 {
			t.Errorf("%s: %d", nowhere, code)
		}
	}
}

func TestAnEntryOfAVersionShowsWhatItSaysDifferently(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	first := desktest.Reading()
	first.ID, first.Version, first.State, first.Since, first.Author = "d-lire", 1, registry.Approved, o.Now(), "handle-of-nobody"
	first.Decisions = []registry.Decision{{At: o.Now(), State: registry.Approved, Office: "recteur", By: o.Recteur().Handle}}
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{first}})
	if _, err := o.NewVersion(t.Context(), o.Recteur(), "d-lire"); err != nil {
		t.Fatal(err)
	}
	v, _ := o.Snapshot(t).Declaration("d-lire", 2)
	v.Retention = registry.Text{FR: "dix ans", EN: "ten years"}
	o.Apply(t, registry.Change{Declarations: []registry.Declaration{v}})
	path := o.linked(t, o.Recteur(), "", "nouvelle version d'une déclaration")
	code, body := o.get(o.Recteur(), path)
	if code != 200 || !strings.Contains(body, "Ce qui change depuis d-lire v1") || !strings.Contains(body, "dix ans") || !strings.Contains(body, first.Retention.FR) {
		t.Errorf("%d %s", code, mainOf(body))
	}
	if code, body := o.get(o.Support(), path); code != 200 || strings.Contains(body, "dix ans") {
		t.Errorf("who sees no drafts: %d %s", code, mainOf(body))
	}
}

func TestTheChainIsLoudWhereItDoesNotHold(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.happened(t)
	o.chain = journal.Chain{At: o.Now(), Entries: 1234, Chains: 2}
	if _, body := o.get(o.DPO(), "/bureau/journal"); !strings.Contains(body, "journal intact : 1 234 écritures") || strings.Contains(body, "notice-danger") {
		t.Errorf("%s", mainOf(body))
	}
	o.chain.Problems = []string{"chain desk/admin, entry 2: removed"}
	path := o.linked(t, o.DPO(), "", "service refusé")
	for _, where := range []string{"/bureau/journal", path} {
		if _, body := o.get(o.DPO(), where); !strings.Contains(body, "n'est pas celui qui a été écrit") || !strings.Contains(body, "Prévenez le RSSI") {
			t.Errorf("%s: %s", where, mainOf(body))
		}
	}
}

func TestTheListIsTakenAwayAsItIsChosen(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.happened(t)
	for i := range 1200 { // more than a part
		o.keep(t, audit.Entry{Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:apply", Service: "=formula", Version: i})
	}
	code, body := o.get(o.DPO(), "/bureau/journal/export?format=csv")
	if code != 200 || strings.Count(body, ";apply;") != 1200 || !strings.Contains(body, ";'=formula;") || strings.Contains(body, ";=formula") || strings.Contains(body, "handle-of-a-t") {
		t.Errorf("%d, %d lines", code, strings.Count(body, "\n"))
	}
	code, body = o.get(o.Head(desktest.Other), "/bureau/journal/export?format=jsonl")
	var line struct {
		Action, UAI, Subject, SHA256 string
		Sequence                     int64
		Writer                       string
	}
	if code != 200 || strings.Count(body, "\n") != 1 || json.Unmarshal([]byte(body), &line) != nil || line.UAI != string(desktest.Other) || line.Subject != "" {
		t.Fatalf("%d %s", code, body)
	}
	rows, err := o.DB.Audit().Rows(t.Context(), audit.Chain{Writer: line.Writer, Class: audit.ClassAdmin}, line.Sequence-1, 1)
	if err != nil || len(rows) != 1 || fmt.Sprintf("%x", rows[0].Hash[:]) != line.SHA256 {
		t.Errorf("%v: %v is not what the journal has", err, line)
	}
	for path, want := range map[string]int{"": 404, "?format=xls": 404, "?format=csv&du=x": 404, "?format=csv&apres=x": 404, "?format=csv&etablissement=" + string(desktest.College): 403} {
		if code, _ := o.get(o.Head(desktest.Other), "/bureau/journal/export"+path); code != want {
			t.Errorf("%s: %d", path, code)
		}
	}
	if code, _ := o.get(o.Teacher(desktest.College), "/bureau/journal/export?format=csv"); code != 403 {
		t.Errorf("a teacher: %d", code)
	}
}

func TestALongListGoesOnWithoutLosingAnyEntry(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 120 {
		o.keep(t, audit.Entry{Class: audit.ClassAdmin, Action: "apply", Outcome: audit.Done, Actor: "command:apply", Version: i})
	}
	seen, path := 0, "/bureau/journal?acte=apply"
	for range 4 {
		_, body := o.get(o.DPO(), path)
		seen += strings.Count(body, ">fichiers appliqués</a>")
		before, _, more := strings.Cut(body, `" rel="next">`)
		if !more {
			break
		}
		path = before[strings.LastIndex(before, `href="`)+len(`href="`):]
		if u, err := url.Parse(path); err != nil || u.Query().Get("acte") != "apply" {
			t.Fatalf("%s loses what was chosen", path)
		}
	}
	if seen != 120 {
		t.Errorf("%d entries were shown", seen)
	}
}
