package federation_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"os"
	"slices"
	"testing"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/saml"
	"ecluse/internal/saml/samltest"
)

// BenchmarkSignInsDuringARefresh times what a SAML sign-in does with metadata and keys, alone and while the same aggregate is
// taken again and again beside it: the request is parsed, the service's metadata found, the response written and signed. Each
// stands beside one bare RSA-2048 signature of the same moment. Both are due at an instant, as somebody who arrives, and take
// from then on: being kept waiting counts. It reports the sign-in in bare signatures (the middle of the pairs), and the middle
// and the slowest hundredth of both by the clock. Run it with -cpu 1,2: one processor is the hard case.
func BenchmarkSignInsDuringARefresh(b *testing.B) {
	h := &house{clock: newClock(), folder: b.TempDir(), who: samltest.NewSigner(b)}
	source := fileSource(h, b, h.folder+"/in.xml")
	source.Signers = h.signers(b)
	if err := os.WriteFile(source.File, h.who.Sign(b, samltest.Whole(3000)), 0o600); err != nil {
		b.Fatal(err)
	}
	f, err := federation.New(bare(h, source))
	if err != nil {
		b.Fatal(err)
	}
	takes(b, f)
	work, signature := signIn(b, h, f)
	b.Run("alone", func(b *testing.B) { pairs(b, work, signature) })
	done, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		for i := time.Duration(1); ; i++ {
			select {
			case <-done:
				return
			default:
				_ = os.Chtimes(source.File, time.Now(), time.Now().Add(i*time.Second))
				_ = f.Refresh(b.Context())
			}
		}
	}()
	b.Run("beside", func(b *testing.B) { pairs(b, work, signature) })
	close(done)
	<-over
	_ = f.Close()
}

// signIn gives the work of one sign-in, and one bare signature with the same key.
func signIn(b *testing.B, h *house, f *federation.Federation) (work, signature func()) {
	signer, err := saml.NewSigner(h.who.Key, h.who.DER)
	if err != nil {
		b.Fatal(err)
	}
	request := []byte(`<p:AuthnRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol" xmlns="urn:oasis:names:tc:SAML:2.0:assertion" ID="_1" Version="2.0" IssueInstant="2026-11-22T08:30:00Z"><Issuer>` +
		samltest.ID(777) + `</Issuer></p:AuthnRequest>`)
	now, buf := h.clock.Now(), make([]byte, 0, 32<<10)
	work = func() {
		q, err := saml.ParseAuthnRequest(request)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := f.Entity("fed", q.Issuer); err != nil {
			b.Fatal(err)
		}
		_, err = signer.AppendResponse(buf, &saml.Response{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: "https://idp.example", Destination: "https://sp.example/acs", IssueInstant: now,
			Assertion: saml.Assertion{
				ID: saml.NewID(), NameID: saml.NameID{Value: "p-71f2"}, Audience: q.Issuer, NotBefore: now, NotAfter: now.Add(time.Minute),
				Authn: saml.AuthnStatement{At: now, Class: saml.ClassPassword, SessionIndex: "1"},
			},
		}, saml.SignAssertion)
		if err != nil {
			b.Fatal(err)
		}
	}
	digest := sha256.Sum256(nil)
	return work, func() {
		if _, err := h.who.Key.Sign(rand.Reader, digest[:], crypto.SHA256); err != nil {
			b.Fatal(err)
		}
	}
}

// pairs has both become due in turn, and tells how long they took from then on.
func pairs(b *testing.B, work, signature func()) {
	const apart = 2 * time.Millisecond
	after := func(do func()) time.Duration {
		due := time.Now().Add(apart)
		time.Sleep(apart)
		do()
		return time.Since(due)
	}
	var bare, ours, ratios []float64
	for b.Loop() {
		x, y := after(signature), after(work)
		bare, ours = append(bare, x.Seconds()*1000), append(ours, y.Seconds()*1000)
		ratios = append(ratios, y.Seconds()/x.Seconds())
	}
	at := func(list []float64, part float64) float64 {
		slices.Sort(list)
		return list[int(part*float64(len(list)-1))]
	}
	b.ReportMetric(at(ratios, 0.5), "sign-ins/signature")
	b.ReportMetric(at(bare, 0.5), "bare-ms")
	b.ReportMetric(at(bare, 0.99), "bare-p99-ms")
	b.ReportMetric(at(ours, 0.5), "ours-ms")
	b.ReportMetric(at(ours, 0.99), "ours-p99-ms")
}
