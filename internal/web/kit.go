package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
	_ "time/tzdata" // dates are written in the zone of the schools, on machines without zone files too

	"golang.org/x/text/language"
)

// Contribution is what one package adds to the kit: page templates under pages/ and texts in texts/fr.yaml and
// texts/en.yaml. The package comment shows one.
type Contribution struct {
	// Name is the first half of page names and fault kinds ("login" in "login/choose").
	Name string
	// Files holds the folders pages and texts; normally an embed.FS.
	Files fs.FS
}

// Config is what a kit is made of. Product and PublicURL are required.
type Config struct {
	// Product is the name shown in the header and in titles.
	Product string
	// PublicURL is the address people type, scheme and host without path. Every address of our own is built from
	// it, never from a Host header; its scheme decides whether cookies are Secure and whether plain HTTP is refused.
	PublicURL string
	// Demo shows on every page that people and services are invented.
	Demo bool
	// Proxies are those whose forwarding headers are believed; the zero value believes nobody.
	Proxies Proxies
	// Zone is where dates are told; nil means Europe/Paris.
	Zone *time.Location
	// Now is the clock; nil means time.Now.
	Now func() time.Time
	// NewRef gives a reference to every error page; nil means NewRef.
	NewRef func() Ref
	// Programs is the path below which programs ask ("/api/"): errors there are always problem details, in English unless
	// the client asks for French, whatever it says it accepts. Empty means nowhere.
	Programs string
	// Offices is the path below which people are at work ("/bureau/"): pages there speak to adults and have one version.
	// Empty means nowhere.
	Offices string
	// Front is the path at which whoever is lost begins anew; empty for none.
	Front string
	// Foot are the links at the foot of every page.
	Foot []Foot
	// Voices holds what people recorded to be heard on pages; nil for nothing. Voices says what its files are called.
	Voices fs.FS
	// Contributions are the pages and texts of the other packages.
	Contributions []Contribution
	// Around gives an error page the frame that its fault does not have: the way back to where the person came from.
	// It must answer without fail and at once; nil means the zero Frame.
	Around func(r *http.Request) Frame
	// Report is told every written fault with the reference the person sees. Nil drops it.
	Report func(ctx context.Context, ref Ref, fault *Fault)
	// Panicked counts recovered panics; the panic itself goes to Report as the cause of SYS-500. Nil drops it.
	Panicked func(ctx context.Context, ref Ref)
	// Full says that there is no room for another request, which is then answered 503, LIM-503, before its route is looked
	// for. It must answer at once; nil means that there always is.
	Full func() bool
	// Observe is told every finished request, for the log and the metrics. Nil drops it.
	Observe func(ctx context.Context, exchange Exchange)
}

// Exchange is what may be logged about a finished request: nothing in it comes from the person.
type Exchange struct {
	Method  string        // GET, POST …; "OTHER" for methods nobody declared
	Pattern string        // the pattern of the route, never the path; empty when there is none
	Status  int           // the status that was written
	Took    time.Duration // time from first to last byte of ours
	Ref     Ref           // the reference of the error page; empty when there was none
}

// Kit renders pages, writes errors and knows the gateway's own address. It is immutable and safe for concurrent use.
type Kit struct {
	cfg     Config
	origin  string
	secure  bool
	texts   *catalogue
	pages   map[string]*page
	assets  *assets
	cookies Cookies
	voices  voices
	matcher language.Matcher

	postings *postings
}

// New checks the configuration, parses every page and every text, and reports all mistakes at once.
func New(cfg Config) (*Kit, error) {
	if err := cfg.fill(); err != nil {
		return nil, fmt.Errorf("web kit: %w", err)
	}
	k := &Kit{cfg: cfg, matcher: newMatcher(), postings: newPostings()}
	var err error
	if k.origin, k.secure, err = checkPublicURL(cfg.PublicURL); err != nil {
		return nil, fmt.Errorf("web kit: %w", err)
	}
	k.cookies = Cookies{Secure: k.secure}
	if k.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("web kit: %w", err)
	}
	own := Contribution{Name: ownName, Files: ownFiles()}
	contributions := append([]Contribution{own}, cfg.Contributions...)
	var textErr, pageErr error
	k.texts, textErr = loadTexts(contributions)
	k.pages, pageErr = k.loadPages(contributions)
	if err := errors.Join(textErr, pageErr, k.checkFoot()); err != nil {
		return nil, fmt.Errorf("web kit: %w", err)
	}
	if k.voices, err = k.loadVoices(cfg.Voices); err != nil {
		return nil, fmt.Errorf("web kit: voices: %w", err)
	}
	return k, nil
}

// fill sets defaults and refuses what has none.
func (cfg *Config) fill() error {
	if cfg.Product == "" {
		return errors.New("no product name")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.NewRef == nil {
		cfg.NewRef = NewRef
	}
	if cfg.Zone == nil {
		paris, err := time.LoadLocation("Europe/Paris")
		if err != nil {
			return fmt.Errorf("time zone: %w", err)
		}
		cfg.Zone = paris
	}
	return nil
}

// checkPublicURL accepts https, and http too (app decides where that is allowed), with a host and no path: cookies
// with the __Host- prefix belong to a whole host.
func checkPublicURL(raw string) (origin string, secure bool, err error) {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return "", false, fmt.Errorf("public URL %q is not https://host", raw)
	}
	if strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return "", false, fmt.Errorf("public URL %q has more than scheme and host", raw)
	}
	return u.Scheme + "://" + u.Host, u.Scheme == "https", nil
}

// URL gives the absolute address of a path of ours. The path starts with a slash.
func (k *Kit) URL(path string) string { return k.origin + path }

// Secure tells whether the gateway is reached over TLS.
func (k *Kit) Secure() bool { return k.secure }

// Cookies gives the way cookies are written and read here.
func (k *Kit) Cookies() Cookies { return k.cookies }
