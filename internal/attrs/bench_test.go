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
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// BenchmarkGateReleaseAndPseudonym is what one answer costs before it is written and signed: the gate, the release and
// the pseudonym, for a teacher with 30 groups under the rules as shipped. The second part makes an ECDSA signature (P-256)
// after each decision and measures the one against the other: both see the same machine at the same moment.
func BenchmarkGateReleaseAndPseudonym(b *testing.B) {
	rules, problems := manifest.ReadRules(configs.Files, "rules.yaml")
	if err := problems.Or(); err != nil {
		b.Fatal(err)
	}
	s := teacherOf30Groups()
	s.rules = &rules
	view, e := s.snapshot(), engine(b)
	e.Keys = keystest.Ring(b)
	decide := func() {
		grant, err := policy.Gate(view, s.now, policy.Ask{Person: s.person, Place: s.place, Service: s.service.ID})
		if err != nil {
			b.Fatal(err)
		}
		if r, err := e.Release(s.person, grant, s.request); err != nil || len(r.Items()) != 9 {
			b.Fatal(err, r.Names())
		}
	}
	b.Run("decision", func(b *testing.B) {
		b.ReportAllocs()
		began := processor(b)
		for b.Loop() {
			decide()
		}
		b.ReportMetric(float64((processor(b)-began).Nanoseconds())/1000/float64(b.N), "µs-of-processor/op")
	})
	b.Run("against a signature", func(b *testing.B) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			b.Fatal(err)
		}
		digest := sha256.Sum256([]byte("an assertion"))
		var decisions, signatures time.Duration
		for b.Loop() {
			began := time.Now()
			decide()
			decided := time.Now()
			if _, err := ecdsa.SignASN1(rand.Reader, key, digest[:]); err != nil {
				b.Fatal(err)
			}
			decisions, signatures = decisions+decided.Sub(began), signatures+time.Since(decided)
		}
		b.ReportMetric(float64(decisions)/float64(signatures), "of-a-signature")
	})
}

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
