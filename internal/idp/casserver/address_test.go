package casserver

import (
	"net/url"
	"strings"
	"testing"
)

// hostile are addresses that look like https://svc.example/app to somebody, or lead a browser elsewhere.
func hostile() []string {
	return []string{
		"", "/", "//svc.example/app", "svc.example/app", "https:svc.example/app", "https:/svc.example/app", "https:///svc.example/app",
		"http://svc.example/app", "ftp://svc.example/app", "javascript://svc.example/app", "data:text/html,x", "HTTPS:\\\\svc.example\\app",
		"https://svc.example.evil.example/app", "https://evil.example/https://svc.example/app", "https://evil.example/?https://svc.example/app",
		"https://evil.example#https://svc.example/app", "https://svc.example@evil.example/app", "https://svc.example:443@evil.example/app",
		"https://evil.example@svc.example/app", "https://user:pw@svc.example/app", "https://svc.example%40evil.example/app",
		"https://svc.example%2fapp", "https://svc.example%00.evil.example/app", "https://svc.example\\.evil.example/app",
		"https://svc.example\\@evil.example/app", "https://svc.example/app\\..\\..\\", "https://svc.example/app/..", "https://svc.example/app/../admin",
		"https://svc.example/app/./x", "https://svc.example/app/%2e%2e/admin", "https://svc.example/app/.%2e/admin", "https://svc.example/app/%2E./admin",
		"https://svc.example/app/..%2fadmin", "https://svc.example/app%2f..%2fadmin", "https://svc.example/app/..;/admin", "https://svc.example/app/.;x=1/..;y/admin",
		"https://svc.example/app/%252e%252e/admin", "https://svc.example/app/..%5cadmin", "https://svc.example/app/%c0%ae%c0%ae/admin", "https://svc.example/app/%00",
		"https://svc.example/app/%0d%0aLocation:x", "https://svc.example/app/\r\nLocation: x", "https://svc.example/app/\tx", "https://svc.example/app x",
		"https://svc.example//app", "https://svc.example/app//x", "https://svc.example/app/;x/y", "https://svc.example/application", "https://svc.example/app.evil",
		"https://svc.example/APP", "https://svc.example/%61pp", "https://svc.example/ap%70", "https://svc.example", "https://svc.example/", "https://svc.example/?/app",
		"https://svc.example:8443/app", "https://svc.example:0443/app", "https://svc.example:/app", "https://svc.example:443:443/app", "https://svc.example:+443/app",
		"https://svc.example:65979/app", "https://svc.example./app", "https://.svc.example/app", "https://svc..example/app", "https://svc.exa\u017fple/app", "https://ѕvc.example/app",
		"https://svc.example/app?ticket=ST-1", "https://svc.example/app?a=1&TICKET=x", "https://svc.example/app?%74icket=x", "https://svc.example/app?a=1;ticket=x", "https://svc.example/app?+ticket=x",
		"https://svc.example/app#", "https://svc.example/app#@evil.example", "https://svc.example/app?x=%", "https://svc.example/app?x=%g0", "https://svc.example/app%",
		"https://svc.example/app?x=<script>", "https://svc.example/app?x=\"", "https://svc.example/app?x='", "https://svc.example/app?x=`", "https://svc.example/app\u00e9",
		"https://[::1]/app", "https://[fe80::1%25eth0]/app", "https://127.0.0.1/app", "https://2130706433/app", "https://0x7f.1/app",
		" https://svc.example/app", "https://svc.example/app ", "https://svc.example/app\x00", "https://svc.example/app" + strings.Repeat("/a", 2000),
	}
}

func TestHostileAddressesAreNobodys(t *testing.T) {
	t.Parallel()
	own, err := parseAddress("https://svc.example/app", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range hostile() {
		a, err := parseAddress(raw, true)
		if err == nil && own.covers(a, false) {
			t.Errorf("%q counts as the service's", raw)
		}
		if err != nil && raw != "" && strings.Contains(err.Error(), raw) && len(raw) > 3 {
			t.Errorf("the mistake in %q is told with the address", raw)
		}
	}
}

func TestAnotherSpellingOfAnAddressIsNotTheServiceAboveIt(t *testing.T) {
	t.Parallel()
	above, err := parseAddress("https://host.example/", false)
	if err != nil {
		t.Fatal(err)
	}
	for _, raw := range []string{"https://host.example/%62elow", "https://host.example/b%65low/x", "https://host.example/belo%57", "https://host.example/%31"} {
		if a, err := parseAddress(raw, false); err == nil && above.covers(a, false) {
			t.Errorf("%q, which a server reads as another service's, counts as the one above", raw)
		}
	}
}

func TestAnAddressCoversWhatLiesBelowIt(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string][2]bool{ // below, exact
		"https://svc.example/app":                       {true, true},
		"https://SVC.example:443/app":                   {true, true},
		"HTTPS://svc.example/app?x=1&y=%2F..%2F":        {true, true},
		"https://svc.example/app/":                      {true, false},
		"https://svc.example/app/page.php":              {true, false},
		"https://svc.example/app/a%20b/c;jsessionid=1":  {true, false},
		"https://svc.example/app/x?back=https://e.com/": {true, false},
		"https://svc.example/ap":                        {false, false},
	} {
		own, err := parseAddress("https://svc.example/app", false)
		if err != nil {
			t.Fatal(err)
		}
		a, err := parseAddress(raw, false)
		if err != nil {
			t.Errorf("%s: %v", raw, err)
			continue
		}
		if got := [2]bool{own.covers(a, false), own.covers(a, true)}; got != want {
			t.Errorf("%s: below and exact are %v, want %v", raw, got, want)
		}
	}
	var zero address
	if zero.covers(address{}, false) {
		t.Error("the zero address covers something")
	}
}

func TestPlainHTTPIsForDevelopmentOnThisMachine(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]bool{
		"http://localhost:8080/app": true, "http://vie.localhost/": true, "http://127.0.0.1:8080/": true, "http://[::1]:8080/": true,
		"http://svc.example/": false, "http://localhost.example/": false, "http://10.0.0.1/": false,
	} {
		if _, err := parseAddress(raw, true); (err == nil) != want {
			t.Errorf("%s in development: %v", raw, err)
		}
		if _, err := parseAddress(raw, false); err == nil {
			t.Errorf("%s outside development is taken", raw)
		}
	}
}

func TestATicketIsAddedToTheQueryThatThereIs(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"https://svc.example":           "https://svc.example?ticket=ST-1",
		"https://svc.example/app":       "https://svc.example/app?ticket=ST-1",
		"https://svc.example/app?":      "https://svc.example/app?ticket=ST-1",
		"https://svc.example/app?x=%2B": "https://svc.example/app?x=%2B&ticket=ST-1",
		"https://svc.example/app?x=1&":  "https://svc.example/app?x=1&ticket=ST-1",
	} {
		a, err := parseAddress(raw, false)
		if err != nil {
			t.Fatal(err)
		}
		if got := a.with("ticket", "ST-1"); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// FuzzAddress compares any address with a registered one. What counts as the service's leads there for every reader: a
// browser's way of reading it is at least as lenient as net/url's.
func FuzzAddress(f *testing.F) {
	for _, raw := range hostile() {
		f.Add(raw)
	}
	f.Add("https://svc.example/app/page?x=1")
	own, err := parseAddress("https://svc.example/app", false)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		a, err := parseAddress(raw, false)
		if err != nil || !own.covers(a, false) {
			return
		}
		target := a.with("ticket", "ST-1")
		u, err := url.Parse(target)
		if err != nil || u.Scheme != "https" || u.User != nil || u.Fragment != "" || !strings.EqualFold(u.Hostname(), "svc.example") ||
			(u.Port() != "" && u.Port() != "443") {
			t.Fatalf("%q leads to %v", raw, u)
		}
		clean := u.JoinPath() // without dot segments
		if p := clean.Path; p != "/app" && !strings.HasPrefix(p, "/app/") {
			t.Fatalf("%q has the path %q", raw, p)
		}
		if strings.ContainsAny(target, " \t\r\n\\\x00\"'<>") {
			t.Fatalf("%q goes into a header as %q", raw, target)
		}
		if got := u.Query()["ticket"]; len(got) != 1 || got[0] != "ST-1" {
			t.Fatalf("%q brings %d tickets", raw, len(got))
		}
	})
}

func TestTheNearestRegisteredAddressCounts(t *testing.T) {
	t.Parallel()
	one := func(id, raw string) owner {
		a, err := parseAddress(raw, false)
		if err != nil {
			t.Fatal(err)
		}
		p := &party{settings: Settings{}.filled(), addresses: []address{a}}
		p.service.ID = id
		return owner{a, p}
	}
	ix := &index{byHost: map[string][]owner{"https://h.example:443": {
		one("root", "https://h.example/"), one("deep", "https://h.example/a/b"), one("mid", "https://h.example/a"),
		one("x", "https://h.example/twice"), one("y", "https://h.example/twice/"),
	}}}
	for raw, want := range map[string]string{
		"https://h.example/": "root", "https://h.example/c": "root", "https://h.example/a": "mid", "https://h.example/a/c": "mid",
		"https://h.example/a/b/c": "deep", "https://h.example/twice/z": "",
	} {
		a, err := parseAddress(raw, false)
		if err != nil {
			t.Fatal(err)
		}
		p, err := ix.find(a)
		if want == "" {
			if err == nil {
				t.Errorf("%s belongs to %s, and to another", raw, p.service.ID)
			}
			continue
		}
		if err != nil || p.service.ID != want {
			t.Errorf("%s: %v, want %s", raw, err, want)
		}
	}
}
