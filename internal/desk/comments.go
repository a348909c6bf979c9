package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Said is a comment as those who work on a version read it: in which function it was made, and never by whom.
type Said struct {
	registry.Comment
	Mine  bool // the caller made it
	Stale bool // the text has changed since
}

// Comment says something about one field of a version, or about the whole, to everybody who works on it: whoever writes,
// instructs, advises or decides on it. It decides nothing. A version that is over for good takes none.
func (d *Desk) Comment(ctx context.Context, c roles.Caller, ref Ref, where, says string) (registry.Comment, error) {
	var made registry.Comment
	err := d.act(ctx, c, "declaration_comment", func(t *turn) error {
		v, err := t.find(ref)
		if err != nil {
			return err
		}
		t.about(v)
		in, err := t.worksOn(v)
		if err != nil {
			return err
		}
		if v.State == registry.Archived || v.State == registry.Refused {
			return &Conflict{Code: "state", What: fmt.Sprintf("%s is %s: nobody works on it any more", Ref{v.ID, v.Version}, v.State)}
		}
		where = strings.TrimSpace(where)
		var bad mistakes
		bad.say(where != "" && !isField(where), "where", fmt.Sprintf("%q is no field of a declaration", where), "")
		bad.say(len([]rune(where)) > mostName, "where", fmt.Sprintf("it is longer than %d characters", mostName), "")
		bad.text("says", says, mostReason)
		if err := bad.err(); err != nil {
			return err
		}
		made = registry.Comment{
			ID: newID(), Declaration: v.ID, Version: v.Version, Where: where, Says: strings.TrimSpace(says), Text: v.Fingerprint(),
			Office: in.Office, By: c.Handle, At: t.now,
		}
		t.detail("comment", made.ID)
		t.change.Comments = []registry.Comment{made}
		return nil
	})
	return made, err
}

// worksOn says in which capacity the caller works on a version: that in which they decide before that in which they advise,
// instruct or write. The denial is that of whoever would write.
func (t *turn) worksOn(v registry.Declaration) (roles.Capacity, error) {
	for _, act := range []roles.Act{roles.Approve, roles.Opine, roles.OpineBeside, roles.Instruct} {
		if in, err := roles.May(t.Snapshot, t.now, t.by, act, of(v)); err == nil { // a word is no approval: it wants no step-up
			return in, nil
		}
	}
	return t.may(roles.Draft, of(v))
}

// isField tells whether a path begins with a field of a declaration's text.
func isField(where string) bool {
	end := strings.IndexAny(where, ".[")
	if end < 0 {
		end = len(where)
	}
	return slices.Contains(registry.TextFields(), where[:end])
}

// Comments lists what was said about a version, the oldest first, to whoever may read drafts there. What was said on the way
// stays inside when the version is approved.
func (d *Desk) Comments(ctx context.Context, c roles.Caller, ref Ref) ([]Said, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	v, err := t.find(ref)
	if err != nil {
		return nil, err
	}
	if _, err := t.may(roles.ReadDrafts, of(v)); err != nil {
		return nil, err
	}
	text := v.Fingerprint()
	var out []Said
	for _, one := range t.CommentsOn(v.ID, v.Version) {
		s := Said{Comment: one, Mine: one.By == c.Handle, Stale: one.Text != text}
		s.By = ""
		out = append(out, s)
	}
	return out, nil
}
