package keys_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

var testNow = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

func config(tb testing.TB, s keys.Store) keys.Config {
	return keys.Config{
		Store: s, Master: keystest.Master(tb), Host: "gateway.example.org",
		Now: func() time.Time { return testNow },
	}
}

func open(tb testing.TB, s keys.Store) *keys.Ring {
	tb.Helper()
	r, err := keys.Open(context.Background(), config(tb, s))
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

func TestOpenMakesEveryKeyOnceAndReadsItAgain(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	first, second := open(t, store), open(t, store)
	rows, err := store.Load(t.Context())
	if err != nil || len(rows) != 9 {
		t.Fatalf("rows = %d, %v; want 9", len(rows), err)
	}
	for _, use := range []keys.Use{keys.UseSAML, keys.UseOIDCES256, keys.UseOIDCRS256} {
		a, b := first.Signer(use), second.Signer(use)
		if a.KeyID() == "" || a.KeyID() != b.KeyID() {
			t.Errorf("%s: key ids %q and %q differ between two openings", use, a.KeyID(), b.KeyID())
		}
	}
	if !bytes.Equal(first.Derive("p", "x"), second.Derive("p", "x")) {
		t.Error("Derive differs between two openings")
	}
	sealed, err := first.Seal([]byte("ad"), []byte("plain"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := second.Open([]byte("ad"), sealed); err != nil || string(got) != "plain" {
		t.Errorf("second ring opens %q, %v", got, err)
	}
}

func TestTwoReplicasStartingAtOnceMakeOneSet(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	ids := make([]string, 4)
	var wg sync.WaitGroup
	for i := range ids {
		wg.Go(func() {
			r, err := keys.Open(context.Background(), config(t, store))
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = r.Signer(keys.UseSAML).KeyID() + r.MAC("p")
		})
	}
	wg.Wait()
	if ids[0] == "" || slices.ContainsFunc(ids, func(id string) bool { return id != ids[0] }) {
		t.Errorf("replicas hold different keys: %q", ids)
	}
	if rows, _ := store.Load(t.Context()); len(rows) != 9 {
		t.Errorf("%d rows stored, want 9", len(rows))
	}
}

func TestOpenWithAnotherMasterSecretSaysSo(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	open(t, store)
	c := config(t, store)
	var err error
	if c.Master, err = keys.NewMaster([]byte("another master secret, also long enough")); err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(t.Context(), c); !errors.Is(err, keys.ErrMaster) {
		t.Errorf("err = %v, want ErrMaster", err)
	}
	c.Master = keys.Master{}
	if _, err := keys.Open(t.Context(), c); err == nil {
		t.Error("a ring was opened without a master secret")
	}
}

func TestOpenRefusesDamagedRows(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	open(t, store)
	rows, _ := store.Load(t.Context())
	at := func(rows []keys.Row, use keys.Use) *keys.Row {
		return &rows[slices.IndexFunc(rows, func(r keys.Row) bool { return r.Use == use })]
	}
	cases := map[string]func([]keys.Row) []keys.Row{
		"sealed part flipped": func(r []keys.Row) []keys.Row {
			s := at(r, keys.UseSAML)
			s.Sealed = slices.Clone(s.Sealed)
			s.Sealed[40] ^= 1
			return r
		},
		"certificate replaced": func(r []keys.Row) []keys.Row {
			at(r, keys.UseSAML).Certificate = []byte("other")
			return r
		},
		"public key replaced": func(r []keys.Row) []keys.Row {
			at(r, keys.UseOIDCES256).Public = at(r, keys.UseOIDCRS256).Public
			return r
		},
		"two secrets swapped": func(r []keys.Row) []keys.Row {
			d, k := at(r, keys.UseDerivation), at(r, keys.UseTickets)
			d.Sealed, k.Sealed = k.Sealed, d.Sealed
			return r
		},
		"retired key called back": func(r []keys.Row) []keys.Row {
			at(r, keys.UseOIDCRS256).State = keys.Next
			return r
		},
		"derivation secret missing": func(r []keys.Row) []keys.Row {
			return slices.DeleteFunc(r, func(r keys.Row) bool { return r.Use == keys.UseDerivation })
		},
		"signing key missing": func(r []keys.Row) []keys.Row {
			return slices.DeleteFunc(r, func(r keys.Row) bool { return r.Use == keys.UseOIDCES256 })
		},
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			damaged := new(keystest.Store)
			damaged.Set(damage(slices.Clone(rows)))
			if _, err := keys.Open(t.Context(), config(t, damaged)); !errors.Is(err, keys.ErrDamaged) {
				t.Errorf("err = %v, want ErrDamaged", err)
			}
			if after, _ := damaged.Load(t.Context()); len(after) > len(rows) {
				t.Error("keys were added to a damaged set")
			}
		})
	}
}

func TestSigningKeysSignWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	ring := open(t, new(keystest.Store))
	digest := sha256.Sum256([]byte("message"))
	for _, use := range []keys.Use{keys.UseSAML, keys.UseOIDCRS256, keys.UseOIDCES256} {
		key := ring.Signer(use)
		sig, err := key.Sign(nil, digest[:], crypto.SHA256)
		if err != nil {
			t.Fatalf("%s: %v", use, err)
		}
		switch p := key.Public().(type) {
		case *rsa.PublicKey:
			if err := rsa.VerifyPKCS1v15(p, crypto.SHA256, digest[:], sig); err != nil || p.N.BitLen() != 2048 || key.Algorithm() != keys.RS256 {
				t.Errorf("%s: %v, %d bits, %s", use, err, p.N.BitLen(), key.Algorithm())
			}
		case *ecdsa.PublicKey:
			if !ecdsa.VerifyASN1(p, digest[:], sig) || key.Algorithm() != keys.ES256 {
				t.Errorf("%s: signature does not verify", use)
			}
		default:
			t.Errorf("%s: public key is a %T", use, p)
		}
	}
}

func TestSigningKeysRefuseOtherAlgorithms(t *testing.T) {
	t.Parallel()
	key := open(t, new(keystest.Store)).Signer(keys.UseOIDCRS256)
	long := sha512.Sum512([]byte("message"))
	cases := map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"PSS":           {long[:32], &rsa.PSSOptions{Hash: crypto.SHA256}},
		"another hash":  {long[:], crypto.SHA512},
		"SHA-1":         {long[:20], crypto.SHA1},
		"no hash named": {long[:32], crypto.Hash(0)},
		"nil":           {long[:32], nil},
		"short digest":  {long[:31], crypto.SHA256},
	}
	for name, c := range cases {
		if _, err := key.Sign(nil, c.digest, c.opts); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
	if _, err := (keys.SigningKey{}).Sign(nil, long[:32], crypto.SHA256); err == nil {
		t.Error("the zero key signed")
	}
}

func TestSecretUsesGiveNoSigningKey(t *testing.T) {
	t.Parallel()
	ring := open(t, new(keystest.Store))
	for _, use := range []keys.Use{keys.UseDerivation, keys.UseTickets, "unknown", ""} {
		if k := ring.Signer(use); k.Public() != nil || k.KeyID() != "" {
			t.Errorf("%q gives a signing key", use)
		}
	}
	all := ring.All(keys.UseOIDCES256, keys.UseOIDCRS256, keys.UseTickets)
	if len(all) != 2 || all[0].Algorithm() != keys.ES256 || all[1].Algorithm() != keys.RS256 {
		t.Errorf("All publishes %d keys", len(all))
	}
}

func TestSAMLCertificateIsOurs(t *testing.T) {
	t.Parallel()
	key := open(t, new(keystest.Store)).Signer(keys.UseSAML)
	cert, err := x509.ParseCertificate(key.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	if err := cert.CheckSignatureFrom(cert); err == nil {
		t.Error("the certificate claims to be a certification authority")
	}
	if err := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
		t.Errorf("not self-signed: %v", err)
	}
	if cert.Subject.CommonName != "gateway.example.org" || !cert.NotAfter.Equal(testNow.AddDate(10, 0, 0)) {
		t.Errorf("subject %s, until %s", cert.Subject, cert.NotAfter)
	}
	if !cert.PublicKey.(*rsa.PublicKey).Equal(key.Public()) {
		t.Error("the certificate is for another key")
	}
}

func TestDerivedValuesAreTheSameForTheSameRandomBytes(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	got := hex.EncodeToString(ring.Derive("pseudonym", "authority", "id", "sector"))
	const want = "2397540b3a4950493c8313c95f33bbfe618a113d9182d4b7691e661e596a63e7f1ad0675265bf1f1df54f3309f72fbf182258141f7fd7d312df391e4832b9ab0"
	if got != want {
		t.Errorf("got %s\nwant %s\nchanging this changes every pseudonym of every installation", got, want)
	}
}
