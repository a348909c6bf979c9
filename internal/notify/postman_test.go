package notify_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/mail"
	"ecluse/internal/mail/mailtest"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
)

// carrier hands mails to a real relay, as app does.
type carrier struct{ *mail.Relay }

func (c carrier) Carry(ctx context.Context, address string, m notify.Mail) error {
	err := c.Send(ctx, mail.Message{ID: m.ID, To: address, Subject: m.Subject, Text: m.Text, At: m.Made})
	var failed *mail.Failure
	if errors.As(err, &failed) {
		return failed
	}
	return err
}

type counted map[string]int

func (c counted) Mailed(outcome string) { c[outcome]++ }

// office is a desk with a postman and a relay.
type office struct {
	*desk
	postman *notify.Postman
	relay   *mailtest.Server
	meter   counted
	log     *bytes.Buffer
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{desk: newDesk(t, academy()), relay: mailtest.Start(t, mailtest.Ways{}), meter: counted{}, log: new(bytes.Buffer)}
	r, err := mail.New(mail.Config{URL: "smtp://" + o.relay.Address, From: "a@ac-lille.example", Host: "sso.example.org", Roots: o.relay.Roots})
	if err != nil {
		t.Fatal(err)
	}
	o.postman = &notify.Postman{
		Outbox: o.outbox, Carrier: carrier{r}, Now: func() time.Time { return o.at }, Meter: o.meter, Log: slog.New(slog.NewTextHandler(o.log, nil)),
		Address: func(b notify.Box) (string, bool) {
			return string(b.Role) + "@ac-lille.example", b.Role != registry.OnCall
		},
	}
	return o
}

// tell queues the mails about one incident: to the officer, on-call and the recteur.
func (o *office) tell(t *testing.T) {
	t.Helper()
	o.c.Incidents = []registry.Incident{{ID: "1", State: registry.IncidentOpen, Known: o.at, Opened: o.at}}
	if err := o.Look(t.Context(), registry.NewSnapshot(o.c, o.zone)); err != nil {
		t.Fatal(err)
	}
}

func (o *office) deliver(t *testing.T, at time.Time) int {
	t.Helper()
	o.at = at
	n, err := o.postman.Deliver(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// stands says where each mail stands.
func (o *office) stands(t *testing.T) string {
	t.Helper()
	list, err := o.outbox.List(t.Context(), notify.Query{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	out := make([]string, len(list))
	for i, m := range list {
		out[i] = strings.TrimSpace(fmt.Sprint(m.To.Role, " ", m.State, " ", m.Code))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestAMailIsTriedAgainUntilTheRelayTakesItAndThenNoMore(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t)
	o.relay.Answer(func(to string) error {
		if strings.HasPrefix(to, "recteur") {
			return mailtest.Reply(550, [3]int{5, 1, 1}, to)
		}
		return mailtest.Reply(451, [3]int{4, 7, 1}, to)
	})
	if n := o.deliver(t, now()); n != 3 {
		t.Errorf("%d were tried", n)
	}
	if got := o.stands(t); got != "dpo queued recipient 451 4.7.1, oncall failed no address, recteur failed recipient 550 5.1.1" {
		t.Errorf("they stand %s", got)
	}
	if n := o.deliver(t, now().Add(50*time.Second)); n != 0 {
		t.Errorf("%d were tried before the pause was over", n)
	}
	if n := o.deliver(t, now().Add(time.Minute)); n != 1 {
		t.Errorf("%d were tried after it", n)
	}
	o.relay.Answer(nil)
	if n := o.deliver(t, now().Add(3*time.Minute)); n != 1 || len(o.relay.Taken()) != 1 {
		t.Errorf("%d were tried and %d taken", n, len(o.relay.Taken()))
	}
	if n := o.deliver(t, now().AddDate(0, 1, 0)); n != 0 || len(o.relay.Taken()) != 1 {
		t.Errorf("what was sent was sent again: %d, %d", n, len(o.relay.Taken()))
	}
	if got := o.stands(t); got != "dpo sent, oncall failed no address, recteur failed recipient 550 5.1.1" {
		t.Errorf("they stand %s", got)
	}
	if fmt.Sprint(o.meter) != "map[failed:2 later:2 sent:1]" {
		t.Errorf("counted %v", o.meter)
	}
	if strings.Contains(o.log.String(), "@") || !strings.Contains(o.log.String(), "recipient 550 5.1.1") {
		t.Errorf("the log says %s", o.log)
	}
}

func TestAMailThatNoRelayTakesForFourDaysIsGivenUp(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t)
	o.relay.Answer(func(to string) error { return mailtest.Reply(421, [3]int{4, 3, 0}, to) })
	tries := 0
	for at := now(); at.Before(now().AddDate(0, 0, 6)); at = at.Add(30 * time.Minute) {
		tries += o.deliver(t, at)
		if strings.Contains(o.stands(t), "dpo failed") {
			if at.Before(now().AddDate(0, 0, 3)) {
				t.Errorf("given up after %s", at.Sub(now()))
			}
			break
		}
	}
	if got := o.stands(t); !strings.Contains(got, "dpo failed recipient 421 4.3.0") || tries > 250 {
		t.Errorf("after %d tries they stand %s", tries, got)
	}
}

// TestAKillBetweenTheRelayAndOurNoteSendsTheSameMailAgain shows what cannot be excluded between two systems, and that the
// second copy has the Message-ID of the first.
func TestAKillBetweenTheRelayAndOurNoteSendsTheSameMailAgain(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t)
	o.at = now()
	leased, err := o.outbox.Lease(t.Context(), 10, now(), now().Add(15*time.Minute))
	if err != nil || len(leased) != 3 {
		t.Fatalf("%v, %v", leased, err)
	}
	i := slices.IndexFunc(leased, func(m notify.Mail) bool { return m.To.Role == registry.DPO })
	if err := o.postman.Carrier.Carry(t.Context(), "dpo@ac-lille.example", leased[i]); err != nil {
		t.Fatal(err)
	} // and here the process ends
	if n := o.deliver(t, now().Add(14*time.Minute)); n != 0 {
		t.Errorf("%d were sent while they were leased", n)
	}
	o.deliver(t, now().Add(16*time.Minute))
	ids := map[string]int{}
	for _, m := range o.relay.Taken() {
		ids[m.Head.Get("Message-Id")]++
	}
	if len(ids) != 2 || ids["<"+leased[i].ID+"@sso.example.org>"] != 2 {
		t.Errorf("%v", ids)
	}
}

func TestAPostmanWhoStopsLeavesTheRestAndEndsWhatHeBegan(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t)
	ctx, cancel := context.WithCancel(t.Context())
	o.relay.After(func(mailtest.Mail) error {
		cancel()
		return nil
	})
	n, err := o.postman.Deliver(ctx)
	if !errors.Is(err, context.Canceled) || len(o.relay.Taken()) != 1 {
		t.Errorf("%d, %v, %d taken", n, err, len(o.relay.Taken()))
	}
	if got := o.stands(t); strings.Count(got, " sent") != 1 {
		t.Errorf("they stand %s", got)
	}
	o.relay.After(nil)
	o.deliver(t, now().Add(time.Hour))
	if got := o.stands(t); strings.Count(got, " sent") != 2 {
		t.Errorf("they stand %s", got)
	}
}

func TestARelayThatIsGoneLosesNothing(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell(t)
	r, err := mail.New(mail.Config{URL: "smtp://127.0.0.1:1", From: "a@ac-lille.example", Host: "sso.example.org"})
	if err != nil {
		t.Fatal(err)
	}
	there := o.postman.Carrier
	o.postman.Carrier = carrier{r}
	o.deliver(t, now())
	if got := o.stands(t); got != "dpo queued connect, oncall failed no address, recteur queued connect" {
		t.Errorf("they stand %s", got)
	}
	o.postman.Carrier = there
	o.deliver(t, now().Add(2*time.Minute))
	if got := o.stands(t); got != "dpo sent, oncall failed no address, recteur sent" {
		t.Errorf("they stand %s", got)
	}
}
