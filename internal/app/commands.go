package app

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/console"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store/memdb"
	"ecluse/internal/strictyaml"
	demosource "ecluse/internal/upstream/demo"
	"ecluse/internal/web"
)

// Check reads a configuration and folders of files and returns every mistake at once, those that would keep a source from
// being set up too; no source is asked anything. What stands against approving a declaration is no mistake of its file: it
// is printed for whoever will approve, and so is what a service's settings announce, ends of keys and metadata among it. With a configuration without mistakes, it looks at the store as far as it can: it
// prints whom the gateway's own register entry reaches, and checks the registered sources too; nothing is written.
func Check(configFile string, dirs []string, environ []string, out io.Writer) error {
	var problems strictyaml.Problems
	var registered registry.Contents
	sources := newSourceCheck(configFile, time.Now())
	if configFile != "" {
		bad, err := checkConfig(configFile, environ)
		if err != nil {
			return err
		}
		if problems = append(problems, bad...); len(bad) == 0 {
			c, err := LoadConfig(configFile, environ)
			if err != nil {
				return err
			}
			sources.metadata = c.keepsMetadata
			c.tellUnsaid(out)
			if err := MetadataStatus(c, out); err != nil {
				return err
			}
			registered = c.tellReach(out)
			if err := tellNotes(configFile, environ, registered.Services, out); err != nil {
				return err
			}
		}
	}
	if len(dirs) > 0 {
		words, err := checkedWords(configFile, environ)
		if err != nil {
			return err
		}
		bad, err := checkFolders(words, dirs, sources, out)
		if err != nil {
			return err
		}
		problems = append(problems, bad...)
	}
	problems = append(problems, sources.registered(registered.Sources, out)...)
	return sortedProblems(problems).Or()
}

// checkFolders reads folders of files, each by itself.
func checkFolders(words *dictionary.Dictionary, dirs []string, sources *sourceCheck, out io.Writer) (strictyaml.Problems, error) {
	b, protocols, err := offline(words)
	if err != nil {
		return nil, err
	}
	var problems strictyaml.Problems
	folders, err := openFolders(dirs)
	if err != nil {
		return nil, err
	}
	for i, files := range folders {
		if !holdsFiles(files) {
			fmt.Fprintf(out, "%s holds no file that ends in .yaml or .yml\n", dirs[i])
		}
		loaded, bad := b.examine(files, protocols, registry.Contents{})
		_, people := demosource.ReadPeople(loaded.People)
		problems = slices.Concat(problems, bad, people, sources.inFiles(loaded, out))
		noteBindings(loaded.Services, protocols, b.words, out)
		view := b.with(registry.Contents{}, loaded.Change)
		for _, d := range loaded.Declarations {
			for _, f := range b.found(d, view, protocols) {
				fmt.Fprintf(out, "declaration %s v%d, before it can be approved: %s, %s\n", d.ID, d.Version, f.Severity, f)
			}
		}
		for _, line := range ownEntry(loaded.Change) {
			fmt.Fprintln(out, line)
		}
	}
	return problems, nil
}

// checkConfig reads a configuration and the files that it names: the master secret, the certificate, the addresses of
// the stores.
func checkConfig(file string, environ []string) (strictyaml.Problems, error) {
	c, err := LoadConfig(file, environ)
	var problems strictyaml.Problems
	if err != nil && !errors.As(err, &problems) {
		return nil, err
	}
	say := func(key string, err error) {
		if err != nil {
			problems = append(problems, strictyaml.Problem{File: file, Path: key, What: err.Error()})
		}
	}
	if c.MasterSecretFile != "" {
		_, err := keys.ReadMaster(c.path(c.MasterSecretFile))
		say("master_secret_file", err)
	}
	if c.TLS.CertFile != "" && c.TLS.KeyFile != "" {
		_, err := newReloadedPair(c.path(c.TLS.CertFile), c.path(c.TLS.KeyFile))
		say("tls", err)
	}
	_, err = c.certificates()
	say("client_certificates.roots_file", err)
	problems = append(append(problems, c.wordProblems(file)...), c.voiceProblems(file)...)
	say("metadata", c.checkMetadata())
	say("mail", c.checkMail())
	_, err = c.secretOr(c.Store.URL, c.Store.URLFile)
	say("store.url_file", err)
	_, err = c.secretOr(c.Store.TicketsURL, c.Store.TicketsURLFile)
	say("store.tickets_url_file", err)
	return problems, nil
}

// offline is enough of a base to examine files.
func offline(words *dictionary.Dictionary) (*base, map[string]idp.Protocol, error) {
	b := &base{now: time.Now, words: words}
	var err error
	if b.shipped, err = shipped(); err != nil {
		return nil, nil, err
	}
	b.config = DefaultConfig()
	b.config.PublicURL = "https://check.invalid"
	if b.zone, err = time.LoadLocation(b.config.TimeZone); err != nil {
		return nil, nil, err
	}
	if b.ring, err = throwawayRing(); err != nil {
		return nil, nil, err
	}
	protocols, err := checkingProtocols(b, true)
	return b, protocols, err
}

// checkingProtocols makes protocols that only check settings; they are mounted nowhere and sign nothing.
func checkingProtocols(b *base, development bool) (map[string]idp.Protocol, error) {
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: b.config.PublicURL, Contributions: []web.Contribution{
		samlidp.Pages(), oidcop.Pages(), casserver.Pages(), console.Pages(),
	}})
	if err != nil {
		return nil, err
	}
	saml, err := samlidp.New(samlidp.Config{Kit: kit, Keys: b.ring, Tickets: memdb.New(b.now), Now: b.now, Development: development, Dictionary: b.words, ECP: b.config.SAML.ECP})
	if err != nil {
		return nil, err
	}
	certificates, err := b.config.certificates()
	if err != nil {
		return nil, err
	}
	if certificates == nil && development { // files are read away from the gateway that they are for
		certificates = &oidcop.Certificates{Roots: x509.NewCertPool()}
	}
	oidc, err := oidcop.New(oidcop.Config{
		Issuer: b.config.PublicURL, Keys: b.ring, Tickets: memdb.New(b.now), Dictionary: b.words, Kit: kit, Now: b.now,
		Development: development, Certificates: certificates,
	})
	if err != nil {
		return nil, err
	}
	cas, err := casserver.New(casserver.Config{
		Kit: kit, Tickets: memdb.New(b.now), Dictionary: b.words, Now: b.now, Development: development,
	})
	if err != nil {
		return nil, err
	}
	desk, err := checkingConsole(kit, b.now)
	if err != nil {
		return nil, err
	}
	return protocolsOf(saml, oidc, cas, desk), nil
}

// openFolders opens each, and says of all at once which cannot be.
func openFolders(names []string) ([]fs.FS, error) {
	var out []fs.FS
	var wrong []error
	for _, name := range names {
		files, err := folder(name)
		out, wrong = append(out, files), append(wrong, err)
	}
	return out, errors.Join(wrong...)
}

// folder opens a folder of files.
func folder(name string) (fs.FS, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is not a folder", name)
	}
	return os.DirFS(name), nil
}

// holdsFiles says whether a folder has anything to read.
func holdsFiles(files fs.FS) bool {
	found := false
	_ = fs.WalkDir(files, ".", func(name string, _ fs.DirEntry, err error) error {
		found = found || path.Ext(name) == ".yaml" || path.Ext(name) == ".yml"
		return err // what cannot be read is told by whoever reads it
	})
	return found
}

// VerifyJournal checks the journal and prints what it found. ErrJournal says that something is wrong with it.
func VerifyJournal(ctx context.Context, c Config, out, logTo io.Writer) error {
	return onBase(ctx, c, "verify", logTo, func(b *base) error {
		report, err := audit.Verify(ctx, b.db.Audit(), b.ring)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%d entries in %d chains\n", report.Entries, report.Chains)
		for _, problem := range report.Problems {
			fmt.Fprintln(out, problem)
		}
		if !report.OK() {
			return ErrJournal
		}
		return nil
	})
}

// ErrJournal says that the journal is not what was written.
var ErrJournal = errors.New("the journal is not what was written")
