package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/fetch"
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
	c.SharedNetworks, c.ServiceNetworks, c.Sessions.Shared = []string{"school"}, []string{"centre"}, 0
	for _, key := range []string{"shared_networks", "service_networks", "sessions.shared"} {
		if !slices.ContainsFunc(c.mistakes(), func(m mistake) bool { return m.key == key }) {
			t.Errorf("%s is not refused", key)
		}
	}
}

// TestServicesInsideAreToldOnlyWhereTheOperatorListsTheirNetwork asks a real server on this machine, as a sign-out does.
func TestServicesInsideAreToldOnlyWhereTheOperatorListsTheirNetwork(t *testing.T) {
	t.Parallel()
	service := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer service.Close()
	trusted := x509.NewCertPool()
	trusted.AddCert(service.Certificate())
	for _, c := range []struct {
		listed []string
		told   bool
	}{{nil, false}, {[]string{"10.0.0.0/8"}, false}, {[]string{"127.0.0.0/8"}, true}} {
		g := &gateway{base: &base{config: Config{ServiceNetworks: c.listed}}}
		to, err := g.toServices(false)
		if err != nil {
			t.Fatal(err)
		}
		to.Roots = trusted
		client := fetch.New(to)
		resp, err := client.HTTP().Post(service.URL, "text/plain", nil)
		if err == nil {
			_ = resp.Body.Close()
		}
		if told := err == nil; told != c.told || !told && !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("with %v: told %t, %v", c.listed, told, err)
		}
		client.Close()
	}
	g := &gateway{base: &base{config: Config{ServiceNetworks: []string{"centre"}}}}
	if _, err := g.outside(false); err == nil {
		t.Error("a network that is none is taken")
	}
}
