// Package keys is the key ring: it makes the gateway's keys on first start,
// keeps them sealed at rest, and signs, seals, derives and authenticates with
// them for everybody else.
//
// From secret to use:
//
//	master secret (file, >= 32 bytes, never stored by us)
//	  └ HKDF-SHA-256, label "rows" ─ seals every Row (XAES-256-GCM; the
//	      associated data names the row, so that no row can stand in for another)
//	        ├ saml             RSA 2048 and its self-signed certificate
//	        ├ saml-es256       P-256 and its self-signed certificate
//	        ├ saml-encryption  RSA 3072 and its self-signed certificate; decrypts, never signs
//	        ├ oidc-es256       P-256
//	        ├ oidc-rs256       RSA 2048
//	        ├ oidc-ps256       RSA 2048
//	        ├ oidc-eddsa       Ed25519
//	        ├ derivation       64 random bytes ─ HKDF ─ "derive" (HMAC-SHA-512), "mac" (HMAC-SHA-256)
//	        └ tickets          64 random bytes ─ HKDF ─ "name" (HMAC-SHA-256), "seal" (XAES-256-GCM)
//
// The master secret only wraps: changing it re-seals the rows and changes no
// pseudonym and no published key. The derivation secret is never rotated as a
// whole, since every pseudonym hangs on it; re-keying one sector is one more
// part given to Derive.
//
// Two replicas that start at once on an empty database make one set: Store.Create
// is atomic and the loser reads the winner's rows. A database that holds some of
// the first set but not all of it has been damaged and is refused: making a new
// derivation secret would silently give everybody another pseudonym. A use that
// came with a later version is made when that version first starts.
//
// The package does not own: where rows are stored (Store, implemented in
// store/sqldb), what is signed (idp/samlidp, idp/oidcop), XML signatures (saml),
// TLS certificates (app).
package keys

import (
	"context"
	"errors"
	"time"
)

// Use says what a key is for. A key made for one use is never given out for another.
type Use string

// The uses. Of those that sign, Signer gives the active key and All what is to be
// published.
const (
	UseSAML       Use = "saml"       // signs SAML messages and metadata; has a certificate
	UseOIDCES256  Use = "oidc-es256" // signs ID tokens with ES256
	UseOIDCRS256  Use = "oidc-rs256" // signs ID tokens with RS256
	UseDerivation Use = "derivation" // the secret behind Derive and MAC
	UseTickets    Use = "tickets"    // the secret behind Name, Seal and Open

	UseSAMLECDSA      Use = "saml-es256"      // signs SAML messages to whoever prefers ECDSA; has a certificate
	UseSAMLEncryption Use = "saml-encryption" // opens what sources encrypt to us (Decrypters); has a certificate
	UseOIDCPS256      Use = "oidc-ps256"      // signs ID tokens with PS256
	UseOIDCEdDSA      Use = "oidc-eddsa"      // signs ID tokens with EdDSA on Ed25519
)

// Algorithm is what a key computes, in the words of RFC 7518 section 3.1 for
// signatures and of its section 4.1 for encryption.
type Algorithm string

// The algorithms.
const (
	ES256   Algorithm = "ES256"    // ECDSA on P-256 with SHA-256
	RS256   Algorithm = "RS256"    // RSA 2048, PKCS #1 v1.5 with SHA-256
	PS256   Algorithm = "PS256"    // RSA 2048, PSS with SHA-256
	EdDSA   Algorithm = "EdDSA"    // Ed25519 (RFC 8037)
	RSAOAEP Algorithm = "RSA-OAEP" // RSA 3072, for what is encrypted to us
	Secret  Algorithm = "secret"   // 64 random bytes, only ever expanded
)

// State is where a key stands in its rotation.
type State string

// A key is published from next to previous, signs while active, and is kept but
// unused once retired.
const (
	Next     State = "next"
	Active   State = "active"
	Previous State = "previous"
	Retired  State = "retired"
)

// Row is one key as a Store keeps it. Sealed is bound to all the other fields:
// whoever changes one of them makes the row unreadable.
type Row struct {
	ID          string // the JWK thumbprint of a signing key (RFC 7638), random for a secret
	Use         Use
	Algorithm   Algorithm
	State       State
	Public      []byte // PKIX DER; empty for a secret
	Certificate []byte // DER; empty where there is none
	Sealed      []byte // the private part
	Created     time.Time
	Changed     time.Time // when State was entered
}

// Store keeps the rows. Times survive to the millisecond.
type Store interface {
	// Load returns every row, in any order.
	Load(ctx context.Context) ([]Row, error)
	// Create stores the rows, all or none, and only those whose use and
	// algorithm have no active row yet. Losing to another replica is no error:
	// the caller loads again and takes what stands there.
	Create(ctx context.Context, rows []Row) error
}

var (
	// ErrMaster means that the master secret is not the one that the stored keys
	// were sealed with.
	ErrMaster = errors.New("the master secret does not open the stored keys: it is not the one they were sealed with")
	// ErrDamaged means that a stored key was altered, or that one of the first
	// set is missing while others are there.
	ErrDamaged = errors.New("the stored keys are damaged: restore them from a backup")
	// ErrOpen means that sealed bytes were not made by this ring for this
	// associated data. It says no more than that on purpose.
	ErrOpen = errors.New("sealed bytes do not open")
)
