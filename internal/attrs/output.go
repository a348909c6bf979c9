package attrs

import (
	"log/slog"
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
}

// Named is one attribute under the name that the service expects.
type Named struct {
	Name     string
	Friendly string // SAML only
	URI      bool   // SAML only: the name's format is uri rather than basic
	Values   []string
}

// As puts the release in the words of a protocol and of one service's binding to it. The zero Release gives nothing.
func (r Release) As(protocol string, b registry.Binding) Output {
	if r.Empty() {
		return Output{}
	}
	out := Output{Subject: r.subject, Pseudonym: true}
	for _, item := range r.items {
		if item.Entry.Attr == r.valued && r.valued != "" {
			out.Subject, out.Pseudonym = item.Values[0], false
		}
		n := named(protocol, item.Entry)
		if own := b.Names[item.Entry.Attr]; own != "" {
			n = Named{Name: own, URI: strings.HasPrefix(own, "urn:")}
		}
		n.Values = item.Values
		out.Values = append(out.Values, n)
	}
	return out
}

func named(protocol string, e dictionary.Entry) Named {
	switch protocol {
	case ForSAML:
		return Named{Name: e.SAML.Name, Friendly: e.SAML.Friendly, URI: strings.HasPrefix(e.SAML.Name, "urn:")}
	case ForOIDC:
		return Named{Name: e.OIDC.Name}
	default:
		return Named{Name: e.CAS}
	}
}

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
