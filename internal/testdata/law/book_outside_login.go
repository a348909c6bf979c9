// file: internal/admin/x.go
// want: only login holds a consent.Book

package admin

import "ecluse/internal/consent"

type console struct{ book *consent.Book }
