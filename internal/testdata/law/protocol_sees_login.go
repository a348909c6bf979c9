// file: internal/idp/oidcop/x.go
// want: imports login, which the law does not allow

package oidcop

import _ "ecluse/internal/login"
