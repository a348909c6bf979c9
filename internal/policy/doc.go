// Package policy gives two verdicts, both pure: may this person enter this service now, in this establishment, under
// which declaration (Gate); and what stands against approving a declaration (Examine). It knows no HTTP, no storage and
// no clock of its own, so that a data-protection officer can be shown it.
//
// A Grant can only be made here, and a Release only from a Grant: that is the wall between deciding and releasing. The
// checks stand in one list, in order, in checks.go; each refusal has a reason that a page can explain to a child.
package policy
