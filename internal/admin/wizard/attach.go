package wizard

import (
	"errors"
	"net/http"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// attaching is the form with which a document is handed in.
type attaching struct {
	Action string
	Kinds  web.Select
	Name   web.Input
	Date   web.Input
}

func attachingOf(s *scene) attaching {
	return attaching{
		Action: drafts + "/" + s.R.PathValue("id") + "/" + s.R.PathValue("version") + "/piece",
		Kinds:  web.Select{Name: "nature", Label: s.Say("column.documents.kind"), Options: listed("paper", paperKinds()...)(s)[1:]},
		Name:   web.Input{Name: "nom", Label: s.Say("column.documents.name"), Hint: s.Say("attach.name_hint"), Autocomplete: "off"},
		Date:   web.Input{Name: "date", Label: s.Say("column.documents.date"), Type: "date", Autocomplete: "off"},
	}
}

// attach keeps a document's content and names it in the draft. The two are two acts: a content that no draft names is
// nobody's to read.
func (p *pages) attach(w http.ResponseWriter, v *frame.Visit) error {
	ref, err := refOf(v)
	if err != nil {
		return err
	}
	st, err := p.stateOf(v, ref, stepPapers, nil)
	if err != nil {
		return err
	}
	form, called, body, err := frame.Upload(v.R, registry.MaxFile)
	if err != nil {
		return err
	}
	paper := registry.Document{
		Kind: registry.DocumentKind(form.Get("nature")), Name: clean(form.Get("nom")), Date: dated(form.Get("date")),
	}
	if paper.Name == "" {
		paper.Name = called
	}
	if paper.Hash, err = v.Desk.Attach(v.Context(), v.Caller, string(paper.Kind), body); err == nil {
		err = named(v, ref, paper)
	}
	wrong, known := v.Wrong(err)
	switch {
	case err == nil:
		return v.Redirect(w, at(ref, stepPapers)+"?enregistre=1#documents")
	case known:
		st.status, st.problem = wrong.Status, st.Say("attach.refused")
		for _, l := range wrong.Lines {
			st.problem += " " + l.Text
		}
		return p.render(w, st)
	default:
		return err
	}
}

// named adds the document to the draft, over whatever else was written meanwhile: it stands in nobody's way.
func named(v *frame.Visit, ref desk.Ref, paper registry.Document) error {
	for range 3 {
		now, err := v.Desk.Try(v.Context(), v.Caller, ref, nil)
		if err != nil {
			return err
		}
		next := now.Saved
		if slices.ContainsFunc(next.Documents, func(d registry.Document) bool { return d.Hash == paper.Hash }) {
			return nil
		}
		next.Documents = append(slices.Clone(next.Documents), paper)
		_, err = v.Desk.Edit(v.Context(), v.Caller, next, desk.Tag(now.Saved))
		var conflict *desk.Conflict
		if !errors.As(err, &conflict) || conflict.Code != "changed" {
			return err
		}
	}
	return &desk.Conflict{Code: "changed", What: "others write too often: the document was not named"}
}

func tagOf(d registry.Declaration) string { return desk.Tag(d) }
