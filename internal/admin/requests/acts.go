package requests

import (
	"net/http"
	"net/url"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

func uais(r rights.Request) []person.UAI { return []person.UAI{r.UAI} }

func about(v *frame.Visit, a desk.RightAsked) []web.Term {
	r := a.Request
	var out []web.Term
	say := func(key, text string) {
		if text != "" {
			out = append(out, web.Term{Term: v.Say("about." + key), Text: text})
		}
	}
	say("service", service(v, r.Service))
	say("school", v.School(r.UAI))
	say("declaration", desk.Ref{ID: r.Declaration, Version: r.Version}.String())
	say("controller", strings.TrimSuffix(a.Entry.Controller.Name+", "+a.Entry.Controller.Office, ", "))
	if r.Child {
		say("child", v.Say("about.child_yes"))
	}
	say("opened", v.Kit.DateTime(v.Lang, r.Opened))
	say("due", v.Date(r.Due))
	if r.Door == rights.Paused {
		say("meanwhile", v.Say("about.paused"))
	}
	say("contact", a.Words.Contact)
	say("longer", a.Words.Longer)
	if r.Outcome != "" {
		say("outcome", v.Say("outcome."+string(r.Outcome)))
	}
	say("office", v.InOffice(r.Office))
	say("answer", a.Words.Answer)
	instead := a.Words.Instead.Text
	if a.Words.Instead.Service != "" {
		instead = v.Service(a.Words.Instead.Service)
	}
	say("instead", instead)
	return out
}

// after leads back to the request, or shows it again with what is wrong.
func after(w http.ResponseWriter, v *frame.Visit, act string, f frame.Form, err error) error {
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, posted{act, f, wrong})
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, home+"/"+url.PathEscape(v.R.PathValue("ref"))+"?fait="+act)
}

func answer(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	a := desk.RightAnswer{Outcome: rights.Outcome(f.Get("issue")), Text: f.Get("reponse"), Fiche: f.Get("envois") != ""}
	if a.Outcome == rights.Accepted {
		a.Instead = rights.Instead{Service: f.Get("service"), Text: f.Get("activite")}
	} else {
		a.Fiche = false
	}
	_, err = v.Desk.AnswerRight(v.Context(), v.Caller, v.R.PathValue("ref"), a)
	return after(w, v, "reponse", f, err)
}

func extend(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.ExtendRight(v.Context(), v.Caller, v.R.PathValue("ref"), f.Get("delai"))
	return after(w, v, "delai", f, err)
}

func comment(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.CommentRight(v.Context(), v.Caller, v.R.PathValue("ref"), f.Get("remarque"))
	return after(w, v, "remarque", f, err)
}

type fichePage struct {
	web.Frame
	Ref   string
	Rows  []issue
	Pager web.Pager
}

type issue struct{ Service, When, Declaration, Names string }

func fiche(w http.ResponseWriter, v *frame.Visit) error {
	ref := v.R.PathValue("ref")
	all, err := v.Desk.Fiche(v.Context(), v.Caller, ref)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, 100)
	out := fichePage{
		Frame: v.Around(v.Say("fiche.title"), web.Tab{Label: v.Say("title"), URL: home}, web.Tab{Label: ref, URL: home + "/" + url.PathEscape(ref)}), Ref: ref, Pager: pager,
	}
	for _, i := range part {
		when := ""
		if !i.At.IsZero() {
			when = v.Kit.DateTime(v.Lang, i.At)
		}
		out.Rows = append(out.Rows, issue{service(v, i.Service), when, desk.Ref{ID: i.Declaration, Version: i.Version}.String(), v.Data(i.Attributes)})
	}
	w.Header().Set("Cache-Control", "no-store")
	return v.Render(w, http.StatusOK, "fiche", out)
}
