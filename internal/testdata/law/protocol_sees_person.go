// file: internal/idp/samlidp/x.go
// want: imports person: a protocol never sees a person

package samlidp

import _ "ecluse/internal/person"
