// Package canary is a second pair of eyes on what leaves. It takes a sample of the messages that were really sent (SAML
// responses, ID tokens, userinfo, CAS answers), off the path of the sign-in, parses them with parsers of its own, and
// compares what it finds with the declaration as it stands in the registry. It does not trust the release engine and does
// not import it; an attribute that nobody declared suspends the service on every replica.
//
// What a message may hold is a list of what is known: the protocol's own fields, and attributes that an item of the
// declaration explains for the profile. All else is a breach, and so is a message that cannot be read: what nobody can
// check, nobody can answer for.
//
//	Watch    sampling, then a queue that never blocks       on the path of the sign-in
//	worker   parse, judge                                    one, which rests as long as it worked
//	keeper   suspend, with its journal entry, until written  this replica refuses meanwhile: see Over
//
// It never lifts a suspension: a person does, after looking. It keeps and tells names of attributes, never values.
package canary
