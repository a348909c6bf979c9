// file: internal/registry/x.go
// want: production code imports ecluse/internal/audit/audittest

package registry

import _ "ecluse/internal/audit/audittest"
