package attrs

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
)

// The protocols for which the dictionary has names.
const (
	ForSAML = "saml"
	ForOIDC = "oidc"
	ForCAS  = "cas"
)

// Output is a release in the words of one protocol and one service: a protocol package prints it and maps nothing.
type Output struct {
	Subject   string
	Pseudonym bool // the subject is the pseudonym rather than a released value
	Values    []Named
	Shortened []Name // words of which values were left out to stay below what the service takes
}

// Named is one attribute under the name that the service expects, with at least one value.
type Named struct {
	Name     string
	Friendly string              // SAML only
	Format   registry.NameFormat // SAML only
	Values   []string
	Words    []Name // the words whose values it holds: more than one in a composite
	Many     bool   // always a list, whatever the number of values
}

// Unwritten is why an attribute that is required, or serves as subject, cannot leave although it is released: its value has
// no form that this service takes.
const Unwritten WhyNot = "unwritten"

// Oversize says that a release is larger than what the service takes, and that its binding wants it refused then.
type Oversize struct {
	Service string
	Word    Name // the word whose value is too long; empty when it is everything together
	Bytes   int
	Limit   int
}

// Error names the service and the word, no value.
func (o *Oversize) Error() string {
	what := "all attributes together"
	if o.Word != "" {
		what = "attribute " + string(o.Word)
	}
	return fmt.Sprintf("service %s: %s has %d bytes, %d are taken", o.Service, what, o.Bytes, o.Limit)
}

// Fits tells whether the release can be said to a service in the way its binding wants. The error is an *Oversize, or a
// *Missing for what is required or serves as subject and has no value in the wanted form. It is known at the decision, so
// that nobody meets it afterwards.
func (r Release) Fits(protocol string, b registry.Binding) error {
	_, err := r.written(protocol, b)
	return err
}

// As puts the release in the words of a protocol and of one service's binding to it. The zero Release gives nothing, and
// neither does one that does not fit.
func (r Release) As(protocol string, b registry.Binding) Output {
	out, err := r.written(protocol, b)
	if err != nil {
		return Output{}
	}
	return out
}

func (r Release) written(protocol string, b registry.Binding) (Output, error) {
	if r.Empty() {
		return Output{}, nil
	}
	subject, err := r.subjectFor(b)
	if err != nil {
		return Output{}, err
	}
	w := writer{release: &r, protocol: protocol, binding: &b}
	w.names()
	if err := w.outputs(); err != nil {
		return Output{}, err
	}
	if err := w.bound(); err != nil {
		return Output{}, err
	}
	if err := w.complete(); err != nil {
		return Output{}, err
	}
	return Output{Subject: subject, Pseudonym: r.Numbered(), Values: w.joined(), Shortened: w.shortened}, nil
}

// subjectFor is the subject as the binding wants it written. It is never made to fit: what is shortened or loses its
// accents may be somebody else's.
func (r Release) subjectFor(b registry.Binding) (string, error) {
	if r.valued == "" {
		if s := r.shaped(b.Shape); s != "" {
			return s, nil
		}
		return "", r.unwritten(&Item{Entry: &dictionary.Entry{Attr: "pseudonym"}})
	}
	item := r.item(r.valued)
	values, over := write(b.SubjectForm, item.Values[:1], false)
	if over == 0 && len(values) == 0 && b.SubjectForm.Most > 0 {
		over = longest(b.SubjectForm, item.Values[:1])
	}
	switch {
	case over > 0:
		return "", &Oversize{Service: r.Service().ID, Word: r.valued, Bytes: over, Limit: b.SubjectForm.Most}
	case len(values) != 1, b.Limit.ASCII && !isASCII(values[0]):
		return "", r.unwritten(item)
	}
	return values[0], nil
}

func (r Release) unwritten(item *Item) error {
	return &Missing{Entry: *item.Entry, Source: r.Source().ID, Why: Unwritten, Reason: AttributeMissing}
}

// item finds the released item of a word, or nothing.
func (r Release) item(n Name) *Item {
	for i := range r.items {
		if r.items[i].Entry.Attr == n {
			return &r.items[i]
		}
	}
	return nil
}

func named(protocol string, e *dictionary.Entry) Named {
	switch protocol {
	case ForSAML:
		return Named{Name: e.SAML.Name, Friendly: e.SAML.Friendly, Format: formatOf(e.SAML.Name), Many: e.Many}
	case ForOIDC:
		return Named{Name: e.OIDC.Name, Many: e.Many}
	default:
		return Named{Name: e.CAS, Many: e.Many}
	}
}

// formatOf is the format of a SAML attribute's name where nobody says another: a URI is a URI.
func formatOf(name string) registry.NameFormat {
	for _, scheme := range []string{"urn:", "http:", "https:"} {
		if strings.HasPrefix(name, scheme) {
			return registry.URIName
		}
	}
	return registry.BasicName
}

// Holds tells whether the attribute holds a value of a word.
func (n Named) Holds(word Name) bool { return slices.Contains(n.Words, word) }

// String shows nothing of the person.
func (o Output) String() string { return "[output]" }

// GoString shows nothing of the person.
func (o Output) GoString() string { return o.String() }

// LogValue shows nothing of the person.
func (o Output) LogValue() slog.Value { return slog.StringValue(o.String()) }

// String shows the name and no value.
func (n Named) String() string { return "[" + n.Name + "]" }

// GoString shows what String shows.
func (n Named) GoString() string { return n.String() }

// LogValue shows what String shows.
func (n Named) LogValue() slog.Value { return slog.StringValue(n.String()) }
