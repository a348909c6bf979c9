package web

import (
	"fmt"
	"net/http"
)

// Fault is a refusal or a failure as a handler returns it. What the person reads comes from texts chosen by Kind;
// Code is the stable class that support and the documentation know; Cause goes to the Report hook and never to the
// browser.
type Fault struct {
	// Status is the HTTP status; zero means 500.
	Status int
	// Code is the stable class code, three capitals of the domain and three digits: "SES-410". Empty means SYS-500.
	Code string
	// Kind names the texts: "login/expired" are faults.expired.title, .what, .do and .who of contribution login; a
	// bare "not-found" is one of the kit's own. Empty means "internal".
	Kind string
	// Args fill the named arguments of those texts. A text need not use them all.
	Args map[string]string
	// Back is a link to where the person came from; its address is vouched for like any WayBack.
	Back WayBack
	// Retry is the local path that tries again; empty shows no such button.
	Retry string
	// Frame surrounds the error page like any other one, the way back to the ENT included.
	Frame Frame
	// Members stand in the problem details that a program gets, over those of the same name that the kit writes there. They
	// are never shown on a page.
	Members map[string]any
	// Told names the part of a program's message that is wrong, and why, in English, for whoever wrote that program. It is
	// words of the caller's own and never a value from outside. A page keeps it folded, beside the code.
	Told string
	// Cause is what happened, for the log.
	Cause error
}

// Error tells the class and the cause, for logs.
func (f *Fault) Error() string {
	if f.Cause == nil {
		return fmt.Sprintf("%s (%s)", f.Code, f.Kind)
	}
	return fmt.Sprintf("%s (%s): %v", f.Code, f.Kind, f.Cause)
}

// Unwrap gives the cause.
func (f *Fault) Unwrap() error { return f.Cause }

// BadRequest is a request that a program or a stale link got wrong: 400, REQ-400.
func BadRequest(cause error) *Fault {
	return &Fault{Status: http.StatusBadRequest, Code: "REQ-400", Kind: "bad-request", Cause: cause}
}

// NotFound is an address that leads nowhere: 404, REQ-404.
func NotFound(cause error) *Fault {
	return &Fault{Status: http.StatusNotFound, Code: "REQ-404", Kind: "not-found", Cause: cause}
}

// Forbidden is a request that is understood and refused: 403, REQ-403.
func Forbidden(cause error) *Fault {
	return &Fault{Status: http.StatusForbidden, Code: "REQ-403", Kind: "forbidden", Cause: cause}
}

// TooMany is a limit that was reached and will be lifted by waiting: 429, LIM-429.
func TooMany(cause error) *Fault {
	return &Fault{Status: http.StatusTooManyRequests, Code: "LIM-429", Kind: "too-many", Cause: cause}
}

// TooLarge is a body beyond the limit of its route: 413, LIM-413.
func TooLarge(cause error) *Fault {
	return &Fault{Status: http.StatusRequestEntityTooLarge, Code: "LIM-413", Kind: "too-large", Cause: cause}
}

// Unavailable is something we depend on that does not answer now: 503, SYS-503.
func Unavailable(cause error) *Fault {
	return &Fault{Status: http.StatusServiceUnavailable, Code: "SYS-503", Kind: "unavailable", Cause: cause}
}

// full is a request that nothing is done for because there is no room for it now: 503, LIM-503.
func full() *Fault {
	return &Fault{Status: http.StatusServiceUnavailable, Code: "LIM-503", Kind: "unavailable", Cause: errFull}
}

// internalFault is what every other error becomes.
func internalFault(cause error) *Fault {
	return &Fault{Status: http.StatusInternalServerError, Code: "SYS-500", Kind: "internal", Cause: cause}
}
