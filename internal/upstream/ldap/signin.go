package ldap

import (
	"cmp"
	"context"
	"errors"
	"time"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
)

// maxLogin is the length in bytes of the longest login that is looked for.
const maxLogin = 256

// signIn proves login and password and gives what the directory says of the person. Its errors are typed.ErrWrong,
// upstream.TooManyError, and everything else, which means that nothing was evaluated.
func (c *Connector) signIn(ctx context.Context, at upstream.Where, login, password string) (person.Raw, error) {
	begun := time.Now()
	dn, err := c.prove(ctx, at, login, password)
	if err != nil {
		if tooMany := (upstream.TooManyError{}); errors.Is(err, typed.ErrWrong) || errors.As(err, &tooMany) {
			pause(ctx, c.settings.RefusalTime-time.Since(begun))
		}
		return person.Raw{}, err
	}
	if err := c.guesses.Remember(ctx, c.source, login, at); err != nil {
		c.log.WarnContext(ctx, "where somebody signed in could not be remembered", "error", err)
	}
	return c.identity(ctx, dn)
}

// pause levels what is left of the difference between two refusals.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// prove gives the name of the entry whose login and password these are. Guesses are written down before they are
// evaluated; those that were right, or that the directory did not evaluate, are taken back.
func (c *Connector) prove(ctx context.Context, at upstream.Where, login, password string) (dn string, err error) {
	if len(login) > maxLogin || !utf8.ValidString(login) || containsControl(login) {
		return "", typed.ErrWrong // no entry has such a login, whoever asks
	}
	known, err := c.guesses.Familiar(ctx, c.source, login, at)
	if err != nil {
		return "", err
	}
	byPlace, err := c.count(ctx, c.guesses.First(c.source, login, at, known))
	if err != nil {
		return "", err
	}
	defer func() { byPlace(err) }()
	dn, several, err := c.directory.find(ctx, login)
	if err != nil {
		return "", err
	}
	if several {
		c.log.WarnContext(ctx, "several entries have one login: nobody can sign in with it")
	}
	for _, s := range c.guesses.Then(c.source, cmp.Or(dn, login), at, known) {
		settle, bad := c.count(ctx, s)
		if bad != nil {
			return "", bad
		}
		defer func() { settle(err) }()
	}
	right, err := c.directory.prove(ctx, dn, password)
	switch {
	case err != nil:
		return "", err
	case !right:
		return "", typed.ErrWrong
	}
	return dn, nil
}

// count writes a guess down; settle, called with the outcome, takes it back unless the password was wrong.
func (c *Connector) count(ctx context.Context, s upstream.Subject) (settle func(outcome error), err error) {
	mark, err := c.guesses.Add(ctx, s)
	if err != nil {
		return nil, err
	}
	return func(outcome error) {
		if errors.Is(outcome, typed.ErrWrong) {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.settings.Timeout)
		defer cancel()
		if err := c.guesses.TakeBack(ctx, s, mark); err != nil {
			c.log.WarnContext(ctx, "a sign-in that was no guess counts as one", "error", err)
		}
	}, nil
}

func containsControl(s string) bool {
	for _, r := range s {
		if unicode.IsControl(r) {
			return true
		}
	}
	return false
}

// identity reads the person's entry, puts UAIs in the place of structures and adds a guardian's children.
func (c *Connector) identity(ctx context.Context, dn string) (person.Raw, error) {
	names := wanted(c.mapping)
	const doing = "read a person"
	entry, err := c.directory.read(ctx, doing, dn, names)
	if err != nil {
		return person.Raw{}, err
	}
	if entry == nil { // the password was right: it must not be called wrong now
		return person.Raw{}, unavailable{doing, errUnseen}
	}
	raw := person.Raw{Attributes: map[string][]string{}, Authn: person.Authn{At: c.now(), Method: typed.Method}}
	for _, name := range names {
		for _, v := range entry.GetEqualFoldAttributeValues(name) {
			if utf8.ValidString(v) {
				raw.Attributes[name] = append(raw.Attributes[name], v)
			}
		}
	}
	if err := c.resolve(ctx, dn, raw.Attributes); err != nil {
		return person.Raw{}, err
	}
	return raw, nil
}

func (c *Connector) resolve(ctx context.Context, dn string, raw map[string][]string) error {
	r := c.structures.begin()
	var err error
	for _, name := range structured(c.mapping) {
		if len(raw[name]) == 0 {
			continue
		}
		if raw[name], err = r.values(ctx, raw[name], name == c.mapping.Structure); err != nil {
			return err
		}
	}
	if !isGuardian(c.mapping, raw) {
		return nil
	}
	children, err := c.wards(ctx, dn, raw, r)
	raw[c.mapping.Wards] = children.values
	if c.mapping.Levels != "" {
		raw[c.mapping.Levels] = children.levels
	}
	if c.mapping.WardBorn != "" {
		raw[c.mapping.WardBorn] = children.born
	}
	return err
}
