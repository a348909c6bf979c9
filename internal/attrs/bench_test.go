package attrs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"syscall"
	"testing"
	"time"

	"ecluse/configs"
	"ecluse/internal/attrs"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// BenchmarkGateReleaseAndPseudonym is what one answer costs before it is written and signed: the gate, the release and
// the pseudonym, for a teacher with 30 groups under the rules as shipped, at a service that is told names and at one that
// is not. Beside each decision stands an ECDSA signature (P-256), so that both see the same machine at the same moment.
func BenchmarkGateReleaseAndPseudonym(b *testing.B) {
	named, unnamed := deciding(b, registry.Nominative, 9, keystest.Ring(b)), deciding(b, registry.Pseudonymous, 6, keystest.Ring(b))
	b.Run("decision", func(b *testing.B) { measured(b, named) })
	b.Run("without names", func(b *testing.B) { measured(b, unnamed) })
	b.Run("against a signature", func(b *testing.B) { againstASignature(b, named) })
	b.Run("without names, against a signature", func(b *testing.B) { againstASignature(b, unnamed) })
}

// againstASignature says how long decisions take in signatures, all together, and how long the quickest of each took: on a
// machine that others use the quickest is what changes least. It was not held up by the collection of memory.
func againstASignature(b *testing.B, decide func()) {
	b.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("an assertion"))
	var decisions, signatures time.Duration
	decision, signature := time.Hour, time.Hour
	for b.Loop() {
		began := time.Now()
		decide()
		decided := time.Now()
		if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
			b.Fatal(err)
		}
		one, other := decided.Sub(began), time.Since(decided)
		decisions, signatures = decisions+one, signatures+other
		decision, signature = min(decision, one), min(signature, other)
	}
	b.ReportMetric(float64(decisions)/float64(signatures), "of-a-signature")
	b.ReportMetric(float64(decision.Nanoseconds())/1000, "µs-the-quickest")
	b.ReportMetric(float64(decision)/float64(signature), "of-the-quickest-signature")
}

// deciding is one whole decision for the teacher, of which so many items come.
func deciding(tb testing.TB, mode registry.Mode, items int, derives attrs.Deriver) (decide func()) {
	tb.Helper()
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		tb.Fatal(err)
	}
	s := teacherOf30Groups()
	s.rules, s.declaration.Mode = &rules, mode
	view, e := s.snapshot(), engine(tb)
	e.Keys = derives
	return func() {
		grant, err := policy.Gate(view, s.now, policy.Ask{Person: s.person, Place: s.place, Service: s.service.ID})
		if err != nil {
			tb.Fatal(err)
		}
		if r, err := e.Release(s.person, grant, s.request); err != nil || len(r.Items()) != items {
			tb.Fatal(err, r.Names())
		}
	}
}

func measured(b *testing.B, decide func()) {
	b.Helper()
	b.ReportAllocs()
	began := processor(b)
	for b.Loop() {
		decide()
	}
	b.ReportMetric(float64((processor(b)-began).Nanoseconds())/1000/float64(b.N), "µs-of-processor/op")
}

// What a decision asks memory for, keyed hashes apart: the question at the gate, the name of the school year, what is
// released, what is withheld; two lists of what goes into keyed hashes, the two numbers in writing, and the lists of one
// value that are the pseudonym, the establishment and the profile. Under a pseudonym also what the person is called, and how
// it sounds, to look for it in labels. None of it is for a label: it is the same for one group and for thirty.
const (
	allocations      = 11
	allocationsNames = 2
)

// What a decision asks for memory is held here, because no test can hold the time it takes.
func TestADecisionAsksForLittleMemory(t *testing.T) { // not in parallel: it counts allocations
	for _, c := range []struct {
		mode        registry.Mode
		items, most int
	}{{registry.Nominative, 9, allocations}, {registry.Pseudonymous, 6, allocations + allocationsNames}} {
		decide := deciding(t, c.mode, c.items, constant(make([]byte, 64)))
		if n := testing.AllocsPerRun(200, decide); n > float64(c.most) {
			t.Errorf("%s: %v allocations, at most %d", c.mode, n, c.most)
		}
	}
}

// constant derives the same for everybody, without memory of its own.
type constant []byte

func (c constant) Derive(string, ...string) []byte { return c }

// processor is the time that the whole process has had of the processors, the collection of memory included: on a machine
// that others use it says what the clock cannot.
func processor(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// teacherOf30Groups asks for nine words, names among them, with labels as schools write them.
func teacherOf30Groups() scene {
	s := newScene("pseudonym", "uai", "profile", "classes", "groups", person.Subjects, person.GivenName, person.FamilyName, person.Mail)
	s.declaration.Mode, s.place.Profile = registry.Nominative, person.Teacher
	delete(s.person.Values, person.INE)
	s.person.Numbers = []string{"the number that the key book gives"}
	at := &s.person.Affiliations[0]
	at.Profile, at.Classes, at.Groups = person.Teacher, []string{"6E1", "5E3", "4E1"}, nil
	at.Values = map[person.Attr][]string{person.Subjects: {"L0100", "L0200"}}
	for i := range 30 {
		at.Groups = append(at.Groups, fmt.Sprintf("5E%d ALL2 élèves GR.%d", i%6, i))
	}
	return s
}
