// want: unexported field release
package forged

import (
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
)

var _ = consent.Cleared{release: attrs.Release{}}
