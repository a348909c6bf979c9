package app

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"

	"ecluse/internal/idp/oidcop"
)

// ClientSecret draws a secret for an OpenID Connect client and prints it, once and nowhere else, with what to register of it:
// its hash, or for client_secret_jwt the secret sealed for this client by the gateway's keys. It changes nothing. During a
// change two hashes stand in the settings.
func ClientSecret(ctx context.Context, c Config, client string, sealed bool, out, logTo io.Writer) error {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	secret := base64.RawURLEncoding.EncodeToString(raw)
	if !sealed {
		return tellSecret(out, secret, "secret_hashes", oidcop.HashSecret(secret))
	}
	return onBase(ctx, c, "client-secret", logTo, func(b *base) error {
		box, err := oidcop.SealSecret(b.ring, client, secret)
		if err != nil {
			return err
		}
		return tellSecret(out, secret, "secret_sealed", box)
	})
}

func tellSecret(out io.Writer, secret, setting, value string) error {
	_, err := fmt.Fprintf(out, "for the service, shown this once:\n  %s\nfor the settings of the client, %s:\n  %s\n", secret, setting, value)
	return err
}
