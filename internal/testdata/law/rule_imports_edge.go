// file: internal/policy/x.go
// want: imports web, which the law does not allow

package policy

import _ "ecluse/internal/web"
