// Package interop has the gateway meet the products that it will meet: Debian's own packages, configured as their
// handbooks say and nothing more, started unprivileged on ports of this machine. It is tests alone.
//
// It owns which products are met and what they have to be told (docs/interop.md says it to people). It does not own what is
// right on the wire: that is tried in package saml and the protocols, and a fault that shows here first gets its test there.
//
// The tests run where ECLUSE_INTEROP is set, which is what `make interop` does after it has installed the products. There,
// a product that is missing is a failure.
package interop
