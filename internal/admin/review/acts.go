package review

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// refOf is the version that an address names.
func refOf(v *frame.Visit) (desk.Ref, error) {
	n, err := strconv.Atoi(v.R.PathValue("version"))
	if err != nil || n < 1 {
		return desk.Ref{}, web.NotFound(err)
	}
	return desk.Ref{ID: v.R.PathValue("id"), Version: n}, nil
}

func addressOf(ref desk.Ref) string { return versions + "/" + ref.ID + "/" + strconv.Itoa(ref.Version) }

// posted does one act and leads back to the version, or shows it again with all that stands against the act.
func (p *pages) posted(s step) frame.Handler {
	return func(w http.ResponseWriter, v *frame.Visit) error {
		ref, err := refOf(v)
		if err != nil {
			return err
		}
		f, err := v.Form()
		if err != nil {
			return err
		}
		err = s.do(v, desk.Move{Ref: ref, Match: f.Get("lu"), Reason: f.Get(s.word + "-motif")}, f)
		if wrong, ok := v.Wrong(err); ok {
			return p.show(w, v, ref, asked{step: s.word, wrong: wrong, form: f})
		}
		if err != nil {
			return err
		}
		return v.Redirect(w, addressOf(ref)+"?fait="+s.word)
	}
}

// comment says something about a field. Two fields of the form name it: a choice, and a path below it.
func comment(v *frame.Visit, m desk.Move, f frame.Form) error {
	where := f.Get("champ")
	if below := f.Get("precision"); below != "" && where != "" && strings.HasPrefix(below, where) {
		where = below
	}
	return second(v.Desk.Comment(v.Context(), v.Caller, m.Ref, where, f.Get("commentaire")))
}

// correct sends a version back with the comments that were chosen, and one more remark where there is one.
func correct(v *frame.Visit, m desk.Move, f frame.Form) error {
	said, err := v.Desk.Comments(v.Context(), v.Caller, m.Ref)
	if err != nil {
		return err
	}
	for _, c := range said {
		if slices.Contains(f.Values["joindre"], c.ID) {
			m.Notes = append(m.Notes, registry.Remark{Where: named(c.Where), What: c.Says})
		}
	}
	if what := f.Get("remarque"); what != "" {
		m.Notes = append(m.Notes, registry.Remark{Where: named(f.Get("correction-champ")), What: what})
	}
	return second(v.Desk.Correct(v.Context(), v.Caller, m))
}

// named is the place of a remark; one about the whole is about the declaration.
func named(where string) string {
	if where == "" {
		return whole
	}
	return where
}

// whole is the place of a remark about all of a version.
const whole = "declaration"
