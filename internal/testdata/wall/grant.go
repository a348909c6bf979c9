// want: unexported field granted
package forged

import "ecluse/internal/policy"

var _ = policy.Grant{granted: true}
