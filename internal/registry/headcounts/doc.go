// Package headcounts reads how many pupils are in each class and group of establishments (CSV), as an academy takes it from
// its own base: four columns, uai, type (classe or groupe), libellé and effectif. Numbers, no pupil.
//
// Read takes commas, semicolons or tabs, UTF-8 with or without a mark, or Windows-1252, and columns in any order; every row
// that cannot be understood is named with its line, what is wrong and what would be right. NewPlan compares what was read
// with what is registered: an establishment of the list is replaced whole, the others stay as they are. One bad row keeps
// everything back unless bad rows are to be left out, and then its whole establishment stays as it is: a headcount with a
// class missing would let out the label of a class that nobody counted.
//
// It writes nothing: whoever carries a plan out does so in one transaction.
package headcounts
