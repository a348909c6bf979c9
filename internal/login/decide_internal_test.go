package login

import (
	"fmt"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
)

// TestMoreThanAServiceTakesIsARefusalWithAPageOfItsOwn: the reason names the word where one value is too long.
func TestMoreThanAServiceTakesIsARefusalWithAPageOfItsOwn(t *testing.T) {
	t.Parallel()
	for _, word := range []attrs.Name{"groups", ""} {
		why := failed(fmt.Errorf("release: %w", &attrs.Oversize{Service: "suite", Word: word, Bytes: 2100, Limit: 2048}))
		if why.Kind != idp.Denied || why.Code != "too_large" || why.Attr != string(word) {
			t.Errorf("%q: %+v", word, why)
		}
	}
}
