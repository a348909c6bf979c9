package samlidp

import (
	"errors"
	"testing"

	"ecluse/internal/saml"
)

// Settings that require it are refused where it is not possible; this is the wall behind that one.
func TestNothingIsWrittenInClearForAServiceThatMustReadEncrypted(t *testing.T) {
	t.Parallel()
	sp := &party{Settings: Settings{Encrypt: encryptRequired}}
	if document, read, err := sp.write(nil, &saml.Response{}); !errors.Is(err, saml.ErrNoRecipient) || document != nil || read != nil {
		t.Errorf("%d bytes, %v", len(document), err)
	}
}
