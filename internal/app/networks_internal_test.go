package app

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestSharedNetworksAreReadAndEveryMistakeIsNamed(t *testing.T) {
	t.Parallel()
	got, err := networks([]string{"10.42.7.9/16", "192.0.2.1", "2001:db8::/32", "::1"})
	if want := "[10.42.0.0/16 192.0.2.1/32 2001:db8::/32 ::1/128]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
	_, err = networks([]string{"10.42.0.0/16", "school", "10.42.0.0/99", "", "::ffff:10.0.0.0/104"})
	for _, wrong := range []string{`"school"`, `"10.42.0.0/99"`, `""`, `"::ffff:10.0.0.0/104"`} {
		if err == nil || !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s is not named: %v", wrong, err)
		}
	}
	c := DefaultConfig()
	c.SharedNetworks, c.Sessions.Shared = []string{"school"}, 0
	for _, key := range []string{"shared_networks", "sessions.shared"} {
		if !slices.ContainsFunc(c.mistakes(), func(m mistake) bool { return m.key == key }) {
			t.Errorf("%s is not refused", key)
		}
	}
}
