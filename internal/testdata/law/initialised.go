// file: internal/keys/x.go
// want: init() acts behind everybody

package keys

func init() {}
