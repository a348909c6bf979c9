package registry

import "time"

// InquiryDays is for how long an inquiry waits for a second person, and for how long it is read once there was one.
const InquiryDays = 7

// Inquiry is a data-protection officer's question which services one person used. It is the only way to that answer: it
// wants a written reason and a second person. Whom it is about is sealed, and erased when it is ended.
type Inquiry struct {
	ID        string     `json:"id"`
	Academy   string     `json:"academy"`
	Source    string     `json:"source"`
	Person    string     `json:"person,omitempty"` // sealed under the gateway's keys
	State     State      `json:"state"`            // submitted, approved, archived
	Until     time.Time  `json:"until"`            // when it can no longer be confirmed, or read
	Decisions []Decision `json:"decisions"`        // who asked and why, who confirmed, who ended it
}

// Asker is the handle of who asked.
func (q Inquiry) Asker() string { return q.by(Submitted) }

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
