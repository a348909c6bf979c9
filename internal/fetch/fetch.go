// Package fetch is the one client with which the gateway asks anything of
// another server: metadata, keys, tokens, ticket validations. It owns what such
// a request may cost and where it may go:
//
//   - https only, unless plain http is allowed for a test or a demo;
//   - no address of an internal network (loopback, private, link-local, shared,
//     metadata services ...) unless its range is allowed in configuration; the
//     address is checked when the connection is made, so a name that resolves
//     to something else the second time gains nothing;
//   - no redirect to another origin, and none at all unless asked for;
//   - bounded time, bounded header, bounded body after decompression;
//   - no proxy from the environment, no cookies, no credentials of our own.
//
// HTTP gives the client to libraries, Get reads one document, and Source follows
// a document that changes: it asks conditionally and keeps the last good copy,
// also over a restart.
//
// It does not own what a document means, nor when it is asked for: app runs the
// refreshes. It imports nothing of ours.
package fetch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"
)

// Defaults of Config.
const (
	DefaultTimeout  = 10 * time.Second
	DefaultMaxBytes = 1 << 20
	maxHeader       = 64 << 10
	maxRedirects    = 3
)

var (
	// ErrAddress means that the server's address may not be asked.
	ErrAddress = errors.New("the address belongs to an internal network that the configuration does not allow")
	// ErrRedirect means that the server pointed elsewhere.
	ErrRedirect = errors.New("the server redirects, which is not followed")
	// ErrTooLarge means that the answer is longer than allowed.
	ErrTooLarge = errors.New("the answer is too large")
	// ErrURL means that the address is not of a kind that is asked.
	ErrURL = errors.New("the address is not an https URL with a host and without credentials")
	// ErrStatus means that the server answered with another status than 200.
	ErrStatus = errors.New("the server did not answer with the document")
)

// Config says what a Client may do. The zero value is the strictest.
type Config struct {
	Allow     []netip.Prefix // internal ranges that may be asked
	PlainHTTP bool           // also http, for tests and the demo
	Redirects bool           // follow up to three redirects within one origin
	Timeout   time.Duration  // of a whole exchange, body included; DefaultTimeout when 0
	MaxBytes  int64          // of a body, decompressed; DefaultMaxBytes when 0
	Roots     *x509.CertPool // certification authorities; the system's when nil
}

// Client asks other servers. It is safe for concurrent use.
type Client struct {
	config Config
	http   *http.Client
}

// New makes a client. Its connections are its own.
func New(c Config) *Client {
	if c.Timeout <= 0 {
		c.Timeout = DefaultTimeout
	}
	if c.MaxBytes <= 0 {
		c.MaxBytes = DefaultMaxBytes
	}
	client := &Client{config: c}
	dialer := &net.Dialer{Timeout: c.Timeout, ControlContext: guard{c.Allow}.control}
	client.http = &http.Client{
		Timeout:       c.Timeout,
		CheckRedirect: client.redirect,
		Transport: &limited{client: client, next: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    c.Timeout,
			ResponseHeaderTimeout:  c.Timeout,
			MaxResponseHeaderBytes: maxHeader,
			ForceAttemptHTTP2:      true,
			MaxIdleConnsPerHost:    8,
			IdleConnTimeout:        90 * time.Second,
		}},
	}
	return client
}

// HTTP returns the client for libraries that want one. All limits hold.
func (c *Client) HTTP() *http.Client { return c.http }

// Close closes idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Get reads one document. The error names the server and the path, never the
// query, which may hold a ticket.
func (c *Client) Get(ctx context.Context, address string) ([]byte, error) {
	page, err := c.get(ctx, address, nil)
	if err != nil {
		return nil, err
	}
	return page.body, nil
}

// page is an answer that was read to its end.
type page struct {
	body   []byte
	header http.Header
	same   bool // 304
}

func (c *Client) get(ctx context.Context, address string, ask http.Header) (page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return page{}, ErrURL // the cause would repeat the address
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return page{}, ErrURL
	}
	for name, values := range ask {
		req.Header[name] = values
	}
	p, err := c.exchange(req)
	if err != nil {
		return page{}, fmt.Errorf("fetch %s://%s%s: %w", u.Scheme, u.Host, u.EscapedPath(), err)
	}
	return p, nil
}

func (c *Client) exchange(req *http.Request) (page, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return page{}, cause(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusNotModified && (req.Header["If-None-Match"] != nil || req.Header["If-Modified-Since"] != nil) {
		return page{header: resp.Header, same: true}, nil
	}
	if resp.StatusCode != http.StatusOK {
		return page{}, fmt.Errorf("%w: status %d", ErrStatus, resp.StatusCode)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return page{}, cause(err)
	}
	return page{body: body, header: resp.Header}, nil
}

// cause takes off what repeats the whole address.
func cause(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
