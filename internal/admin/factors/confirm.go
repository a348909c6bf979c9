package factors

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"

	"ecluse/internal/admin/frame"
	"ecluse/internal/stepup"
	"ecluse/internal/web"
)

type confirmPage struct {
	web.Frame
	What     string // the act in words, with what it is about
	ID       string
	Ready    bool // a means was shown already, at the source
	None     bool // nothing is enrolled
	HasCode  bool
	Code     web.Input
	Options  string // for the browser, as JSON; empty where there is no key
	Ceremony string
	Source   string // what the source of the session is called, where it can be asked for its own
	Back     string // why it confirmed nothing
	Enrol    string
	Trouble  string
}

// Over is the page for an act that does not wait any more; any other error stays what it is.
func Over(err error) error {
	if errors.Is(err, stepup.ErrOver) {
		return &web.Fault{Status: http.StatusGone, Code: "DSK-410", Kind: "factors/over", Retry: frame.Home, Cause: err}
	}
	return err
}

// confirm asks for a means. Looking at it does nothing.
func (p *page) confirm(w http.ResponseWriter, v *frame.Visit) error {
	return p.ask(w, v, v.Query(waiting), http.StatusOK, "")
}

// ask shows the page; trouble is the text of what was wrong with what was shown.
func (p *page) ask(w http.ResponseWriter, v *frame.Visit, id string, status int, trouble string) error {
	asked, err := p.Book.Waiting(v.Context(), who(v), id)
	if err != nil {
		return Over(err)
	}
	mine, err := v.Desk.MyFactors(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	out := confirmPage{What: p.act(v, asked), ID: id, Enrol: at(home, id)}
	if source, can := p.Source(v.R); can {
		out.Source = source.Name.In(v.In())
	}
	if out.Ready, err = p.Book.Granted(v.Context(), who(v), asked.Key); err != nil {
		return err
	}
	for _, f := range mine {
		out.HasCode = out.HasCode || f.Means == stepup.TOTP
		if f.Means == stepup.Key && p.Book.OffersKeys() && out.Options == "" && !out.Ready {
			ceremony, options, err := p.Book.AskKey(v.Context(), who(v), asked.Key)
			if err != nil {
				return err
			}
			out.Ceremony, out.Options = ceremony, string(options)
		}
	}
	if !out.Ready {
		out.Back = troubled(v, out.Source)
	}
	out.None = len(mine) == 0 && (out.Source == "" || out.Back != "")
	out.Code = web.Input{Name: "code", Label: v.Say("code.label"), Hint: v.Say("code.hint"), Autocomplete: "one-time-code", Required: true}
	if trouble != "" {
		out.Trouble = v.Say(trouble)
		out.Code.Error = out.Trouble
	}
	out.Frame = v.Around(v.Say("confirm.title"))
	out.Here = at(confirm, id)
	return v.Render(w, status, "confirm", out)
}

// act says what will be done, in words.
func (p *page) act(v *frame.Visit, a stepup.Asked) string {
	words, err := v.Kit.Say(v.R, web.Frame{}, name+"/act."+a.Word, "on", a.On)
	if err != nil {
		return v.Say("act.other", "word", a.Word, "on", a.On)
	}
	return words
}

// shown takes what was shown; when it is right, what waited is posted once more, by nobody's click but this one.
func (p *page) shown(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id := f.Get(waiting)
	asked, err := p.Book.Waiting(v.Context(), who(v), id)
	if err != nil {
		return Over(err)
	}
	switch {
	case f.Get("reponse") != "":
		err = p.Book.ShowKey(v.Context(), who(v), f.Get("ceremonie"), asked.Key, []byte(f.Get("reponse")))
	case f.Values.Has("code"):
		err = p.Book.ShowCode(v.Context(), who(v), asked.Key, f.Get("code"))
	}
	switch {
	case errors.Is(err, stepup.ErrTooMany):
		return p.ask(w, v, id, http.StatusTooManyRequests, "trouble.many")
	case errors.Is(err, stepup.ErrWrong), errors.Is(err, stepup.ErrNone), errors.Is(err, stepup.ErrOver):
		return p.ask(w, v, id, http.StatusUnprocessableEntity, "trouble.wrong")
	case err != nil:
		return err
	}
	if err := p.Book.Done(v.Context(), id); err != nil {
		return err
	}
	again, err := repeated(v.R, asked)
	if err != nil {
		return err
	}
	p.Again.ServeHTTP(w, again)
	return nil
}

// repeated is the request that waited, from the same browser.
func repeated(r *http.Request, asked stepup.Asked) (*http.Request, error) {
	to, err := url.ParseRequestURI(asked.Path)
	if err != nil {
		return nil, err
	}
	out := r.Clone(r.Context())
	out.URL, out.RequestURI, out.Pattern = to, asked.Path, ""
	out.Form, out.PostForm, out.MultipartForm = nil, nil, nil
	out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(asked.Form)), int64(len(asked.Form))
	out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return out, nil
}
