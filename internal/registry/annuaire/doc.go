// Package annuaire reads the ministry's open list of schools, the "annuaire de l'éducation" (CSV), into establishments.
//
// Read takes either spelling of its headers (technical, or with capitals), commas, semicolons or tabs, UTF-8 with or
// without a mark, or Windows-1252; it says which it found and guesses nothing else. Every row that cannot be understood is
// named with its line, what is wrong and what would be right. NewPlan compares what was read with what is registered; a plan
// with a bad row can only be carried out without those rows by asking for that.
//
// It writes nothing: whoever carries a plan out does so in one transaction. It does not remove establishments either. Those
// the list no longer has can be closed on a date, and a list that would close too many is taken for a broken one.
package annuaire
