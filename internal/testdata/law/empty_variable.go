// file: internal/keys/x.go
// want: the package-level variable last can change

package keys

var last int
