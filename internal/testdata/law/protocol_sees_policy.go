// file: internal/idp/oidcop/x.go
// want: imports policy: a protocol never sees a person

package oidcop

import _ "ecluse/internal/policy"
