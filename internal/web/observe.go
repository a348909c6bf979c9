package web

import (
	"log"
	"net/http"
	"time"
)

// observe tells the finished exchange to whoever logs and counts.
func (m *Mux) observe(a *answer, r *http.Request, start time.Time) {
	if m.kit.cfg.Observe == nil {
		return
	}
	status := a.status
	if status == 0 {
		status = http.StatusOK // what net/http writes for a handler that wrote nothing
	}
	m.kit.cfg.Observe(r.Context(), Exchange{
		Method: methodName(r.Method), Pattern: a.pattern, Status: status, Took: m.kit.cfg.Now().Sub(start), Ref: a.ref,
	})
}

// methodName keeps invented methods out of logs and metrics.
func methodName(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions:
		return method
	}
	return "OTHER"
}

// NewServer gives an http.Server with the limits that slow and oversized clients meet: headers within 10 s and 64 kB,
// the whole request within 10 s, the answer within 60 s.
func NewServer(handler http.Handler, errorLog *log.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ErrorLog: errorLog,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Second,
		WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 64 << 10,
	}
}
