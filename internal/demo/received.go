package demo

import (
	"sort"
	"strings"
)

// received is what a site learned from one valid answer.
type received struct {
	Facts   []fact
	Unknown []word // what the site was not told; empty when we cannot be sure
	About   []fact // the answer itself: who issued it, for whom, until when
	Raw     []rawPart
}

// fact is one item as received: its name on the wire and its values.
type fact struct {
	Word   word
	Wire   string
	Values []string
	tells  kind
}

// rawPart is a piece of the answer, laid out but otherwise untouched.
type rawPart struct {
	Title, TitleEN string
	Text           string
}

// word says an item in French and English.
type word struct{ FR, EN string }

// kind is what a wire name tells about the person.
type kind int

const (
	other kind = iota // a name we have no word for: it could tell anything
	harmless
	firstName
	lastName
	fullName
	mail
	birth
)

// Greeting is the name to say hello with, or nothing.
func (r received) Greeting() string {
	for _, want := range []kind{firstName, fullName} {
		for _, f := range r.Facts {
			if f.tells == want && len(f.Values) > 0 {
				return f.Values[0]
			}
		}
	}
	return ""
}

// ignorance lists what none of the facts can tell. It is empty when one of
// them has a name we do not know, since it might tell any of it.
func ignorance(facts []fact) []word {
	told := map[kind]bool{}
	for _, f := range facts {
		told[f.tells] = true
	}
	if told[other] {
		return nil
	}
	var out []word
	if !told[firstName] && !told[fullName] {
		out = append(out, word{"ton prénom", "your first name"})
	}
	if !told[lastName] && !told[fullName] {
		out = append(out, word{"ton nom de famille", "your last name"})
	}
	if !told[mail] {
		out = append(out, word{"ton adresse électronique", "your mail address"})
	}
	if !told[birth] {
		out = append(out, word{"ta date de naissance", "your date of birth"})
	}
	return out
}

// explain gives words for a name on the wire: SAML names of eduPerson, of
// inetOrgPerson and of the GAR, the claims of OpenID Connect Core 5.1, and the
// user of CAS, which is another one each time where this demo has it.
func explain(wire string) (word, kind) {
	switch strings.TrimPrefix(wire, "urn:oid:") {
	case "NameID emailAddress":
		return word{"Ton adresse électronique", "Your mail address"}, mail
	case "NameID persistent", "sub":
		return word{"Ton numéro sur ce site", "Your number at this site"}, harmless
	case "NameID transient", "cas:user":
		return word{"Un numéro pour cette fois", "A number for this once"}, harmless
	case "givenName", "given_name", "PRE", "2.5.4.42":
		return word{"Ton prénom", "Your first name"}, firstName
	case "sn", "family_name", "NOM", "2.5.4.4":
		return word{"Ton nom de famille", "Your last name"}, lastName
	case "displayName", "name", "cn", "2.16.840.1.113730.3.1.241", "2.5.4.3":
		return word{"Ton nom complet", "Your full name"}, fullName
	case "mail", "email", "P_MEL", "0.9.2342.19200300.100.1.3":
		return word{"Ton adresse électronique", "Your mail address"}, mail
	case "birthdate", "schacDateOfBirth", "1.3.6.1.4.1.25178.1.2.3", "ENTPersonDateNaissance":
		return word{"Ta date de naissance", "Your date of birth"}, birth
	}
	return explainSchool(wire)
}

func explainSchool(wire string) (word, kind) {
	switch strings.TrimPrefix(wire, "urn:oid:") {
	case "IDO", "ido", "subject-id", "pairwise-id", "urn:oasis:names:tc:SAML:attribute:pairwise-id",
		"eduPersonTargetedID", "1.3.6.1.4.1.5923.1.1.1.10":
		return word{"Ton numéro sur ce site", "Your number at this site"}, harmless
	case "school_name", "o", "2.5.4.10":
		return word{"Le nom de ton établissement", "Your establishment’s name"}, harmless
	case "school_kind", "typeEtablissement":
		return word{"Le type de ton établissement", "Your establishment’s kind"}, harmless
	case "cycle":
		return word{"Ton cycle", "Your cycle"}, harmless
	case "child":
		return word{"Le numéro de ton enfant sur ce site", "Your child’s number at this site"}, harmless
	case "UAI", "uai":
		return word{"Le code de ton établissement", "Your establishment’s code"}, harmless
	case "PRO", "pro", "eduperson_affiliation", "eduPersonAffiliation", "eduPersonPrimaryAffiliation", "eduPersonScopedAffiliation", "affiliation",
		"1.3.6.1.4.1.5923.1.1.1.1", "1.3.6.1.4.1.5923.1.1.1.5", "1.3.6.1.4.1.5923.1.1.1.9":
		return word{"Ce que tu es à l’école", "What you are at school"}, harmless
	case "initials", "2.5.4.43":
		return word{"Les premières lettres de ton prénom et de ton nom", "The first letters of your names"}, harmless
	case "age_band", "ageBand":
		return word{"Ta tranche d’âge", "Your age band"}, harmless
	case "DIV", "class", "classes":
		return word{"Ta classe", "Your class"}, harmless
	case "GRO", "groups":
		return word{"Tes groupes", "Your groups"}, harmless
	case "P_MS1", "P_MS2", "P_MS3", "P_MS4", "E_MS1", "E_MS2", "E_MS3", "E_MS4", "level",
		"ENTEleveNivFormation":
		return word{"Ton niveau ou ta matière", "Your level or subject"}, harmless
	case "email_verified":
		return word{"Adresse vérifiée", "Address checked"}, harmless
	case "locale", "preferredLanguage":
		return word{"Ta langue", "Your language"}, harmless
	}
	return word{"Autre information", "Other information"}, other
}

// newFact gives a wire name its words.
func newFact(wire string, values ...string) fact {
	w, tells := explain(wire)
	return fact{Word: w, Wire: wire, Values: values, tells: tells}
}

// inOrder sorts facts as a reader expects them: the number first, names and
// mail next, then the rest by name.
func inOrder(facts []fact) {
	rank := func(f fact) int {
		switch {
		case f.Wire == "sub" || f.Wire == "cas:user" || strings.HasPrefix(f.Wire, "NameID"):
			return 0
		case f.tells == firstName || f.tells == lastName || f.tells == fullName:
			return 1
		case f.tells == mail:
			return 2
		}
		return 3
	}
	sort.SliceStable(facts, func(i, j int) bool {
		if a, b := rank(facts[i]), rank(facts[j]); a != b {
			return a < b
		}
		return facts[i].Wire < facts[j].Wire
	})
}

// refusal is a valid answer that says no.
type refusal struct {
	Happened, HappenedEN string
	// Code is the protocol's own word; Message what came with it, as text.
	Code    string
	Message string
	Raw     []rawPart
}

// newRefusal words the codes of SAML Core 3.2.2.2, of RFC 6749 4.1.2.1, of
// OpenID Connect Core 3.1.2.6 and of CAS Protocol 2.5.3 that a person may meet.
func newRefusal(code, message string) *refusal {
	r := &refusal{Code: code, Message: message}
	switch code[strings.LastIndex(code, ":")+1:] {
	case "RequestDenied", "access_denied":
		r.Happened = "La passerelle de l’académie n’a pas donné son accord : ce site ne reçoit rien sur toi."
		r.HappenedEN = "The academy’s gateway did not agree: this site receives nothing about you."
	case "NoPassive", "login_required", "interaction_required", "consent_required":
		r.Happened = "La passerelle aurait besoin de te montrer une page d’abord : connecte-toi avec le bouton."
		r.HappenedEN = "The gateway would need to show you a page first: use the button to sign in."
	case "invalid_grant", "INVALID_TICKET":
		r.Happened = "La passerelle a repris son accord avant la fin : ce site ne reçoit rien sur toi."
		r.HappenedEN = "The gateway took its agreement back before the end: this site receives nothing about you."
	default:
		r.Happened = "La passerelle a répondu non : ce site ne reçoit rien sur toi."
		r.HappenedEN = "The gateway answered no: this site receives nothing about you."
	}
	return r
}

// limitText keeps what a stranger wrote to a length that a page can show.
func limitText(s string) string {
	const longest = 300
	if r := []rune(s); len(r) > longest {
		return string(r[:longest]) + "…"
	}
	return s
}
