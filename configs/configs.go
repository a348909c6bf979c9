// Package configs holds the files that come with the binary: the documented configuration and the demo's data.
package configs

import "embed"

// Files holds gateway.yaml and the folder demo.
//
//go:embed gateway.yaml demo
var Files embed.FS
