package federation_test

import (
	"os"
	"runtime"
	"syscall"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/saml/samltest"
)

// processor is the processor time that this process has used.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkRefresh takes a signed aggregate of 10,000 entities from a file: copied, verified, indexed, on the disk. It
// reports seconds of processor time for 60 MB.
func BenchmarkRefresh(b *testing.B) {
	h := &house{clock: newClock(), folder: b.TempDir(), who: samltest.NewSigner(b), log: nil}
	source := fileSource(h, b, h.folder+"/in.xml")
	source.Signers = h.signers(b)
	doc := h.who.Sign(b, samltest.Whole(10_000))
	if err := os.WriteFile(source.File, doc, 0o600); err != nil {
		b.Fatal(err)
	}
	mega := float64(len(doc)) / 1e6
	doc = nil
	runtime.GC()
	b.ReportAllocs()
	var spent time.Duration
	for b.Loop() {
		b.StopTimer()
		f, err := federation.New(bare(h, source))
		if err != nil {
			b.Fatal(err)
		}
		_ = os.Chtimes(source.File, time.Now(), time.Now()) // another file
		b.StartTimer()
		before := processor()
		takes(b, f)
		spent += processor() - before
		b.StopTimer()
		_ = f.Close()
		b.StartTimer()
	}
	b.ReportMetric(spent.Seconds()/float64(b.N)/mega*60, "cpu-s/60MB")
	b.ReportMetric(mega, "MB")
}

func bare(h *house, source federation.Source) federation.Config {
	c := h.config(source)
	c.Log = quiet()
	return c
}

// BenchmarkLookUp finds an entity among 10,000, and one that is not there.
func BenchmarkLookUp(b *testing.B) {
	h := &house{clock: newClock(), folder: b.TempDir(), who: samltest.NewSigner(b)}
	source := fileSource(h, b, h.folder+"/in.xml")
	if err := os.WriteFile(source.File, samltest.Whole(10_000), 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := federation.New(bare(h, source))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = f.Close() })
	takes(b, f)
	b.Run("known", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := f.Entity("fed", samltest.ID(7777)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("unknown", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, _, err := f.Entity("fed", "https://unknown.example"); err == nil {
				b.Fatal("found")
			}
		}
	})
}
