package web

import (
	"net/http"
	"strconv"
)

// contentPolicy is the Content-Security-Policy of a page: everything comes from us, nothing is inline, nobody frames
// us. Only where forms may lead differs from page to page.
func contentPolicy(formAction string) string {
	return "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
		"connect-src 'self'; manifest-src 'self'; form-action " + formAction + "; base-uri 'none'; frame-ancestors 'none'"
}

// secureHeaders are set before the handler, which may loosen one it has a reason for. HSTS goes out over TLS only (RFC
// 6797 7.2). Other sites learn no address of ours; our own forms keep their Origin, which no-referrer would hide from
// browsers that do not send Sec-Fetch-Site, such as old tablets. There is no opener policy: services that sign people in
// in a window of its own need to hear from it.
func secureHeaders(h http.Header, tls bool) {
	h.Set("Content-Security-Policy", contentPolicy("'self'"))
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
	if tls {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// writeBody answers with a body that is already whole. Nothing useful can be done when the client is gone.
func writeBody(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
