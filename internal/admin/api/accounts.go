package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Account is a temporary account as those who manage it see it. Nothing of it lets in.
type Account struct {
	ID         string         `json:"id" doc:"names the account; it is not the login"`
	Source     string         `json:"source"`
	UAI        person.UAI     `json:"uai"`
	Profile    person.Profile `json:"profile"`
	GivenName  string         `json:"given_name,omitempty"`
	FamilyName string         `json:"family_name"`
	Mail       string         `json:"mail,omitempty"`
	From       registry.Date  `json:"from"`
	Until      registry.Date  `json:"until" doc:"the last day, the whole of it"`
	Reason     string         `json:"reason"`
	Author     string         `json:"author" doc:"the handle of who opened it"`
	State      accounts.State `json:"state" enum:"active,closed"`
	Since      time.Time      `json:"since" doc:"when the state was last decided"`
	WordUntil  time.Time      `json:"word_until,omitzero" doc:"until when the one-time word may be used; absent once it was"`
}

// AccountsAt is how many temporary accounts an establishment has, and whose they are for those who manage them.
type AccountsAt struct {
	UAI      person.UAI      `json:"uai"`
	Counts   accounts.Counts `json:"counts"`
	Accounts []Account       `json:"accounts,omitempty"`
}

// AccountForm is a temporary account as it is asked for.
type AccountForm struct {
	Source     string         `json:"source,omitempty" doc:"required only where several sources of temporary accounts speak for the establishment"`
	UAI        person.UAI     `json:"uai"`
	Profile    person.Profile `json:"profile" enum:"National_ELV,National_ENS,National_DOC,National_EVS,National_ETA"`
	GivenName  string         `json:"given_name,omitempty"`
	FamilyName string         `json:"family_name"`
	Mail       string         `json:"mail,omitempty"`
	From       registry.Date  `json:"from,omitzero" doc:"the first day; today when absent"`
	Until      registry.Date  `json:"until" doc:"the last day, twelve months after the first at most"`
	Reason     string         `json:"reason"`
}

// OpenedAccount is an account with what its holder needs to use it for the first time.
type OpenedAccount struct {
	Account Account `json:"account"`
	Login   string  `json:"login" example:"TMP-7K3Q-9XZ2" doc:"shown this once"`
	Word    string  `json:"word" doc:"the one-time word, shown this once: the holder chooses a password with it"`
}

func accountOf(a accounts.Account) Account {
	return Account{
		ID: a.ID, Source: a.Source, UAI: a.UAI, Profile: a.Profile, GivenName: a.GivenName, FamilyName: a.FamilyName, Mail: a.Mail,
		From: a.From, Until: a.Until, Reason: a.Reason, Author: a.Author, State: a.State, Since: a.Since, WordUntil: a.WordEnds,
	}
}

func lettingIn(status int, a accounts.Account, word string, err error) (*plain[OpenedAccount], error) {
	if err != nil {
		return nil, err
	}
	return &plain[OpenedAccount]{status, OpenedAccount{accountOf(a), a.Login, word}}, nil
}

func (s *surface) mountAccounts() {
	add(s, kind{
		method: http.MethodGet, path: "/accounts", id: "list-accounts", tag: "accounts", summary: "Temporary accounts, by establishment",
		about: "Whose they are stands there for those who manage them; who looks after access sees how many.",
	}, s.listAccounts)
	add(s, kind{
		method: http.MethodPost, path: "/accounts", id: "open-account", tag: "accounts", status: http.StatusCreated,
		summary: "Open a temporary account for one person whom no source knows",
		about:   "It ends by itself after its last day. It makes nobody head of anything. Login and one-time word are for its holder alone.",
	}, func(ctx context.Context, c roles.Caller, in *Made[AccountForm]) (*plain[OpenedAccount], error) {
		f := in.Body
		a, word, err := s.Desk.OpenAccount(ctx, c, accounts.Account{
			Source: f.Source, UAI: f.UAI, Profile: f.Profile, GivenName: f.GivenName, FamilyName: f.FamilyName, Mail: f.Mail,
			From: f.From, Until: f.Until, Reason: f.Reason,
		})
		return lettingIn(http.StatusCreated, a, word, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/accounts/{id}/reset", id: "reset-account", tag: "accounts",
		summary: "Make a new one-time word; the old one and the password end",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*plain[OpenedAccount], error) {
		a, word, err := s.Desk.ResetAccount(ctx, c, in.ID)
		return lettingIn(http.StatusOK, a, word, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/accounts/{id}/close", id: "close-account", tag: "accounts", summary: "Close an account for good",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*plain[Account], error) {
		a, err := s.Desk.CloseAccount(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return &plain[Account]{http.StatusOK, accountOf(a)}, nil
	})
}

func (s *surface) listAccounts(ctx context.Context, c roles.Caller, in *struct {
	UAI person.UAI `query:"uai"`
	Paging
},
) (*listed[AccountsAt], error) {
	all, err := s.Desk.AccountsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	var out []AccountsAt
	for _, at := range all {
		if in.UAI == "" || at.UAI == in.UAI {
			out = append(out, accountsAt(at))
		}
	}
	return paged(out, func(a AccountsAt) string { return string(a.UAI) }, in.Paging)
}

func accountsAt(at desk.AccountsAt) AccountsAt {
	out := AccountsAt{UAI: at.UAI, Counts: at.Counts}
	for _, a := range at.Accounts {
		out.Accounts = append(out.Accounts, accountOf(a))
	}
	return out
}
