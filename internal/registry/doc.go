// Package registry holds what operators have registered: services and their protocol bindings, declarations and their
// life cycle, establishments, identity sources, delegations. It validates them, says what storage owes them (Store), and
// gives every decision an immutable view of them with a revision (Snapshot), which Live keeps at most a second old.
//
// It does not decide who may enter or what leaves: packages policy and attrs do. It knows no HTTP, no SQL, no files;
// registry/manifest reads files into it.
package registry
