// Package person says who has just signed in, in the gateway's own words: the key that an authority guarantees, the
// profile held in each establishment, normalised values, age facts, the children one may act for, and how the person
// authenticated. It also holds the mapping, as data, from a source's raw attributes to a Person.
//
// It does not know services, protocols, storage or clocks; it imports nothing of ours. A protocol package must never
// import it: the import test refuses that.
//
// A Person is personal data of a child more often than not. It lives in no table: only sealed inside a ticket with an
// end. Every type here that holds such data prints nothing by itself.
//
// French terms of art stay French, explained once, here:
//
//   - UAI: the code of an establishment, seven digits and a check letter (formerly RNE).
//   - académie: a region of the national education service; its office is the rectorat.
//   - DASEN: the head of a department's education service, controller for its public primary schools.
//   - ENT: a school's digital workspace, where pupils usually sign in.
//   - INE: the national pupil number. It is never released.
//   - SDET: the national reference document for ENTs, whose attribute names (ENTPerson…) directories use.
//   - GAR: the ministry's gateway to teaching resources, whose profile codes (National_ELV…) we speak.
package person
