//go:build race

package saml_test

import "time"

// messageCPU is what a message may cost; the race detector takes its own.
const messageCPU = time.Second

// raced tells whether the race detector runs, which allocates where the program does not.
const raced = true
