// Package attrs says what leaves: the dictionary of attributes, the release engine, each service's own names for
// things, and the pseudonym.
//
// There is one release path, whatever the protocol: Engine.Release takes a person and a grant and gives a Release, which
// the information page prints, the wire carries, the journal names and the simulator explains. Only the engine makes
// one; the zero Release releases nothing. Protocol packages see a Release through As, already named and joined for them,
// and never the person behind it.
//
// What is not declared does not exist for the service; a request narrows and never widens. Each step after that only takes
// away, in this order:
//
//	not asked for, not nominative, not cited   the word does not leave at all
//	of another profile                         what is an agent's does not leave where they act as a parent
//	said or computed                           the values of the chosen establishment before those that hold everywhere
//	permitted                                  no social security number under any word, no INE under another than its own
//	harmless                                   no label or code that reveals health, disability, origin or religion
//	enough                                     under a pseudonym, no class or group of fewer than Rules.SmallGroup pupils
//
// What a declaration requires and the steps leave nothing of is a *Missing, with who can correct it.
//
// Computed words tell less than what they are made from (age band, cycle, class without its number, neutral level, initials,
// domain of the address), or are numbers of ours. What cannot be read gives nothing; a pupil of unknown age counts as under
// 15. Item.Said and Item.Rule say what each was made from and by what.
package attrs
