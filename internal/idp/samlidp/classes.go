package samlidp

import (
	"maps"
	"slices"

	"ecluse/internal/attrs"
	"ecluse/internal/saml"
)

// weaker says of each class that can be compared which ones it is at least as good as, the nearest ones alone. SAML leaves
// the order to whoever answers (SAML Core 3.3.2.2.1). It is no line: a card is no better than a password, and neither is an
// identity that was looked at closely a sign-in with two means, nor the other way round. A class that is not here compares
// with itself alone.
func weaker() map[string][]string {
	return map[string][]string{
		saml.ClassUnspecified:       nil,
		saml.ClassPassword:          {saml.ClassUnspecified},
		saml.ClassPasswordTransport: {saml.ClassPassword},
		saml.ClassSFA:               {saml.ClassPasswordTransport},
		saml.ClassMFA:               {saml.ClassSFA},
		saml.ClassTimeSyncToken:     {saml.ClassUnspecified},
		saml.ClassX509:              {saml.ClassUnspecified},
		saml.ClassSmartcard:         {saml.ClassUnspecified},
		saml.ClassSmartcardPKI:      {saml.ClassSmartcard, saml.ClassX509},
		saml.ClassMobileTwo:         {saml.ClassPasswordTransport},
		saml.ClassEIDASLow:          {saml.ClassPasswordTransport},
		saml.ClassEIDASSubstantial:  {saml.ClassEIDASLow},
		saml.ClassEIDASHigh:         {saml.ClassEIDASSubstantial},
	}
}

// levels are our words for a source's assurance as classes.
func levels() map[string]string {
	return map[string]string{
		"eidas1": saml.ClassEIDASLow, "eidas2": saml.ClassEIDASSubstantial, "eidas3": saml.ClassEIDASHigh,
		"mfa": saml.ClassMFA, "sfa": saml.ClassSFA,
	}
}

// held lists the classes of a sign-in, the one that is said where none is asked for first: how the person signed in, and
// how sure the source is. A source that does not say how leaves it unspecified.
func held(release attrs.Release) []string {
	authn, out := release.Authn(), []string{saml.ClassUnspecified}
	if authn.Method != "" {
		out[0] = authn.Method
	}
	if class := levels()[authn.Assurance]; class != "" && class != out[0] {
		out = append(out, class)
	}
	return out
}

// wanted is a RequestedAuthnContext. The zero value is met by any sign-in.
type wanted struct {
	Comparison string   `json:"comparison,omitempty"`
	Classes    []string `json:"classes,omitempty"`
}

// assurance is the wish as far as it can be said in a list of classes.
func (want wanted) assurance() []string {
	if want.Comparison == "exact" || want.Comparison == "minimum" {
		return want.Classes
	}
	return nil
}

// needs lists the classes that are what is wanted, and our words for them: a source that can vouch for none of them need not
// be asked. It is empty where any sign-in will do.
func (want wanted) needs() []string {
	if len(want.Classes) == 0 {
		return nil
	}
	known := slices.Concat(slices.Sorted(maps.Keys(weaker())), want.Classes)
	slices.Sort(known)
	out := slices.DeleteFunc(slices.Compact(known), func(class string) bool { return !want.meets(class) })
	for _, word := range slices.Sorted(maps.Keys(levels())) {
		if slices.Contains(out, levels()[word]) {
			out = append(out, word)
		}
	}
	return out
}

// answer chooses what is said of a sign-in that has several classes: the first that is what is wanted. ok is false when
// none is.
func (want wanted) answer(has []string) (class string, ok bool) {
	i := slices.IndexFunc(has, want.meets)
	if i < 0 {
		return "", false
	}
	return has[i], true
}

// meets tells whether a sign-in of a class is what is wanted.
func (want wanted) meets(class string) bool {
	if len(want.Classes) == 0 {
		return true
	}
	if want.Comparison == "better" {
		return !slices.ContainsFunc(want.Classes, func(c string) bool { return !stronger(class, c) })
	}
	return slices.ContainsFunc(want.Classes, func(c string) bool {
		return class == c || (want.Comparison == "minimum" && stronger(class, c)) ||
			(want.Comparison == "maximum" && stronger(c, class))
	})
}

// stronger tells whether a is better than b, by one step or by several.
func stronger(a, b string) bool {
	order := weaker()
	var below func(string) bool
	below = func(class string) bool {
		return slices.ContainsFunc(order[class], func(c string) bool { return c == b || below(c) })
	}
	return below(a)
}

// beyondAll tells whether no class that we could answer with is better than what is wanted.
func (want wanted) beyondAll() bool {
	if want.Comparison != "better" {
		return false
	}
	for class := range weaker() {
		if want.meets(class) {
			return false
		}
	}
	return true
}
