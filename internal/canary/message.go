package canary

import (
	"log/slog"
	"slices"
	"time"
)

// Message is one message as it went out. Its fields are those of idp.Sent in the same order, so that one converts into the
// other. It holds personal data and prints none.
type Message struct {
	Protocol    string
	Kind        string // saml-response (the XML), id-token (the JWT), userinfo (JSON or JWT), cas (the XML)
	Service     string
	Handle      string
	Declaration string
	Version     int
	UAI         string
	Profile     string
	At          time.Time
	Body        []byte
}

// String shows what it was and nothing of the person.
func (m Message) String() string { return "[" + m.Kind + " to " + m.Service + "]" }

// GoString shows what String shows.
func (m Message) GoString() string { return m.String() }

// LogValue shows what String shows.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Kind is what is wrong with a message.
type Kind string

// The kinds of a breach, the gravest first.
const (
	Forbidden    Kind = "forbidden"    // a word that may never be released (RGPD art. 9, 87)
	Uncited      Kind = "uncited"      // the national pupil number where the rules cite no text
	NamesSomeone Kind = "names"        // a word that names somebody, under a pseudonymous declaration
	Undeclared   Kind = "undeclared"   // no item of the declaration explains it for this profile
	Disguised    Kind = "disguised"    // a value that is a mail address, a pupil number or a social security number under another name
	Subject      Kind = "subject"      // the subject is neither a pseudonym nor a declared word
	OtherPlace   Kind = "other_place"  // another establishment or profile than the record of the message names
	Strange      Kind = "strange"      // a field that is neither the protocol's nor an attribute, or one twice
	NotInForce   Kind = "not_in_force" // the version was not approved and in force at that moment
	Unregistered Kind = "unregistered" // service, binding or version are not registered
	Unreadable   Kind = "unreadable"   // it does not parse
	FreeLabel    Kind = "label"        // a mail address in a label that a school writes itself: told, and no more
)

// Kinds lists every kind, the gravest first.
func Kinds() []Kind {
	return []Kind{
		Forbidden, Uncited, NamesSomeone, Undeclared, Disguised, Subject, OtherPlace, Strange, NotInForce, Unregistered, Unreadable,
		FreeLabel,
	}
}

// Breach says that a message held what the declaration does not cover. It names attributes, never values.
type Breach struct {
	Service     string
	Handle      string
	Declaration string
	Version     int
	Protocol    string
	UAI         string
	At          time.Time // when the message left
	Kind        Kind      // the gravest of what was found
	Names       []string  // as on the wire, bounded in number and length
}

// Suspends tells whether the breach stops the service. Only a label that a school wrote itself does not: no mapping of
// ours is wrong, and whoever may name a group could otherwise stop a service for an academy.
func (b Breach) Suspends() bool { return b.Kind != FreeLabel }

// Why says in one sentence what is wrong, in French and English.
func (b Breach) Why() (fr, en string) {
	switch b.Kind {
	case Forbidden:
		return "une donnée qui ne doit jamais sortir a été envoyée", "data that may never leave was sent"
	case Uncited:
		return "le numéro national de l’élève a été envoyé sans texte qui l’autorise", "the national pupil number was sent and no text allows it"
	case NamesSomeone:
		return "une donnée nominative a été envoyée sous une déclaration pseudonyme", "data that names somebody was sent under a pseudonymous declaration"
	case Undeclared:
		return "une donnée non déclarée a été envoyée", "data that nobody declared was sent"
	case Disguised, FreeLabel:
		return "une adresse ou un numéro national se trouvait sous un autre nom", "an address or a national number stood under another name"
	case Subject:
		return "l’identifiant envoyé n’est ni un pseudonyme ni une donnée déclarée", "the subject is neither a pseudonym nor declared data"
	case OtherPlace:
		return "un autre établissement ou profil que celui de la connexion a été envoyé", "another school or profile than that of the sign-in was sent"
	case Strange:
		return "le message contenait un champ inconnu", "the message held an unknown field"
	case NotInForce, Unregistered:
		return "la déclaration n’était pas en vigueur au moment de l’envoi", "the declaration was not in force when it was sent"
	default:
		return "le message envoyé ne peut pas être relu", "the message cannot be read"
	}
}

// finding is one thing that is wrong, and the name that bears it.
type finding struct {
	kind Kind
	name string
}

// mostNames bounds what one breach tells.
const mostNames = 12

// breach sums findings up. There is at least one.
func (m *Message) breach(found []finding) Breach {
	b := Breach{
		Service: m.Service, Handle: m.Handle, Declaration: m.Declaration, Version: m.Version, Protocol: m.Protocol, UAI: m.UAI,
		At: m.At, Kind: found[0].kind,
	}
	order := Kinds()
	for _, f := range found {
		if slices.Index(order, f.kind) < slices.Index(order, b.Kind) {
			b.Kind = f.kind
		}
		name := plain(f.name)
		if f.name != "" && len(b.Names) < mostNames && !slices.Contains(b.Names, name) {
			b.Names = append(b.Names, name)
		}
	}
	return b
}
