package desk

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// errIdle ends an act that found everything as it is asked for: nothing is written, and nobody is told of an error.
var errIdle = errors.New("nothing to do")

// settle is act for acts that may find nothing to do.
func (d *Desk) settle(ctx context.Context, c roles.Caller, word string, f func(*turn) error) error {
	err := d.act(ctx, c, word, f)
	if errors.Is(err, errIdle) {
		return nil
	}
	return err
}

// newID makes a name that nobody guesses and nothing else has.
func newID() string { return strings.ToLower(rand.Text()[:16]) }

// today is the date at now in the academy's zone.
func (t *turn) today() registry.Date { return registry.DateOf(t.now.In(t.Zone())) }

// mistakes gathers what is wrong with an input.
type mistakes []registry.Finding

// say adds a mistake when there is one.
func (m *mistakes) say(bad bool, where, what, mend string) {
	if bad {
		*m = append(*m, registry.Finding{Where: where, What: what, Mend: mend})
	}
}

// text wants a text that is there and no longer than most characters.
func (m *mistakes) text(where, text string, most int) {
	m.say(strings.TrimSpace(text) == "", where, "it is missing", "")
	m.say(len([]rune(text)) > most, where, fmt.Sprintf("it is longer than %d characters", most), "say it shorter")
}

// err is *Invalid with the findings that block; notes alone are none.
func (m mistakes) err() error {
	if !registry.Blocks(m) {
		return nil
	}
	return &Invalid{Findings: m}
}

// How long texts may be that people write into acts.
const (
	mostReason = 2000
	mostName   = 120
)

// yearAfter is the same day of the next year.
func yearAfter(d registry.Date) registry.Date {
	return registry.DateOf(time.Date(d.Year+1, d.Month, d.Day, 0, 0, 0, 0, time.UTC))
}

// before tells whether a is an earlier day than b.
func before(a, b registry.Date) bool { return a.String() < b.String() }
