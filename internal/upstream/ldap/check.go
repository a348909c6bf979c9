package ldap

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
)

var _ upstream.PasswordChecker = (*Connector)(nil)

// CheckPassword implements upstream.PasswordChecker: what the page does with what is typed into it. As there, what is empty
// never reaches the directory.
func (c *Connector) CheckPassword(ctx context.Context, from netip.Addr, login, password string) (upstream.Assertion, error) {
	if login = strings.TrimSpace(login); login == "" || password == "" {
		return upstream.Assertion{}, upstream.ErrPassword
	}
	raw, err := c.signIn(ctx, upstream.Where{From: from}, login, password)
	if errors.Is(err, typed.ErrWrong) {
		return upstream.Assertion{}, fmt.Errorf("directory %s: %w", c.source, upstream.ErrPassword)
	}
	return upstream.Assertion{Raw: raw}, err
}
