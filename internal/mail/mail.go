// Package mail hands single mails to a relay by SMTP (RFC 5321, RFC 6409) and reads what comes back (RFC 3464). It owns
// the transport and the head of a mail; what a mail says, to whom and when is its caller's.
//
// The relay is reached over TLS, by STARTTLS (RFC 3207) or from the first byte (RFC 8314), with a certificate that is
// checked. Without TLS it is reached only where the operator says so in a word, and never with a password unless the relay
// is on this machine. Addresses, passwords and what a relay says in words stand in no error and no log: a Failure has the
// step at which it happened and the reply's numbers.
package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"

	smtp "github.com/wneessen/go-mail"
)

// Patience bounds the connection to the relay, and then the mail: both at most this long.
const Patience = 20 * time.Second

// Config says which relay takes the mails and from whom they are.
type Config struct {
	// URL is smtp://user:password@host:port, with STARTTLS, on port 587 when none is said; or smtps://, on port 465.
	// User and password may be missing.
	URL string
	// Plain lets smtp:// go without TLS. A password then goes to a relay on this machine only.
	Plain bool
	// From is an address, with a name or without; Bounces is where failures come back to, From's address when empty.
	From    string
	Bounces string
	// Host names this gateway in Message-IDs and in List-Id.
	Host  string
	Roots *x509.CertPool // whose certificates are believed; the machine's when nil
}

// String shows nothing: an address may hold a password.
func (Config) String() string { return "[mail settings]" }

// GoString shows what String shows.
func (c Config) GoString() string { return c.String() }

// LogValue shows what String shows.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Message is one mail to one mailbox. The same ID is the same mail, also when it is sent again.
type Message struct {
	ID      string // letters and digits: with Config.Host the Message-ID
	To      string
	Subject string
	Text    string // plain, UTF-8
	At      time.Time
}

// String shows the id and nothing of whom it goes to or what it says.
func (m Message) String() string { return "mail " + m.ID }

// GoString shows what String shows.
func (m Message) GoString() string { return m.String() }

// LogValue shows what String shows.
func (m Message) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Relay sends. It is safe for concurrent use.
type Relay struct {
	from    mail.Address
	bounces string
	host    string
	server  string
	options []smtp.Option
}

// New makes a relay of settings, or names everything that is wrong with them. It connects to nobody.
func New(c Config) (*Relay, error) {
	var problems []error
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		problems = append(problems, errors.New("from: it is not an address"))
		from = &mail.Address{}
	}
	r := &Relay{from: *from, bounces: from.Address, host: c.Host}
	if c.Bounces != "" {
		back, err := mail.ParseAddress(c.Bounces)
		if err != nil {
			problems = append(problems, errors.New("bounces: it is not an address"))
		} else {
			r.bounces = back.Address
		}
	}
	if err := r.reach(c); err != nil {
		problems = append(problems, err)
	}
	if len(problems) > 0 {
		return nil, errors.Join(problems...)
	}
	return r, nil
}

// reach reads the relay's address.
func (r *Relay) reach(c Config) error {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" {
		return errors.New("url: smtp://host:port or smtps://host:port is expected") // the error of url.Parse quotes it
	}
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return errors.New("url: its port is none")
		}
	}
	password, with := u.User.Password()
	switch {
	case c.Plain && u.Scheme == "smtps":
		return errors.New("url: smtps is TLS, and plain says that there is none")
	case c.Plain && u.User != nil && !onThisMachine(u.Hostname()):
		return errors.New("url: a password never goes to another machine without TLS")
	case u.User != nil && !with:
		return errors.New("url: a user without a password")
	}
	r.server = u.Hostname()
	r.options = []smtp.Option{
		smtp.WithPort(port), smtp.WithTimeout(Patience), smtp.WithHELO(helo(c.Host)), smtp.WithoutNoop(),
		smtp.WithDSN(), smtp.WithDSNMailReturnType(smtp.DSNMailReturnHeadersOnly), smtp.WithDSNRcptNotifyType(smtp.DSNRcptNotifyFailure),
		smtp.WithTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12, ServerName: u.Hostname(), RootCAs: c.Roots}),
	}
	switch {
	case c.Plain:
		r.options = append(r.options, smtp.WithTLSPolicy(smtp.NoTLS))
	case u.Scheme == "smtps":
		r.options = append(r.options, smtp.WithSSL())
	default:
		r.options = append(r.options, smtp.WithTLSPolicy(smtp.TLSMandatory))
	}
	if u.User != nil {
		kind := smtp.SMTPAuthAutoDiscover
		if c.Plain {
			kind = smtp.SMTPAuthPlainNoEnc // to this machine, as was judged above
		}
		r.options = append(r.options, smtp.WithSMTPAuth(kind), smtp.WithUsername(u.User.Username()), smtp.WithPassword(password))
	}
	return nil
}

func helo(host string) string {
	if host == "" {
		return "localhost"
	}
	return host
}

func onThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands over one mail and returns when the relay has taken it, or a *Failure, after Patience for the connection and
// once more for the mail. When ctx ends no new mail is begun; one that is under way is not cut. What the relay says after it
// took the mail is not asked.
func (r *Relay) Send(ctx context.Context, m Message) error {
	msg, err := r.message(m)
	if err != nil {
		return err
	}
	client, err := smtp.NewClient(r.server, r.options...)
	if err != nil {
		return &Failure{Step: StepConnect}
	}
	conn, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return connecting(err)
	}
	err = client.SendWithSMTPClient(conn, msg)
	_ = client.CloseWithSMTPClient(conn)
	if msg.IsDelivered() {
		return nil
	}
	return sending(err)
}

// message writes the head: who, what, when, that a machine wrote it (RFC 3834), and by what a mailbox may file it (RFC 2919).
func (r *Relay) message(m Message) (*smtp.Msg, error) {
	msg := smtp.NewMsg(smtp.WithCharset(smtp.CharsetUTF8), smtp.WithEncoding(smtp.EncodingQP), smtp.WithNoDefaultUserAgent())
	msg.FromMailAddress(&r.from)
	msg.EnvelopeFromMailAddress(&mail.Address{Address: r.bounces})
	if err := msg.To(m.To); err != nil {
		return nil, &Failure{Step: StepRecipient, Permanent: true} // no reply has said so; it will not become an address
	}
	msg.Subject(oneLine(m.Subject))
	msg.SetMessageIDWithValue(m.ID + "@" + r.host)
	msg.SetDateWithValue(m.At)
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader("X-Auto-Response-Suppress", "All")
	msg.SetGenHeader("List-Id", "<notifications."+r.host+">")
	msg.SetGenHeader("Content-Language", "fr, en")
	msg.SetBodyString(smtp.TypeTextPlain, m.Text)
	return msg, nil
}

// oneLine keeps a name that somebody registered from adding a line to the head.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
}

// IDOf is the ID of the mail that has a Message-ID of this relay's, with or without its brackets; ok is false for any other.
func (r *Relay) IDOf(messageID string) (id string, ok bool) {
	id, ok = strings.CutSuffix(strings.Trim(strings.TrimSpace(messageID), "<>"), "@"+r.host)
	return id, ok && id != ""
}

// Step is where a mail failed: a stable word.
type Step string

// The steps.
const (
	StepConnect   Step = "connect"   // nobody answers there
	StepTLS       Step = "tls"       // no TLS, or a certificate that is not believed
	StepSession   Step = "session"   // the relay does not want us: greeting, password
	StepSender    Step = "sender"    // it does not want our address
	StepRecipient Step = "recipient" // it does not want the mailbox
	StepContent   Step = "content"   // it does not want the mail
)

// Failure is a mail that the relay did not take. Permanent is one that will not be taken later either: the relay refused the
// mailbox or the mail with a reply 5yz. All else may be mended, or mend itself.
type Failure struct {
	Step      Step
	Code      int    // of the reply (RFC 5321 section 4.2.1); 0 when there was none
	Enhanced  string // RFC 3463, as 5.1.1; empty when there was none
	Permanent bool
}

// Error has the step and the numbers, and no word of the relay's.
func (f *Failure) Error() string { return "mail: not taken: " + f.Word() }

// ForGood tells whether it is Permanent.
func (f *Failure) ForGood() bool { return f.Permanent }

// Word is the failure in short, for people: the step and what numbers there are.
func (f *Failure) Word() string {
	out := string(f.Step)
	if f.Code != 0 {
		out += fmt.Sprintf(" %d", f.Code)
	}
	if f.Enhanced != "" {
		out += " " + f.Enhanced
	}
	return out
}
