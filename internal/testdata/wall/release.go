// want: unexported field subject
package forged

import "ecluse/internal/attrs"

var _ = attrs.Release{subject: "x"}
