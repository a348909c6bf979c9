// file: internal/idp/samlidp/x.go
// want: imports consent under another name

package samlidp

import c "ecluse/internal/consent"

type answer struct{ book *c.Book }
