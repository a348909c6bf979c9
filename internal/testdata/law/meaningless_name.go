// file: internal/web/x.go
// want: a package named utils says nothing

package utils
