package app

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"ecluse/configs"
	"ecluse/internal/demo"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
	demosource "ecluse/internal/upstream/demo"
)

var (
	dayMark    = regexp.MustCompile(`@today([+-]\d+)@`)
	metaMark   = regexp.MustCompile(`@metadata:([a-z]+)@`)
	secretMark = regexp.MustCompile(`@secret-hash:[a-z]+@`)
	paperMark  = regexp.MustCompile(`@sha256:([a-z-]+\.txt)@`)
)

// writeDemoFiles writes the shipped files into the demo's folder with what only this run knows: the port, the days, the
// sites' metadata, the hash of the one client secret, and the hashes of the demo's papers.
func writeDemoFiles(dir string, world *demo.World, secret, public string, now time.Time, zone *time.Location) error {
	u, err := url.Parse(public)
	if err != nil {
		return err
	}
	today := registry.DateOf(now.In(zone))
	fill := func(text string) string {
		text = strings.ReplaceAll(text, "http://", u.Scheme+"://")
		text = strings.ReplaceAll(text, "@port@", u.Port())
		text = dayMark.ReplaceAllStringFunc(text, func(mark string) string {
			days, _ := strconv.Atoi(dayMark.FindStringSubmatch(mark)[1]) // the pattern allows digits only
			return today.Add(days).String()
		})
		text = secretMark.ReplaceAllString(text, oidcop.HashSecret(secret))
		text = paperMark.ReplaceAllStringFunc(text, func(mark string) string { return paperHash(paperMark.FindStringSubmatch(mark)[1]) })
		return metaMark.ReplaceAllStringFunc(text, func(mark string) string {
			return quoted(world.SPMetadata(metaMark.FindStringSubmatch(mark)[1]))
		})
	}
	return fs.WalkDir(configs.Files, "demo", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := configs.Files.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, path.Base(name)), []byte(fill(string(data))), 0o600)
	})
}

// paperHash is the SHA-256 of one of the demo's papers. A paper that is not there has none, and what refers to it blocks.
func paperHash(name string) string {
	data, err := configs.Files.ReadFile("demo/documents/" + name)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// demoPapers are the demo's papers, to be kept under their hashes.
func demoPapers() ([]registry.File, error) {
	var out []registry.File
	err := fs.WalkDir(configs.Files, "demo/documents", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := configs.Files.ReadFile(name)
		out = append(out, registry.File{Hash: paperHash(path.Base(name)), Type: "text/plain", Body: data})
		return err
	})
	return out, err
}

// quoted escapes a text for the inside of a double-quoted YAML value; JSON's escapes are YAML's.
func quoted(text []byte) string {
	out, err := json.Marshal(string(text))
	if err != nil {
		return ""
	}
	return string(out[1 : len(out)-1])
}

// gatherPeople reads the shipped people, those an earlier run of the folder was given, and those of with. A folder with
// mistakes gives nobody: its mistakes are told where it is applied, with all the others.
func gatherPeople(dir, with string) (demosource.People, error) {
	people, err := savedPeople(dir)
	if err != nil {
		return nil, err
	}
	shipped, err := fs.Sub(configs.Files, "demo")
	if err != nil {
		return nil, err
	}
	sets := []fs.FS{shipped}
	if with != "" {
		sets = append(sets, os.DirFS(with))
	}
	for _, files := range sets {
		loaded, _ := manifest.Load(files) // other kinds are examined where they are applied
		read, problems := demosource.ReadPeople(loaded.People)
		if problems.Or() != nil {
			continue
		}
		for _, p := range read {
			people = people.With(p)
		}
	}
	return people, nil
}

// keepPeople writes the people into the folder, for the next run and for `explain`.
func keepPeople(dir string, people demosource.People) error {
	data, err := json.MarshalIndent(people, "", " ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "people.json"), data, 0o600)
}

func savedPeople(dir string) (demosource.People, error) {
	data, err := os.ReadFile(filepath.Join(dir, "people.json"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var people demosource.People
	if err := json.Unmarshal(data, &people); err != nil {
		return nil, fmt.Errorf("people.json: %w", err)
	}
	return people, nil
}

// trustOnly trusts the demo's own certificate and no other.
func trustOnly(certFile string) *tls.Config {
	pool := x509.NewCertPool()
	if data, err := os.ReadFile(certFile); err == nil {
		pool.AppendCertsFromPEM(data)
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// keepAddress writes the demo's own address into its folder, for `explain`: issuers and scopes are made of it.
func keepAddress(dir, address string) error {
	return os.WriteFile(filepath.Join(dir, "address"), []byte(address+"\n"), 0o600)
}

// savedAddress is where the demo of a folder answered last; its usual address where the folder does not say.
func savedAddress(dir string) string {
	const usual = "http://127.0.0.1:8080"
	text, err := os.ReadFile(filepath.Join(dir, "address"))
	address := strings.TrimSpace(string(text))
	if u, bad := url.Parse(address); err != nil || bad != nil || u.Host == "" {
		return usual
	}
	return address
}

// DataConfig is the configuration of a demo's folder, for commands that look into it.
func DataConfig(dir string) (Config, error) {
	c := DefaultConfig()
	c.dir, c.PublicURL = dir, savedAddress(dir)
	c.Store, c.MasterSecretFile, c.Log = Store{URL: "sqlite:ecluse.db"}, "master.secret", Log{Level: "warn", Format: "text"}
	if _, err := os.Stat(c.path("ecluse.db")); err != nil {
		return c, fmt.Errorf("no demo has kept its things in %s: %w", dir, err)
	}
	return c.withDictionary(), nil
}
