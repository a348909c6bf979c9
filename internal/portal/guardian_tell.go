package portal

import (
	"fmt"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// teller puts what the register says of a service into words for the guardian of one child. It says nothing that tells
// where the child goes to school.
type teller struct {
	view  *registry.Snapshot
	words *dictionary.Dictionary
	lang  string
	ward  person.Ward
}

func (t teller) service(o guardian.Offer, asked map[string]Asked) childService {
	d := o.Declaration
	out := childService{
		Name: t.quiet(o.Service.Name.In(t.lang)), Sentence: t.quiet(o.Service.Sentence.In(t.lang)), Basis: d.Basis.Kind, BasisText: t.quiet(d.Basis.Text),
		Number: !o.Nominative, DPO: t.quiet(d.Controller.DPO), Supplier: t.quiet(d.Supplier.Name), Retention: t.quiet(d.Retention.In(t.lang)),
		Approved: t.quiet(o.Approved), Enabled: t.quiet(o.Enabled), Controller: t.quiet(d.Controller.Name),
		Reference: fmt.Sprintf("%s v%d", d.ID, d.Version),
	}
	if d.Scope.Level == registry.ByEstablishment { // the school answers, and has a function instead of a name
		out.Controller, out.DPO = t.quiet(d.Controller.Office), ""
	}
	for _, purpose := range d.Purposes {
		if text := t.quiet(purpose.In(t.lang)); text != "" {
			out.Purposes = append(out.Purposes, text)
		}
	}
	out.Sent = t.kinds(o)
	if o.Open {
		if !o.Ends.IsZero() {
			out.Until = o.Ends.Add(-time.Nanosecond).In(t.view.Zone())
		}
		if a, is := asked[o.Service.ID+" "+d.ID]; is {
			out.Asked = &a
		}
	}
	return out
}

// kinds are the words for what may leave, with why. A number that means the child to the service alone is said apart.
func (t teller) kinds(o guardian.Offer) []sentLine {
	var out []sentLine
	for _, item := range o.Items {
		entry, known := t.words.Entry(item.Attr)
		if !known || entry.Names && !o.Nominative || item.Attr == "pseudonym" {
			continue // declared, and held back all the same
		}
		out = append(out, sentLine{Label: entry.Label.In(t.lang), Why: t.quiet(item.Justification.In(t.lang))})
	}
	return out
}

// quiet leaves out a text of the register that names the child's school.
func (t teller) quiet(text string) string {
	low := strings.ToLower(text)
	if strings.Contains(low, strings.ToLower(string(t.ward.UAI))) {
		return ""
	}
	if school, known := t.view.Establishment(t.ward.UAI); known && school.Name != "" && strings.Contains(low, strings.ToLower(strings.TrimSpace(school.Name))) {
		return ""
	}
	return text
}
