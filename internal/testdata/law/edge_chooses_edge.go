// file: internal/upstream/ldap/x.go
// want: imports store/sqldb: only app chooses an implementation

package ldap

import _ "ecluse/internal/store/sqldb"
