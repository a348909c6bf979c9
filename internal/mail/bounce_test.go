package mail_test

import (
	"errors"
	"strings"
	"testing"

	ours "ecluse/internal/mail"
)

const report = `From: MAILER-DAEMON@relais.ac-exemple.fr
To: retours@ac-exemple.fr
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"

--=_b
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you ...
--=_b
Content-Type: message/delivery-status

Reporting-MTA: dns; relais.ac-exemple.fr
Arrival-Date: Mon, 23 Nov 2026 07:00:00 +0100 (CET)

Final-Recipient: rfc822; ce.0590001a@ac-exemple.fr
Action: failed
Status: 5.1.1 (no such mailbox)
Diagnostic-Code: smtp; 550 5.1.1 <ce.0590001a@ac-exemple.fr>: Recipient address rejected

--=_b
Content-Type: text/rfc822-headers

From: =?UTF-8?q?=C3=89cluse?= <ne-pas-repondre@ac-exemple.fr>
Message-ID: <abc123@sso.ac-exemple.fr>
Subject: x

--=_b--
`

func TestAReportNamesTheMailAndWhatBecameOfIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text   string
		failed bool
		status string
	}{
		"failed":       {report, true, "5.1.1"},
		"with CRLF":    {strings.ReplaceAll(report, "\n", "\r\n"), true, "5.1.1"},
		"delayed":      {strings.Replace(report, "Action: failed", "Action: delayed", 1), false, "5.1.1"},
		"whole mail":   {strings.Replace(report, "text/rfc822-headers", "message/rfc822", 1), true, "5.1.1"},
		"no status":    {strings.Replace(report, "Status: 5.1.1 (no such mailbox)", "Status: <script>", 1), true, ""},
		"cut at end":   {strings.TrimSuffix(report, "\n--=_b--\n"), true, "5.1.1"},
		"two, one bad": {strings.Replace(report, "Final-Recipient", "Final-Recipient: rfc822; x\nAction: delivered\nStatus: 2.0.0\n\nFinal-Recipient", 1), true, "5.1.1"},
		"two, bad first": {strings.Replace(report, "\n--=_b\nContent-Type: text/rfc822", "\nFinal-Recipient: rfc822; x\nAction: delivered\nStatus: 2.0.0\n"+
			"\n--=_b\nContent-Type: text/rfc822", 1), true, "5.1.1"},
	} {
		b, err := ours.ReadBounce(strings.NewReader(c.text))
		if err != nil || b.MessageID != "<abc123@sso.ac-exemple.fr>" || b.Failed != c.failed || b.Status != c.status {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
}

func TestWhatIsNoReportIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"empty": "", "an ordinary mail": "From: a@b.c\nSubject: x\n\nout of office\n",
		"another report":     strings.Replace(report, "report-type=delivery-status", "report-type=disposition-notification", 1),
		"no head of a mail":  strings.Replace(report, "text/rfc822-headers", "text/plain", 1),
		"no word of it":      strings.Replace(report, "message/delivery-status", "text/plain", 1),
		"no action":          strings.Replace(report, "Action: failed", "X: y", 1),
		"no message id":      strings.Replace(report, "Message-ID", "X-Other", 1),
		"more than is read":  strings.Replace(report, "I'm sorry", strings.Repeat("x\n", ours.MaxReport), 1),
		"a boundary missing": strings.Replace(report, `; boundary="=_b"`, "", 1),
	} {
		if b, err := ours.ReadBounce(strings.NewReader(text)); !errors.Is(err, ours.ErrReport) || b != (ours.Bounce{}) {
			t.Errorf("%s: %+v, %v", name, b, err)
		}
	}
}

func TestOnlyOurMessageIDsAreMails(t *testing.T) {
	t.Parallel()
	r, err := ours.New(ours.Config{URL: "smtp://relais", From: "a@b.fr", Host: "sso.ac-exemple.fr"})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		" <abc123@sso.ac-exemple.fr>": "abc123", "abc123@sso.ac-exemple.fr": "abc123",
		"<abc123@elsewhere.example>": "", "<@sso.ac-exemple.fr>": "", "": "",
	} {
		if id, ok := r.IDOf(text); ok != (want != "") || ok && id != want {
			t.Errorf("%q: %q, %v", text, id, ok)
		}
	}
}
