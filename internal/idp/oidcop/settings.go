package oidcop

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/registry"
)

// Settings is what a binding to this protocol says in registry.Binding.Settings. A client whose settings have a
// blocking finding is no client.
type Settings struct {
	RedirectURIs    []string `json:"redirect_uris"`                  // compared byte for byte
	Type            string   `json:"type"`                           // "public" or "confidential"
	SecretHashes    []string `json:"secret_hashes,omitempty"`        // as HashSecret writes them; two while one replaces the other
	AuthMethod      string   `json:"auth_method,omitempty"`          // client_secret_basic (default), another of authMethods, or none
	IDTokenAlg      string   `json:"id_token_alg,omitempty"`         // ES256 (default) or RS256
	PKCE            string   `json:"pkce,omitempty"`                 // "required" (default), or "optional" for a confidential client
	ClaimsInIDToken bool     `json:"claims_in_id_token,omitempty"`   // for clients that read nothing else
	TokenSeconds    int      `json:"access_token_seconds,omitempty"` // 600 at most, which is the default
	TokenSettings
	FrontSettings
	DraftSettings
	DeviceSettings
	CertificateSettings
}

// The words of Settings.
const (
	typePublic       = "public"
	typeConfidential = "confidential"
	authBasic        = "client_secret_basic"
	authPost         = "client_secret_post"
	authNone         = "none"
	pkceRequired     = "required"
	pkceOptional     = "optional"
	algES256         = "ES256"
	algRS256         = "RS256"
)

const secretPrefix = "sha256:"

// HashSecret gives the form in which a client secret is registered. A plain hash is enough because secrets are drawn
// at random with at least 256 bits; it is no way to keep a password that somebody chose.
func HashSecret(secret string) string {
	return digest(secret)
}

// parseSettings reads settings strictly: a key that nobody knows is a mistake, not a wish.
func parseSettings(raw json.RawMessage) (Settings, error) {
	var s Settings
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&s); err != nil {
		return Settings{}, fmt.Errorf("settings: %w", err)
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Settings{}, fmt.Errorf("settings: something follows the object")
	}
	return s.filled(), nil
}

// filled puts in the defaults, which are the strict ones.
func (s Settings) filled() Settings {
	s = s.profiled()
	if s.AuthMethod == "" {
		s.AuthMethod = authBasic
		if s.Type == typePublic {
			s.AuthMethod = authNone
		}
	}
	if s.IDTokenAlg == "" {
		s.IDTokenAlg = algES256
	}
	if s.PKCE == "" {
		s.PKCE = pkceRequired
	}
	if s.TokenSeconds == 0 {
		s.TokenSeconds = int(maxTokenLife / time.Second)
	}
	s.TokenSettings = s.TokenSettings.filled(s.AuthMethod)
	return s
}

// needsPKCE: always for a public client (RFC 9700 2.1.1), for the others unless they are told otherwise.
func (s Settings) needsPKCE() bool { return s.Type != typeConfidential || s.PKCE != pkceOptional }

func (s Settings) tokenLife() time.Duration {
	return min(time.Duration(s.TokenSeconds)*time.Second, maxTokenLife)
}

func (s Settings) signingUse() keys.Use {
	return useOf(s.IDTokenAlg)
}

// secretFits compares with every registered hash, always all of them, in constant time.
func (s Settings) secretFits(secret string) bool {
	sum := sha256.Sum256([]byte(secret))
	fits := 0
	for _, registered := range s.SecretHashes {
		want, err := hex.DecodeString(strings.TrimPrefix(registered, secretPrefix))
		if err == nil {
			fits |= subtle.ConstantTimeCompare(sum[:], want)
		}
	}
	return fits == 1
}

// settings gives what a binding's settings say, or an error when anything in them blocks.
func (p *Provider) settings(b registry.Binding) (*readBinding, error) {
	read := p.read(b)
	for _, f := range append(slices.Clip(read.found), misnamed(b)...) {
		if f.Severity == registry.Blocking {
			return nil, fmt.Errorf("client %s: %s: %s", b.Handle, f.Where, f.What)
		}
	}
	return read, nil
}
