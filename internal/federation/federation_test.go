package federation_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/fetch"
	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
)

func fingerprint(doc []byte) string {
	sum := sha256.Sum256(doc)
	return hex.EncodeToString(sum[:8])
}

func until(when string, entities ...string) []byte {
	return samltest.Aggregate(`validUntil="`+when+`"`, entities...)
}

// TestWhoeverComesInTheFirstMomentWaitsForWhatIsOnItsWay has a slow server: nobody is told that an entity is unknown while the
// first copy that names it is being fetched.
func TestWhoeverComesInTheFirstMomentWaitsForWhatIsOnItsWay(t *testing.T) {
	t.Parallel()
	for name, open := range map[string]func(*house) *federation.Federation{
		"a federation": func(h *house) *federation.Federation {
			h.put("/fed", h.who.Sign(t, samltest.Whole(5)))
			return h.open(t, h.source(t))
		},
		"one entity": func(h *house) *federation.Federation {
			h.want(federation.Pair{Source: "fed", EntityID: samltest.ID(1)})
			h.put(mdqPath(samltest.ID(1)), h.alone(t, samltest.ID(1), samltest.Until))
			return h.open(t, h.mdq(t))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			f := open(h)
			h.mu.Lock()
			f.Start()
			given := make(chan error)
			go func() {
				_, _, err := f.Entity("fed", samltest.ID(1))
				given <- err
			}()
			select {
			case err := <-given:
				h.mu.Unlock()
				t.Fatalf("it did not wait: %v", err)
			case <-time.After(50 * time.Millisecond):
			}
			h.mu.Unlock()
			if err := <-given; err != nil {
				t.Errorf("refused although it was on its way: %v", err)
			}
		})
	}
}

// TestNobodyWaitsForAServerThatRefused: nor does anybody once the gateway ends.
func TestNobodyWaitsForAServerThatRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.source(t))
	f.Start()
	if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrNothingKept) || f.Status()[0].Error == "" {
		t.Errorf("it waited for something else than the refusal: %v", err)
	}
	slow := newHouse(t)
	slow.mu.Lock()
	f = slow.open(t, slow.source(t))
	f.Start()
	given := make(chan error)
	go func() {
		_, _, err := f.Entity("fed", samltest.ID(1))
		given <- err
	}()
	go f.Close()
	if err := <-given; !errors.Is(err, federation.ErrNothingKept) {
		t.Errorf("at the end: %v", err)
	}
	slow.mu.Unlock()
}

func TestAFederationIsFetchedConditionallyAndItsLastGoodCopyIsKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.source(t))
	if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrNothingKept) {
		t.Errorf("before the first copy: %v", err)
	}
	h.put("/fed", h.who.Sign(t, samltest.Whole(5)))
	takes(t, f)
	first := gives(t, f, samltest.ID(3), h.clock.Now())
	if _, _, err := f.Entity("fed", "https://unknown.example"); !errors.Is(err, federation.ErrUnknownEntity) {
		t.Errorf("an unknown entity: %v", err)
	}
	if _, _, err := f.Entity("other", samltest.ID(1)); !errors.Is(err, federation.ErrUnknownSource) {
		t.Errorf("an unknown source: %v", err)
	}

	h.clock.Advance(time.Hour)
	takes(t, f)
	s := f.Status()[0]
	if _, whole := h.sent(); whole != 1 || !s.Confirmed.Equal(h.clock.Now()) || s.Entities != 5 || !s.Usable || s.Signer != h.signers(t)[0].Fingerprint {
		t.Errorf("%d documents sent, %+v", whole, s)
	}

	h.put("/fed", h.who.Sign(t, until(samltest.Until, samltest.Entity(samltest.ID(3)), strings.ReplaceAll(samltest.Entity(samltest.ID(4)), "A service", "Another"))))
	h.clock.Advance(time.Hour)
	fourth := gives(t, f, samltest.ID(4), h.clock.Now())
	takes(t, f)
	if gives(t, f, samltest.ID(3), h.clock.Now()) != first || gives(t, f, samltest.ID(4), h.clock.Now()) == fourth {
		t.Error("the word that changes with an entity does not")
	}
	good := h.clock.Now()
	for name, doc := range map[string][]byte{
		"nothing": nil, "cut": h.who.Sign(t, samltest.Whole(5))[:4000], "of another": samltest.NewSigner(t).Sign(t, samltest.Whole(5)),
		"expired": h.who.Sign(t, until("2026-11-20T00:00:00Z", samltest.Entity(samltest.ID(1)))), "no XML": []byte("hello"),
	} {
		h.put("/fed", doc)
		h.clock.Advance(time.Hour)
		if err := f.Refresh(t.Context()); err == nil {
			t.Errorf("%s is taken", name)
		}
		gives(t, f, samltest.ID(3), h.clock.Now())
		if s := f.Status()[0]; s.Error == "" || !s.Confirmed.Equal(good) || s.Entities != 2 {
			t.Errorf("%s: %+v", name, s)
		}
	}
	again := h.open(t, h.source(t))
	gives(t, again, samltest.ID(3), h.clock.Now())
	if s := again.Status()[0]; !s.Confirmed.Equal(good) || s.Age(h.clock.Now()) != h.clock.Now().Sub(good) {
		t.Errorf("after a restart: %+v", s)
	}
	if left, _ := filepath.Glob(h.folder + "/*.new-*"); len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

func TestAnOldCopyIsNotUsedPastItsEndNorPastTheConfiguredAge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	source := h.source(t)
	source.MaxAge = 48 * time.Hour
	f := h.open(t, source)
	h.put("/fed", h.who.Sign(t, until("2026-11-27T00:00:00Z", samltest.Entity(samltest.ID(1)),
		strings.Replace(samltest.Entity(samltest.ID(2)), "entityID=", `validUntil="2026-11-23T00:00:00Z" entityID=`, 1))))
	takes(t, f)
	gives(t, f, samltest.ID(2), h.clock.Now())
	h.clock.Advance(24 * time.Hour)
	gives(t, f, samltest.ID(1), h.clock.Now())
	if _, _, err := f.Entity("fed", samltest.ID(2)); !errors.Is(err, federation.ErrStale) {
		t.Errorf("an entity that has ended: %v", err)
	}
	h.clock.Advance(24*time.Hour + time.Second)
	if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrStale) || f.Status()[0].Usable {
		t.Errorf("too old a copy: %v", err)
	}
	takes(t, f) // confirmed
	gives(t, f, samltest.ID(1), h.clock.Now())
	h.clock.Advance(47 * time.Hour)
	takes(t, f)
	h.clock.Advance(24 * time.Hour)
	if _, _, err := f.Entity("fed", samltest.ID(1)); !errors.Is(err, federation.ErrStale) {
		t.Errorf("a copy that has ended: %v", err)
	}
}

func TestAnEntityIDThatStandsForTwoEntitiesStandsForNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.source(t))
	evil := strings.ReplaceAll(samltest.Entity(samltest.ID(2)), "/SAML2/", "/evil/")
	h.put("/fed", h.who.Sign(t, until(samltest.Until, samltest.Entity(samltest.ID(1)), samltest.Entity(samltest.ID(2)), evil)))
	takes(t, f)
	gives(t, f, samltest.ID(1), h.clock.Now())
	if _, _, err := f.Entity("fed", samltest.ID(2)); !errors.Is(err, federation.ErrUnknownEntity) {
		t.Errorf("got %v", err)
	}
	if s := f.Status()[0]; s.Entities != 1 || s.LeftOut != 2 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "stands for 2 entities") {
		t.Errorf("%+v", s)
	}
}

func TestAFilterLeavesOutOtherRegistrarsAndRoles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	source := h.source(t)
	source.Registrars, source.Roles = []string{"https://registrar.example/"}, saml.RoleSP
	f := h.open(t, source)
	h.put("/fed", h.who.Sign(t, until(samltest.Until, samltest.Entity(samltest.ID(1)),
		strings.ReplaceAll(samltest.Entity(samltest.ID(2)), "registrar.example/\"", "elsewhere.example/\""),
		strings.ReplaceAll(samltest.Entity(samltest.ID(3)), "SPSSODescriptor", "IDPSSODescriptor"))))
	takes(t, f)
	if s := f.Status()[0]; s.Entities != 1 || s.LeftOut != 2 || len(s.Problems) != 0 {
		t.Errorf("%+v", s)
	}
	gives(t, f, samltest.ID(1), h.clock.Now())
	_ = f.Close()
	source.Registrars, source.Roles = nil, 0 // the kept copy is read anew under other settings
	all := h.open(t, source)
	if asked, _ := h.sent(); asked != 1 || all.Status()[0].Entities != 3 {
		t.Errorf("%+v", all.Status()[0])
	}
	source.Signers = mustCertificates(t, samltest.NewSigner(t)) // a key that was given up
	if s := h.open(t, source).Status()[0]; s.Usable || s.Error == "" {
		t.Errorf("a copy that a former signer signed: %+v", s)
	}
}

func mustCertificates(t testing.TB, who samltest.Signer) []saml.Certificate {
	t.Helper()
	certs, err := saml.ReadCertificates(who.Cert)
	if err != nil {
		t.Fatal(err)
	}
	return certs
}

func TestBytesThatChangedOnTheDiskAreNotGiven(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.source(t))
	h.put("/fed", h.who.Sign(t, samltest.Whole(3)))
	takes(t, f)
	name := filepath.Join(h.folder, "fed.metadata")
	kept, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	evil := bytes.Replace(kept, []byte("sp00001.example.org/SAML2"), []byte("sp00001.example.evi/SAML2"), -1)
	evil = bytes.ReplaceAll(evil, []byte("sp00001.example.org/shibboleth/SAML2"), []byte("sp00001.example.evi/shibboleth/SAML2"))
	if bytes.Equal(kept, evil) {
		t.Fatal("nothing was changed")
	}
	if err := os.WriteFile(name, evil, 0o600); err != nil { // in the same file: the open generation sees it
		t.Fatal(err)
	}
	for _, one := range []*federation.Federation{f, h.open(t, h.source(t))} {
		if _, _, err := one.Entity("fed", samltest.ID(1)); err == nil {
			t.Error("changed bytes are given")
		}
		gives(t, one, samltest.ID(2), h.clock.Now())
	}
	for i, damaged := range [][]byte{kept[:len(kept)-1], append(bytes.Clone(kept), 0), kept[:100], nil, bytes.Replace(kept, []byte(`"document":`), []byte(`"document":1`), 1)} {
		if err := os.WriteFile(name, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		one := h.open(t, h.source(t))
		if s := one.Status()[0]; s.Usable || s.Error == "" {
			t.Errorf("damage %d: %+v", i, s)
		}
		_ = one.Close()
	}
	index := bytes.Clone(kept)
	index[bytes.LastIndex(index, []byte("</md:EntitiesDescriptor>"))+40] ^= 1
	if err := os.WriteFile(name, index, 0o600); err != nil {
		t.Fatal(err)
	}
	if s := h.open(t, h.source(t)).Status()[0]; s.Usable {
		t.Error("a changed index is used")
	}
}

func TestAFileOfTheOperatorsIsCopiedAndReadAgainWhenItIsAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	name := filepath.Join(t.TempDir(), "fed.xml")
	source := h.source(t)
	source.URL, source.File, source.Signers = "", name, nil
	f := h.open(t, source)
	if err := f.Refresh(t.Context()); err == nil {
		t.Error("a file that is not there is taken")
	}
	put := func(doc []byte) {
		t.Helper()
		if err := os.WriteFile(name, doc, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put([]byte(strings.Replace(string(until("2027-06-01T00:00:00Z", samltest.Entity(samltest.ID(1)))), "2027-06-01", "2026-12-01", 1)))
	takes(t, f)
	gives(t, f, samltest.ID(1), h.clock.Now())
	put([]byte("in the middle of being written"))
	if err := f.Refresh(t.Context()); err == nil {
		t.Error("a broken file is taken")
	}
	gives(t, f, samltest.ID(1), h.clock.Now())
	put(until(samltest.Until, samltest.Entity(samltest.ID(2))))
	takes(t, f)
	gives(t, f, samltest.ID(2), h.clock.Now())
	h.clock.Advance(time.Hour)
	takes(t, f)
	if !f.Status()[0].Confirmed.Equal(h.clock.Now()) {
		t.Error("an unchanged file does not count as confirmed")
	}
}

func TestWhatAPersonShouldLookAtIsTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.want(federation.Pair{Source: "fed", EntityID: samltest.ID(1)})
	f := h.open(t, h.source(t))
	h.put("/fed", h.who.Sign(t, samltest.Whole(3)))
	takes(t, f)
	moved := strings.NewReplacer("sp00001.example.org/shibboleth/SAML2", "elsewhere.example/SAML2").Replace(samltest.Entity(samltest.ID(1)))
	silent := strings.NewReplacer("/SAML2/POST", "/SAML2/POST2").Replace(samltest.Entity(samltest.ID(2)))
	h.put("/fed", h.who.Sign(t, until(samltest.Until, moved, silent)))
	takes(t, f)
	for _, one := range []*federation.Federation{f, h.open(t, h.source(t))} {
		if c := one.Status()[0].Changes; len(c) != 1 || !strings.Contains(c[0], "answers may now go to elsewhere.example, a new host") {
			t.Errorf("%q", c)
		}
	}
	h.put("/fed", h.who.Sign(t, until(samltest.Until, samltest.Entity(samltest.ID(2)))))
	takes(t, f)
	if c := f.Status()[0].Changes; len(c) != 2 || !strings.Contains(c[1], samltest.ID(1)) {
		t.Errorf("%q", c)
	}
}

func TestSignInsReadWhileAnotherGenerationTakesOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	f := h.open(t, h.source(t))
	docs := [][]byte{h.who.Sign(t, samltest.Whole(5)), h.who.Sign(t, samltest.Whole(6))}
	h.put("/fed", docs[0])
	takes(t, f)
	done := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					if _, _, err := f.Entity("fed", samltest.ID(2)); err != nil {
						t.Errorf("while another takes over: %v", err)
						return
					}
				}
			}
		})
	}
	for i := range 6 {
		h.put("/fed", docs[(i+1)%2])
		takes(t, f)
	}
	close(done)
	readers.Wait()
}

func TestAFederationRefusesARedirectAndAnAddressInside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	source := h.source(t)
	source.Outside.Allow = nil
	f := h.open(t, source)
	if err := f.Refresh(t.Context()); !errors.Is(err, fetch.ErrAddress) {
		t.Errorf("got %v", err)
	}
	if asked, _ := h.sent(); asked != 0 {
		t.Error("it was asked")
	}
	small := h.source(t)
	small.MaxBytes = 4000
	h.put("/fed", h.who.Sign(t, samltest.Whole(5)))
	if err := h.open(t, small).Refresh(t.Context()); !errors.Is(err, fetch.ErrTooLarge) {
		t.Errorf("got %v", err)
	}
}
