package web

import (
	"errors"
	"fmt"
	"net/http"
)

// Problem is a refusal or a failure as programs read it (RFC 9457): its type is urn:ecluse:problem: with the code behind,
// its title the status in words, and code is the stable word that a program may rely on. What stands in the detail is for
// the one who asked and goes to the log as well: nothing personal. Without a cause of its own the detail is the cause. A
// page that shows it all the same has the kit's own texts for the status.
func Problem(status int, code, detail string, cause error) *Fault {
	if cause == nil {
		cause = errors.New(detail)
	}
	f := ofStatus(status, cause)
	f.Members = map[string]any{
		"type": "urn:ecluse:problem:" + code, "title": http.StatusText(status), "detail": detail, "code": code,
	}
	return f
}

// With puts one more member into the answer to a program, and gives the fault back.
func (f *Fault) With(name string, value any) *Fault {
	if f.Members == nil {
		f.Members = map[string]any{}
	}
	f.Members[name] = value
	return f
}

// ofStatus is the kit's own fault where there is one for the status, and else of the class of the status.
func ofStatus(status int, cause error) *Fault {
	for _, own := range []*Fault{NotFound(cause), Forbidden(cause), TooMany(cause), TooLarge(cause), Unavailable(cause), internalFault(cause)} {
		if own.Status == status {
			return own
		}
	}
	class := "REQ"
	if status >= http.StatusInternalServerError {
		class = "SYS"
	}
	return &Fault{Status: status, Code: fmt.Sprintf("%s-%d", class, status), Kind: "bad-request", Cause: cause}
}
