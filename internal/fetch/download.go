package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Download reads one document into a writer and keeps none of it, for documents too long to be held. All limits of the
// client hold: its time, its size, where it may go. It asks for a newer document than the held copy, which may be zero, and
// same tells that there is none: then nothing was written. After an error what was written is worth nothing. The error
// names the server and the path, never the query.
func (c *Client) Download(ctx context.Context, address string, held Copy, to io.Writer) (got Copy, same bool, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return Copy{}, false, ErrURL // the cause would repeat the address
	}
	got, same, err = c.download(ctx, address, held, to)
	if err != nil {
		return Copy{}, false, fmt.Errorf("fetch %s://%s%s: %w", u.Scheme, u.Host, u.EscapedPath(), err)
	}
	return got, same, nil
}

func (c *Client) download(ctx context.Context, address string, held Copy, to io.Writer) (Copy, bool, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Copy{}, false, ErrURL
	}
	for name, values := range conditions(held) {
		req.Header[name] = values
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return Copy{}, false, cause(err)
	}
	defer resp.Body.Close()
	switch {
	case resp.StatusCode == http.StatusNotModified && (held.ETag != "" || held.LastModified != ""):
		return held, true, nil
	case resp.StatusCode != http.StatusOK:
		return Copy{}, false, fmt.Errorf("%w: status %d", ErrStatus, resp.StatusCode)
	}
	n, err := io.Copy(to, resp.Body)
	if err == nil && n == 0 {
		err = errors.New("the document is empty")
	}
	if err != nil {
		return Copy{}, false, cause(err)
	}
	return Copy{URL: address, ETag: resp.Header.Get("ETag"), LastModified: resp.Header.Get("Last-Modified")}, false, nil
}

// conditions asks for a newer document than a copy, RFC 9110 section 13.1.
func conditions(held Copy) http.Header {
	h := make(http.Header)
	if held.ETag != "" {
		h.Set("If-None-Match", held.ETag)
	}
	if held.LastModified != "" {
		h.Set("If-Modified-Since", held.LastModified)
	}
	return h
}
