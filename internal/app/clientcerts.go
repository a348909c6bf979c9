package app

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"slices"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/web"
)

// ClientCertificates has OpenID Connect clients known by certificates (RFC 8705): shown to a listener of ours, or handed on by
// proxies that are named for it. Nobody is asked for one by default.
type ClientCertificates struct {
	URL       string   `yaml:"url"`
	Listen    string   `yaml:"listen"`
	Header    string   `yaml:"header"`
	Proxies   []string `yaml:"proxies"`
	RootsFile string   `yaml:"roots_file"`
}

func (c ClientCertificates) on() bool { return c.Listen != "" || c.Header != "" }

// clientCertMistakes checks what the types cannot say.
func (c Config) clientCertMistakes() []mistake {
	certs, out := c.ClientCertificates, []mistake(nil)
	say := func(bad bool, key, what, mend string) {
		if bad {
			out = append(out, mistake{"client_certificates." + key, what, mend})
		}
	}
	say(!certs.on() && (certs.URL != "" || certs.RootsFile != "" || len(certs.Proxies) > 0), "listen", "certificates come from nowhere", "listen, or header and proxies")
	say((certs.Header == "") != (len(certs.Proxies) == 0), "proxies", "a header is believed from named proxies alone", "header and proxies, or neither")
	if certs.Listen != "" {
		_, _, err := net.SplitHostPort(certs.Listen)
		say(err != nil, "listen", fmt.Sprintf("%q is no address to listen on", certs.Listen), "0.0.0.0:8444")
		say(c.TLS.CertFile == "", "listen", "whoever asks for certificates has one: tls is missing", "tls.cert_file and tls.key_file, or header and proxies")
		say(certs.URL == "", "url", "the address of the listener is missing", "https://mtls.sso.ac-exemple.fr")
	}
	if u, err := url.Parse(certs.URL); certs.URL != "" {
		ok := err == nil && u.Scheme == "https" && u.Host != "" && u.Path == "" && u.RawQuery == "" && u.User == nil && u.Fragment == ""
		say(!ok, "url", "it is no address of a server", "https://mtls.sso.ac-exemple.fr")
	}
	if _, err := web.ParseProxies(certs.Proxies); err != nil {
		say(true, "proxies", err.Error(), "[10.0.0.5]")
	}
	return out
}

// certificates is what the provider is given; nil where nobody is asked for any.
func (c Config) certificates() (*oidcop.Certificates, error) {
	certs := c.ClientCertificates
	if !certs.on() {
		return nil, nil
	}
	from, err := web.ParseProxies(certs.Proxies)
	if err != nil {
		return nil, err
	}
	out := &oidcop.Certificates{Of: web.ClientCerts{Header: certs.Header, From: from}.Of, Alias: certs.URL}
	if certs.RootsFile == "" {
		return out, nil
	}
	text, err := os.ReadFile(c.path(certs.RootsFile))
	if err != nil {
		return nil, fmt.Errorf("client_certificates.roots_file: %w", err)
	}
	if out.Roots = x509.NewCertPool(); !out.Roots.AppendCertsFromPEM(text) {
		return nil, errors.New("client_certificates.roots_file: there is no certificate in it")
	}
	return out, nil
}

// certificateDoor is the listener that asks for certificates, and what answers there: the endpoints that clients themselves ask.
// Which certificate is whose is looked at there.
func (a *App) certificateDoor(pair *reloadedPair, public http.Handler, errorLog *log.Logger) (door, error) {
	at := a.gateway.config.ClientCertificates.Listen
	if at == "" {
		return door{}, nil
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return door{}, fmt.Errorf("client_certificates.listen: %w", err)
	}
	only := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !slices.Contains(oidcop.CertificatePaths(), r.URL.Path) {
			http.NotFound(w, r)
			return
		}
		public.ServeHTTP(w, r)
	})
	config := pair.config()
	config.ClientAuth = tls.RequestClientCert
	return door{web.NewServer(only, errorLog), tls.NewListener(listener, config)}, nil
}
