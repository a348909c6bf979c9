package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Fail writes an error as Mux does, for handlers that stand outside one.
func (k *Kit) Fail(w http.ResponseWriter, r *http.Request, err error) {
	k.fail(&answer{ResponseWriter: w}, r, err)
}

// fail is the one writer of errors: it draws the reference, reports, and shows the person what to do.
func (k *Kit) fail(a *answer, r *http.Request, err error) {
	fault := toFault(r.Context(), err)
	a.ref = k.cfg.NewRef()
	if a.begun() {
		k.report(r.Context(), a.ref, internalFault(fmt.Errorf("%w: %w", errBegun, fault)))
		panic(http.ErrAbortHandler) // half an answer must not be taken for a whole one
	}
	k.report(r.Context(), a.ref, fault)
	h := a.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", ownPolicy)
	for _, name := range []string{"Content-Encoding", "Content-Length", "Location", "Etag", "Last-Modified"} {
		h.Del(name)
	}
	k.writeFault(a, r, fault)
}

func (k *Kit) report(ctx context.Context, ref Ref, fault *Fault) {
	if k.cfg.Report != nil {
		k.cfg.Report(ctx, ref, fault)
	}
}

// toFault recognises what handlers return; what it does not know is a failure of ours. The fault is a copy with its
// defaults filled in, so that a fault value may be shared.
func toFault(ctx context.Context, err error) *Fault {
	var fault *Fault
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &fault):
		fault = fault.filled(err)
	case errors.As(err, &tooLarge):
		fault = TooLarge(err)
	case ctx.Err() != nil && errors.Is(err, ctx.Err()):
		fault = &Fault{Status: http.StatusServiceUnavailable, Code: "REQ-499", Kind: "unavailable", Cause: err}
	default:
		fault = internalFault(err)
	}
	return fault
}

// filled copies a fault and fills in what it leaves open; what wraps it becomes part of the cause.
func (f *Fault) filled(err error) *Fault {
	out := *f
	if out.Status < 400 || out.Status > 599 {
		out.Status = http.StatusInternalServerError
	}
	if out.Code == "" {
		out.Code = "SYS-500"
	}
	if out.Kind == "" {
		out.Kind = "internal"
	}
	if err != error(f) {
		out.Cause = err
	}
	return &out
}

// faultTexts are what the person reads.
type faultTexts struct{ Title, What, Do, Who string }

// faultPage is the value of the error page.
type faultPage struct {
	Frame
	Text  faultTexts
	Fault *Fault
	Ref   Ref
	At    time.Time
	Start string // where whoever is lost begins anew
	Work  bool   // that is their place of work
}

// again is in how many seconds whoever finds us unavailable may come again, where nothing else is said.
const again = "5"

func (k *Kit) writeFault(a *answer, r *http.Request, fault *Fault) {
	if fault.Status == http.StatusServiceUnavailable && a.Header().Get("Retry-After") == "" {
		a.Header().Set("Retry-After", again)
	}
	frame := fault.Frame
	if frame.isZero() && k.cfg.Around != nil {
		frame = k.cfg.Around(r)
	}
	frame = k.soundFrame(frame)
	lang, toProgram := k.Lang(r), k.asksAsProgram(r)
	if toProgram {
		lang = programLang(r, lang)
	}
	texts, err := k.faultTexts(fault, lang, k.Wording(r, frame))
	if err != nil {
		k.report(r.Context(), a.ref, internalFault(err))
	}
	switch {
	case toProgram || !wantsHTML(r) && wantsJSON(r):
		writeProblem(a, fault, texts, a.ref)
		return
	case !wantsHTML(r):
		writeBody(a, fault.Status, "text/plain; charset=utf-8", []byte(plainProblem(fault, texts, a.ref)))
		return
	}
	shown := *fault
	shown.Back = k.soundWayBack(fault.Back)
	if _, ok := LocalPath(fault.Retry); !ok {
		shown.Retry = ""
	}
	page := faultPage{Frame: frame, Text: texts, Fault: &shown, Ref: a.ref, At: k.cfg.Now(), Work: k.forOffices(r)}
	page.Start = k.start(r, shown)
	if err := k.Render(a, r, fault.Status, ownName+"/error", page); err != nil {
		k.report(r.Context(), a.ref, internalFault(err))
		writeBody(a, fault.Status, "text/plain; charset=utf-8", []byte(plainProblem(fault, texts, a.ref)))
	}
}

// start is where an error page leads that knows no other way, unless nothing would answer there either.
func (k *Kit) start(r *http.Request, shown Fault) string {
	to := k.cfg.Front
	if k.forOffices(r) {
		to = k.cfg.Offices
	}
	if shown.Status >= http.StatusInternalServerError || shown.Retry != "" || shown.Back.URL != "" || r.URL.Path == to {
		return ""
	}
	return to
}

// soundFrame drops from a frame what would keep the error page from being shown.
func (k *Kit) soundFrame(f Frame) Frame {
	f.WayBack = k.soundWayBack(f.WayBack)
	return f
}

func (k *Kit) soundWayBack(back WayBack) WayBack {
	if k.checkTarget(back.URL) != nil {
		return WayBack{}
	}
	return back
}

// faultTexts finds the texts of a fault; when one is missing or wants an argument it did not get, the person reads
// the general ones, and the error says which.
func (k *Kit) faultTexts(fault *Fault, lang Lang, audience Audience) (faultTexts, error) {
	texts, err := k.readFaultTexts(fault.Kind, fault.Args, lang, audience)
	if err == nil {
		return texts, nil
	}
	general, generalErr := k.readFaultTexts("internal", nil, lang, audience)
	return general, errors.Join(err, generalErr)
}

func (k *Kit) readFaultTexts(kind string, named map[string]string, lang Lang, audience Audience) (faultTexts, error) {
	contribution, name, ok := strings.Cut(kind, "/")
	if !ok {
		contribution, name = ownName, kind
	}
	var args []any
	for key, value := range named {
		args = append(args, key, value)
	}
	w := words{catalogue: k.texts, contribution: contribution, lang: lang, audience: audience}
	var out faultTexts
	var errs []error
	for _, part := range []struct {
		name string
		to   *string
	}{{"title", &out.Title}, {"what", &out.What}, {"do", &out.Do}, {"who", &out.Who}} {
		said, err := w.say("faults."+name+"."+part.name, args...)
		*part.to, errs = said, append(errs, err)
	}
	return out, errors.Join(errs...)
}

// wantsHTML is no only for clients that ask for something else: programs.
func wantsHTML(r *http.Request) bool {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.Contains(accept, "text/html") || strings.Contains(accept, "application/xhtml+xml") {
		return true
	}
	return !wantsJSON(r) && !strings.Contains(accept, "text/plain")
}

func wantsJSON(r *http.Request) bool {
	return strings.Contains(strings.Join(r.Header.Values("Accept"), ","), "json")
}

// asksAsProgram tells whether the request is for what only programs ask.
func (k *Kit) asksAsProgram(r *http.Request) bool {
	return k.cfg.Programs != "" && strings.HasPrefix(r.URL.Path, k.cfg.Programs)
}

// forOffices tells whether the request is for a place of work, or for what only programs ask.
func (k *Kit) forOffices(r *http.Request) bool {
	return k.asksAsProgram(r) || k.cfg.Offices != "" && strings.HasPrefix(r.URL.Path, k.cfg.Offices)
}

// programLang is English for a program that asks for no language.
func programLang(r *http.Request, lang Lang) Lang {
	if r.Header.Get("Accept-Language") == "" {
		return English
	}
	return lang
}

// writeProblem answers a program with problem details (RFC 9457). Type is the fault's own where it says one.
func writeProblem(w http.ResponseWriter, fault *Fault, texts faultTexts, ref Ref) {
	members := map[string]any{
		"type": "about:blank", "title": texts.Title, "detail": texts.What, "status": fault.Status, "code": fault.Code,
	}
	if fault.Told != "" {
		members["told"] = fault.Told
	}
	maps.Copy(members, fault.Members)
	members["ref"] = ref
	body, err := json.Marshal(members)
	if err != nil {
		body = []byte("{}") // what handlers put there always marshals
	}
	writeBody(w, fault.Status, "application/problem+json", body)
}

func plainProblem(fault *Fault, texts faultTexts, ref Ref) string {
	told := ""
	if fault.Told != "" {
		told = fault.Told + "\n"
	}
	return fmt.Sprintf("%s\n%s\n%s\n%s\n%s%s · %s\n", texts.Title, texts.What, texts.Do, texts.Who, told, fault.Code, ref)
}
