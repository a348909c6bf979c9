// file: internal/login/x.go
// want: only cmd may import app

package login

import _ "ecluse/internal/app"
