package mail_test

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"testing"
	"time"

	ours "ecluse/internal/mail"
	"ecluse/internal/mail/mailtest"
)

const box = "ce.0590001a@ac-exemple.fr"

func at() time.Time { return time.Date(2026, 11, 23, 7, 0, 0, 0, time.FixedZone("", 3600)) }

func letter() ours.Message {
	return ours.Message{ID: "abc123", To: box, Subject: "Élèves : « Pix »\r\nBcc: all@example.org", Text: "Bonjour,\n\nÀ bientôt.\n.\nFin\n", At: at()}
}

func relay(t *testing.T, s *mailtest.Server, scheme, user string, change func(*ours.Config)) *ours.Relay {
	t.Helper()
	c := ours.Config{
		URL: scheme + "://" + user + s.Address, From: "Écluse <ne-pas-repondre@ac-exemple.fr>", Bounces: "retours@ac-exemple.fr",
		Host: "sso.ac-exemple.fr", Roots: s.Roots,
	}
	if change != nil {
		change(&c)
	}
	r, err := ours.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func plain(c *ours.Config) { c.Plain = true }

const known = mailtest.User + ":" + mailtest.Password + "@"

func TestAMailArrivesWithItsHeadOverEachWayToARelay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ways   mailtest.Ways
		scheme string
		user   string
		change func(*ours.Config)
	}{
		"starttls":                     {mailtest.Ways{}, "smtp", "", nil},
		"starttls, password":           {mailtest.Ways{Auth: true}, "smtp", known, nil},
		"tls at once":                  {mailtest.Ways{FromTLS: true}, "smtps", "", nil},
		"tls at once, password":        {mailtest.Ways{FromTLS: true, Auth: true}, "smtps", known, nil},
		"plain, said":                  {mailtest.Ways{NoTLS: true}, "smtp", "", plain},
		"plain, password, own machine": {mailtest.Ways{NoTLS: true, Auth: true}, "smtp", known, plain},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, c.ways)
			if err := relay(t, s, c.scheme, c.user, c.change).Send(t.Context(), letter()); err != nil {
				t.Fatal(err)
			}
			taken := s.Taken()
			if len(taken) != 1 {
				t.Fatalf("%d mails", len(taken))
			}
			checkLetter(t, taken[0])
		})
	}
}

func checkLetter(t *testing.T, m mailtest.Mail) {
	t.Helper()
	if m.From != "retours@ac-exemple.fr" || m.To != box || m.Return != "HDRS" {
		t.Errorf("the envelope says %q, %q, %q", m.From, m.To, m.Return)
	}
	for key, want := range map[string]string{
		"Message-Id": "<abc123@sso.ac-exemple.fr>", "Auto-Submitted": "auto-generated", "List-Id": "<notifications.sso.ac-exemple.fr>",
		"Date": "Mon, 23 Nov 2026 07:00:00 +0100", "Mime-Version": "1.0", "Bcc": "", "Content-Language": "fr, en",
	} {
		if got := m.Head.Get(key); got != want {
			t.Errorf("%s: %q, want %q", key, got, want)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Head.Get("Subject"))
	if err != nil || subject != "Élèves : « Pix »  Bcc: all@example.org" {
		t.Errorf("subject %q, %v", subject, err)
	}
	from, err := mail.ParseAddress(m.Head.Get("From"))
	if err != nil || from.Name != "Écluse" || from.Address != "ne-pas-repondre@ac-exemple.fr" {
		t.Errorf("from %v, %v", from, err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(m.Text)))
	if got := strings.ReplaceAll(string(text), "\r\n", "\n"); err != nil || strings.TrimSpace(got) != strings.TrimSpace(letter().Text) {
		t.Errorf("text %q, %v", got, err)
	}
	if kind := m.Head.Get("Content-Type"); !strings.Contains(kind, "text/plain") || !strings.Contains(kind, "UTF-8") {
		t.Errorf("type %q", kind)
	}
}

func TestNothingIsSentWhereTLSIsMissingOrNotBelieved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		ways   mailtest.Ways
		scheme string
		change func(*ours.Config)
		want   ours.Step
	}{
		"no starttls offered":        {mailtest.Ways{NoTLS: true}, "smtp", nil, ours.StepTLS},
		"an unknown certificate":     {mailtest.Ways{}, "smtp", func(c *ours.Config) { c.Roots = nil }, ours.StepTLS},
		"smtps, unknown certificate": {mailtest.Ways{FromTLS: true}, "smtps", func(c *ours.Config) { c.Roots = nil }, ours.StepTLS},
		"smtps where there is none":  {mailtest.Ways{NoTLS: true}, "smtps", nil, ours.StepTLS},
		"a certificate of another name": {mailtest.Ways{}, "smtp", func(c *ours.Config) {
			c.URL = strings.Replace(c.URL, "127.0.0.1", "localhost", 1)
		}, ours.StepTLS},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, c.ways)
			failed := failure(t, relay(t, s, c.scheme, "", c.change).Send(t.Context(), letter()))
			if failed.Step != c.want || failed.Permanent || len(s.Taken()) != 0 {
				t.Errorf("%v, %d mails", failed, len(s.Taken()))
			}
		})
	}
}

func failure(t *testing.T, err error) *ours.Failure {
	t.Helper()
	var f *ours.Failure
	if !errors.As(err, &f) {
		t.Fatalf("got %v", err)
	}
	return f
}

func TestARefusalSaysItsNumbersAndWhetherItIsForGood(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		code      int
		enhanced  [3]int
		content   bool
		permanent bool
		word      string
	}{
		"unknown mailbox":  {550, [3]int{5, 1, 1}, false, true, "recipient 550 5.1.1"},
		"come back later":  {450, [3]int{4, 2, 0}, false, false, "recipient 450 4.2.0"},
		"refused content":  {554, [3]int{5, 7, 1}, true, true, "content 554 5.7.1"},
		"content too late": {451, [3]int{4, 3, 0}, true, false, "content 451 4.3.0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := mailtest.Start(t, mailtest.Ways{})
			if c.content {
				s.After(func(m mailtest.Mail) error { return mailtest.Reply(c.code, c.enhanced, m.To) })
			} else {
				s.Answer(func(to string) error { return mailtest.Reply(c.code, c.enhanced, to) })
			}
			failed := failure(t, relay(t, s, "smtp", "", nil).Send(t.Context(), letter()))
			if failed.Permanent != c.permanent || failed.Word() != c.word || len(s.Taken()) != 0 {
				t.Errorf("%+v", failed)
			}
			if printed := fmt.Sprintf("%v %+v %#v", failed, failed, failed); strings.Contains(printed, "@") {
				t.Errorf("printed %s", printed)
			}
		})
	}
}

func TestAWrongPasswordAMissingServerAndAnAddressThatIsNoneAreTold(t *testing.T) {
	t.Parallel()
	s := mailtest.Start(t, mailtest.Ways{Auth: true})
	if f := failure(t, relay(t, s, "smtp", "gateway:other@", nil).Send(t.Context(), letter())); f.Step != ours.StepSession || f.Permanent || f.Code != 535 {
		t.Errorf("a wrong password: %+v", f)
	}
	if f := failure(t, relay(t, s, "smtp", "", nil).Send(t.Context(), letter())); f.Step != ours.StepSender || f.Permanent || f.Code != 502 {
		t.Errorf("no password: %+v", f)
	}
	none := mailtest.Start(t, mailtest.Ways{})
	if f := failure(t, relay(t, none, "smtp", known, nil).Send(t.Context(), letter())); f.Step != ours.StepSession || f.Permanent {
		t.Errorf("a password where none is taken: %+v", f)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone := relay(t, s, "smtp", "", func(c *ours.Config) { c.URL = "smtp://" + l.Addr().String() })
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if f := failure(t, gone.Send(t.Context(), letter())); f.Step != ours.StepConnect || f.Permanent {
		t.Errorf("nobody there: %+v", f)
	}
	m := letter()
	m.To = "not an address"
	if f := failure(t, relay(t, s, "smtp", known, nil).Send(t.Context(), m)); f.Step != ours.StepRecipient || !f.Permanent {
		t.Errorf("no address: %+v", f)
	}
}

func TestSettingsAreJudgedAllAtOnceAndQuoteNothing(t *testing.T) {
	t.Parallel()
	good := ours.Config{URL: "smtp://relais.ac-exemple.fr", From: "a@ac-exemple.fr", Host: "sso.ac-exemple.fr"}
	for name, c := range map[string]struct {
		change func(*ours.Config)
		want   string // empty: it is taken
	}{
		"good":                        {func(*ours.Config) {}, ""},
		"plain, elsewhere":            {plain, ""},
		"no scheme":                   {func(c *ours.Config) { c.URL = "relais:25" }, "url:"},
		"another scheme":              {func(c *ours.Config) { c.URL = "https://relais" }, "url:"},
		"a path":                      {func(c *ours.Config) { c.URL = "smtp://relais/secret" }, "url:"},
		"a query":                     {func(c *ours.Config) { c.URL = "smtp://relais?tls=none" }, "url:"},
		"a port that is none":         {func(c *ours.Config) { c.URL = "smtp://relais:70000" }, "url: its port"},
		"a user alone":                {func(c *ours.Config) { c.URL = "smtp://secret@relais" }, "without a password"},
		"plain and smtps":             {func(c *ours.Config) { c.URL, c.Plain = "smtps://relais", true }, "smtps is TLS"},
		"plain password to elsewhere": {func(c *ours.Config) { c.URL, c.Plain = "smtp://u:secret@relais", true }, "another machine"},
		"from":                        {func(c *ours.Config) { c.From = "secret" }, "from:"},
		"bounces":                     {func(c *ours.Config) { c.Bounces = "secret" }, "bounces:"},
		"cannot be parsed":            {func(c *ours.Config) { c.URL = "smtp://u:secret%@relais" }, "url:"},
	} {
		settings := good
		c.change(&settings)
		_, err := ours.New(settings)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret")) {
			t.Errorf("%s: %v", name, err)
		}
		if printed := fmt.Sprintf("%v %+v %#v %s", settings, settings, settings, settings.LogValue()); strings.Contains(printed, "relais") {
			t.Errorf("%s: printed %s", name, printed)
		}
	}
	_, err := ours.New(ours.Config{Bounces: "x"})
	for _, want := range []string{"url:", "from:", "bounces:"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %s", err, want)
		}
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", letter(), letter(), letter(), letter().LogValue()); strings.Contains(printed, "@") || strings.Contains(printed, "Pix") {
		t.Errorf("printed %s", printed)
	}
}
