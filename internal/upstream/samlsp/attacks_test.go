package samlsp_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
)

const attacks = "../../saml/testdata/attacks"

// The kept attacks were written for this service, this request and this instant.
const (
	attackedEntity = "https://lire.example.org/sp"
	attackedACS    = "https://lire.example.org/saml/acs?a=1&b=2"
	attackedIDP    = "https://gateway.example.org/saml"
	attackedID     = "_q1"
)

func attackedAt() time.Time { return time.Date(2026, 11, 22, 8, 30, 0, 123e6, time.UTC) }

// attacked is a gate that waits for the answer that the attacks were made of.
func attacked(t testing.TB) *gate {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(attacks, "registered.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(raw)
	metadata := theirXML(provider(), provider().base64(), base64.StdEncoding.EncodeToString(block.Bytes), idpEntity, attackedIDP)
	g := newGate(t, setup{now: attackedAt, tickets: memdb.New(attackedAt), settings: map[string]any{"metadata": metadata, "entity_id": attackedEntity}})
	g.AnswersAt(attackedACS)
	value, err := json.Marshal(map[string]any{"challenge": upstreamtest.Challenge, "idp": attackedIDP, "asked": attackedAt()})
	if err == nil {
		err = g.tickets.Create(t.Context(), store.Ticket{Kind: "saml-question", Name: "ent " + attackedID, Value: value, Expires: attackedAt().Add(time.Hour)})
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestNoKeptAttackSignsAnybodyIn(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob(filepath.Join(attacks, "response-*"))
	if err != nil || len(names) < 50 {
		t.Fatalf("%d attacks: %v", len(names), err)
	}
	in, out := 0, 0
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first, message, _ := bytes.Cut(content, []byte("\n"))
		g := attacked(t)
		w := g.answer(string(message), attackedID)
		if accept := strings.HasPrefix(string(first), "accept"); accept {
			in++
			if w.Code != http.StatusNoContent || len(g.host.Signed()) != 1 || !slices.Equal(g.host.Last(t).Attributes["NameID"], []string{"p-71f2"}) {
				t.Errorf("%s: the control is refused: %d, %v", name, w.Code, g.host.Failures())
			}
			continue
		}
		out++
		if g.nobody(t); w.Code != http.StatusBadRequest && w.Code != http.StatusAccepted {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if in < 5 || out < 40 {
		t.Errorf("%d controls and %d attacks", in, out)
	}
}

// Whatever becomes of an answer on its way, it signs in whom it was signed for, or nobody.
func FuzzAnswer(f *testing.F) {
	names, err := filepath.Glob(filepath.Join(attacks, "response-*"))
	if err != nil || len(names) == 0 {
		f.Fatal(err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		_, message, _ := bytes.Cut(content, []byte("\n"))
		f.Add(message, attackedID)
	}
	f.Fuzz(func(t *testing.T, message []byte, relay string) {
		g := attacked(t)
		g.answer(string(message), relay)
		for _, a := range g.host.Signed() {
			if !slices.Equal(a.Attributes["NameID"], []string{"p-71f2"}) {
				t.Error("somebody else was signed in")
			}
		}
	})
}

func TestAnEncryptedAnswerIsRefusedByItsName(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	document := strings.Replace(theirAnswer(q.AuthnRequest, g.now()), "</samlp:Response>", "<saml:EncryptedAssertion></saml:EncryptedAssertion></samlp:Response>", 1)
	from, to := strings.Index(document, "<saml:Assertion "), strings.Index(document, "<saml:EncryptedAssertion>")
	g.answer(signed(t, provider(), document[:from]+document[to:], "Response"), q.RelayState)
	if f := g.host.Failures(); len(f) != 1 || !strings.Contains(f[0].Error(), saml.ErrEncrypted.Error()) {
		t.Errorf("%v", f)
	}
}
