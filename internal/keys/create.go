package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"time"
)

const (
	rsaBits           = 2048
	secretSize        = 64
	certificateYears  = 10
	certificateLeeway = 5 * time.Minute // for peers whose clock is behind ours
)

// maker makes the first set of rows.
type maker struct {
	host   string
	now    time.Time
	random io.Reader
	rows   *sealer
}

// firstSet makes one active row for each use. The secrets are drawn from random
// before anything else, and in this order, so that a test that gives its own
// random bytes gets the same pseudonyms each time.
func (m maker) firstSet() ([]Row, error) {
	var rows []Row
	for _, use := range []Use{UseDerivation, UseTickets} {
		row, err := m.secret(use)
		if err != nil {
			return nil, fmt.Errorf("making the %s secret: %w", use, err)
		}
		rows = append(rows, row)
	}
	for _, use := range []Use{UseSAML, UseOIDCES256, UseOIDCRS256} {
		row, err := m.pair(use)
		if err != nil {
			return nil, fmt.Errorf("making the %s key: %w", use, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (m maker) secret(use Use) (Row, error) {
	raw := make([]byte, secretSize+8)
	if _, err := io.ReadFull(m.random, raw); err != nil {
		return Row{}, err
	}
	defer clear(raw)
	row := Row{ID: hex.EncodeToString(raw[secretSize:]), Use: use, Algorithm: Secret}
	return m.finish(row, raw[:secretSize])
}

// pair makes a signing key. The standard library draws it from the system's
// random source, whatever the caller offers.
func (m maker) pair(use Use) (Row, error) {
	var signer crypto.Signer
	var err error
	if use == UseOIDCES256 {
		signer, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	} else {
		signer, err = rsa.GenerateKey(rand.Reader, rsaBits)
	}
	if err != nil {
		return Row{}, err
	}
	row := Row{Use: use}
	if row.Algorithm, row.ID, err = describe(signer.Public()); err != nil {
		return Row{}, err
	}
	if row.Public, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
		return Row{}, err
	}
	if use == UseSAML {
		if row.Certificate, err = m.certificate(signer); err != nil {
			return Row{}, err
		}
	}
	private, err := x509.MarshalPKCS8PrivateKey(signer)
	if err != nil {
		return Row{}, err
	}
	defer clear(private)
	return m.finish(row, private)
}

// certificate wraps the SAML key for software that wants X.509. Nobody trusts it
// for its issuer or its dates: the metadata carries the trust (SAML metadata
// interoperability profile 2.0, section 2.6).
func (m maker) certificate(signer crypto.Signer) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial.Add(serial, big.NewInt(1)),
		Subject:               pkix.Name{CommonName: m.host},
		NotBefore:             m.now.Add(-certificateLeeway).UTC(),
		NotAfter:              m.now.AddDate(certificateYears, 0, 0).UTC(),
		KeyUsage:              x509.KeyUsageDigitalSignature,
		SignatureAlgorithm:    x509.SHA256WithRSA,
		BasicConstraintsValid: true,
	}
	return x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
}

func (m maker) finish(row Row, private []byte) (Row, error) {
	row.State = Active
	row.Created = m.now.UTC().Truncate(time.Millisecond)
	row.Changed = row.Created
	var err error
	row.Sealed, err = m.rows.seal(row.name(), private)
	return row, err
}

// name is the associated data of a row: all of it but the sealed part.
func (r Row) name() []byte {
	b := appendPart(nil, "ecluse/key-row/1")
	for _, part := range []string{
		r.ID, string(r.Use), string(r.Algorithm), string(r.State), string(r.Public), string(r.Certificate),
		fmt.Sprint(r.Created.UnixMilli()), fmt.Sprint(r.Changed.UnixMilli()),
	} {
		b = appendPart(b, part)
	}
	return b
}
