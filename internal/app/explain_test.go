package app

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/admin"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// installed is what a demo leaves behind, opened as an installation with a source of temporary accounts and one account.
func installed(t *testing.T) (*base, Config) {
	t.Helper()
	dir := t.TempDir()
	a, err := Demo(t.Context(), DemoOptions{Data: dir, Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0", LogTo: t.Output()})
	if err != nil {
		t.Fatal(err)
	}
	address := a.gateway.config.PublicURL
	if err := a.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := DataConfig(dir)
	if err != nil || c.PublicURL != address {
		t.Fatalf("the demo answered at %s, its folder says %s: %v", address, c.PublicURL, err)
	}
	log, err := newLogger(c.Log, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBase(t.Context(), c, "test", time.Now, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.closers.close() })
	source := registry.Source{ID: "comptes", Name: registry.Text{FR: "Comptes"}, Connector: "local", Authority: accounts.Authority("comptes")}
	if _, err := b.applied(t.Context(), registry.Change{Sources: []registry.Source{source}}, "command:test"); err != nil {
		t.Fatal(err)
	}
	today := registry.DateOf(time.Now().In(b.zone))
	account := accounts.Account{
		ID: "abcdefghjkmnpqrs", Login: "t-1", Source: "comptes", UAI: "0280101H", Profile: person.Pupil, FamilyName: "Essai", From: today, Until: today.Add(30),
		Reason: "un essai", Author: "test", Made: time.Now(), State: accounts.Active, Since: time.Now(), Word: "x", WordEnds: time.Now().Add(time.Hour),
	}
	if err := b.accounts().Put(t.Context(), account, audit.Entry{Class: audit.ClassAdmin, Action: "account", Outcome: audit.Done}); err != nil {
		t.Fatal(err)
	}
	return b, c
}

func lookEntries(t *testing.T, b *base) []audit.Entry {
	t.Helper()
	page, err := b.db.Audit().List(t.Context(), audit.Query{Action: desk.ActionLook, Subjects: true})
	if err != nil {
		t.Fatal(err)
	}
	return page.Entries
}

// noting notes how many looks the journal holds when the first word is printed.
type noting struct {
	looks func() int
	first int
	bytes int
}

func (n *noting) Write(p []byte) (int, error) {
	if n.bytes == 0 {
		n.first = n.looks()
	}
	n.bytes += len(p)
	return len(p), nil
}

func TestSomebodyRealIsExplainedWithAReasonAndAfterTheJournalHasIt(t *testing.T) {
	t.Parallel()
	b, c := installed(t)
	out := &noting{looks: func() int { return len(lookEntries(t, b)) }}
	ask := ExplainOptions{Config: &c, Person: "comptes:abcdefghjkmnpqrs", UAI: "0280101H", Service: "lire", Reason: "trop court"}
	if err := Explain(t.Context(), ask, out, t.Output()); err == nil || !strings.Contains(err.Error(), "--reason") || out.bytes+len(lookEntries(t, b)) != 0 {
		t.Fatalf("a short reason: %v, %d bytes are printed", err, out.bytes)
	}
	ask.Reason, ask.Message = "réclamation du 20 novembre", "telnet"
	if err := Explain(t.Context(), ask, out, t.Output()); err == nil || !strings.Contains(err.Error(), "it speaks saml") || len(lookEntries(t, b)) != 0 {
		t.Errorf("a message that is none: %v", err)
	}
	ask.Message = ""
	if err := Explain(t.Context(), ask, out, t.Output()); err != nil {
		t.Fatal(err)
	}
	entries := lookEntries(t, b)
	if len(entries) != 1 || out.first != 1 || out.bytes == 0 {
		t.Fatalf("%d entries, %d when the first word was printed", len(entries), out.first)
	}
	teller := &teller{base: b}
	contents, err := b.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	teller.view = b.snapshot(contents)
	who, err := teller.find(t.Context(), "comptes", "abcdefghjkmnpqrs")
	if err != nil {
		t.Fatal(err)
	}
	own := histories{consent.Looks{Keys: b.ring}, b.ring, b.people()}
	handles, err := own.Own(t.Context(), who)
	if err != nil || entries[0].Subject != own.Looked(handles[0]) {
		t.Errorf("the entry is not in the person's own history: %v", err)
	}
	if text, err := own.Reason(entries[0].Subject, entries[0].Detail["reason_sealed"]); err != nil || text != ask.Reason {
		t.Errorf("the person reads %q, %v", text, err)
	}
	ask.UAI = ""
	if err := Explain(t.Context(), ask, &bytes.Buffer{}, t.Output()); err == nil || !strings.Contains(err.Error(), "--uai: it is missing") || len(lookEntries(t, b)) != 1 {
		t.Errorf("without an establishment: %v", err)
	}
	ask.UAI, ask.Person = "0280101H", "comptes:nobody"
	if err := Explain(t.Context(), ask, &bytes.Buffer{}, t.Output()); err == nil || len(lookEntries(t, b)) != 2 {
		t.Errorf("nobody: %v", err)
	}
}

func TestTheNumberShownIsTheOneThatASignInWouldSendAndAskingFilesNothing(t *testing.T) {
	t.Parallel()
	b, c := installed(t)
	subject := func() string {
		var out bytes.Buffer
		var e admin.Explanation
		ask := ExplainOptions{Data: c.dir, Person: "demo:lina", UAI: "0280101H", Service: "lire", JSON: true}
		if err := Explain(t.Context(), ask, &out, t.Output()); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(out.Bytes(), &e); err != nil || !e.Allowed {
			t.Fatalf("%v, allowed %v", err, e.Allowed)
		}
		return e.Subject
	}
	alone := subject()
	who, err := b.demoPerson(t.Context(), "demo:lina")
	if err != nil {
		t.Fatal(err)
	}
	book, ine := b.people(), person.Key{Authority: "ine", ID: "1"}
	first, err := book.Know(t.Context(), "ent", person.Key{Authority: "ent", ID: "before"}, ine)
	if err != nil {
		t.Fatal(err)
	}
	if again := subject(); again != alone {
		t.Error("asking filed something")
	}
	numbers, err := book.Know(t.Context(), "demo", who.Key, ine)
	if err != nil || !slices.Equal(numbers, first) {
		t.Fatalf("the two keys are not joined: %v", err)
	}
	if joined := subject(); joined == alone {
		t.Error("the number of the key alone is shown to somebody whom the book knows under another")
	}
}

func TestAFileIsExplainedAsIfApprovedAndAReferenceFromTheJournal(t *testing.T) {
	t.Parallel()
	b, c := installed(t)
	files, err := filepath.Glob(filepath.Join(c.dir, "files", "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	tried := 0
	for _, f := range files {
		if data, err := os.ReadFile(f); err != nil || !bytes.Contains(data, []byte("kind: Declaration")) || !bytes.Contains(data, []byte("service: lire")) {
			continue
		}
		tried++
		var out bytes.Buffer
		ask := ExplainOptions{Data: c.dir, Draft: f, Service: "lire", Persona: "eleve-ce2", UAI: "0280101H"}
		if err := Explain(t.Context(), ask, &out, t.Output()); err != nil || !strings.Contains(out.String(), "ALLOWED") || !strings.Contains(out.String(), "legal basis: public interest, Code de l'éducation") {
			t.Errorf("%s: %v\n%s", f, err, &out)
		}
	}
	if tried == 0 {
		t.Error("no file declares lire")
	}
	ref := web.NewRef()
	entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire", Ref: string(ref), Declaration: "2026-001", Version: 1, Attributes: []string{"level"}}
	if _, err := b.journal.Append(t.Context(), entry); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := Explain(t.Context(), ExplainOptions{Data: c.dir, Ref: string(ref)}, &out, t.Output()); err != nil || !strings.Contains(out.String(), "level") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := Explain(t.Context(), ExplainOptions{Data: c.dir, Ref: "K7Q2-9FMZ"}, &out, t.Output()); err == nil || !strings.Contains(err.Error(), "no entry") || strings.Contains(err.Error(), "check symbol") {
		t.Errorf("a reference that nobody was given: %v", err)
	}
}
