package journal

import (
	"encoding/hex"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

type entryPage struct {
	web.Frame
	What      string
	At        time.Time
	Outcome   web.Badge
	Why       []string // sentences
	Facts     []web.Term
	ByAt      string // what the same handle did
	Changes   []change
	Against   string // the version that the changes are against
	Version   string // where the version stands; empty for none
	Simulated string // the page that explains the reference
	Place     string
	Hash      string
	Fits      web.Badge
	Chain     badge
}

type change struct{ Field, Before, After, Kind, Text string }

func (p *pages) entry(w http.ResponseWriter, v *frame.Visit) error {
	sequence, err := strconv.ParseInt(v.R.PathValue("sequence"), 10, 64)
	of := audit.Chain{Writer: v.R.PathValue("writer"), Class: audit.Class(v.R.PathValue("class"))}
	if err != nil {
		return web.NotFound(err)
	}
	ref := v.Query("reference")
	if known, err := web.ParseRef(ref); err == nil {
		ref = string(known)
	}
	told, err := v.Desk.JournalEntry(v.Context(), v.Caller, of, sequence, ref)
	if err != nil {
		return err
	}
	e := told.Entry
	r := p.rowOf(v, e)
	fits, err := p.Fits(v.Context(), of, sequence)
	if err != nil {
		return err
	}
	out := entryPage{
		Frame: v.Around(r.What, web.Tab{Label: v.Say("title"), URL: Home}), What: r.What, At: e.At, Outcome: r.Outcome, Why: why(v, told), Facts: facts(v, told, r), ByAt: r.ByAt,
		Place: e.ID(), Hash: hex.EncodeToString(told.Hash[:]), Chain: p.badge(v), Fits: web.Badge{Kind: "success", Text: v.Say("entry.fits")},
	}
	if !fits {
		out.Fits = web.Badge{Kind: "danger", Text: v.Say("entry.fits_not")}
	}
	for _, d := range told.Changes {
		out.Changes = append(out.Changes, changeOf(v, d))
	}
	if told.Against > 0 {
		out.Against = desk.Ref{ID: e.Declaration, Version: told.Against}.String()
	}
	if to := frame.Home + "declarations/" + e.Declaration + "/" + strconv.Itoa(e.Version); e.Declaration != "" && e.Version > 0 && v.Mounted(to) {
		out.Version = to
	}
	if ref != "" && v.Mounted(frame.Home+"simulation") {
		out.Simulated = Home + "?reference=" + ref
	}
	return v.Render(w, http.StatusOK, "entry", out)
}

// why is what the entry, and the register, say of why.
func why(v *frame.Visit, told desk.Told) []string {
	var out []string
	e := told.Entry
	switch {
	case told.Reason != "" && told.Office != "":
		out = append(out, v.Say("why.decided", "office", v.InOffice(told.Office), "reason", told.Reason))
	case told.Reason != "":
		out = append(out, v.Say("why.reason", "reason", told.Reason))
	case told.Office != "":
		out = append(out, v.Say("why.office", "office", v.InOffice(told.Office)))
	}
	if e.Reason != "" && e.Outcome != audit.Released {
		word := admin.ReasonWord(e.Reason, v.In())
		if word == e.Reason {
			word = wordOf(v, "reason."+e.Reason, e.Reason)
		}
		out = append(out, v.Say("why.word", "reason", word))
	}
	if basis := basisOf(v, e); basis != "" {
		out = append(out, v.Say("why.basis", "basis", basis))
	}
	if len(out) == 0 {
		out = append(out, v.Say("why.none"))
	}
	return out
}

// basisOf is what the entry's version rests on. What is approved is a public register; of a draft nothing is said here.
func basisOf(v *frame.Visit, e audit.Entry) string {
	d, ok := v.Snapshot.Declaration(e.Declaration, e.Version)
	if !ok || !d.WasApproved() {
		return ""
	}
	return admin.Basis(d, v.In())
}

func facts(v *frame.Visit, told desk.Told, r row) []web.Term {
	e := told.Entry
	var out []web.Term
	add := func(key, text string) {
		if text != "" {
			out = append(out, web.Term{Term: v.Say("fact." + key), Text: text})
		}
	}
	add("office", r.Office)
	add("by", e.Actor)
	add("service", v.Service(e.Service))
	if e.Declaration != "" {
		add("declaration", desk.Ref{ID: e.Declaration, Version: e.Version}.String())
	}
	if e.UAI != "" {
		add("school", v.School(person.UAI(e.UAI)))
	}
	if source, ok := v.Snapshot.Source(e.Source); ok {
		add("source", source.Name.In(v.In()))
	} else {
		add("source", e.Source)
	}
	add("protocol", e.Protocol)
	add("ref", e.Ref)
	add("attributes", v.Data(e.Attributes))
	for _, key := range slices.Sorted(maps.Keys(e.Detail)) {
		if key == audit.As {
			continue
		}
		out = append(out, web.Term{Term: wordOf(v, "detail."+key, key), Text: e.Detail[key]})
	}
	return out
}

func changeOf(v *frame.Visit, d registry.Difference) change {
	out := change{Field: d.Where, Before: d.Before, After: d.After, Text: v.Say("change.paper"), Kind: "info"}
	switch {
	case d.Wider:
		out.Kind, out.Text = "warning", v.Say("change.wider")
	case d.Narrower:
		out.Kind, out.Text = "success", v.Say("change.narrower")
	}
	if out.Before == "" {
		out.Before = "–"
	}
	if out.After == "" {
		out.After = "–"
	}
	return out
}
