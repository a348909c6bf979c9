package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/person"
	"ecluse/internal/roles"
)

// AccountsAt is what somebody sees of an establishment's temporary accounts: their number; and each of them, with its
// name and without anything that lets in, when they may manage them.
type AccountsAt struct {
	UAI      person.UAI
	Counts   accounts.Counts
	Accounts []accounts.Account
}

// AccountsOf lists the establishments whose temporary accounts concern the caller and that have any, by UAI. Who manages
// accounts sees whose they are; who looks after access sees how many.
func (d *Desk) AccountsOf(ctx context.Context, c roles.Caller) ([]AccountsAt, error) {
	t, err := d.begin(ctx, c, "accounts_list")
	if err != nil || d.Accounts == nil {
		return nil, err
	}
	counts, err := d.Accounts.Counts(ctx, t.today())
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	var out []AccountsAt
	for uai, n := range counts {
		at := AccountsAt{UAI: uai, Counts: n}
		on := roles.Target{UAIs: []person.UAI{uai}}
		if _, denied := t.may(roles.ManageAccounts, on); denied == nil {
			if at.Accounts, err = d.Accounts.In(ctx, uai); err != nil {
				return nil, fmt.Errorf("desk: %w", err)
			}
			for i := range at.Accounts {
				at.Accounts[i] = bare(at.Accounts[i])
			}
		} else if _, denied := t.may(roles.ReadAccess, on); denied != nil {
			continue
		}
		out = append(out, at)
	}
	slices.SortFunc(out, func(a, b AccountsAt) int { return strings.Compare(string(a.UAI), string(b.UAI)) })
	return out, nil
}

// OpenAccount opens a temporary account and gives its one-time word, which is shown this once, with the login. Of a, the
// establishment, the profile, the names, the mail, the days, the reason and the source count; a source need be said only
// where several would do.
func (d *Desk) OpenAccount(ctx context.Context, c roles.Caller, a accounts.Account) (_ accounts.Account, word string, _ error) {
	next := accounts.Account{
		ID: accounts.NewID(), Login: accounts.NewLogin(), Source: a.Source, UAI: a.UAI, Profile: a.Profile, Mail: a.Mail,
		GivenName: strings.TrimSpace(a.GivenName), FamilyName: strings.TrimSpace(a.FamilyName), From: a.From, Until: a.Until,
		Reason: strings.TrimSpace(a.Reason), Author: c.Handle, State: accounts.Active,
	}
	err := d.manage(ctx, c, "account_open", next, func(t *turn, next *accounts.Account) error {
		if err := t.accountForm(next); err != nil {
			return err
		}
		if next.From.IsZero() {
			next.From = t.today()
		}
		next.Made, next.Since = t.now, t.now
		word = next.Give(t.now, t.Zone())
		return nil
	}, &next)
	if err != nil {
		return accounts.Account{}, "", err
	}
	made := bare(next)
	made.Login = next.Login
	return made, word, nil
}

// ResetAccount makes a new one-time word, for whoever lost the old one or their password: neither lets in any more, and
// whoever is signed in by the account is signed out.
func (d *Desk) ResetAccount(ctx context.Context, c roles.Caller, id string) (_ accounts.Account, word string, _ error) {
	a, err := d.accountFor(ctx, c, "account_reset", id)
	if err != nil {
		return accounts.Account{}, "", err
	}
	err = d.manage(ctx, c, "account_reset", a, func(t *turn, next *accounts.Account) error {
		if err := t.stillOpen(*next); err != nil {
			return err
		}
		word = next.Give(t.now, t.Zone())
		return nil
	}, &a)
	if err != nil {
		return accounts.Account{}, "", err
	}
	made := bare(a)
	made.Login = a.Login
	return made, word, d.signOut(ctx, a)
}

// CloseAccount ends an account for good, and signs its holder out. One that is closed stays as it is.
func (d *Desk) CloseAccount(ctx context.Context, c roles.Caller, id string) (accounts.Account, error) {
	a, err := d.accountFor(ctx, c, "account_close", id)
	if err != nil {
		return accounts.Account{}, err
	}
	err = d.manage(ctx, c, "account_close", a, func(t *turn, next *accounts.Account) error {
		if next.State == accounts.Closed {
			return errIdle
		}
		next.State, next.Since, next.Word, next.Password = accounts.Closed, t.now, "", ""
		return nil
	}, &a)
	if err != nil && !errors.Is(err, errIdle) {
		return accounts.Account{}, err
	}
	return bare(a), d.signOut(ctx, a)
}

// manage is the one way in which an account is written: whoever may, with the journal entry, on what was read. The entry
// holds no name.
func (d *Desk) manage(ctx context.Context, c roles.Caller, word string, a accounts.Account, f func(*turn, *accounts.Account) error, out *accounts.Account) error {
	if c.Handle == "" && !c.Demo || d.Accounts == nil {
		return &roles.Denied{Act: roles.ManageAccounts, Why: "role"} // an act that nobody answers for is none
	}
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return err
	}
	if _, err := t.may(roles.ManageAccounts, roles.Target{UAIs: []person.UAI{a.UAI}}); err != nil {
		t.detail("account", a.ID)
		return d.keepDenial(ctx, t, err)
	}
	if err := f(t, &a); err != nil {
		return err
	}
	t.entry.UAI, t.entry.Source = string(a.UAI), a.Source
	t.detail("account", a.ID)
	t.detail("profile", string(a.Profile))
	t.detail("until", a.Until.String())
	err = d.Accounts.Put(ctx, a, t.entry)
	if errors.Is(err, accounts.ErrConflict) {
		return &Conflict{Code: "changed", What: "somebody else has changed it since you looked"}
	}
	if err != nil {
		return fmt.Errorf("desk: %s: %w", word, err)
	}
	*out = a
	return nil
}

// accountFor finds an account that the caller may manage. One of another establishment is not told from one that is none.
func (d *Desk) accountFor(ctx context.Context, c roles.Caller, word, id string) (accounts.Account, error) {
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return accounts.Account{}, err
	}
	var a accounts.Account
	known := false
	if d.Accounts != nil {
		if a, known, err = d.Accounts.Account(ctx, id); err != nil {
			return accounts.Account{}, fmt.Errorf("desk: %w", err)
		}
	}
	if _, err := t.may(roles.ManageAccounts, roles.Target{UAIs: []person.UAI{a.UAI}}); err != nil {
		if known {
			t.detail("account", a.ID)
		}
		err = d.keepDenial(ctx, t, err)
		var denied *roles.Denied
		if errors.As(err, &denied) && denied.Why != "perimeter" {
			return accounts.Account{}, err
		}
		return accounts.Account{}, &NotFound{"account", id}
	}
	if !known {
		return accounts.Account{}, &NotFound{"account", id}
	}
	return a, nil
}

// accountForm tells everything that is wrong, and finds the source where only one would do.
func (t *turn) accountForm(a *accounts.Account) error {
	m := mistakes(a.Check(t.now, t.Zone()))
	school, known := t.Establishment(a.UAI)
	m.say(!known, "uai", "this establishment is not registered", "")
	m.say(known && school.ClosedAt(t.now, t.Zone()), "uai", "this establishment is closed", "")
	var fit []string
	for _, source := range t.Sources() {
		if source.Connector == accounts.Connector && source.SpeaksFor(a.UAI) && (a.Source == "" || a.Source == source.ID) {
			fit = append(fit, source.ID)
		}
	}
	switch {
	case len(fit) == 1:
		a.Source = fit[0]
	case len(fit) == 0:
		m.say(true, "source", "no source of temporary accounts speaks for this establishment", "have one registered, of the kind "+accounts.Connector)
	default:
		m.say(true, "source", "several sources of temporary accounts speak for this establishment", fmt.Sprintf("one of %q", fit))
	}
	return m.err()
}

// stillOpen: an account that ended is opened anew, by a new act with a reason of its own.
func (t *turn) stillOpen(a accounts.Account) error {
	if a.State != accounts.Active || !t.now.Before(a.Until.Ends(t.Zone())) {
		return &Conflict{Code: "state", What: fmt.Sprintf("account %s has ended", a.ID)}
	}
	school, known := t.Establishment(a.UAI)
	if !known || school.ClosedAt(t.now, t.Zone()) {
		return &Conflict{Code: "state", What: fmt.Sprintf("the establishment of account %s is closed", a.ID)}
	}
	return nil
}

// signOut ends what rests on the account's sign-in, when somebody can.
func (d *Desk) signOut(ctx context.Context, a accounts.Account) error {
	if d.SignOut == nil {
		return nil
	}
	if err := d.SignOut(ctx, a.Source, a.ID); err != nil {
		return fmt.Errorf("desk: the account was changed, and its holder could not be signed out: %w", err)
	}
	return nil
}

// bare leaves out what lets in. Whether the holder has come yet is told by WordEnds, which is zero once they have.
func bare(a accounts.Account) accounts.Account {
	if a.Word == "" {
		a.WordEnds = time.Time{}
	}
	a.Login, a.Word, a.Password = "", "", ""
	return a
}
