// want: granted
package forged

import "ecluse/internal/policy"

func forge(g policy.Grant) policy.Grant { g.granted = true; return g }
