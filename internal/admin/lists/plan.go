package lists

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/registry/headcounts"
	"ecluse/internal/web"
)

// plan is what a list would change, of either kind.
type plan struct {
	schools []registry.Establishment // those that it writes, or whose pupils it counts
	counts  []registry.Headcount
	rows    []row
	numbers []number
	bad     []annuaire.Problem
	named   []annuaire.Problem
	stop    string        // why nothing may be written
	why     annuaire.Told // the same
	mark    string        // of everything that it would write
	sum     string        // of the list
}

// row is one establishment that the list changes.
type row struct{ UAI, Name, What, Detail string }

// number is how many there are of a kind.
type number struct {
	key string
	n   int
}

// planOf reads a list and compares it with what is registered. bad is what stands against the whole of it, in words.
func planOf(v *frame.Visit, w wish, list []byte) (p plan, bad error) {
	sum := sha256.Sum256(list)
	if w.Kind == ofCounts {
		p, bad = planCounts(v, w, list)
	} else {
		p, bad = planSchools(v, w, list)
	}
	p.sum = hex.EncodeToString(sum[:])
	text, err := json.Marshal([]any{p.schools, p.counts})
	if err != nil {
		return p, err
	}
	mark := sha256.Sum256(text)
	p.mark = hex.EncodeToString(mark[:])
	return p, bad
}

func planSchools(v *frame.Visit, w wish, list []byte) (plan, error) {
	narrow := annuaire.Only{Academy: w.Academy, Department: w.Department}
	read, err := annuaire.Read(bytes.NewReader(list), narrow)
	if err != nil {
		return plan{}, err
	}
	at := annuaire.NewPlan(read, v.Snapshot.Establishments(), annuaire.How{
		Only: narrow, Today: registry.DateOf(v.Now.In(v.Snapshot.Zone())), SkipBad: w.SkipBad, Close: w.Close, CloseMany: w.CloseMany,
	})
	out := plan{schools: at.Establishments(), bad: at.Problems, stop: at.Stop, why: at.Why, numbers: []number{
		{"created", len(at.Created)},
		{"changed", len(at.Changed)},
		{"closed", len(at.Closed)},
		{"unchanged", at.Unchanged},
		{"missing", len(at.Missing)},
		{"managed", len(at.Managed)},
		{"bad", len(at.Problems)},
	}}
	add := func(e registry.Establishment, what, detail string) {
		out.rows = append(out.rows, row{string(e.UAI), e.Name, v.Say("what." + what), detail})
	}
	for _, e := range at.Closed {
		add(e, "closed", v.Date(e.ClosedOn))
	}
	for _, c := range at.Changed {
		var fields []string
		for _, field := range c.Fields {
			fields = append(fields, v.Say("field."+field))
		}
		add(c.Next, "changed", strings.Join(fields, ", "))
	}
	for _, e := range at.Created {
		add(e, "created", e.Town)
	}
	return out, nil
}

func planCounts(v *frame.Visit, w wish, list []byte) (plan, error) {
	read, err := headcounts.Read(bytes.NewReader(list))
	if err != nil {
		return plan{}, err
	}
	at := headcounts.NewPlan(read, v.Snapshot, headcounts.How{On: w.on, Now: v.Now, Zone: v.Snapshot.Zone(), SkipBad: w.SkipBad})
	out := plan{counts: at.Headcounts(), bad: at.Problems, named: at.Named, stop: at.Stop, why: at.Why, numbers: []number{
		{"counted", len(at.Created)}, {"again", len(at.Changed)}, {"unchanged", at.Unchanged}, {"managed", len(at.Managed)}, {"bad", len(at.Problems)},
	}}
	for i, h := range out.counts {
		school, _ := v.Snapshot.Establishment(h.UAI)
		out.schools = append(out.schools, school)
		what := "counted"
		if i >= len(at.Created) {
			what = "again"
		}
		out.rows = append(out.rows, row{
			string(h.UAI), school.Name, v.Say("what." + what), v.Say("classes", "n", v.Number(len(h.Classes)), "groups", v.Number(len(h.Groups))),
		})
	}
	return out, nil
}

// carry writes what the plan says, all of it or nothing.
func (p plan) carry(v *frame.Visit, w wish) (err error) {
	if w.Kind == ofCounts {
		_, err = v.Desk.ImportHeadcounts(v.Context(), v.Caller, p.counts, p.sum)
		return err
	}
	_, err = v.Desk.ImportEstablishments(v.Context(), v.Caller, p.schools, p.sum)
	return err
}

// pack makes a list small enough to stand in a form; empty when it is too large for one.
func pack(list []byte) string {
	var out bytes.Buffer
	in := gzip.NewWriter(&out)
	_, err := in.Write(list)
	if err = errors.Join(err, in.Close()); err != nil || base64.RawURLEncoding.EncodedLen(out.Len()) > mostPacked {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(out.Bytes())
}

// unpack gives the list back, and refuses one that unfolds to more than such a list may weigh.
func unpack(text string, most int64) ([]byte, error) {
	bad := web.BadRequest(errors.New("form: the list cannot be read back"))
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return nil, bad
	}
	in, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, bad
	}
	list, err := io.ReadAll(io.LimitReader(in, most+1))
	if err != nil || int64(len(list)) > most {
		return nil, bad
	}
	return list, nil
}
