package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"time"

	"ecluse/internal/federation"
	"ecluse/internal/fetch"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/samlsp"
)

// MetadataSource is a source of metadata of others: a federation's document, or a server that is asked entity by entity.
type MetadataSource struct {
	Name        string        `yaml:"name"`
	URL         string        `yaml:"url"`
	File        string        `yaml:"file"`
	MDQ         string        `yaml:"mdq"`
	Signers     []string      `yaml:"signers"` // files of PEM certificates
	Refresh     time.Duration `yaml:"refresh"`
	MaxAge      time.Duration `yaml:"max_age"`
	MaxValidity time.Duration `yaml:"max_validity"`
	MaxBytes    int64         `yaml:"max_bytes"`
	Registrars  []string      `yaml:"registrars"`
	Roles       []string      `yaml:"roles"` // sp, idp
	Networks    []string      `yaml:"networks"`
	CAFile      string        `yaml:"ca_file"`
}

// The bounds of what a source may say, and what holds where it says nothing.
const (
	mostMetadata  = 1 << 30
	leastMetadata = 1 << 10
	day           = 24 * time.Hour
)

func or[T comparable](said, otherwise T) T {
	var nothing T
	if said == nothing {
		return otherwise
	}
	return said
}

func metadataRoles() map[string]saml.Roles {
	return map[string]saml.Roles{"sp": saml.RoleSP, "idp": saml.RoleIDP}
}

// metadataMistakes checks what the types cannot say of the sources of metadata. Files are looked at by metadataSources.
func (c Config) metadataMistakes() []mistake {
	var out []mistake
	seen := map[string]bool{}
	if len(c.Metadata) > 0 && c.MetadataDir == "" {
		out = append(out, mistake{"metadata_dir", "the folder that keeps copies of metadata is missing", "a folder that the gateway may write in"})
	}
	for i, m := range c.Metadata {
		say := func(bad bool, key, what, mend string) {
			if bad {
				out = append(out, mistake{fmt.Sprintf("metadata[%d].%s", i, key), what, mend})
			}
		}
		say(!federation.IsName(m.Name) || seen[m.Name], "name", fmt.Sprintf("%q is no name, or stands twice", m.Name), "small letters, digits and hyphens: renater")
		seen[m.Name] = true
		m.checkPlace(say)
		say(m.Refresh != 0 && (m.Refresh < time.Minute || m.Refresh > 7*day), "refresh", "the span must lie between one minute and a week", "1h")
		say(m.MaxAge != 0 && (m.MaxAge < time.Minute || m.MaxAge > 90*day), "max_age", "the span must lie between one minute and 90 days", "168h")
		say(m.MaxValidity != 0 && (m.MaxValidity < day || m.MaxValidity > 400*day), "max_validity", "the span must lie between a day and 400 days", "720h")
		say(m.MaxBytes != 0 && (m.MaxBytes < leastMetadata || m.MaxBytes > mostMetadata), "max_bytes", "it must lie between 1024 and 1073741824", "209715200")
		for _, role := range m.Roles {
			say(metadataRoles()[role] == 0, "roles", fmt.Sprintf("%q is no role", role), "sp or idp")
		}
		if _, err := networks(m.Networks); err != nil {
			say(true, "networks", err.Error(), "[10.1.0.0/16]")
		}
	}
	return out
}

// checkPlace wants one place, by TLS, and signers for what comes over the network.
func (m MetadataSource) checkPlace(say func(bad bool, key, what, mend string)) {
	said := 0
	for key, text := range map[string]string{"url": m.URL, "file": m.File, "mdq": m.MDQ} {
		if text == "" {
			continue
		}
		said++
		u, err := url.Parse(text)
		bad := err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.Fragment != ""
		say(key != "file" && bad, key, "this is no address of a document, or not by TLS", "https://…")
	}
	say(said != 1, "url", "where the metadata is must be said once", "url, file or mdq")
	say(m.File == "" && len(m.Signers) == 0, "signers", "nobody is named whose signature counts", "a file of the federation's certificate, in PEM")
}

// metadataSources reads the files that the sources of metadata name. The error tells every one that cannot be used.
func (c Config) metadataSources() ([]federation.Source, error) {
	var out []federation.Source
	var problems []error
	for _, m := range c.Metadata {
		s, err := m.source(c)
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", m.Name, err))
		}
		out = append(out, s)
	}
	return out, errors.Join(problems...)
}

func (m MetadataSource) source(c Config) (federation.Source, error) {
	s := federation.Source{
		Name: m.Name, URL: m.URL, File: c.path(m.File), MDQ: m.MDQ, Registrars: m.Registrars,
		Refresh: or(m.Refresh, federation.DefaultRefresh), MaxAge: or(m.MaxAge, federation.DefaultMaxAge),
		MaxValidity: or(m.MaxValidity, federation.DefaultMaxValidity), MaxBytes: or(m.MaxBytes, federation.DefaultMaxBytes),
	}
	for _, role := range m.Roles {
		s.Roles |= metadataRoles()[role]
	}
	var err error
	if s.Outside, err = m.outside(c); err != nil {
		return s, err
	}
	for _, name := range m.Signers {
		text, err := os.ReadFile(c.path(name))
		if err != nil {
			return s, err
		}
		certificates, err := saml.ReadCertificates(text)
		if err != nil {
			return s, fmt.Errorf("%s: %w", name, err)
		}
		s.Signers = append(s.Signers, certificates...)
	}
	return s, nil
}

func (m MetadataSource) outside(c Config) (fetch.Config, error) {
	var out fetch.Config
	for _, text := range m.Networks {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return out, err
		}
		out.Allow = append(out.Allow, network)
	}
	if m.CAFile == "" {
		return out, nil
	}
	text, err := os.ReadFile(c.path(m.CAFile))
	if err != nil {
		return out, err
	}
	if out.Roots = x509.NewCertPool(); !out.Roots.AppendCertsFromPEM(text) {
		return out, fmt.Errorf("%s: there is no certificate in the file", m.CAFile)
	}
	return out, nil
}

// newMetadata opens what is kept of others' metadata and keeps it fresh from then on. Without a folder nothing is kept.
func (g *gateway) newMetadata(development bool) error {
	if g.config.MetadataDir == "" {
		return nil
	}
	sources, err := g.config.metadataSources()
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	g.metadata, err = federation.New(federation.Config{
		Folder: g.config.path(g.config.MetadataDir), Sources: sources, Now: g.now, Log: g.log, LocalHTTP: development,
		Wanted: func() []federation.Pair {
			view, err := g.live.Current()
			if err != nil {
				return nil
			}
			return wantedMetadata(view.Services(), view.Sources())
		},
	})
	if err != nil {
		return fmt.Errorf("metadata: %w", err)
	}
	g.meter.metadata(g.metadata, g.now)
	g.metadata.Start()
	g.closers.add(g.metadata.Close)
	return nil
}

// entities is what the SAML protocol asks for others' metadata; nil where none is kept.
func (g *gateway) entities() samlidp.Entities {
	if g.metadata == nil {
		return nil
	}
	return g.metadata
}

// keepsMetadata tells whether metadata of others is kept under that name.
func (c Config) keepsMetadata(name string) bool {
	return c.MetadataDir != "" && slices.ContainsFunc(c.Metadata, func(m MetadataSource) bool { return m.Name == name })
}

// published is what a SAML source asks for others' metadata; nil where none is kept.
func (g *gateway) published() samlsp.Entities {
	if g.metadata == nil {
		return nil
	}
	return g.metadata
}

// wantedMetadata lists the entities whose metadata registered bindings and sources want kept for them.
func wantedMetadata(services []registry.Service, sources []registry.Source) []federation.Pair {
	var out []federation.Pair
	for _, s := range services {
		for _, b := range s.Bindings {
			source, address := samlidp.Kept(b)
			pair := federation.Pair{Source: source, EntityID: b.Handle}
			if address != "" {
				pair = federation.Pair{Source: address, EntityID: b.Handle, At: true}
			}
			if pair.Source != "" && !slices.Contains(out, pair) {
				out = append(out, pair)
			}
		}
	}
	for _, s := range sources {
		from, entityID := samlsp.Kept(s)
		if pair := (federation.Pair{Source: from, EntityID: entityID}); from != "" && !slices.Contains(out, pair) {
			out = append(out, pair)
		}
	}
	return out
}
