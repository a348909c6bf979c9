package ldap

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"strings"
	"time"

	ldapv3 "github.com/go-ldap/ldap/v3"
)

// directory is what the connector asks of the directory. Its errors are unavailable: whatever is an answer, "nobody"
// included, is a result.
type directory struct {
	settings Settings
	service  *pool // bound as the service account: searches
	proofs   *pool // bound as nobody or as whoever tried last: binds and nothing else
	breaker  *breaker
}

func newDirectory(s Settings, now func() time.Time) *directory {
	d := &directory{settings: s, breaker: &breaker{now: now}}
	d.service = newPool(s.Pool, s.Timeout, d.settings.connectBound)
	d.proofs = newPool(s.Pool, s.Timeout, d.settings.connect)
	return d
}

func (d *directory) close() {
	d.service.close()
	d.proofs.close()
}

// do runs an operation on a connection of p. Every error that op lets through counts against the directory.
func (d *directory) do(ctx context.Context, p *pool, doing string, op func(*link) error) error {
	if err := d.breaker.allow(); err != nil {
		return unavailable{doing, err}
	}
	err := p.use(ctx, op)
	d.breaker.report(err)
	if err != nil {
		return unavailable{doing, withoutDiagnosis(err)}
	}
	return nil
}

// find gives the name of the one entry that has the login; empty when there is none or are several.
func (d *directory) find(ctx context.Context, login string) (dn string, several bool, err error) {
	entries, tooMany, err := d.search(ctx, "find a person", query{
		base: d.settings.BaseDN, scope: ldapv3.ScopeWholeSubtree, most: 1,
		filter: d.settings.personFilter(login), attributes: []string{"1.1"},
	})
	if err != nil || tooMany || len(entries) != 1 {
		return "", tooMany, err
	}
	return entries[0].DN, false, nil
}

// personFilter puts a login in its place, where it can be nothing but a value (RFC 4515 section 3).
func (s *Settings) personFilter(login string) string {
	return strings.ReplaceAll(s.PeopleFilter, loginMark, ldapv3.EscapeFilter(login))
}

// prove tells whether the password is the entry's. Without an entry it does as much work and says no.
func (d *directory) prove(ctx context.Context, dn, password string) (right bool, err error) {
	if password == "" {
		return false, nil // RFC 4513 section 5.1.2: the directory would say yes
	}
	name := dn
	switch {
	case name != "":
	case d.settings.DecoyDN != "":
		name = d.settings.DecoyDN
	default:
		name = "cn=" + rand.Text() + "," + d.settings.BaseDN
	}
	err = d.do(ctx, d.proofs, "check a password", func(l *link) error {
		err := l.Bind(name, password)
		right = err == nil
		if refusal(err) {
			return nil
		}
		return err
	})
	return right && dn != "" && err == nil, err
}

// refusal tells whether the directory refused a bind because of the entry or the password, and not because of itself.
func refusal(err error) bool {
	return ldapv3.IsErrorAnyOf(err,
		ldapv3.LDAPResultInvalidCredentials, ldapv3.LDAPResultInappropriateAuthentication,
		ldapv3.LDAPResultInsufficientAccessRights, ldapv3.LDAPResultNoSuchObject, ldapv3.LDAPResultInvalidDNSyntax,
		ldapv3.LDAPResultConstraintViolation, // how some directories say that an account is locked
		ldapv3.LDAPResultUnwillingToPerform,  // and others
	)
}

// query is one search. More than most entries are too many.
type query struct {
	base       string
	scope      int
	filter     string
	attributes []string
	most       int
}

// search gives the entries that fit. An entry or a base that is not there, or not for us to see, is no entry.
func (d *directory) search(ctx context.Context, doing string, q query) (entries []*ldapv3.Entry, tooMany bool, err error) {
	request := ldapv3.NewSearchRequest(q.base, q.scope, ldapv3.NeverDerefAliases, q.most+1,
		int(math.Ceil(d.settings.Timeout.Seconds())), false, q.filter, q.attributes, nil)
	request.EnforceSizeLimit = true
	err = d.do(ctx, d.service, doing, func(l *link) error {
		result, err := l.Search(request)
		switch {
		case errors.Is(err, ldapv3.ErrSizeLimitExceeded), ldapv3.IsErrorWithCode(err, ldapv3.LDAPResultSizeLimitExceeded):
			tooMany = true
			return nil
		case q.scope == ldapv3.ScopeBaseObject && missing(err):
			entries, tooMany = nil, false
			return nil
		case err != nil:
			return err
		}
		entries, tooMany = result.Entries, len(result.Entries) > q.most
		return nil
	})
	return entries, tooMany, err
}

func missing(err error) bool {
	return ldapv3.IsErrorAnyOf(err, ldapv3.LDAPResultNoSuchObject, ldapv3.LDAPResultInvalidDNSyntax,
		ldapv3.LDAPResultInsufficientAccessRights)
}

// read gives one entry by name, or nil.
func (d *directory) read(ctx context.Context, doing, dn string, attributes []string) (*ldapv3.Entry, error) {
	entries, _, err := d.search(ctx, doing, query{
		base: dn, scope: ldapv3.ScopeBaseObject, filter: "(objectClass=*)", attributes: attributes, most: 1,
	})
	if err != nil || len(entries) != 1 {
		return nil, err
	}
	return entries[0], nil
}
