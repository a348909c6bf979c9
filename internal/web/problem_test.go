package web_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestAProblemHasTheClassAndTheTextsOfItsStatus(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{
		400: "REQ-400 bad-request", 401: "REQ-401 bad-request", 403: "REQ-403 forbidden", 404: "REQ-404 not-found", 409: "REQ-409 bad-request",
		412: "REQ-412 bad-request", 413: "LIM-413 too-large", 422: "REQ-422 bad-request", 428: "REQ-428 bad-request",
		429: "LIM-429 too-many", 500: "SYS-500 internal", 502: "SYS-502 bad-request", 503: "SYS-503 unavailable",
	} {
		f := web.Problem(status, "word", "what went wrong", nil)
		if got := f.Code + " " + f.Kind; got != want || f.Status != status {
			t.Errorf("%d: %s, status %d, want %s", status, got, f.Status, want)
		}
		if w := serve(t, webtest.New(t), request("GET", "/x", ""), failing(f)); w.Code != status || !strings.Contains(w.Body.String(), f.Code) {
			t.Errorf("%d on a page: %d", status, w.Code)
		}
	}
}

func TestAProblemIsAnsweredWithItsWordAndEveryMember(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{Programs: "/x"})
	f := web.Problem(http.StatusConflict, "changed", "somebody was faster", nil).With("needs", []string{"a", "b"}).With("code", "state")
	w := serve(t, kit, request("GET", "/x", ""), failing(f))
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil || w.Header().Get("Content-Type") != "application/problem+json" {
		t.Fatalf("%v: %s %s", err, w.Header().Get("Content-Type"), w.Body)
	}
	for member, want := range map[string]any{
		"type": "urn:ecluse:problem:changed", "title": "Conflict", "detail": "somebody was faster", "code": "state", "status": 409.0, "ref": string(webtest.Ref),
	} {
		if got[member] != want {
			t.Errorf("%s: %v, want %v", member, got[member], want)
		}
	}
	if list, _ := got["needs"].([]any); len(list) != 2 {
		t.Errorf("needs: %v", got["needs"])
	}
	if f := web.NotFound(nil).With("code", "gone"); f.Members["code"] != "gone" {
		t.Error("a fault without members takes none")
	}
}

func TestAProblemTellsTheLogItsCauseOrElseItsDetail(t *testing.T) {
	t.Parallel()
	cause := errors.New("the disk is full")
	if f := web.Problem(500, "internal", "something failed on our side", cause); !errors.Is(f, cause) {
		t.Error("the cause is lost")
	}
	f := web.Problem(429, "too_many", "too many questions", nil)
	if f.Cause == nil || f.Cause.Error() != "too many questions" {
		t.Errorf("%v", f.Cause)
	}
	kit := webtest.NewWith(t, web.Config{Programs: "/x"})
	if w := serve(t, kit, request("GET", "/x", ""), failing(web.Problem(500, "internal", "something failed on our side", cause))); strings.Contains(w.Body.String(), "disk") {
		t.Error("a program reads the cause")
	}
}
