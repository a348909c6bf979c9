// want: cannot convert
package forged

import (
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
)

func forge(r attrs.Release) consent.Cleared { return consent.Cleared(r) }
