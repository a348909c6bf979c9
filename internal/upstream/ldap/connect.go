package ldap

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	ldapv3 "github.com/go-ldap/ldap/v3"
)

// link is one connection to the directory.
type link struct {
	*ldapv3.Conn
	used time.Time // when it was last known to work
}

// connect opens a connection and secures it; nobody is bound on it yet. Every step ends within the timeout.
func (s *Settings) connect(ctx context.Context) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	address, host := s.address()
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	config := &tls.Config{ServerName: host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	switch {
	case strings.HasPrefix(s.URL, "ldaps:"):
		return s.overTLS(ctx, raw, config)
	case s.StartTLS:
		return s.startTLS(raw, config)
	default: // ReadSettings lets this through for loopback only
		return s.start(raw, false), nil
	}
}

func (s *Settings) overTLS(ctx context.Context, raw net.Conn, config *tls.Config) (*link, error) {
	secured := tls.Client(raw, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("TLS: %w", err)
	}
	return s.start(secured, true), nil
}

// startTLS asks for TLS on the plain connection (RFC 4511 section 4.14). The library gives its handshake no time limit,
// the deadline of the connection does.
func (s *Settings) startTLS(raw net.Conn, config *tls.Config) (*link, error) {
	if err := raw.SetDeadline(time.Now().Add(s.Timeout)); err != nil {
		_ = raw.Close()
		return nil, fmt.Errorf("StartTLS: %w", err)
	}
	l := s.start(raw, false)
	err := l.StartTLS(config)
	if err == nil {
		err = raw.SetDeadline(time.Time{})
	}
	if err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("StartTLS: %w", err)
	}
	return l, nil
}

func (s *Settings) start(over net.Conn, secured bool) *link {
	conn := ldapv3.NewConn(boundedWrites{over, s.Timeout}, secured)
	conn.SetTimeout(s.Timeout)
	conn.Start()
	return &link{Conn: conn}
}

// boundedWrites gives every write a deadline: the library limits the wait for an answer only, and a peer that reads
// nothing would hold it for good.
type boundedWrites struct {
	net.Conn
	timeout time.Duration
}

// Write implements net.Conn.
func (b boundedWrites) Write(p []byte) (int, error) {
	if err := b.SetWriteDeadline(time.Now().Add(b.timeout)); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}

// connectBound opens a connection of the service account.
func (s *Settings) connectBound(ctx context.Context) (*link, error) {
	password, err := s.bindPassword()
	if err != nil {
		return nil, err
	}
	l, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := l.Bind(s.BindDN, password); err != nil {
		_ = l.Close()
		return nil, fmt.Errorf("bind of the service account: %w", err)
	}
	if err := l.sees(s.BaseDN); err != nil { // otherwise everybody would be told that their password is wrong
		_ = l.Close()
		return nil, fmt.Errorf("base_dn: %w", err)
	}
	return l, nil
}

var errUnseen = errors.New("the service account does not see the entry")

// sees checks that an entry is there for the account that is bound. A directory that hides entries says so by giving
// none, without an error.
func (l *link) sees(dn string) error {
	result, err := l.Search(ldapv3.NewSearchRequest(dn, ldapv3.ScopeBaseObject, ldapv3.NeverDerefAliases, 1, 0, false,
		"(objectClass=*)", []string{"1.1"}, nil))
	if err == nil && len(result.Entries) != 1 {
		return errUnseen
	}
	return err
}

// alive asks a question whose answer does not matter.
func (l *link) alive() bool {
	if l.IsClosing() {
		return false
	}
	err := l.sees("") // RFC 4512 section 5.1: the directory's own entry
	return errors.Is(err, errUnseen) || !broken(err)
}

// broken tells whether an error is the connection's and not an answer of the directory.
func broken(err error) bool {
	var answer *ldapv3.Error
	return err != nil && (!errors.As(err, &answer) || answer.ResultCode >= ldapv3.ErrorNetwork)
}

// withoutDiagnosis keeps of the directory's answers the code only: what the directory says besides may repeat a login.
func withoutDiagnosis(err error) error {
	var answer *ldapv3.Error
	if !errors.As(err, &answer) || broken(err) {
		return err
	}
	return fmt.Errorf("result %d (%s)", answer.ResultCode, ldapv3.LDAPResultCodeMap[answer.ResultCode])
}
