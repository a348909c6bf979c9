//go:build !race

package saml_test

import "time"

// messageCPU is what a message may cost before it is refused or understood.
const messageCPU = 50 * time.Millisecond

// raced tells whether the race detector runs, which allocates where the program does not.
const raced = false
