package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// adapter declares each operation as a route of the mux, so that the mux guards it and lists it like any other.
type adapter struct{ *web.Mux }

// Handle adds an operation's route.
func (a adapter) Handle(op *huma.Operation, handler func(huma.Context)) {
	a.Mux.Handle(web.Route{Method: op.Method, Pattern: op.Path, BodyLimit: op.MaxBodyBytes, Handler: func(w http.ResponseWriter, r *http.Request) error {
		at := &call{caller: roles.Caller{}, ResponseWriter: w}
		at.r = r.WithContext(context.WithValue(r.Context(), callKey{}, at))
		handler(humago.NewContext(op, at.r, at))
		if at.fault != nil {
			return at.fault
		}
		return nil
	}})
}

type callKey struct{}

// call is one request on its way. A fault that it met keeps everything from being written: the mux writes the fault.
type call struct {
	http.ResponseWriter
	r      *http.Request
	caller roles.Caller
	fault  *web.Fault
}

// callOf finds the call in its context; the adapter put it there.
func callOf(ctx context.Context) *call {
	at, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		panic("api: a route was called without its adapter")
	}
	return at
}

func (c *call) WriteHeader(status int) {
	if c.fault == nil {
		c.ResponseWriter.WriteHeader(status)
	}
}

func (c *call) Write(b []byte) (int, error) {
	if c.fault != nil {
		return len(b), nil
	}
	return c.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (c *call) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// catch keeps what the library itself has to say against a request from being written in its own form.
func catch(ctx huma.Context, _ string, v any) (any, error) {
	if model, ok := v.(*huma.ErrorModel); ok {
		callOf(ctx.Context()).fault = fromLibrary(model)
	}
	return v, nil
}
