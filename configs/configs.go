// Package configs holds the files that come with the binary: the documented configuration, the rules by which declarations
// are examined until others are signed, the catalogue, the simulator's personas, and the demo's data.
package configs

import "embed"

// Files holds gateway.yaml, rules.yaml, personas.yaml, charter.yaml to begin with, and the folders catalogue and demo.
//
//go:embed gateway.yaml rules.yaml personas.yaml charter.yaml catalogue demo
var Files embed.FS
