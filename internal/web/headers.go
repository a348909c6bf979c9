package web

import (
	"net/http"
	"strconv"
)

// ownPolicy is the policy of a page whose forms lead nowhere else.
const ownPolicy = policyBefore + "'self'" + policyAfter

const (
	policyBefore = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; form-action "
	policyAfter = "; base-uri 'none'; frame-ancestors 'none'"
)

// contentPolicy is the Content-Security-Policy of a page: everything comes from us, nothing is inline, nobody frames
// us. Only where forms may lead differs from page to page.
func contentPolicy(formAction string) string {
	return policyBefore + formAction + policyAfter
}

// secureHeaders are set before the handler, which may loosen one it has a reason for. HSTS goes out over TLS only (RFC
// 6797 7.2). Other sites learn no address of ours; our own forms keep their Origin, which no-referrer would hide from
// browsers that do not send Sec-Fetch-Site, such as old tablets. There is no opener policy: services that sign people in
// in a window of its own need to hear from it.
func secureHeaders(h http.Header, tls bool) {
	names := [...]string{
		"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
		"Cross-Origin-Resource-Policy", "Permissions-Policy", "Cache-Control", "Strict-Transport-Security",
	}
	values := &[len(names)]string{ // all in one piece of memory: every answer has them
		ownPolicy, "nosniff", "DENY", "same-origin",
		"same-origin", "camera=(), geolocation=(), microphone=()", "no-store", "max-age=31536000",
	}
	last := len(names)
	if !tls {
		last--
	}
	for i, name := range names[:last] {
		h[name] = values[i : i+1 : i+1]
	}
}

// writeBody answers with a body that is already whole. Nothing useful can be done when the client is gone.
func writeBody(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
