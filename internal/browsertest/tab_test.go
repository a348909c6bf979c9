package browsertest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/audits"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a page may take to appear on a slow and busy machine.
const patience = 30 * time.Second

// tab is one page of a browser of its own: nothing is shared with other tabs, cookies least of all. What goes wrong in it
// is kept, and fails the test at its end.
type tab struct {
	*testing.T
	ctx    context.Context
	album  *album
	axe    string
	mu     sync.Mutex
	faults []string
	seen   map[string]bool              // addresses of documents
	ids    map[network.RequestID]string // the same, by request
	failed []string                     // documents that did not load, and why
	posts  []string                     // addresses that forms were posted to
}

// newTab opens a tab and begins to watch before the first page loads.
func newTab(t *testing.T, browser context.Context, pictures *album) *tab {
	t.Helper()
	b := &tab{T: t, album: pictures, seen: map[string]bool{}, ids: map[network.RequestID]string{}}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext(), chromedp.WithListener(b.hear))
	b.ctx = ctx
	t.Cleanup(cancel)
	must(b, network.Enable, network.EnableParams{})
	must(b, log.Enable, cdp.Empty{})
	must(b, audits.Enable, cdp.Empty{})
	must(b, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.width(1280)
	t.Cleanup(func() {
		for _, fault := range b.heard() {
			t.Error(fault)
		}
	})
	return b
}

// must runs a command of the DevTools protocol.
func must[P, R any](b *tab, command cdp.Command[P, R], params P) R {
	b.Helper()
	result, err := chromedp.Call(b.ctx, command, params)
	if err != nil {
		b.Fatalf("%s: %v", command.Method, err)
	}
	return result
}

// hear notes what a page does wrong. It is called from the browser's connection and must not ask back.
func (b *tab) hear(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		b.hearRequest(e)
	case *network.EventLoadingFailed:
		if e.Type == network.ResourceTypeDocument {
			b.failed = append(b.failed, b.ids[e.RequestID]+" "+e.ErrorText)
		}
	case *runtime.EventExceptionThrown:
		b.faults = append(b.faults, "exception: "+e.ExceptionDetails.Text+" "+e.ExceptionDetails.URL)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			b.faults = append(b.faults, fmt.Sprintf("console %s: %s", e.Type, arguments(e.Args)))
		}
	case *log.EventEntryAdded:
		// A refusal is a page with status 403: Chromium logs it, and nothing is wrong.
		page := e.Entry.Source == log.EntrySourceNetwork && b.seen[e.Entry.URL]
		if !page && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			b.faults = append(b.faults, fmt.Sprintf("%s %s: %s %s", e.Entry.Source, e.Entry.Level, e.Entry.Text, e.Entry.URL))
		}
	case *fetch.EventRequestPaused:
		go b.holdUp(e.RequestID)
	case *audits.EventIssueAdded:
		if d := e.Issue.Details.ContentSecurityPolicyIssueDetails; d != nil {
			b.faults = append(b.faults, fmt.Sprintf("content policy: %s violated by %q", d.ViolatedDirective, d.BlockedURL))
		}
	}
}

// holdUp answers a request with nothing, so that the page that made it stays.
func (b *tab) holdUp(id fetch.RequestID) {
	_, _ = chromedp.Call(b.ctx, fetch.FulfillRequest, fetch.FulfillRequestParams{RequestID: id, ResponseCode: http.StatusNoContent})
}

func (b *tab) hearRequest(e *network.EventRequestWillBeSent) {
	if e.Type == network.ResourceTypeDocument {
		b.seen[e.Request.URL], b.ids[e.RequestID] = true, e.Request.URL
		if e.Request.Method == "POST" {
			b.posts = append(b.posts, e.Request.URL)
		}
	}
	// The browser draws the sign of its date field itself; a picture of that kind in our page would break the content policy,
	// which is heard as such.
	drawn := strings.HasPrefix(e.Request.URL, "data:image/svg+xml;base64,")
	if !ours(e.Request.URL) && !drawn {
		b.faults = append(b.faults, "request to a stranger: "+e.Request.URL)
	}
}

// ours tells whether an address is on this machine by its name.
func ours(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := u.Hostname()
	return host == "127.0.0.1" || host == "localhost" || strings.HasSuffix(host, ".localhost")
}

func arguments(args []*runtime.RemoteObject) string {
	var out []string
	for _, a := range args {
		out = append(out, string(a.Value)+a.Description)
	}
	return strings.Join(out, " ")
}

// heard takes what went wrong until now.
func (b *tab) heard() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	faults := b.faults
	b.faults = nil
	return faults
}

// posted lists where forms were posted to.
func (b *tab) posted() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.posts...)
}

// refused lists the documents that the browser did not show, and its reason.
func (b *tab) refused() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.failed...)
}

// evaluate asks the page through DevTools, which its content policy does not forbid.
func evaluate[T any](b *tab, expression string) T {
	b.Helper()
	value, err := tryEvaluate[T](b, expression)
	if err != nil {
		b.Fatalf("evaluate %.80q: %v", expression, err)
	}
	return value
}

func tryEvaluate[T any](b *tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
}
