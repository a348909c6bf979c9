package mail

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"net/textproto"
	"regexp"
	"strings"
)

// MaxReport is how much of a report is read, in bytes.
const MaxReport = 1 << 20

// ErrReport says that a message is no report about a mail that could not be delivered.
var ErrReport = errors.New("this is no delivery status report (RFC 3464) with the head of the mail it is about")

// Bounce is what a mail server says has become of a mail that a relay had taken.
type Bounce struct {
	MessageID string // of the mail, as it stands in its head
	Failed    bool   // for good; false while others still try, and where it arrived
	Status    string // RFC 3463, as 5.1.1
}

var status = regexp.MustCompile(`^[245]\.\d{1,3}\.\d{1,3}$`)

// ReadBounce reads a report on a mail (RFC 3464, in a multipart/report of RFC 6522). Addresses and words of the report are
// not kept. It gives ErrReport for anything else.
func ReadBounce(r io.Reader) (Bounce, error) {
	report, err := mail.ReadMessage(bufio.NewReader(io.LimitReader(r, MaxReport)))
	if err != nil {
		return Bounce{}, ErrReport
	}
	kind, params, err := mime.ParseMediaType(report.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/report" || !strings.EqualFold(params["report-type"], "delivery-status") {
		return Bounce{}, ErrReport
	}
	var b Bounce
	said := false
	for parts := multipart.NewReader(report.Body, params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil {
			break // the end, or a report that was cut: what was read counts
		}
		switch kind, _, _ := mime.ParseMediaType(part.Header.Get("Content-Type")); kind {
		case "message/delivery-status", "message/global-delivery-status":
			said = b.status(part) || said
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers":
			head, _ := textproto.NewReader(bufio.NewReader(part)).ReadMIMEHeader() // a head that was cut gives what it has
			b.MessageID = head.Get("Message-Id")
		}
	}
	if !said || b.MessageID == "" {
		return Bounce{}, ErrReport
	}
	return b, nil
}

// status reads the groups of fields: one about the message, then one for each mailbox. One that failed is a failure.
func (b *Bounce) status(part io.Reader) (said bool) {
	groups := textproto.NewReader(bufio.NewReader(part))
	for {
		fields, err := groups.ReadMIMEHeader()
		if action := strings.ToLower(strings.TrimSpace(fields.Get("Action"))); action != "" && !b.Failed {
			said, b.Failed, b.Status = true, action == "failed", ""
			if code, _, _ := strings.Cut(strings.TrimSpace(fields.Get("Status")), " "); status.MatchString(code) {
				b.Status = code
			}
		}
		if err != nil {
			return said
		}
	}
}
