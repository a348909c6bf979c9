package mail

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/textproto"
	"strings"

	smtp "github.com/wneessen/go-mail"
)

// connecting is what went wrong before any mail was named. None of it is for good: it is about the relay, not the mail.
func connecting(err error) *Failure {
	var reply *textproto.Error
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &alert), errors.As(err, &authority), errors.As(err, &name):
		return &Failure{Step: StepTLS}
	case errors.As(err, &reply):
		return &Failure{Step: StepSession, Code: reply.Code}
	case strings.Contains(err.Error(), "STARTTLS"): // the library has no value for it
		return &Failure{Step: StepTLS}
	case strings.Contains(err.Error(), "SMTP AUTH"), strings.Contains(err.Error(), "SMTP Auth"):
		return &Failure{Step: StepSession}
	}
	return &Failure{Step: StepConnect}
}

// sending is what went wrong with the mail itself.
func sending(err error) *Failure {
	var failed *smtp.SendError
	if !errors.As(err, &failed) {
		return &Failure{Step: StepConnect}
	}
	f := &Failure{Step: StepContent, Code: failed.ErrorCode(), Enhanced: failed.EnhancedStatusCode()}
	switch failed.Reason {
	case smtp.ErrSMTPMailFrom, smtp.ErrGetSender:
		f.Step = StepSender
	case smtp.ErrSMTPRcptTo, smtp.ErrGetRcpts:
		f.Step = StepRecipient
	case smtp.ErrConnCheck:
		f.Step = StepConnect
	}
	f.Permanent = f.Code >= 500 && (f.Step == StepRecipient || f.Step == StepContent)
	return f
}
