package web_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func ok(w http.ResponseWriter, _ *http.Request) error {
	_, err := io.WriteString(w, "done")
	return err
}

func TestMuxListsItsRoutesWithTheirLimits(t *testing.T) {
	t.Parallel()
	mux := web.NewMux(webtest.New(t))
	own := len(mux.Routes())
	mux.Handle(web.Route{Method: "POST", Pattern: "/saml/acs", BodyLimit: 1 << 20, CrossSite: true, Handler: ok})
	mux.Handle(web.Route{Method: "GET", Pattern: "/login/{txn}", Handler: ok})
	added := mux.Routes()[own:]
	if len(added) != 2 || added[0].BodyLimit != 1<<20 || !added[0].CrossSite || added[1].BodyLimit != web.DefaultBodyLimit {
		t.Errorf("routes = %+v", added)
	}
}

func TestMuxPanicsOnIncompleteRoutes(t *testing.T) {
	t.Parallel()
	for name, route := range map[string]web.Route{
		"no method":      {Pattern: "/x", Handler: ok},
		"small method":   {Method: "get", Pattern: "/x", Handler: ok},
		"no path":        {Method: "GET", Pattern: "x", Handler: ok},
		"two patterns":   {Method: "GET", Pattern: "POST /x", Handler: ok},
		"no handler":     {Method: "GET", Pattern: "/x"},
		"negative limit": {Method: "GET", Pattern: "/x", BodyLimit: -1, Handler: ok},
		"taken":          {Method: "GET", Pattern: "/favicon.ico", Handler: ok},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("the route was accepted")
				}
			}()
			web.NewMux(webtest.New(t)).Handle(route)
		})
	}
}

func TestMuxRefusesCrossOriginWritesUnlessDeclared(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	closed := web.Route{Method: "POST", Pattern: "/x", Handler: ok}
	open := web.Route{Method: "POST", Pattern: "/x", CrossSite: true, Handler: ok}
	for _, c := range []struct {
		name, fetchSite, origin string
		route                   web.Route
		want                    int
	}{
		{"same origin", "same-origin", webtest.Origin, closed, 200},
		{"typed by the person", "none", "", closed, 200},
		{"program without browser headers", "", "", closed, 200},
		{"old browser, own origin", "", webtest.Origin, closed, 200},
		{"own origin although a proxy changed the host", "cross-site", webtest.Origin, closed, 200},
		{"neighbour on the same site", "same-site", "https://autre.example", closed, 403},
		{"other site", "cross-site", "https://evil.example", closed, 403},
		{"old browser, other origin", "", "https://evil.example", closed, 403},
		{"sandboxed page", "cross-site", "null", closed, 403},
		{"old browser, hidden origin", "", "null", closed, 403},
		{"other site where declared", "cross-site", "https://idp.example", open, 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := request("POST", "/x", "a=b")
			setHeader(r, "Sec-Fetch-Site", c.fetchSite)
			setHeader(r, "Origin", c.origin)
			w := serve(t, kit, r, c.route)
			if w.Code != c.want {
				t.Errorf("status %d, want %d", w.Code, c.want)
			}
			if c.want == 403 && !strings.Contains(w.Body.String(), "REQ-403") {
				t.Error("the refusal is not the error page")
			}
		})
	}
}

func setHeader(r *http.Request, name, value string) {
	if value != "" {
		r.Header.Set(name, value)
	}
}

func TestMuxLimitsBodies(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	reads := web.Route{Method: "POST", Pattern: "/x", BodyLimit: 10, Handler: func(w http.ResponseWriter, r *http.Request) error {
		form, err := web.Form(r)
		if err != nil {
			return err
		}
		_, err = io.WriteString(w, form.Get("a"))
		return err
	}}
	small := serve(t, kit, request("POST", "/x?a=query", "a=12345678"), reads)
	if small.Code != 200 || small.Body.String() != "12345678" {
		t.Errorf("body at the limit: %d %q", small.Code, small.Body)
	}
	if w := serve(t, kit, request("POST", "/x", "a=123456789"), reads); w.Code != 413 {
		t.Errorf("announced body over the limit: %d", w.Code)
	}
	lying := request("POST", "/x", "a=123456789")
	lying.ContentLength = -1
	if w := serve(t, kit, lying, reads); w.Code != 413 {
		t.Errorf("unannounced body over the limit: %d", w.Code)
	}
}

func TestFormRefusesWhatIsNoForm(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	route := web.Route{Method: "POST", Pattern: "/x", Handler: func(_ http.ResponseWriter, r *http.Request) error {
		_, err := web.Form(r)
		return err
	}}
	for kind, body := range map[string]string{
		"application/json": "{}", "": "a=b", "application/x-www-form-urlencoded": "a=%zz", "multipart/form-data": "x",
	} {
		r := request("POST", "/x", body)
		r.Header.Set("Content-Type", kind)
		if w := serve(t, kit, r, route); w.Code != 400 {
			t.Errorf("%q %q: %d, want 400", kind, body, w.Code)
		}
	}
}

func TestMuxAnswersUnknownPathsAndMethodsWithPages(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	route := web.Route{Method: "POST", Pattern: "/x", Handler: ok}
	w := serve(t, kit, request("GET", "/x", ""), route)
	if w.Code != 405 || w.Header().Get("Allow") != "POST" || !strings.Contains(w.Body.String(), "REQ-405") {
		t.Errorf("wrong method: %d %q", w.Code, w.Header().Get("Allow"))
	}
	w = serve(t, kit, request("GET", "/unknown", ""), route)
	if w.Code != 404 || !strings.Contains(w.Body.String(), "REQ-404") || !strings.Contains(w.Body.String(), string(webtest.Ref)) {
		t.Errorf("unknown path: %d", w.Code)
	}
	webtest.CheckPage(t, w.Body.String())
}

func TestMuxRefusesPlainHTTPWhereTheGatewayIsOnHTTPS(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequest("GET", "http://connexion.example/favicon.ico", nil)
	w := serve(t, webtest.New(t), r)
	if w.Code != 403 || w.Header().Get("Strict-Transport-Security") != "" {
		t.Errorf("status %d, HSTS %q", w.Code, w.Header().Get("Strict-Transport-Security"))
	}
}

func TestPanicGivesPageWithReferenceAndNoDetail(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]any{"text": "camille@ecole.example", "error": errors.New("camille@ecole.example")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults, panics := &webtest.Faults{}, 0
			kit := webtest.NewWith(t, web.Config{
				Report:   faults.Report,
				Panicked: countPanics(&panics),
			})
			w := serve(t, kit, request("GET", "/x", ""), web.Route{
				Method: "GET", Pattern: "/x", Handler: func(http.ResponseWriter, *http.Request) error { panic(value) },
			})
			body := w.Body.String()
			if w.Code != 500 || !strings.Contains(body, string(webtest.Ref)) || !strings.Contains(body, "SYS-500") {
				t.Errorf("status %d: %s", w.Code, body)
			}
			if strings.Contains(body, "camille") || strings.Contains(body, "goroutine") {
				t.Error("the page shows the panic")
			}
			all := faults.All()
			if panics != 1 || len(all) != 1 {
				t.Fatalf("%d panics counted, %d faults reported", panics, len(all))
			}
			if logged := all[0].Error(); strings.Contains(logged, "camille") || !strings.Contains(logged, "goroutine") {
				t.Errorf("the report shows the value or lacks the stack: %s", logged)
			}
		})
	}
}

func TestAnswerThatFailsHalfwayIsCut(t *testing.T) {
	t.Parallel()
	faults := &webtest.Faults{}
	kit := webtest.NewWith(t, web.Config{PublicURL: "http://localhost", Report: faults.Report})
	mux := web.NewMux(kit)
	mux.Handle(web.Route{Method: "GET", Pattern: "/x", Handler: func(w http.ResponseWriter, _ *http.Request) error {
		_, _ = io.WriteString(w, "half")
		return errors.New("broken")
	}})
	server := httptest.NewServer(mux)
	defer server.Close()
	answer, err := http.Get(server.URL + "/x")
	if err == nil {
		defer answer.Body.Close()
		_, err = io.ReadAll(answer.Body)
	}
	if err == nil {
		t.Error("the client took half an answer for a whole one")
	}
	if len(faults.All()) != 1 {
		t.Errorf("%d faults reported, want 1", len(faults.All()))
	}
}

func TestConnectionIsClosedAfterChunkedRequest(t *testing.T) {
	t.Parallel()
	mux := web.NewMux(webtest.NewWith(t, web.Config{PublicURL: "http://localhost"}))
	mux.Handle(web.Route{Method: "POST", Pattern: "/x", Handler: ok})
	server := httptest.NewServer(mux)
	defer server.Close()
	for body, wantClose := range map[string]bool{
		"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n": true,
		"Content-Length: 1\r\n\r\na":                            false,
	} {
		conn, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(conn, "POST /x HTTP/1.1\r\nHost: localhost\r\n"+body)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Close != wantClose || answer.StatusCode != 200 {
			t.Errorf("%q: status %d, close %v, want %v", body, answer.StatusCode, answer.Close, wantClose)
		}
		_ = answer.Body.Close()
		_ = conn.Close()
	}
}

func TestObserveNeverSeesThePath(t *testing.T) {
	t.Parallel()
	var seen []web.Exchange
	kit := webtest.NewWith(t, web.Config{Observe: collect(&seen)})
	route := web.Route{Method: "GET", Pattern: "/login/{txn}", Handler: ok}
	serve(t, kit, request("GET", "/login/secret", ""), route)
	serve(t, kit, request("GET", "/camille", ""), route)
	serve(t, kit, request("CAMILLE", "/login/secret", ""), route)
	want := []web.Exchange{
		{Method: "GET", Pattern: "/login/{txn}", Status: 200},
		{Method: "GET", Status: 404, Ref: webtest.Ref},
		{Method: "OTHER", Status: 405, Ref: webtest.Ref},
	}
	if fmt.Sprint(seen) != fmt.Sprint(want) {
		t.Errorf("seen %+v\nwant %+v", seen, want)
	}
}
