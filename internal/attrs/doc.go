// Package attrs says what leaves: the dictionary of attributes, the release engine, each service's own names for
// things, and the pseudonym.
//
// There is one release path, whatever the protocol: Engine.Release takes a person and a grant and gives a Release, which
// the information page prints, the wire carries, the journal names and the simulator explains. Only the engine makes
// one; the zero Release releases nothing. Protocol packages see a Release through As, already named and joined for them,
// and never the person behind it.
//
// What is not declared does not exist for the service; a request narrows and never widens.
package attrs
