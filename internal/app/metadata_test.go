package app_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/federation"
	"ecluse/internal/saml/samltest"
)

func TestSourcesOfMetadataAreCheckedWithAllMistakesAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "gateway.yaml")
	write(t, file, `public_url: https://sso.example
trusted_proxies: [127.0.0.0/8]
master_secret_file: master.secret
metadata:
  - name: Renater
    url: http://md.example/fed.xml
    refresh: 1s
    max_age: 1s
    max_validity: 1h
    max_bytes: 10
    roles: [sp, attribute]
    networks: [everything]
  - name: fed
    url: https://md.example/fed.xml
    mdq: https://md.example/
    signers: [fed.pem]
  - name: fed
    file: fed.xml
  - name: nowhere
`)
	_, err := app.LoadConfig(file, nil)
	if err == nil {
		t.Fatal("it is taken")
	}
	for _, want := range []string{
		"metadata_dir: the folder", "metadata[0].name", "metadata[0].url: this is no address", "metadata[0].signers: nobody",
		"metadata[0].refresh", "metadata[0].max_age", "metadata[0].max_validity", "metadata[0].max_bytes", `metadata[0].roles: "attribute"`,
		"metadata[0].networks", "metadata[1].url: where the metadata is must be said once", "metadata[2].name", "metadata[3].url", "metadata[3].signers",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s is not told in\n%v", want, err)
		}
	}
	for _, fine := range []string{"metadata[2].signers", "metadata[1].name", "metadata[1].signers"} {
		if strings.Contains(err.Error(), fine) {
			t.Errorf("%s is told", fine)
		}
	}
}

// kept fills the folder of a configuration with metadata of a federation in a file.
func kept(t *testing.T, c app.Config) app.Config {
	t.Helper()
	dir := t.TempDir()
	name := filepath.Join(dir, "fed.xml")
	until := time.Now().Add(72 * time.Hour).UTC().Format("2006-01-02T15:04:05Z")
	if err := os.WriteFile(name, samltest.Aggregate(`validUntil="`+until+`"`, samltest.Entity(samltest.ID(1)), samltest.Entity(samltest.ID(2))), 0o600); err != nil {
		t.Fatal(err)
	}
	c.MetadataDir, c.Metadata = dir, []app.MetadataSource{{Name: "fed", File: name}}
	return c
}

func TestAGatewayKeepsMetadataAndItsStateIsTold(t *testing.T) {
	t.Parallel()
	c := kept(t, servable(t))
	var empty strings.Builder
	if err := app.MetadataStatus(c, &empty); err != nil || !strings.Contains(empty.String(), "metadata fed (file): nothing has been had yet") {
		t.Errorf("%v, %s", err, empty.String())
	}
	a, err := app.Serve(t.Context(), c, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	var metrics string
	for end := time.Now().Add(time.Minute); !strings.Contains(metrics, `ecluse_metadata_usable{source="fed"} 1`) && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		metrics = read(t, "http://"+a.OpsAddr().String()+"/metrics")
	}
	for _, want := range []string{`ecluse_metadata_entities{source="fed"} 2`, `ecluse_metadata_age_seconds{source="fed"}`, `ecluse_metadata_valid_seconds{source="fed"}`} {
		if !strings.Contains(metrics, want) {
			t.Errorf("the metrics do not say %s", want)
		}
	}
	stopApp(t, a)
	var status, shown strings.Builder
	if err := app.MetadataStatus(c, &status); err != nil || !strings.Contains(status.String(), "metadata fed (file): 2 entities, 0 left out, confirmed 0s ago, good until") {
		t.Errorf("%v, %s", err, status.String())
	}
	if err := app.MetadataShow(c, "", samltest.ID(1), &shown); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"registered by          https://registrar.example/", "says it keeps to       Research and Scholarship (REFEDS R&S)",
		"says it keeps to       Security incident response (SIRTFI)", "answers go to          https://sp00001.example.org/shibboleth/SAML2/POST (HTTP-POST)",
		"asks for               mail (urn:oid:0.9.2342.19200300.100.1.3), required", "signs with             certificate until 2036-01-01, SHA-256 ",
		"A category opens nothing by itself",
	} {
		if !strings.Contains(shown.String(), want) {
			t.Errorf("%q is not in\n%s", want, shown.String())
		}
	}
	if err := app.MetadataShow(c, "", "https://unknown.example", io.Discard); !errors.Is(err, app.ErrNoEntity) || !errors.Is(err, federation.ErrUnknownEntity) {
		t.Errorf("an unknown entity: %v", err)
	}
	if err := app.MetadataShow(c, "other", samltest.ID(1), io.Discard); !errors.Is(err, app.ErrNoEntity) {
		t.Errorf("an unknown source: %v", err)
	}
}

func TestWhereNoMetadataIsKeptTheCommandSaysSo(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	if err := app.MetadataStatus(app.Config{}, &out); err != nil || !strings.Contains(out.String(), "metadata_dir is empty") {
		t.Errorf("%v, %s", err, out.String())
	}
	if err := app.MetadataShow(app.Config{}, "", "x", io.Discard); !errors.Is(err, app.ErrNoEntity) {
		t.Error(err)
	}
}

func TestWhatStrangersWroteDoesNotReachATerminalAsItIs(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	name := filepath.Join(dir, "fed.xml")
	hostile := strings.Replace(samltest.Entity(samltest.ID(1)), "A service &amp; more", "red&#x9b;31m&#xA;entity forged", 1)
	if err := os.WriteFile(name, samltest.Aggregate(`validUntil="2099-12-01T00:00:00Z"`, hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	c := app.Config{MetadataDir: dir, Metadata: []app.MetadataSource{{Name: "fed", File: name, MaxValidity: 100 * 365 * 24 * time.Hour}}}
	f, err := federation.New(federation.Config{
		Folder: dir, Now: time.Now, Log: slog.New(slog.DiscardHandler), Sources: []federation.Source{{
			Name: "fed", File: name, MaxAge: time.Hour, MaxBytes: federation.DefaultMaxBytes, MaxValidity: 100 * 365 * 24 * time.Hour,
		}},
	})
	if err == nil {
		err = errors.Join(f.Refresh(t.Context()), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := app.MetadataShow(c, "fed", samltest.ID(1), &out); err != nil || strings.ContainsRune(out.String(), 0x9b) || !strings.Contains(out.String(), "red 31m entity forged") {
		t.Errorf("%v\n%s", err, out.String())
	}
}

func read(t *testing.T, address string) string {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
