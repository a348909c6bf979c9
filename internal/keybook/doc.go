// Package keybook knows which keys mean one person. Every source names people in its own way; a pseudonym must not change
// because somebody changed schools, ENT or source (CM2 to 6e). The book holds keyed hashes of (authority, identifier) and
// for each the number of the person it means; no name, no attribute, nothing that could be read without the key ring.
//
// A key that is seen for the first time beside a known one takes its number. Two keys that were known under two numbers
// before somebody found out that they mean one person keep both: a merge never changes a pseudonym that was released. What
// was released is known by a keyed hash of the pseudonym itself, which links nothing with anything.
package keybook
