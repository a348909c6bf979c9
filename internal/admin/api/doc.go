// Package api is the JSON interface of the desk: one route for each act, described by an OpenAPI 3.1 document that is made
// from the code. It decides nothing: it finds out who calls, reads the request, hands it to package desk and writes what
// came of it. Whoever may do what is in package roles, what is right is in packages registry and policy/conformity.
//
// Read caller.go for who calls, adapter.go for how an operation becomes a declared route of the mux, problem.go for how
// errors look, and the other files, by subject, for the routes. docs/api.md tells integrators the same from outside.
package api
