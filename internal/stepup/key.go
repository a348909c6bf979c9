package stepup

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"ecluse/internal/audit"
)

// holder is whoever has keys, as the library wants to see them: a number that says nothing, and no name.
type holder struct {
	handle string
	keys   []webauthn.Credential
}

func (h holder) WebAuthnID() []byte {
	sum := sha256.Sum256([]byte("stepup\x00" + h.handle))
	return sum[:]
}
func (holder) WebAuthnName() string                         { return "bureau" }
func (holder) WebAuthnDisplayName() string                  { return "Bureau" }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

// begun is what is kept of a ceremony with a key.
type begun struct {
	Who     Who                  `json:"who"`
	Key     string               `json:"key,omitempty"` // the act; empty for an enrolment
	Beside  []string             `json:"beside,omitempty"`
	Session webauthn.SessionData `json:"session"`
}

// holder reads somebody's keys; ids are those of their factors, in the same order.
func (b *Book) holder(ctx context.Context, handle string) (h holder, ids []string, err error) {
	all, err := b.Store.Of(ctx, handle)
	if err != nil {
		return h, nil, fmt.Errorf("step-up: %w", err)
	}
	h.handle = handle
	for _, f := range all {
		if f.Means != Key {
			continue
		}
		text, err := b.Keys.Open(ad(f.Handle, f.ID), f.Sealed)
		var key webauthn.Credential
		if err == nil {
			err = json.Unmarshal(text, &key)
		}
		if err != nil {
			return h, nil, fmt.Errorf("step-up: %w", err)
		}
		key.Authenticator.SignCount = uint32(f.Step) //nolint:gosec // it was one when it was kept
		h.keys, ids = append(h.keys, key), append(ids, f.ID)
	}
	return h, ids, nil
}

// BeginKey gives what a browser needs to make a key (PublicKeyCredentialCreationOptions, as JSON), and the name under which
// the ceremony waits. A key that is enrolled already is not offered again.
func (b *Book) BeginKey(ctx context.Context, w Who) (id string, options []byte, err error) {
	if !w.known() {
		return "", nil, ErrOver
	}
	if !b.OffersKeys() {
		return "", nil, ErrNoKeys
	}
	h, _, err := b.holder(ctx, w.Handle)
	if err != nil {
		return "", nil, err
	}
	creation, session, err := b.web.BeginRegistration(h,
		webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()),
		webauthn.WithConveyancePreference(protocol.PreferNoAttestation))
	if err != nil {
		return "", nil, fmt.Errorf("step-up: %w", err)
	}
	beside, err := b.beside(ctx, w)
	if err != nil {
		return "", nil, err
	}
	return b.begin(ctx, begun{Who: w, Beside: beside, Session: *session}, creation)
}

func (b *Book) begin(ctx context.Context, what begun, options any) (string, []byte, error) {
	text, err := json.Marshal(options)
	if err != nil {
		return "", nil, fmt.Errorf("step-up: %w", err)
	}
	id := rand.Text()
	return id, text, b.put(ctx, kindCeremony, id, what, ceremony)
}

// EnrolKey adds the key that a browser made. answer is what it gave, as JSON. A ceremony is finished once.
func (b *Book) EnrolKey(ctx context.Context, w Who, id string, answer []byte, name string, entry audit.Entry) (Factor, error) {
	what, err := b.finish(ctx, w, id, "")
	if err == nil {
		err = b.still(ctx, w, what.Beside)
	}
	if err != nil {
		return Factor{}, err
	}
	h, _, err := b.holder(ctx, w.Handle)
	if err != nil {
		return Factor{}, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Factor{}, ErrWrong
	}
	key, err := b.web.CreateCredential(h, what.Session, parsed)
	if err != nil {
		return Factor{}, ErrWrong
	}
	key.Attestation = webauthn.CredentialAttestation{} // of which device it is, nobody asked
	text, err := json.Marshal(key)
	if err != nil {
		return Factor{}, fmt.Errorf("step-up: %w", err)
	}
	f := Factor{ID: strings.ToLower(rand.Text()[:16]), Handle: w.Handle, Means: Key, Name: name, Made: b.Now().UTC(), Step: int64(key.Authenticator.SignCount)}
	return b.add(ctx, f, text, entry)
}

// AskKey gives what a browser needs to show a key for one act (PublicKeyCredentialRequestOptions, as JSON). ErrNone where
// none is enrolled.
func (b *Book) AskKey(ctx context.Context, w Who, key string) (id string, options []byte, err error) {
	if !w.known() || key == "" {
		return "", nil, ErrOver
	}
	h, _, err := b.holder(ctx, w.Handle)
	switch {
	case err != nil:
		return "", nil, err
	case len(h.keys) == 0 || !b.OffersKeys():
		return "", nil, ErrNone
	}
	assertion, session, err := b.web.BeginLogin(h, webauthn.WithUserVerification(protocol.VerificationPreferred))
	if err != nil {
		return "", nil, fmt.Errorf("step-up: %w", err)
	}
	return b.begin(ctx, begun{Who: w, Key: key, Session: *session}, assertion)
}

// ShowKey takes a browser's answer to AskKey for the same act. A key whose count of signatures goes back is one that
// somebody copied (Web Authentication section 6.1.1): it is refused.
func (b *Book) ShowKey(ctx context.Context, w Who, id, key string, answer []byte) error {
	what, err := b.finish(ctx, w, id, key)
	if err != nil {
		return err
	}
	h, ids, err := b.holder(ctx, w.Handle)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return ErrWrong
	}
	shown, err := b.web.ValidateLogin(h, what.Session, parsed)
	if err != nil || shown.Authenticator.CloneWarning {
		return ErrWrong
	}
	for i := range h.keys {
		if string(h.keys[i].ID) != string(shown.ID) {
			continue
		}
		used, err := b.Store.Use(ctx, w.Handle, ids[i], int64(shown.Authenticator.SignCount), b.Now())
		if err != nil {
			return fmt.Errorf("step-up: %w", err)
		}
		if !used {
			return ErrWrong
		}
		return b.Grant(ctx, w, key, Key)
	}
	return ErrWrong
}

// finish takes a ceremony of this session, for this act, once.
func (b *Book) finish(ctx context.Context, w Who, id, key string) (begun, error) {
	var what begun
	if err := b.take(ctx, kindCeremony, id, &what); err != nil {
		return begun{}, err
	}
	if what.Who != w || what.Key != key || !w.known() {
		return begun{}, ErrOver
	}
	return what, nil
}
