// want: nothing
package forged

import (
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/policy"
)

var (
	_ = policy.Grant{}
	_ = attrs.Release{}
	_ = consent.Cleared{}
	_ = policy.Place{UAI: "x"}
)
