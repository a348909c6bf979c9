// Package accounts is the noun of a temporary account: for somebody whom no source knows yet, a contractual or a new
// arrival, opened by their establishment until a last day and used by one person alone.
//
// It owns what an account may be, its one-time word, when it opens, and the store's contract. It does not own the page
// where its holder signs in (upstream/local) nor who may open one (roles, desk). It has no HTTP and no clock of its own.
//
// An account holds a name, which nothing else that is registered does. It therefore stands in a table of its own, in no
// snapshot and in no journal entry, and is removed Kept days after its last day.
package accounts

import (
	"fmt"
	"log/slog"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Connector is the kind of source that lets holders of accounts in.
const Connector = "local"

// Authority is who guarantees the identifiers of the accounts of a source. No other source may say the same.
func Authority(source string) string { return "local:" + source }

// Account is one person's temporary account in one establishment.
type Account struct {
	ID         string // names it in journals and routes; says nothing of the person and does not let in
	Login      string // with the word or the password, lets in; given out once, with the word
	Source     string // the source of kind "local" that lets the holder in
	UAI        person.UAI
	Profile    person.Profile
	GivenName  string // may be empty
	FamilyName string
	Mail       string // may be empty
	From       registry.Date
	Until      registry.Date // its last day, the whole of it
	Reason     string        // why it was opened; it may name somebody
	Author     string        // the handle of who opened it
	Made       time.Time
	State      State
	Since      time.Time // when State was last decided
	Word       string    // the one-time word as HashWord writes it; empty once it was used
	WordEnds   time.Time
	Password   string // as the connector writes it; empty before the first use
	Revision   int64  // of the row; 0 before it was ever written
}

// State is what became of an account.
type State string

// The states. An account whose last day is over needs no state of its own.
const (
	Active State = "active"
	Closed State = "closed" // for good
)

// How long things last.
const (
	Months   = 12                  // from the first day to the last, at most
	Ahead    = 92                  // days until the first day, at most
	WordLife = 14 * 24 * time.Hour // from the first day, or from the day the word was made if that is later
	Kept     = 30                  // days after the last one
)

// Profiles lists what a temporary account may make of somebody: a pupil or staff of a school. Nobody heads anything by
// one, and guardians are known by their children's entries.
func Profiles() []person.Profile {
	return []person.Profile{person.Pupil, person.Teacher, person.Librarian, person.SchoolLife, person.SchoolStaff}
}

// Open tells whether its holder may sign in at now.
func (a Account) Open(now time.Time, zone *time.Location) bool {
	return a.State == Active && slices.Contains(Profiles(), a.Profile) && !a.From.IsZero() && !a.Until.IsZero() &&
		!now.Before(a.From.Starts(zone)) && now.Before(a.Until.Ends(zone))
}

// Takes tells whether the word is the account's and may be used at now.
func (a Account) Takes(word string, now time.Time) bool {
	return sameWord(a.Word, word) && now.Before(a.WordEnds)
}

// Give makes a new one-time word, which ends the one before it and the password.
func (a *Account) Give(now time.Time, zone *time.Location) (word string) {
	word = newWord()
	begins := now
	if first := a.From.Starts(zone); first.After(begins) {
		begins = first
	}
	a.Word, a.WordEnds, a.Password = HashWord(word), begins.Add(WordLife), ""
	return word
}

// LastDay is the day after which the account is of no use: its last one, or the one on which it was closed.
func (a Account) LastDay(zone *time.Location) registry.Date {
	if closed := registry.DateOf(a.Since.In(zone)); a.State == Closed && closed.String() < a.Until.String() {
		return closed
	}
	return a.Until
}

// Check says what is wrong with an account that is to be opened at now, all of it at once.
func (a Account) Check(now time.Time, zone *time.Location) []registry.Finding {
	var out []registry.Finding
	say := func(bad bool, where, what, mend string) {
		if bad {
			out = append(out, registry.Finding{Where: where, What: what, Mend: mend})
		}
	}
	name := func(where, text string, needed bool) {
		say(needed && strings.TrimSpace(text) == "", where, "it is missing", "")
		say(len([]rune(text)) > mostName, where, fmt.Sprintf("it is longer than %d characters", mostName), "")
		say(strings.ContainsFunc(text, unicode.IsControl), where, "it holds a control character", "")
	}
	name("family_name", a.FamilyName, true)
	name("given_name", a.GivenName, false)
	say(!slices.Contains(Profiles(), a.Profile), "profile", "no temporary account makes anybody that", fmt.Sprintf("one of %q", Profiles()))
	say(strings.TrimSpace(a.Reason) == "", "reason", "why it is opened is missing", "a sentence")
	say(len([]rune(a.Reason)) > mostReason, "reason", fmt.Sprintf("it is longer than %d characters", mostReason), "say it shorter")
	if a.Mail != "" {
		address, err := mail.ParseAddress(a.Mail)
		say(err != nil || address.Address != a.Mail || len(a.Mail) > mostMail, "mail", "this is no mail address", "as in a.b@exemple.fr, or nothing")
	}
	today := registry.DateOf(now.In(zone))
	say(a.Until.IsZero(), "until", "the last day is missing", "yyyy-mm-dd")
	say(!a.From.IsZero() && a.From.String() < today.String(), "from", "the first day is past", "today or later")
	say(a.From.String() > today.Add(Ahead).String(), "from", fmt.Sprintf("the first day is more than %d days away", Ahead), "open it later")
	if !a.Until.IsZero() {
		from := today
		if !a.From.IsZero() {
			from = a.From
		}
		last := registry.DateOf(time.Date(from.Year, from.Month+Months, from.Day, 0, 0, 0, 0, time.UTC))
		say(a.Until.String() < from.String(), "until", "the last day is before the first", "")
		say(a.Until.String() > last.String(), "until", fmt.Sprintf("a temporary account lasts %d months at most", Months), last.String())
	}
	return out
}

// How long texts may be.
const (
	mostName   = 120
	mostReason = 500
	mostMail   = 254
)

// Name is the whole name, as the holder's services may show it.
func (a Account) Name() string { return strings.TrimSpace(a.GivenName + " " + a.FamilyName) }

// String shows the id and nothing of the person.
func (a Account) String() string { return "[account " + a.ID + "]" }

// GoString shows what String shows.
func (a Account) GoString() string { return a.String() }

// LogValue shows what String shows.
func (a Account) LogValue() slog.Value { return slog.StringValue(a.String()) }
