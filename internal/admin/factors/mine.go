package factors

import (
	"errors"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/stepup"
	"ecluse/internal/web"
)

type listPage struct {
	web.Frame
	Mine    []mine
	Waiting string // the act that waits for a first means
	Keys    bool   // of devices can be added
	Helps   bool   // the visitor may help others
	Word    string // for a second administrator, once
}

type mine struct{ ID, Name, Kind, Made, Used string }

func (p *page) list(w http.ResponseWriter, v *frame.Visit) error {
	return p.show(w, v, listPage{Waiting: v.Query(waiting)})
}

func (p *page) show(w http.ResponseWriter, v *frame.Visit, out listPage) error {
	all, err := v.Desk.MyFactors(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	for _, f := range all {
		one := mine{ID: f.ID, Name: f.Name, Kind: v.Say("means." + string(f.Means)), Made: v.Kit.Date(v.Lang, f.Made), Used: v.Say("list.never")}
		if !f.Used.IsZero() {
			one.Used = v.Kit.DateTime(v.Lang, f.Used)
		}
		out.Mine = append(out.Mine, one)
	}
	out.Keys = p.Book.OffersKeys()
	out.Helps = v.Holds(helpers()...)
	out.Frame = v.Around(v.Say("title"))
	out.Here = home
	return v.Render(w, http.StatusOK, "list", out)
}

func (p *page) beginCode(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	e, err := v.Desk.BeginCode(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	to := home + "/code?secret=" + e.ID
	if id := f.Get(waiting); id != "" {
		to += "&" + waiting + "=" + id
	}
	return v.Redirect(w, to)
}

type codePage struct {
	web.Frame
	Secret  string
	ID      string
	Waiting string
	Size    int
	Path    string // the dark modules of the picture
	Code    web.Input
	Name    web.Input
}

// code shows a secret to the session that it was made for. Its name in the address opens nothing elsewhere.
func (p *page) code(w http.ResponseWriter, v *frame.Visit) error {
	return p.showCode(w, v, v.Query("secret"), v.Query(waiting), http.StatusOK, "", "")
}

func (p *page) showCode(w http.ResponseWriter, v *frame.Visit, id, act string, status int, trouble, called string) error {
	e, err := p.Book.Enrolling(v.Context(), who(v), id)
	if err != nil {
		return Over(err)
	}
	path, size, err := web.QR(e.URI)
	if err != nil {
		return err
	}
	out := codePage{
		Secret: e.Secret, ID: id, Waiting: act, Path: path, Size: size,
		Code: web.Input{Name: "code", Label: v.Say("code.label"), Hint: v.Say("code.first"), Autocomplete: "one-time-code", Required: true},
		Name: web.Input{Name: "nom", Label: v.Say("name.label"), Hint: v.Say("name.hint"), Value: called, Autocomplete: "off", Required: true},
	}
	switch trouble {
	case "":
	case "name":
		out.Name.Error = v.Say("trouble.name")
	default:
		out.Code.Error = v.Say(trouble)
	}
	out.Frame = v.Around(v.Say("enrol.title"), web.Tab{Label: v.Say("title"), URL: home})
	out.Here = home
	return v.Render(w, status, "code", out)
}

func (p *page) enrolCode(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, act := f.Get("secret"), f.Get(waiting)
	_, err = v.Desk.EnrolCode(v.Context(), v.Caller, id, f.Get("code"), f.Get("nom"))
	switch {
	case errors.Is(err, stepup.ErrWrong):
		return p.showCode(w, v, id, act, http.StatusUnprocessableEntity, "trouble.wrong", f.Get("nom"))
	case errors.Is(err, stepup.ErrTooMany):
		return p.showCode(w, v, id, act, http.StatusTooManyRequests, "trouble.many", f.Get("nom"))
	case misnamed(v, err):
		return p.showCode(w, v, id, act, http.StatusUnprocessableEntity, "name", f.Get("nom"))
	case err != nil:
		return err
	}
	return p.enrolled(w, v, act, stepup.TOTP)
}

// enrolled goes on to the act that waited for a first means: the one that was just shown counts for it.
func (p *page) enrolled(w http.ResponseWriter, v *frame.Visit, act string, means stepup.Means) error {
	asked, err := p.Book.Waiting(v.Context(), who(v), act)
	if errors.Is(err, stepup.ErrOver) {
		return v.Redirect(w, home)
	}
	if err == nil {
		err = p.Book.Grant(v.Context(), who(v), asked.Key, means)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, at(confirm, act))
}

// misnamed tells whether it is the name of a means that is wrong.
func misnamed(v *frame.Visit, err error) bool {
	wrong, ok := v.Wrong(err)
	return ok && wrong.At("name") != ""
}

type keyPage struct {
	web.Frame
	Options, Ceremony, Waiting string
	Answer                     string // what the browser gave already: only the name is still wrong
	Name                       web.Input
}

func (p *page) beginKey(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, options, err := v.Desk.BeginKey(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	return showKey(w, v, http.StatusOK, keyPage{Options: string(options), Ceremony: id, Waiting: f.Get(waiting)}, "")
}

func showKey(w http.ResponseWriter, v *frame.Visit, status int, out keyPage, called string) error {
	out.Name = web.Input{Name: "nom", Label: v.Say("name.label"), Hint: v.Say("name.hint"), Value: called, Autocomplete: "off", Required: true}
	if out.Answer != "" {
		out.Name.Error = v.Say("trouble.name")
	}
	out.Frame = v.Around(v.Say("key.title"), web.Tab{Label: v.Say("title"), URL: home})
	out.Here = home
	return v.Render(w, status, "key", out)
}

func (p *page) enrolKey(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.EnrolKey(v.Context(), v.Caller, f.Get("ceremonie"), []byte(f.Get("reponse")), f.Get("nom"))
	if f.Get("reponse") != "" && misnamed(v, err) {
		return showKey(w, v, http.StatusUnprocessableEntity, keyPage{
			Ceremony: f.Get("ceremonie"), Answer: f.Get("reponse"), Waiting: f.Get(waiting),
		}, f.Get("nom"))
	}
	if errors.Is(err, stepup.ErrWrong) {
		return &web.Fault{Status: http.StatusUnprocessableEntity, Code: "DSK-422", Kind: "factors/key", Retry: home, Cause: err}
	}
	if err != nil {
		return err
	}
	return p.enrolled(w, v, f.Get(waiting), stepup.Key)
}

func (p *page) remove(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	if err := v.Desk.RemoveFactor(v.Context(), v.Caller, f.Get("facteur")); err != nil {
		return err
	}
	return v.Redirect(w, home)
}

func (p *page) lost(w http.ResponseWriter, v *frame.Visit) error {
	word, err := v.Desk.ReportLost(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	return p.show(w, v, listPage{Word: word})
}
