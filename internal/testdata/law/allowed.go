// file: internal/idp/samlidp/x.go
// want: nothing

package samlidp

import (
	"embed"
	"errors"
	"regexp"

	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/saml"
)

var (
	errX = errors.New("x")
	word = regexp.MustCompile("x")
)

//go:embed x
var files embed.FS

var _ idp.Protocol = (*provider)(nil)

type provider struct {
	cleared consent.Cleared
	signer  saml.Signer
}
