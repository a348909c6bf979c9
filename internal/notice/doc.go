// Package notice writes what families, staff, the council and the collectivité are told of a service (RGPD art. 12 to 14),
// from the declaration under which it stands in a school: who answers, whom to reach, what for, on which basis, with which
// data and from where, who receives them, where to, how long, with which rights. It is pure.
//
// Nothing is left blank: where the declaration does not say what the law wants told, there is no notice, and Write says all
// that lacks.
package notice
