package idp

// Kind is why a request came to nothing, as far as a service may know. Each protocol maps these in one table of its own.
type Kind string

// The kinds of failure.
const (
	Denied        Kind = "denied"         // not allowed, not declared, or the person said no: the service is not told which
	PassiveFailed Kind = "passive"        // a page was needed and the service forbade pages
	SignInFailed  Kind = "sign_in_failed" // the source did not vouch for anybody
	WeakSignIn    Kind = "weak_sign_in"   // no source is as strong as the service asks
	OtherPerson   Kind = "other_person"   // the service asked for one person, and somebody else signed in
	BadRequest    Kind = "bad_request"
	Internal      Kind = "internal"
	PageNeeded    Kind = "interaction_required" // somebody is signed in, and a page is needed
)

// Failure is a no for the service. It says nothing of the person and nothing of the reason; Ref lets people find both.
type Failure struct {
	Kind Kind
	Ref  string
}

// Error names the kind and the reference.
func (f *Failure) Error() string { return "request failed: " + string(f.Kind) + " " + f.Ref }
