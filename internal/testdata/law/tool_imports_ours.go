// file: internal/saml/x.go
// want: imports keys, which the law does not allow

package saml

import _ "ecluse/internal/keys"
