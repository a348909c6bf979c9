// want: unexported field
package forged

import "ecluse/internal/policy"

var _ = policy.Grant{true}
