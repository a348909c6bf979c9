package keys

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"fmt"
	"io"
	"math/big"
	"sync"
	"time"
)

const (
	secretSize        = 64
	certificateYears  = 10
	certificateLeeway = 5 * time.Minute // for peers whose clock is behind ours
)

// maker makes rows.
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
	pairs, err := m.pairs(Active, kinds()...)
	return append(rows, pairs...), err
}

// pairs makes a key pair of each kind. They are looked for at once: RSA keys cost
// most of a first start.
func (m maker) pairs(state State, of ...kind) ([]Row, error) {
	signers, problems := make([]crypto.Signer, len(of)), make([]error, len(of))
	var looking sync.WaitGroup
	for i, k := range of {
		looking.Go(func() { signers[i], problems[i] = k.generate() })
	}
	looking.Wait()
	var rows []Row
	for i, k := range of {
		row, err := Row{}, problems[i]
		if err == nil {
			row, err = m.pair(k, state, signers[i])
		}
		if err != nil {
			return nil, fmt.Errorf("making the %s key: %w", k.use, err)
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
	row := Row{ID: hex.EncodeToString(raw[secretSize:]), Use: use, Algorithm: Secret, State: Active}
	return m.finish(row, raw[:secretSize])
}

// pair makes the row of a key pair.
func (m maker) pair(k kind, state State, signer crypto.Signer) (Row, error) {
	row := Row{Use: k.use, Algorithm: k.algorithm, State: state}
	var err error
	if row.ID, err = thumbprint(signer.Public()); err != nil {
		return Row{}, err
	}
	if row.Public, err = x509.MarshalPKIXPublicKey(signer.Public()); err != nil {
		return Row{}, err
	}
	if k.certificate {
		if row.Certificate, err = m.certificate(k, signer); err != nil {
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

// certificate wraps a SAML key for software that wants X.509. Nobody trusts it
// for its issuer or its dates: the metadata carries the trust (SAML metadata
// interoperability profile 2.0, section 2.6).
func (m maker) certificate(k kind, signer crypto.Signer) ([]byte, error) {
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
		BasicConstraintsValid: true,
	}
	if k.algorithm == RSAOAEP {
		template.KeyUsage = x509.KeyUsageKeyEncipherment
	}
	return x509.CreateCertificate(rand.Reader, template, template, signer.Public(), signer)
}

func (m maker) finish(row Row, private []byte) (Row, error) {
	row.Created = m.now.UTC().Truncate(time.Millisecond)
	row.Changed = row.Created
	var err error
	row.Sealed, err = m.rows.seal(row.name(), private)
	return row, err
}

// into is the row of a key in another state.
func (m maker) into(r openRow, state State) (Row, error) {
	row := r.Row
	row.State, row.Changed = state, m.now.UTC().Truncate(time.Millisecond)
	return m.again(row, r)
}

// again seals a key for a row that says something else of it.
func (m maker) again(row Row, r openRow) (Row, error) {
	private, err := x509.MarshalPKCS8PrivateKey(r.signer)
	if err != nil {
		return Row{}, err
	}
	defer clear(private)
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
