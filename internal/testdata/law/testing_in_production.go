// file: internal/login/x.go
// want: production code imports testing

package login

import _ "testing"
