package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ecluse/internal/idp/console"
	"ecluse/internal/mail"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
	"ecluse/internal/store/sqldb"
)

// How often a gateway looks what is due, and for how long mails and what was told are remembered. A suspension is told
// within seconds of its commit; what depends on the date is looked at every minute.
const (
	mailsEvery  = 3 * time.Second
	mailsByDate = time.Minute
	mailsKept   = 90 * 24 * time.Hour
	marksKept   = 400 * 24 * time.Hour
)

// post tells offices by mail. nil where no relay is configured.
type post struct {
	notify.Notifier
	postman  notify.Postman
	meter    *mailMeter
	revision int64
	looked   time.Time
	swept    time.Time
}

// outbox is where mails wait.
func (b *base) outbox() *sqldb.Mails { return &sqldb.Mails{DB: b.db, Journal: b.journal} }

// newMails sets mail up where the configuration has a relay.
func (g *gateway) newMails() (*post, error) {
	section := g.config.Mail
	if !section.on() {
		g.log.Info("nobody is told anything by mail: mail.url_file is not set")
		return nil, nil
	}
	relay, err := g.config.relay()
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	g.desk.Mails = g.outbox()
	writer, err := notify.NewWriter(g.config.PublicURL+console.Home, g.zone)
	if err != nil {
		return nil, err
	}
	m := &post{meter: newMailMeter(g.meter.registry)}
	address := func(b notify.Box) (string, bool) { return section.address(g.boxOf(b), b) }
	m.Notifier = notify.Notifier{
		Outbox: g.outbox(), Writer: writer, Schedule: section.schedule(), Now: g.now,
		Reaches: func(b notify.Box) bool { _, ok := address(b); return ok },
	}
	m.postman = notify.Postman{
		Outbox: g.outbox(), Carrier: carrier{relay}, Address: address, Now: g.now, Log: g.log, Meter: m.meter,
	}
	return m, nil
}

// boxOf is the mailbox that the register has of a school; empty for every other function.
func (g *gateway) boxOf(b notify.Box) string {
	uai, school := b.UAI()
	view, err := g.live.Current()
	if !school || err != nil {
		return ""
	}
	e, _ := view.Establishment(uai)
	return e.Mailbox
}

// schoolBox says where mails to a school go now, and which file says so where the register does not change it; an empty
// address where they go nowhere.
func (g *gateway) schoolBox(e registry.Establishment) (address, file string) {
	if !g.config.Mail.on() {
		return "", ""
	}
	box := notify.SchoolBox(e)
	address, _ = g.config.Mail.address(e.Mailbox, box)
	if _, fixed := g.config.Mail.To[string(box.Role)+"/"+box.Of]; fixed {
		file = cmp.Or(g.config.file, "gateway.yaml")
	}
	return address, file
}

// carrier hands mails to a relay.
type carrier struct{ *mail.Relay }

// Carry implements notify.Carrier.
func (c carrier) Carry(ctx context.Context, address string, m notify.Mail) error {
	return c.Send(ctx, mail.Message{ID: m.ID, To: address, Subject: m.Subject, Text: m.Text, At: m.Made})
}

var _ notify.Refusal = (*mail.Failure)(nil)

// tellByMail looks what is due and sends it, until ctx ends.
func (g *gateway) tellByMail(ctx context.Context) {
	if g.mails == nil {
		return
	}
	tick := time.NewTicker(mailsEvery)
	defer tick.Stop()
	for {
		if err := g.mailRound(ctx); err != nil && ctx.Err() == nil {
			g.log.Error("mails could not be looked after", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// mailRound is one look and one delivery.
func (g *gateway) mailRound(ctx context.Context) error {
	return errors.Join(g.lookForMails(ctx), g.deliverMails(ctx), g.sweepMails(ctx))
}

// lookForMails looks when something was registered, and every minute.
func (g *gateway) lookForMails(ctx context.Context) error {
	s, err := g.live.Current()
	if err != nil {
		return nil // a registry that cannot be read is said elsewhere
	}
	m, now := g.mails, g.now()
	if s.Revision() == m.revision && now.Sub(m.looked) < mailsByDate {
		return nil
	}
	if err := m.Look(ctx, s); err != nil {
		return err
	}
	m.revision, m.looked = s.Revision(), now
	return nil
}

func (g *gateway) deliverMails(ctx context.Context) error {
	for {
		if n, err := g.mails.postman.Deliver(ctx); err != nil || n == 0 {
			return err
		}
	}
}

// sweepMails forgets what is over, once an hour, and counts what waits each time it looks.
func (g *gateway) sweepMails(ctx context.Context) error {
	m, now := g.mails, g.now()
	if now.Sub(m.swept) < mailsByDate {
		return nil
	}
	counts, err := m.Outbox.Count(ctx, now)
	if err != nil {
		return err
	}
	m.meter.waiting.Set(float64(counts[notify.Queued]))
	m.swept = now
	return m.Outbox.Forget(ctx, now.Add(-mailsKept), now.Add(-marksKept))
}

// mailMeter counts mails by what became of each attempt.
type mailMeter struct {
	outcomes *prometheus.CounterVec
	waiting  prometheus.Gauge
}

func newMailMeter(r *prometheus.Registry) *mailMeter {
	m := &mailMeter{
		outcomes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "ecluse_mails_total", Help: "Attempts to send a mail, by outcome: sent, later, failed.",
		}, []string{"outcome"}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "ecluse_mails_waiting", Help: "Mails that no relay has taken yet. Every replica counts the same ones.",
		}),
	}
	r.MustRegister(m.outcomes, m.waiting)
	for _, outcome := range []string{"sent", "later", "failed"} {
		m.outcomes.WithLabelValues(outcome)
	}
	return m
}

// Mailed implements notify.Meter.
func (m *mailMeter) Mailed(outcome string) { m.outcomes.WithLabelValues(outcome).Inc() }

// Bounce reads a report on a mail that came back (RFC 3464) and notes it. What is no report, or about no mail of this
// gateway's, is said and is no error: whatever pipes mail in must not send it back.
func Bounce(ctx context.Context, c Config, in io.Reader, out, logTo io.Writer) error {
	report, err := mail.ReadBounce(in)
	if err != nil {
		_, err = fmt.Fprintf(out, "%v: nothing was noted\n", err)
		return err
	}
	if !c.Mail.on() {
		return errors.New("mail.url_file is not set: this gateway sends no mail")
	}
	relay, err := c.relay()
	if err != nil {
		return fmt.Errorf("mail: %w", err)
	}
	id, ours := relay.IDOf(report.MessageID)
	if !ours || !report.Failed {
		_, err = fmt.Fprintln(out, "this is about no mail of this gateway's that failed: nothing was noted")
		return err
	}
	return onBase(ctx, c, "bounce", logTo, func(b *base) error {
		code := "bounced"
		if report.Status != "" {
			code += " " + report.Status
		}
		err := b.outbox().Bounce(ctx, id, code, b.now())
		if errors.Is(err, notify.ErrNone) {
			_, err = fmt.Fprintln(out, "no such mail was sent, or it is forgotten: nothing was noted")
			return err
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(out, "mail %s came back: %s\n", id, code)
		return err
	})
}
