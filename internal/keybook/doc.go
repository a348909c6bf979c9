// Package keybook knows which keys mean one person. Every source names people in its own way; a pseudonym must not change
// because somebody changed schools, ENT or source (CM2 to 6e). The book holds keyed hashes of (authority, identifier) and
// for each the number of the person it means; no name, no attribute, nothing that could be read without the key ring.
//
// A key that is seen for the first time beside a known one takes its number. Two keys that were known under two numbers
// before somebody found out that they mean one person keep both: a merge never changes a pseudonym that was released. What
// was released is known by a keyed hash of the pseudonym itself, which links nothing with anything.
//
// Whoever says that somebody is a certain pupil gets that pupil's pseudonyms, so a join is believed only of a source whose
// word on that authority is taken (registry.Source.Vouches), and never against this: one authority names a person once. Two
// pupils of one ENT with one national number are two pupils; the number then joins nobody any more, the journal says so,
// and an operator decides by a list of pairs (Book.PlanJoin), whose word stands against every later sign-in. A person whose
// national number seems to have changed is kept apart from the new one likewise, which stays free for whoever has it. Names
// are never looked at.
//
// Rows carry the last school year in which they were seen, and marks the last in which the pseudonym was released. The
// first would not do: a stable pseudonym that is in use for eight years must not be forgotten after five.
package keybook
