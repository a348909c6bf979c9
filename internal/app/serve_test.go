package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/desk/desktest"
)

// servable is a configuration that serves: in a folder of its own, behind a trusted proxy, on free ports.
func servable(t testing.TB) app.Config {
	t.Helper()
	dir := t.TempDir()
	desktest.LendKeys(t, dir)
	file := filepath.Join(dir, "gateway.yaml")
	write(t, file, "public_url: https://localhost\ntrusted_proxies: [127.0.0.0/8]\nmaster_secret_file: master.secret\n"+
		"listen: 127.0.0.1:0\nops_listen: 127.0.0.1:0\nshutdown: {delay: 0s, grace: 2s}\n")
	c, err := app.LoadConfig(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.MasterSecretFile = filepath.Join(dir, c.MasterSecretFile)
	return c
}

func TestServeAnswersBehindATrustedProxyOnly(t *testing.T) {
	t.Parallel()
	a, err := app.Serve(t.Context(), servable(t), &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	for proto, want := range map[string]int{"https": http.StatusOK, "http": http.StatusForbidden, "": http.StatusForbidden} {
		r, err := http.NewRequest(http.MethodGet, "http://"+a.Addr().String()+"/saml/metadata", nil)
		if err != nil {
			t.Fatal(err)
		}
		if proto != "" {
			r.Header.Set("X-Forwarded-Proto", proto)
			r.Header.Set("X-Forwarded-For", "192.0.2.7")
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("forwarded as %q: %d, want %d", proto, answer.StatusCode, want)
		}
	}
	for path, want := range map[string]int{"/livez": 200, "/readyz": 200, "/metrics": 200, "/saml/metadata": 404} {
		answer, err := http.Get("http://" + a.OpsAddr().String() + path)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != want {
			t.Errorf("ops %s: %d", path, answer.StatusCode)
		}
	}
}

func stopApp(t testing.TB, a *app.App) {
	t.Helper()
	if err := a.Stop(t.Context()); err != nil {
		t.Errorf("the end: %v", err)
	}
}

func TestServeRefusesToStartWithoutTheMasterSecret(t *testing.T) {
	t.Parallel()
	c := servable(t)
	c.MasterSecretFile = filepath.Join(t.TempDir(), "nothing")
	refusesToServe(t, c, os.ErrNotExist, "master")
	c = servable(t)
	other := filepath.Join(t.TempDir(), "other.secret")
	write(t, other, "k3Jv9x0QmZ7Lr2Wc8Ty5Bn1Hg6Fd4Sa-PoIuYtReWq\n")
	c.MasterSecretFile = other
	refusesToServe(t, c, nil, "not the one")
}

func refusesToServe(t *testing.T, c app.Config, want error, words string) {
	t.Helper()
	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err == nil {
		stopApp(t, a)
		t.Fatal("it serves")
	}
	if want != nil && !errors.Is(err, want) || !strings.Contains(err.Error(), words) {
		t.Errorf("it says %v", err)
	}
}

func TestServeRefusesWhatTheDemoApproved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	w.stop()
	c := servable(t)
	c.Store.URL = app.Secret("sqlite:" + filepath.Join(w.options.Data, "ecluse.db"))
	c.MasterSecretFile = filepath.Join(w.options.Data, "master.secret")
	refusesToServe(t, c, app.ErrDemoData, "demo")
}

func TestDemoRefusesToAnswerBeyondThisMachine(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"0.0.0.0:0", ":0"} {
		a, err := app.Demo(t.Context(), app.DemoOptions{Data: t.TempDir(), Listen: address, OpsListen: "127.0.0.1:0", LogTo: &quietBuffer{}})
		if err == nil {
			stopApp(t, a)
			t.Errorf("%s: it answers", address)
		}
	}
}

// TestDemoServesEverythingOverTLSFromFilesNamedFromWhereItRuns is what another program needs that accepts https alone.
func TestDemoServesEverythingOverTLSFromFilesNamedFromWhereItRuns(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.Rel(here, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	certify(t, dir, 7)
	pair := app.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	w := newWorld(t, app.DemoOptions{TLS: pair, Certs: "127.0.0.1:0"})
	if !strings.HasPrefix(w.public, "https://localhost:") || serial(t, w.app) != 7 || w.app.CertificatesAddr() == nil {
		t.Errorf("it is at %s, with certificate %d, and asks for certificates at %v", w.public, serial(t, w.app), w.app.CertificatesAddr())
	}
	for what, o := range map[string]app.DemoOptions{
		"beyond this machine": {TLS: pair, Certs: "0.0.0.0:0"},
		"anywhere":            {TLS: pair, Certs: ":0"},
		"without TLS":         {Certs: "127.0.0.1:0"},
	} {
		o.Data, o.Listen, o.OpsListen, o.LogTo = t.TempDir(), "127.0.0.1:0", "127.0.0.1:0", &quietBuffer{}
		if a, err := app.Demo(t.Context(), o); err == nil {
			stopApp(t, a)
			t.Errorf("certificates %s: it serves", what)
		}
	}
}

// TestServeReadsItsCertificateAgain replaces certificate and key under a running gateway; a pair that does not fit keeps
// the last good one.
func TestServeReadsItsCertificateAgain(t *testing.T) {
	t.Parallel()
	c := servable(t)
	dir := t.TempDir()
	c.TrustedProxies, c.TLS = nil, app.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	certify(t, dir, 1)
	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	if got := serial(t, a); got != 1 {
		t.Fatalf("certificate %d", got)
	}
	write(t, c.TLS.KeyFile, "no key at all")
	time.Sleep(1100 * time.Millisecond) // the files are looked at once a second
	if got := serial(t, a); got != 1 {
		t.Errorf("certificate %d while the key is broken", got)
	}
	certify(t, dir, 2)
	deadline := time.Now().Add(time.Minute)
	for serial(t, a) != 2 {
		if time.Now().After(deadline) {
			t.Fatal("the new certificate is not served")
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// TestServeSpeaksNoTLSThatBCP195DoesNotRecommend is what FAPI 2.0 demands of what ends TLS, at the door for certificates too.
func TestServeSpeaksNoTLSThatBCP195DoesNotRecommend(t *testing.T) {
	t.Parallel()
	c := servable(t)
	dir := t.TempDir()
	certify(t, dir, 1)
	c.TrustedProxies, c.TLS = nil, app.TLS{CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem")}
	c.ClientCertificates = app.ClientCertificates{Listen: "127.0.0.1:0", URL: "https://localhost"}
	a, err := app.Serve(t.Context(), c, &quietBuffer{})
	if err != nil {
		t.Fatal(err)
	}
	defer stopApp(t, a)
	speaks := func(address string, top uint16, suites ...uint16) bool {
		d := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: top, CipherSuites: suites}} //nolint:gosec // what is refused is the point
		conn, err := d.DialContext(t.Context(), "tcp", address)
		if err != nil {
			return false
		}
		return conn.Close() == nil
	}
	for _, address := range []string{a.Addr().String(), a.CertificatesAddr().String()} {
		for _, suite := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
			ecdsa := strings.HasPrefix(suite.Name, "TLS_ECDHE_ECDSA_") // as the certificate is
			want := ecdsa && (strings.Contains(suite.Name, "_GCM_") || strings.Contains(suite.Name, "_CHACHA20_"))
			if slices.Contains(suite.SupportedVersions, tls.VersionTLS12) && speaks(address, tls.VersionTLS12, suite.ID) != want {
				t.Errorf("%s: %s is spoken: %v", address, suite.Name, !want)
			}
		}
		if speaks(address, tls.VersionTLS11) || !speaks(address, tls.VersionTLS13) {
			t.Errorf("%s: it speaks TLS 1.1, or no TLS 1.3", address)
		}
	}
}

// serial is the number of the certificate that is served.
func serial(t *testing.T, a *app.App) int64 {
	t.Helper()
	conn, err := tls.Dial("tcp", a.Addr().String(), &tls.Config{InsecureSkipVerify: true}) //nolint:gosec // the number is all that matters
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return conn.ConnectionState().PeerCertificates[0].SerialNumber.Int64()
}

// certify writes a certificate of its own making with that number, for localhost and every name below it.
func certify(t testing.TB, dir string, number int64) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(number), Subject: pkix.Name{CommonName: "localhost"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"localhost", "*.localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "cert.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})))
	write(t, filepath.Join(dir, "key.pem"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})))
}
