// file: internal/lobby/x.go
// want: the package is not in the law

package lobby
