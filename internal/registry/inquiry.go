package registry

import "time"

// InquiryDays is for how long an inquiry waits for a second person, and for how long it is read once there was one.
const InquiryDays = 7

// Inquiry is a data-protection officer's question: which services one person used, or which of some people a service knows
// by a pseudonym. It is the only way to either answer: it wants a written reason and a second person. Whom it is about is
// sealed, and erased when it is ended.
type Inquiry struct {
	ID         string     `json:"id"`
	Academy    string     `json:"academy"`
	Source     string     `json:"source,omitempty"`     // of the person; a match has none
	Person     string     `json:"person,omitempty"`     // sealed under the gateway's keys; a match has none
	Match      string     `json:"match,omitempty"`      // service, pseudonym and candidates of a match, sealed likewise
	Candidates int        `json:"candidates,omitempty"` // how many a match has; 0 for the other kind
	State      State      `json:"state"`                // submitted, approved, archived
	Until      time.Time  `json:"until"`                // when it can no longer be confirmed, or read
	Decisions  []Decision `json:"decisions"`            // who asked and why, who confirmed, who ended it
}

// Matches tells whether the question is which of some people a service knows by a pseudonym.
func (q Inquiry) Matches() bool { return q.Candidates > 0 }

// Waits tells whether it waits for a second person still.
func (q Inquiry) Waits(now time.Time) bool { return q.State == Submitted && now.Before(q.Until) }

// Bare is the inquiry without what is sealed: what may be shown, and what is left of one that ended.
func (q Inquiry) Bare() Inquiry {
	q.Person, q.Match = "", ""
	return q
}

// Asker is the handle of who asked.
func (q Inquiry) Asker() string { return q.by(Submitted) }

// Asked is when it was asked; zero of one that does not say.
func (q Inquiry) Asked() time.Time {
	for _, d := range q.Decisions {
		if d.State == Submitted {
			return d.At
		}
	}
	return time.Time{}
}

// Second is the handle of who confirmed; empty as long as nobody did.
func (q Inquiry) Second() string { return q.by(Approved) }

func (q Inquiry) by(state State) string {
	for _, d := range q.Decisions {
		if d.State == state {
			return d.By
		}
	}
	return ""
}
