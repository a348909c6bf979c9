package sqldb

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/audit"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func decided(state registry.State) []registry.Decision {
	at := time.Date(2026, 9, 2, 8, 30, 0, 123456789, time.FixedZone("", 2*3600))
	return []registry.Decision{{At: at, State: state, Office: "chef d'établissement", By: "h1", Reason: "vu"}}
}

func document(text string) registry.File {
	sum := sha256.Sum256([]byte(text))
	return registry.File{Hash: hex.EncodeToString(sum[:]), Type: "text/plain", Body: []byte(text)}
}

// fullChange holds an object of every kind.
func fullChange() registry.Change {
	c := sampleChange()
	day := registry.Date{Year: 2026, Month: time.September, Day: 1}
	at := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
	c.Enablings = []registry.Enabling{{
		Service: "lire", UAI: "0280101H", State: registry.Enabled, Declaration: "d1", Version: 1, Since: at,
		Message: registry.Text{FR: "ouvert"}, Decisions: decided(registry.Approved),
		Paper: &registry.Paper{Act: "A-1", Date: day, Signatory: "principal", Document: document("acte").Hash},
	}}
	c.Openings = []registry.Opening{{
		ID: "o1", Service: "lire", Declaration: "d1", Version: 1, Academy: "exemple", Act: "A", Reason: "confinement",
		From: day, Until: day.Add(30), Opinion: &registry.Opinion{At: at, Value: registry.Favourable, Office: "DPD"}, Decisions: decided(registry.Approved),
	}}
	c.Wishes = []registry.Wish{{ID: "w1", UAI: "0280101H", About: "lire", Reason: "lecture", By: []string{"h1", "h2"}, At: at, State: registry.Wished}}
	c.Inquiries = []registry.Inquiry{{ID: "q1", Academy: "exemple", Source: "ent", Person: "sealed", State: registry.Submitted, Until: at, Decisions: decided(registry.Submitted)}}
	c.Appointments = []registry.Appointment{{
		ID: "p1", Role: registry.DPO, Over: registry.Over{Academies: []string{"exemple"}}, Reason: "nomination", From: day, Until: day.Add(90),
		State: registry.Proposed, Author: "command:admin-link", Decisions: decided(registry.Submitted), Since: at,
	}}
	c.Tokens = []registry.Token{{
		ID: "t1", Hash: document("secret").Hash, Name: "export", Holder: "h1", Scopes: []string{"read"}, Made: at, Until: at.Add(time.Hour),
		Held: []registry.Held{{Role: registry.HeadOfSchool, Over: registry.Over{UAIs: []person.UAI{"0280101H"}}, Until: at.Add(time.Hour)}},
	}}
	c.RuleSets = []registry.RuleSet{{
		Rules: registry.Rules{Version: 1, ConsentAge: 15, EEA: []string{"FR"}}, From: day, Author: "h1", Proposed: at,
		Signatures: []registry.Signature{{At: at, Role: registry.DPO, By: "h1", Stops: 2}},
	}}
	c.Families = []registry.Family{{
		ID: "lecture", Generation: 1, Overlap: day, State: registry.Submitted, Next: day, Taken: at, Decisions: decided(registry.Submitted),
	}}
	c.Headcounts = []registry.Headcount{{UAI: "0280101H", On: day, Classes: map[string]int{"CE2 B": 24}, Groups: map[string]int{"LATIN": 4}}}
	c.Charters = []registry.Charter{{
		Academy: "exemple", Child: registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: "Je garde mon mot de passe secret."}}}},
		Mode: registry.CharterRemind, Until: "10-15", Begins: "09-01", Guardians: registry.AnswerNo, Contact: registry.Text{FR: "la direction"},
	}}
	c.Comments = []registry.Comment{{
		ID: "k1", Declaration: "d1", Version: 1, Where: "items[mail]", Says: "pourquoi ?", Text: "empreinte", Office: "DPD", By: "h1", At: at,
	}}
	c.Given = []registry.Given{{
		ID: "g1", Service: "lire", UAI: "0280101H", Declaration: "d1", Version: 1, To: registry.ReadGuardians, On: day, How: registry.GivenByENT, Note: "classeur", Office: "directeur", By: "h1", At: at,
	}}
	c.Stops = []registry.Stop{{
		Kind: registry.StopEstablishment, ID: "0280101H", Suspended: true, Since: at,
		Decisions: []registry.Decision{{At: at, State: registry.Suspended, Office: "DPD", By: "h1", Reason: "comptes volés"}},
	}}
	c.Incidents = []registry.Incident{{
		ID: "i1", Title: "Fuite", Natures: registry.Natures(), Services: []string{"lire"}, Sources: []string{"ent"}, UAIs: []person.UAI{"0280101H"}, Academy: "exemple",
		Known: at, From: at, Until: at, What: "une liste", Effects: "gêne", Measures: "suspendu", Late: "férié", Contact: "dpd@ac.example",
		Message: registry.Wording{Adulte: registry.Text{FR: "Suspendu."}, Ado: registry.Text{FR: "En pause."}, Enfant: registry.Text{FR: "Pause.", EN: "Break."}},
		State:   registry.IncidentOpen, Opened: at, Steps: []registry.IncidentStep{{At: at, Word: registry.StepWarned, Office: "DPD", By: "h1", To: "head 0280101H", Text: "prévenu"}},
	}}
	c.Models = []registry.Model{{ID: "m1", Version: 3, Name: registry.Text{FR: "Modèle"}, Draft: registry.Declaration{Purposes: []registry.Text{{FR: "lire"}}}, Date: day}}
	c.Assessments = []registry.Assessed{{ID: "a1", Name: registry.Text{FR: "Outil"}, Aliases: []string{"outil.example"}, Reasons: []registry.Reason{{Law: "art. 28"}}}}
	c.Files = []registry.File{document("acte"), {Hash: document("").Hash, Type: "text/plain"}}
	return c
}

// asContents is what a change leaves in an empty registry.
func asContents(t *testing.T, c registry.Change, revision int64) registry.Contents {
	t.Helper()
	out := registry.Contents{Revision: revision}
	from, to := reflect.ValueOf(c), reflect.ValueOf(&out).Elem()
	for i := range to.NumField() {
		name := to.Type().Field(i).Name
		if name == "Revision" {
			continue
		}
		if from.FieldByName(name).Len() == 0 {
			t.Fatalf("the change holds no %s", name)
		}
		to.Field(i).Set(from.FieldByName(name))
	}
	return out
}

func TestEveryKindOfObjectComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		change := fullChange()
		mustApply(t, s, change)
		want := asContents(t, change, 1)
		sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		for name, read := range map[string]func() (registry.Contents, error){
			"load":  func() (registry.Contents, error) { return s.Load(t.Context()) },
			"since": func() (registry.Contents, error) { return s.Since(t.Context(), 0) },
		} {
			got, err := read()
			if diff := cmp.Diff(want, got, sameTime); err != nil || diff != "" {
				t.Errorf("%s: %v\n%s", name, err, diff)
			}
		}
		mustApply(t, s, change) // the same once more takes nothing back
	})
}

func TestSinceGivesWhatChangedAndNothingElse(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		mustApply(t, s, fullChange())
		refused := fullChange().Enablings[0]
		refused.State, refused.Decisions = registry.RefusedHere, append(refused.Decisions, decided(registry.Refused)...)
		mustApply(t, s, registry.Change{Enablings: []registry.Enabling{refused}})
		mustApply(t, s, registry.Change{Services: []registry.Service{{ID: "compter"}}})
		for after, want := range map[int64][2]int{0: {1, 2}, 1: {1, 1}, 2: {0, 1}, 3: {0, 0}, 9: {0, 0}} {
			got, err := s.Since(t.Context(), after)
			if err != nil || got.Revision != 3 || len(got.Enablings) != want[0] || len(got.Services) != want[1] {
				t.Errorf("since %d: revision %d, %d enablings, %d services, %v, want %v", after, got.Revision, len(got.Enablings), len(got.Services), err, want)
			}
			if after > 0 && len(got.Declarations)+len(got.RuleSets)+len(got.Establishments) > 0 {
				t.Errorf("since %d: objects that did not change", after)
			}
			if len(got.Enablings) == 1 && got.Enablings[0].State != registry.RefusedHere {
				t.Errorf("since %d: an older state: %s", after, got.Enablings[0].State)
			}
		}
	})
}

func TestDocumentsAreKeptOnceUnderTheirHash(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		first := document("contrat")
		again := first
		again.Type = "application/pdf"
		mustApply(t, s, registry.Change{Files: []registry.File{first, document("")}})
		mustApply(t, s, registry.Change{Files: []registry.File{again}})
		got, ok, err := s.File(t.Context(), first.Hash)
		if diff := cmp.Diff(first, got); err != nil || !ok || diff != "" {
			t.Errorf("found %v, %v\n%s", ok, err, diff)
		}
		if got, ok, err := s.File(t.Context(), document("").Hash); err != nil || !ok || len(got.Body) != 0 {
			t.Errorf("an empty document: %v, %v", ok, err)
		}
		if _, ok, err := s.File(t.Context(), document("autre").Hash); err != nil || ok {
			t.Errorf("a document that nobody wrote: %v, %v", ok, err)
		}
		if _, err := d.engine.writer.ExecContext(t.Context(), `UPDATE registry_files SET body = $1 WHERE hash = $2`, []byte("autre contrat"), first.Hash); err != nil {
			t.Fatal(err)
		}
		if _, ok, err := s.File(t.Context(), first.Hash); ok || err == nil {
			t.Error("a document that was exchanged in the database is given out")
		}
	})
}

func TestRegistryRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	wrong, capital := document("contrat"), document("contrat")
	wrong.Body = []byte("autre contrat")
	capital.Hash = strings.ToUpper(capital.Hash)
	large := bytes.Repeat([]byte("x"), registry.MaxFile+1)
	service := registry.Service{ID: "lire"}
	refused := map[string]registry.Change{
		"a document of another hash":         {Files: []registry.File{wrong}},
		"a hash in capitals":                 {Files: []registry.File{capital}},
		"a document without a hash":          {Files: []registry.File{{Body: []byte("x")}}},
		"a document that is too large":       {Files: []registry.File{document(string(large))}},
		"an object over one MiB":             {Services: []registry.Service{{ID: "lire", Contact: strings.Repeat("x", registry.MaxObject)}}},
		"a service without an id":            {Services: []registry.Service{{Provider: "x"}}},
		"an enabling without a service":      {Enablings: []registry.Enabling{{UAI: "0280101H"}}},
		"an enabling without a place":        {Enablings: []registry.Enabling{{Service: "lire"}}},
		"the program's own rules":            {RuleSets: []registry.RuleSet{{Rules: registry.Rules{Version: 0, ConsentAge: 3}}}},
		"rules of a negative version":        {RuleSets: []registry.RuleSet{{Rules: registry.Rules{Version: -1}}}},
		"the same object twice in one act":   {Services: []registry.Service{service, service}},
		"the same enabling twice in one act": {Enablings: []registry.Enabling{{Service: "lire", UAI: "0280101H"}, {Service: "lire", UAI: "0280101H", State: registry.Enabled}}},
	}
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		for name, change := range refused {
			change.Delegations = sampleChange().Delegations
			if _, err := s.Apply(t.Context(), change, applyEntry()); !errors.Is(err, registry.ErrUnfit) {
				t.Errorf("%s: %v, want ErrUnfit", name, err)
			}
		}
		fits := registry.Change{Services: []registry.Service{{ID: "lire", Contact: strings.Repeat("x", registry.MaxObject-1000)}}, Files: []registry.File{document(string(large[1:]))}}
		mustApply(t, s, fits)
		c, err := s.Load(t.Context())
		if err != nil || c.Revision != 1 || len(c.Services) != 1 || len(c.Delegations)+len(c.Enablings)+len(c.RuleSets) > 0 {
			t.Errorf("refused changes left something: revision %d, %v", c.Revision, err)
		}
		if report, err := audit.Verify(t.Context(), d.Audit(), keystest.Ring(t)); err != nil || report.Entries != 1 {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}

func TestAnUnknownKindOfObjectIsAnError(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Registry{DB: d, Journal: testJournal(t, d, "w-1")}
		for _, row := range []string{`'spaceship', '{}'`, `'enabling', '{"service":'`} {
			_, err := d.engine.writer.ExecContext(t.Context(), fmt.Sprintf(`
INSERT INTO registry_objects (id, version, revision, kind, body) VALUES ('x', 0, 1, %s)`, row))
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Load(t.Context()); err == nil {
				t.Errorf("load: %s was read", row)
			}
			if _, err := s.Since(t.Context(), 0); err == nil {
				t.Errorf("since: %s was read", row)
			}
			if _, err := d.engine.writer.ExecContext(t.Context(), `DELETE FROM registry_objects`); err != nil {
				t.Fatal(err)
			}
		}
	})
}
