// Package mailtest runs a real SMTP server on this machine: over TCP, with TLS and a certificate of its own, in which the
// replies to mailboxes and mails can be chosen. No production file imports it.
package mailtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// The only user whom a server with Auth lets in.
const (
	User     = "gateway"
	Password = "wrong-horse-42"
)

// Server is a relay. What it took is read from Taken.
type Server struct {
	Address string         // host:port
	Roots   *x509.CertPool // its own certificate
	PEM     []byte         // the same, as in a file

	mu    sync.Mutex
	taken []Mail
	asked int
	reply func(to string) error
	after func(Mail) error
}

// Mail is one mail as it arrived.
type Mail struct {
	From, To string // of the envelope
	Return   string // what of it is asked back when it fails: HDRS
	Head     mail.Header
	Text     string // as it was sent, encoded
}

// Ways a server may stand.
type Ways struct {
	NoTLS   bool // offers no STARTTLS
	FromTLS bool // TLS from the first byte
	Auth    bool // wants User and Password
}

// Start runs a server until the test ends.
func Start(t testing.TB, w Ways) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Address: l.Addr().String(), Roots: x509.NewCertPool()}
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		sess := &session{server: s, let: !w.Auth}
		if w.Auth {
			return &authSession{sess}, nil
		}
		return sess, nil
	}))
	server.Domain, server.EnableDSN, server.AllowInsecureAuth = "relay.example", true, w.NoTLS
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	server.ErrorLog = log.New(io.Discard, "", 0)
	config := s.certified(t)
	if !w.NoTLS {
		server.TLSConfig = config
	}
	if w.FromTLS {
		server.TLSConfig = nil
		l = tls.NewListener(l, config)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Serve(l) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		_ = l.Close() // it may not know its listener yet, and would wait for ever
		<-ended
	})
	return s
}

// certified makes a certificate for this machine.
func (s *Server) certified(t testing.TB) *tls.Config {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "relay.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.Roots.AddCert(parsed)
	s.PEM = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// Answer gives the reply to each mailbox from now on; nil takes everything. Reply makes one.
func (s *Server) Answer(reply func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reply = reply
}

// After is asked about each mail once it has come whole, before the server says that it has it.
func (s *Server) After(judge func(Mail) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.after = judge
}

// Reply is a refusal, which quotes the mailbox as real servers do.
func Reply(code int, enhanced [3]int, to string) error {
	return &smtp.SMTPError{Code: code, EnhancedCode: enhanced, Message: "<" + to + ">: not here"}
}

// Taken gives the mails that the server took, in order.
func (s *Server) Taken() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.taken...)
}

// Asked tells how often a mailbox was named to the server.
func (s *Server) Asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

type session struct {
	server *Server
	let    bool
	mail   Mail
}

type authSession struct{ *session }

// AuthMechanisms implements smtp.AuthSession.
func (a *authSession) AuthMechanisms() []string { return []string{sasl.Plain} }

// Auth implements smtp.AuthSession.
func (a *authSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != User || password != Password {
			return smtp.ErrAuthFailed
		}
		a.let = true
		return nil
	}), nil
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, o *smtp.MailOptions) error {
	if !s.let {
		return smtp.ErrAuthRequired
	}
	s.mail = Mail{From: from, Return: string(o.Return)}
	return nil
}

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	reply := s.server.reply
	s.server.asked++
	s.server.mu.Unlock()
	s.mail.To = to
	if reply == nil {
		return nil
	}
	return reply(to)
}

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := mail.ReadMessage(strings.NewReader(string(text)))
	if err != nil {
		return &smtp.SMTPError{Code: 554, Message: "no mail"}
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.mail.Head, s.mail.Text = m.Header, string(body)
	s.server.mu.Lock()
	judge := s.server.after
	s.server.mu.Unlock()
	if judge != nil {
		if err := judge(s.mail); err != nil {
			return err
		}
	}
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	s.server.taken = append(s.server.taken, s.mail)
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.mail = Mail{} }

// Logout implements smtp.Session.
func (s *session) Logout() error { return nil }
