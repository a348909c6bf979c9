package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// attaches is how the journal names the act.
const attaches = "document_attach"

// Content gives a document that some declaration refers to whose papers the caller may read. What is approved is public;
// the contract and the impact assessment behind it are not.
func (d *Desk) Content(ctx context.Context, c roles.Caller, hash string) (registry.File, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return registry.File{}, err
	}
	missing := &NotFound{"document", hash}
	if readable, _ := t.reads(hash); !readable {
		return registry.File{}, missing
	}
	file, ok, err := d.Store.File(ctx, hash)
	if err != nil {
		return registry.File{}, fmt.Errorf("desk: document: %w", err)
	}
	if !ok {
		return registry.File{}, missing
	}
	return file, nil
}

// reference is a place in a text that names a document.
type reference struct{ where, hash string }

// references lists the documents that a version refers to.
func references(v registry.Declaration) []reference {
	out := []reference{{"dpia.document", v.DPIA.Document}, {"supplier.terms.document", v.Supplier.Terms.Document}}
	for i, p := range v.Documents {
		out = append(out, reference{fmt.Sprintf("documents[%d].hash", i), p.Hash})
	}
	for i, transfer := range v.Transfers {
		out = append(out, reference{fmt.Sprintf("transfers[%d].assessment", i), transfer.Assessment})
	}
	for i, notice := range v.Informed {
		out = append(out, reference{fmt.Sprintf("informed[%d].document", i), notice.Document})
	}
	if v.Paper != nil {
		out = append(out, reference{"paper.document", v.Paper.Document})
	}
	return slices.DeleteFunc(out, func(r reference) bool { return !isHash(r.hash) })
}

func refers(v registry.Declaration, hash string) bool {
	return slices.ContainsFunc(references(v), func(r reference) bool { return r.hash == hash })
}

// reads tells whether a document may be read by way of some declaration, and whether any refers to it at all.
func (t *turn) reads(hash string) (readable, referred bool) {
	for _, v := range t.AllDeclarations() {
		if !refers(v, hash) {
			continue
		}
		referred = true
		if _, denied := t.may(roles.ReadPapers, of(v)); denied == nil {
			return true, true
		}
	}
	return false, referred
}

// borrowed finds what a text refers to and the text before it did not, where that is a paper of somebody else's: the hash
// stands in a public register, and referring to it must not open the paper. What no declaration refers to yet is known to
// those alone who have the file; the papers of a model are there to be taken over with it; and whoever attached the same
// file has it.
func (d *Desk) borrowed(ctx context.Context, t *turn, last, text registry.Declaration) (mistakes, error) {
	var bad mistakes
	model, _ := t.Model(text.Model)
	for _, r := range references(text) {
		if refers(last, r.hash) || refers(model.Draft, r.hash) {
			continue
		}
		if readable, referred := t.reads(r.hash); readable || !referred {
			continue
		}
		mine, err := d.attached(ctx, t.by.Handle, r.hash)
		if err != nil {
			return nil, err
		}
		bad.say(!mine, r.where, "this paper belongs to another declaration", "attach it first: whoever has the file may refer to it")
	}
	return bad, nil
}

// attachment is what the journal keeps of who attached what: whoever has the file and the handle can tell, and nobody
// learns the hash from it.
func attachment(handle, hash string) string { return Tag([]string{handle, hash}) }

// attached tells whether somebody attached a file, by the journal.
func (d *Desk) attached(ctx context.Context, handle, hash string) (bool, error) {
	if d.Events == nil || handle == "" {
		return false, nil
	}
	q := audit.Query{Class: audit.ClassAdmin, Action: attaches, Outcome: audit.Done, Actor: handle, Limit: audit.MaxLimit}
	for {
		page, err := d.Events.List(ctx, q)
		if err != nil {
			return false, fmt.Errorf("desk: who attached a document: %w", err)
		}
		for _, e := range page.Entries {
			if e.Detail["document"] == attachment(handle, hash) {
				return true, nil
			}
		}
		if page.Next == "" {
			return false, nil
		}
		q.After = page.Next
	}
}

// papersKept wants the content of every paper that a version attaches to be here: a hash alone is a promise.
func (d *Desk) papersKept(ctx context.Context, v registry.Declaration) error {
	missing, err := d.unkept(ctx, v)
	if err != nil || len(missing) == 0 {
		return err
	}
	return &Conflict{Code: "papers", What: fmt.Sprintf("%d papers of %s are named and not here", len(missing), Ref{v.ID, v.Version}), Need: missing}
}

func (d *Desk) unkept(ctx context.Context, v registry.Declaration) ([]registry.Finding, error) {
	var out []registry.Finding
	for i, p := range v.Documents {
		_, ok, err := d.Store.File(ctx, p.Hash)
		if err != nil {
			return nil, fmt.Errorf("desk: document: %w", err)
		}
		if !ok {
			out = append(out, registry.Finding{
				Where: fmt.Sprintf("documents[%d].hash", i), What: fmt.Sprintf("the content of %q is not here", p.Name), Mend: "attach the file", Rule: "papers",
			})
		}
	}
	return out, nil
}
