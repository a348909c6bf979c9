package keys_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"errors"
	"slices"
	"testing"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// later are the uses that came after the first set.
func later() []keys.Use {
	return []keys.Use{keys.UseSAMLECDSA, keys.UseSAMLEncryption, keys.UseOIDCPS256, keys.UseOIDCEdDSA}
}

func without(rows []keys.Row, uses ...keys.Use) []keys.Row {
	return slices.DeleteFunc(slices.Clone(rows), func(r keys.Row) bool { return slices.Contains(uses, r.Use) })
}

func TestAUseThatCameLaterIsMadeAtTheNextStartAndNothingElseChanges(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	first := open(t, store)
	rows, _ := store.Load(t.Context())
	older := new(keystest.Store)
	older.Set(without(rows, later()...))
	second, third := open(t, older), open(t, older)
	after, _ := older.Load(t.Context())
	if len(after) != 9 {
		t.Fatalf("%d rows, want 9", len(after))
	}
	for _, use := range []keys.Use{keys.UseSAML, keys.UseOIDCES256, keys.UseOIDCRS256} {
		if first.Signer(use).KeyID() != second.Signer(use).KeyID() {
			t.Errorf("the %s key is another one", use)
		}
	}
	for _, use := range []keys.Use{keys.UseSAMLECDSA, keys.UseOIDCPS256, keys.UseOIDCEdDSA} {
		a, b := second.Signer(use).KeyID(), third.Signer(use).KeyID()
		if a == "" || a != b || a == first.Signer(use).KeyID() {
			t.Errorf("%s: made as %q, read as %q", use, a, b)
		}
	}
	if second.MAC("p") != first.MAC("p") {
		t.Error("derived values changed")
	}
	if a, b := second.Decrypters(), third.Decrypters(); len(a) != 1 || len(b) != 1 || a[0].KeyID() != b[0].KeyID() {
		t.Errorf("%d and %d keys to decrypt with", len(a), len(b))
	}
}

func TestAnotherMasterSecretAddsNothingToOlderKeys(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	open(t, store)
	rows, _ := store.Load(t.Context())
	store.Set(without(rows, later()...))
	c := config(t, store)
	c.Master, _ = keys.NewMaster([]byte("another master secret, also long enough"))
	if _, err := keys.Open(t.Context(), c); !errors.Is(err, keys.ErrMaster) {
		t.Errorf("err = %v, want ErrMaster", err)
	}
	if after, _ := store.Load(t.Context()); len(after) != 5 {
		t.Errorf("%d rows, want 5", len(after))
	}
}

// tries are ways to ask a key for a signature.
func tries() map[string]struct {
	digest []byte
	opts   crypto.SignerOpts
} {
	message := []byte("message")
	short, long, weak := sha256.Sum256(message), sha512.Sum512(message), sha1.Sum(message)
	return map[string]struct {
		digest []byte
		opts   crypto.SignerOpts
	}{
		"SHA-256":                {short[:], crypto.SHA256},
		"SHA-512":                {long[:], crypto.SHA512},
		"SHA-384":                {long[:48], crypto.SHA384},
		"SHA-1":                  {weak[:], crypto.SHA1},
		"the message":            {message, crypto.Hash(0)},
		"Ed25519ph":              {long[:], &ed25519.Options{Hash: crypto.SHA512}},
		"Ed25519ctx":             {message, &ed25519.Options{Context: "x"}},
		"PSS":                    {short[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthEqualsHash}},
		"PSS, salt of 32":        {short[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: 32}},
		"PSS, salt of any size":  {short[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: rsa.PSSSaltLengthAuto}},
		"PSS, salt of 1":         {short[:], &rsa.PSSOptions{Hash: crypto.SHA256, SaltLength: 1}},
		"PSS, SHA-512":           {long[:], &rsa.PSSOptions{Hash: crypto.SHA512, SaltLength: rsa.PSSSaltLengthEqualsHash}},
		"PSS without options":    {short[:], (*rsa.PSSOptions)(nil)},
		"no options at all":      {short[:], nil},
		"SHA-256, short digest":  {short[:31], crypto.SHA256},
		"SHA-512, a long digest": {append(long[:], 1), crypto.SHA512},
	}
}

func TestEachKeyComputesItsOwnAlgorithmAndNothingElse(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	allowed := map[keys.Use][]string{
		keys.UseSAML:      {"SHA-1", "SHA-256", "SHA-512"}, // SHA-1 for a service with a dated exception
		keys.UseSAMLECDSA: {"SHA-256", "SHA-512"},
		keys.UseOIDCES256: {"SHA-256"},
		keys.UseOIDCRS256: {"SHA-256"},
		keys.UseOIDCPS256: {"PSS", "PSS, salt of 32"},
		keys.UseOIDCEdDSA: {"the message"},
	}
	for use, may := range allowed {
		key := ring.Signer(use)
		for name, c := range tries() {
			signature, err := key.Sign(rand.Reader, c.digest, c.opts)
			if want := slices.Contains(may, name); (err == nil) != want {
				t.Errorf("%s, %s: %v, want signed: %v", use, name, err, want)
			}
			if err == nil && !verifies(key.Public(), c.digest, signature, c.opts) {
				t.Errorf("%s, %s: the signature does not verify", use, name)
			}
		}
	}
	if k := ring.Signer(keys.UseSAMLEncryption); k.Public() != nil || len(ring.All(keys.UseSAMLEncryption)) != 0 {
		t.Error("the key for decryption is given out to sign")
	}
}

func verifies(public crypto.PublicKey, digest, signature []byte, opts crypto.SignerOpts) bool {
	switch p := public.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(p, digest, signature)
	case ed25519.PublicKey:
		return ed25519.Verify(p, digest, signature)
	case *rsa.PublicKey:
		if _, pss := opts.(*rsa.PSSOptions); pss {
			return rsa.VerifyPSS(p, crypto.SHA256, digest, signature, &rsa.PSSOptions{SaltLength: 32}) == nil
		}
		return rsa.VerifyPKCS1v15(p, opts.HashFunc(), digest, signature) == nil
	}
	return false
}

func TestTheEncryptionKeyOpensOAEPAndNothingElse(t *testing.T) {
	t.Parallel()
	all := keystest.Ring(t).Decrypters()
	if len(all) != 1 || all[0].State() != keys.Active {
		t.Fatalf("%d keys to decrypt with", len(all))
	}
	key := all[0]
	public := key.Public().(*rsa.PublicKey)
	if public.N.BitLen() != 3072 {
		t.Errorf("%d bits, want 3072", public.N.BitLen())
	}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256, crypto.SHA512} {
		sealed, err := rsa.EncryptOAEP(hash.New(), rand.Reader, public, []byte("a content key"), nil)
		if err != nil {
			t.Fatal(err)
		}
		plain, err := key.Decrypt(nil, sealed, &rsa.OAEPOptions{Hash: hash})
		if err != nil || string(plain) != "a content key" {
			t.Errorf("%s: %q, %v", hash, plain, err)
		}
	}
	//lint:ignore SA1019 it is what must be refused
	old, err := rsa.EncryptPKCS1v15(rand.Reader, public, []byte("a content key"))
	if err != nil {
		t.Fatal(err)
	}
	//lint:ignore SA1019 it is what must be refused
	rsa15 := rsa.PKCS1v15DecryptOptions{}
	sessionKey := rsa15
	sessionKey.SessionKeyLen = 32
	for name, opts := range map[string]crypto.DecrypterOpts{
		"nothing said": nil, "RSA 1.5": &rsa15, "RSA 1.5 of a session key": &sessionKey,
		"OAEP without options": (*rsa.OAEPOptions)(nil),
	} {
		if plain, err := key.Decrypt(nil, old, opts); err == nil {
			t.Errorf("%s: opened %q", name, plain)
		}
	}
	if _, err := (keys.DecryptionKey{}).Decrypt(nil, old, &rsa.OAEPOptions{Hash: crypto.SHA256}); err == nil {
		t.Error("the zero key opened something")
	}
}

func TestEachCertificateIsOfItsKeyAndSaysWhatItIsFor(t *testing.T) {
	t.Parallel()
	ring := keystest.Ring(t)
	for name, c := range map[string]struct {
		der    []byte
		public crypto.PublicKey
		usage  x509.KeyUsage
	}{
		"RSA":        {ring.Signer(keys.UseSAML).Certificate(), ring.Signer(keys.UseSAML).Public(), x509.KeyUsageDigitalSignature},
		"ECDSA":      {ring.Signer(keys.UseSAMLECDSA).Certificate(), ring.Signer(keys.UseSAMLECDSA).Public(), x509.KeyUsageDigitalSignature},
		"encryption": {ring.Decrypters()[0].Certificate(), ring.Decrypters()[0].Public(), x509.KeyUsageKeyEncipherment},
	} {
		cert, err := x509.ParseCertificate(c.der)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := cert.CheckSignature(cert.SignatureAlgorithm, cert.RawTBSCertificate, cert.Signature); err != nil {
			t.Errorf("%s: not self-signed: %v", name, err)
		}
		if p, ok := cert.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !p.Equal(c.public) || cert.KeyUsage != c.usage {
			t.Errorf("%s: of another key, or for another use (%b)", name, cert.KeyUsage)
		}
	}
	for _, use := range []keys.Use{keys.UseOIDCPS256, keys.UseOIDCEdDSA} {
		if ring.Signer(use).Certificate() != nil {
			t.Errorf("%s has a certificate", use)
		}
	}
}
