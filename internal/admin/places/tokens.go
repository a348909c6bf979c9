package places

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// keeper is what tokens are made for here: a source, whose ENT speaks with one, or a service, whose integrator registers a
// client with one.
type keeper struct {
	id, at, key string // key begins its texts: source or client
	name        string
	clients     []string // the service's OpenID Connect clients
	act         roles.Act
	on          roles.Target
}

func (k keeper) owns(t registry.Token) bool {
	if k.key == "client" {
		return t.Service == k.id
	}
	return t.Source == k.id
}

// ofSource and ofService find whom tokens are made for, in the sight of who makes them.
func ofSource(v *frame.Visit) (keeper, error) {
	s, err := v.Desk.Source(v.Context(), v.Caller, v.R.PathValue("id"))
	return keeper{
		id: s.ID, at: sources + "/" + url.PathEscape(s.ID), key: "source", name: s.Name.In(v.In()), act: roles.EditSource, on: roles.Target{Source: s.ID},
	}, err
}

func ofService(v *frame.Visit) (keeper, error) {
	s, _, err := v.Desk.Service(v.Context(), v.Caller, v.R.PathValue("id"))
	k := keeper{
		id: s.ID, at: services + "/" + url.PathEscape(s.ID), key: "client", name: s.Name.In(v.In()), act: roles.EditService, on: roles.Target{Service: s.ID},
	}
	for _, b := range s.Bindings {
		if b.Protocol == "oidc" {
			k.clients = append(k.clients, b.Handle)
		}
	}
	return k, err
}

type tokensPage struct {
	web.Frame
	Key, Name, Action string
	Rows              []tokenRow
	Client            *web.Select
	Label, Until      web.Input
	Wrong             []web.InputError
	Done              bool
}

type tokenRow struct {
	ID, Name, Client, Made, Until string
	State                         web.Badge
	Live                          bool
}

// tokens lists those of a source or of a service's integrators, and has the form of a new one.
func tokens(of func(*frame.Visit) (keeper, error)) frame.Handler {
	return func(w http.ResponseWriter, v *frame.Visit) error {
		k, err := of(v)
		if err != nil {
			return err
		}
		return showTokens(w, v, k, frame.Form{Values: url.Values{}}, frame.Wrong{})
	}
}

func showTokens(w http.ResponseWriter, v *frame.Visit, k keeper, f frame.Form, wrong frame.Wrong) error {
	if _, err := roles.May(v.Snapshot, v.Now, v.Caller, k.act, k.on); err != nil {
		return err
	}
	all, err := v.Desk.Tokens(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	out := tokensPage{Key: k.key, Name: k.name, Action: k.at + "/jetons", Done: v.Query("fait") != "" && wrong.Status == 0}
	for _, t := range all {
		if k.owns(t) {
			out.Rows = append(out.Rows, tokenOf(v, t))
		}
	}
	out.Label = web.Input{Name: "nom", Label: v.Say("token.nom"), Hint: v.Say("token.nom_hint"), Value: f.Get("nom"), Error: wrong.At("name"), Required: true, Autocomplete: "off"}
	out.Until = web.Input{Name: "jusque", Label: v.Say("token.jusque"), Hint: v.Say("token.until_" + k.key), Type: "date", Value: f.Get("jusque"), Error: wrong.At("until"), Required: true, Autocomplete: "off"}
	if k.key == "client" {
		out.Client = &web.Select{Name: "client", Label: v.Say("token.client")}
		for _, handle := range k.clients {
			out.Client.Options = append(out.Client.Options, web.Option{Value: handle, Label: handle, Chosen: handle == f.Get("client")})
		}
	}
	out.Wrong = wrong.Summary(func(at string) string { return map[string]string{"name": "nom", "until": "jusque"}[at] })
	title := v.Say("token.title")
	if k.key == "source" {
		out.Frame = v.Around(title, web.Tab{Label: v.Say("sources.title"), URL: sources}, web.Tab{Label: k.name, URL: k.at})
	} else {
		out.Frame = v.Around(title, web.Tab{Label: k.name, URL: k.at})
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "tokens", out)
}

func tokenOf(v *frame.Visit, t registry.Token) tokenRow {
	out := tokenRow{ID: t.ID, Name: t.Name, Client: t.Client, Made: v.Kit.Date(v.Lang, t.Made), Until: v.LastDay(t.Until), Live: !t.Revoked && v.Now.Before(t.Until)}
	switch {
	case t.Revoked:
		out.State = web.Badge{Kind: "danger", Text: v.Say("token.state.ended")}
	case !out.Live:
		out.State = web.Badge{Kind: "warning", Text: v.Say("token.state.over")}
	case t.Manages:
		out.State = web.Badge{Kind: "info", Text: v.Say("token.state.manages")}
	default:
		out.State = web.Badge{Kind: "success", Text: v.Say("token.state.live")}
	}
	return out
}

type secretPage struct {
	web.Frame
	Name, Secret, Back string
}

// makeToken shows the secret by the answer, once: it is kept nowhere, and no address leads to it again.
func makeToken(of func(*frame.Visit) (keeper, error)) frame.Handler {
	return func(w http.ResponseWriter, v *frame.Visit) error {
		f, err := v.Form()
		if err != nil {
			return err
		}
		k, err := of(v)
		if err != nil {
			return err
		}
		var secret string
		if k.key == "client" {
			_, secret, err = v.Desk.MakeClientToken(v.Context(), v.Caller, k.id, f.Get("client"), f.Get("nom"), endOf(v, f.Get("jusque")))
		} else {
			_, secret, err = v.Desk.MakeSourceToken(v.Context(), v.Caller, k.id, f.Get("nom"), endOf(v, f.Get("jusque")))
		}
		if wrong, ok := v.Wrong(err); ok {
			return showTokens(w, v, k, f, wrong)
		}
		if err != nil {
			return err
		}
		w.Header().Set("Cache-Control", "no-store")
		out := secretPage{Name: f.Get("nom"), Secret: secret, Back: k.at + "/jetons"}
		out.Frame = v.Around(v.Say("token.made"), web.Tab{Label: k.name, URL: k.at}, web.Tab{Label: v.Say("token.title"), URL: out.Back})
		return v.Render(w, http.StatusOK, "secret", out)
	}
}

// endOf is the end of a day of a form. What is none is past, and package desk says so.
func endOf(v *frame.Visit, text string) time.Time {
	d, err := registry.ParseDate(text)
	if err != nil {
		return time.Time{}
	}
	return d.Ends(v.Snapshot.Zone())
}

func endToken(of func(*frame.Visit) (keeper, error)) frame.Handler {
	return func(w http.ResponseWriter, v *frame.Visit) error {
		f, err := v.Form()
		if err != nil {
			return err
		}
		k, err := of(v)
		if err != nil {
			return err
		}
		all, err := v.Desk.Tokens(v.Context(), v.Caller)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(t registry.Token) bool { return t.ID == f.Get("jeton") && k.owns(t) }) {
			return &desk.NotFound{Kind: "token", ID: f.Get("jeton")}
		}
		if err := v.Desk.RevokeToken(v.Context(), v.Caller, f.Get("jeton")); err != nil {
			return err
		}
		return v.Redirect(w, k.at+"/jetons?fait=1")
	}
}
