package fetch

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
)

// Reach tells whether a server answers at an address, whatever it answers: with which status, or why none came. It sends
// HEAD and reads no body. All limits of the client hold. The error names the server and the path, never the query.
func (c *Client) Reach(ctx context.Context, address string) (status int, err error) {
	u, err := url.Parse(address)
	if err != nil {
		return 0, ErrURL // the cause would repeat the address
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, address, nil)
	if err != nil {
		return 0, ErrURL
	}
	resp, err := c.http.Do(req)
	if resp != nil {
		defer resp.Body.Close()
	}
	switch {
	case err != nil && errors.Is(err, ErrRedirect) && resp != nil:
		return resp.StatusCode, nil // it answered, and pointed elsewhere
	case err != nil:
		return 0, fmt.Errorf("fetch %s://%s%s: %w", u.Scheme, u.Host, u.EscapedPath(), cause(err))
	}
	return resp.StatusCode, nil
}
