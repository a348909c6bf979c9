// Package register prints the register of processing activities (RGPD art. 30) of a school, a department or an academy,
// as a spreadsheet reads it (CSV) and as a page to print. It holds every version that was ever approved and applies there,
// the gateway's own entry and those of the identity sources; drafts are nobody's register.
//
// It decides nothing: where a declaration governs today is package policy's to say. Names are those of authorities,
// functions and suppliers; no person is named.
package register
