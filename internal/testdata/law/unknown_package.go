// file: internal/portal/x.go
// want: the package is not in the law

package portal
