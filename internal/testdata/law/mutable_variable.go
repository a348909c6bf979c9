// file: internal/keys/x.go
// want: the package-level variable cache can change

package keys

var cache = map[string]string{}
