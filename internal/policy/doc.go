// Package policy says who may enter, and is pure: may this person enter this service now, in this establishment, under
// which version of which declaration, and until when (Gate); and from which moment a declaration opens nothing any more,
// and why (Ends). It knows no HTTP, no storage and no clock of its own, so that a data-protection officer can be shown it.
// What stands against approving a declaration is policy/conformity's to say.
//
// Who opens a service in an establishment, in this order: its own controller, whose no wins over everybody (an Enabling);
// the DASEN for public écoles; the rectorat where it covers all; the recteur in a crisis. A controller who accepted one
// version runs under the newest that says no more than it.
//
// A Grant can only be made here, and a Release only from a Grant: that is the wall between deciding and releasing. The
// checks stand in one list, in order, in checks.go; each refusal has a reason that a page can explain to a child. Which
// version stands where is footing.go.
package policy
