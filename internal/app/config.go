package app

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/attrs"
	"ecluse/internal/login"
	"ecluse/internal/notices"
	"ecluse/internal/strictyaml"
	"ecluse/internal/web"
)

// Config is what gateway.yaml says. configs/gateway.yaml documents every key; a test holds the two together.
type Config struct {
	PublicURL       string   `yaml:"public_url"`
	Listen          string   `yaml:"listen"`
	OpsListen       string   `yaml:"ops_listen"`
	TrustedProxies  []string `yaml:"trusted_proxies"`
	SharedNetworks  []string `yaml:"shared_networks"`
	ServiceNetworks []string `yaml:"service_networks"`
	TLS             TLS      `yaml:"tls"`

	ClientCertificates ClientCertificates `yaml:"client_certificates"`

	MasterSecretFile string   `yaml:"master_secret_file"`
	DictionaryFile   string   `yaml:"dictionary_file"`
	Store            Store    `yaml:"store"`
	TimeZone         string   `yaml:"time_zone"`
	Log              Log      `yaml:"log"`
	Sessions         Sessions `yaml:"sessions"`
	Relay            Relay    `yaml:"relay"`
	Shutdown         Shutdown `yaml:"shutdown"`
	Canary           Canary   `yaml:"canary"`
	Numbers          Numbers  `yaml:"numbers"`
	Rights           Rights   `yaml:"rights"`
	VoicesDir        string   `yaml:"voices_dir"`
	SAML             SAML     `yaml:"saml"`

	Mail Mail `yaml:"mail"`

	MetadataDir string           `yaml:"metadata_dir"`
	Metadata    []MetadataSource `yaml:"metadata"`

	Notice        notices.Notice        `yaml:"notice"`
	Accessibility notices.Accessibility `yaml:"accessibility"`

	dir  string // relative names of files are read from here
	file string // what the file is called
}

// TLS names the certificate that the public listener serves; both files are read again when they change.
type TLS struct {
	CertFile string `yaml:"cert_file"`
	KeyFile  string `yaml:"key_file"`
}

// absolute names the files from the folder that the program runs in.
func (t TLS) absolute() (TLS, error) {
	cert, no := filepath.Abs(t.CertFile)
	key, err := filepath.Abs(t.KeyFile)
	return TLS{CertFile: cert, KeyFile: key}, errors.Join(no, err)
}

// Store says where things are kept.
type Store struct {
	URL            Secret `yaml:"url"`
	URLFile        string `yaml:"url_file"`
	TicketsURL     Secret `yaml:"tickets_url"`
	TicketsURLFile string `yaml:"tickets_url_file"`
}

// Log says what the log looks like.
type Log struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

// Sessions are the limits of package login.
type Sessions struct {
	Transaction time.Duration `yaml:"transaction"`
	Idle        time.Duration `yaml:"idle"`
	Shared      time.Duration `yaml:"shared"`
	Absolute    time.Duration `yaml:"absolute"`
	Later       time.Duration `yaml:"later"`
}

// Relay is the operator's mail relay: services can be given an address there instead of the person's own.
type Relay struct {
	Domain  string `yaml:"domain"`
	Pattern string `yaml:"pattern"`
}

// Shutdown says how long the end takes.
type Shutdown struct {
	Delay time.Duration `yaml:"delay"`
	Grace time.Duration `yaml:"grace"`
}

// Canary says how much of what leaves is looked at again.
type Canary struct {
	Sample float64 `yaml:"sample"` // the share of all messages
	First  int     `yaml:"first"`  // and so many in any case after each change of a service and each start
}

// Numbers says for how long the key book remembers whom nobody has seen.
type Numbers struct {
	KeepYears int `yaml:"keep_years"` // whole school years after the last one
}

// Secret is a text that prints as ***.
type Secret string

// String shows that there is one, or nothing.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "***"
}

// GoString shows what String shows.
func (s Secret) GoString() string { return s.String() }

// MarshalText shows what String shows.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// DefaultConfig is what holds where a file says nothing.
func DefaultConfig() Config {
	limits := login.DefaultLimits()
	return Config{
		Listen: "127.0.0.1:8080", OpsListen: "127.0.0.1:9090", TimeZone: "Europe/Paris",
		Store: Store{URL: "sqlite:ecluse.db"}, Log: Log{Level: "info", Format: "json"},
		Sessions: Sessions{Transaction: limits.Transaction, Idle: limits.Idle, Shared: limits.Shared, Absolute: limits.Session, Later: limits.Later},
		Shutdown: Shutdown{Delay: 5 * time.Second, Grace: 20 * time.Second},
		Canary:   Canary{Sample: 0.05, First: 100},
		Numbers:  Numbers{KeepYears: 3},
		Rights:   Rights{KeepYears: 3},
		Mail:     Mail{Digest: MailDigest{Day: "monday", Hour: 7}},

		Accessibility: notices.Accessibility{Level: notices.None},
	}
}

// EnvPrefix begins the name of an environment variable that overrides a key: ECLUSE_STORE__URL is store.url.
const EnvPrefix = "ECLUSE_"

// LoadConfig reads a file and the environment over the defaults, and checks the whole. The error holds every mistake.
func LoadConfig(file string, environ []string) (Config, error) {
	c := configNamed(file)
	data, err := os.ReadFile(file)
	if err != nil {
		return Config{}, fmt.Errorf("configuration: %w", err)
	}
	docs, problems := strictyaml.Parse(file, data)
	if len(docs) == 0 && len(problems) > 0 {
		return c, problems // nothing of it was read: what it lacks is not known
	}
	if len(docs) > 1 {
		problems = append(problems, docs[1].At("", "a configuration is one document", ""))
	}
	doc := strictyaml.Document{File: file, Node: &yaml.Node{Kind: yaml.MappingNode}}
	if len(docs) > 0 {
		doc = docs[0]
		problems = append(problems, doc.Decode(&c)...)
	}
	env := environment(environ)
	problems = append(problems, env.Decode(&c)...)
	for _, m := range c.mistakes() {
		problems = append(problems, doc.At(m.key, m.what, m.mend))
	}
	return c, problems.Or()
}

// environment makes a document of the variables that bear our prefix.
func environment(environ []string) strictyaml.Document {
	root := &yaml.Node{Kind: yaml.MappingNode}
	for _, pair := range environ {
		name, value, _ := strings.Cut(pair, "=")
		path, ours := strings.CutPrefix(name, EnvPrefix)
		if !ours {
			continue
		}
		at := root
		parts := strings.Split(strings.ToLower(path), "__")
		for _, part := range parts[:len(parts)-1] {
			at = under(at, part, &yaml.Node{Kind: yaml.MappingNode})
		}
		under(at, parts[len(parts)-1], &yaml.Node{Kind: yaml.ScalarNode, Value: value})
	}
	return strictyaml.Document{File: "environment", Node: root}
}

func under(at *yaml.Node, key string, fresh *yaml.Node) *yaml.Node {
	for i := 0; i+1 < len(at.Content); i += 2 {
		if at.Content[i].Value == key {
			return at.Content[i+1]
		}
	}
	at.Content = append(at.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, fresh)
	return fresh
}

type mistake struct{ key, what, mend string }

// mistakes checks what the types cannot say.
func (c Config) mistakes() []mistake {
	var out []mistake
	say := func(bad bool, key, what, mend string) {
		if bad {
			out = append(out, mistake{key, what, mend})
		}
	}
	u, err := url.Parse(c.PublicURL)
	ok := err == nil && u.Host != "" && (u.Path == "" || u.Path == "/") && u.RawQuery == "" && u.User == nil
	say(!ok, "public_url", "the address that people type is missing or no address", "https://sso.ac-exemple.fr")
	say(ok && u.Scheme != "https", "public_url", "plain HTTP is refused outside the demo", "https://…")
	say(c.TLS == TLS{} && len(c.TrustedProxies) == 0, "tls", "neither a certificate nor a trusted proxy that ends TLS", "tls.cert_file and tls.key_file, or trusted_proxies")
	say((c.TLS.CertFile == "") != (c.TLS.KeyFile == ""), "tls", "certificate and key belong together", "")
	say(c.MasterSecretFile == "", "master_secret_file", "the file with the master secret is missing", "32 random bytes or more, mode 0600")
	if _, err := web.ParseProxies(c.TrustedProxies); err != nil {
		say(true, "trusted_proxies", err.Error(), "[10.0.0.0/8]")
	}
	for key, list := range map[string][]string{"shared_networks": c.SharedNetworks, "service_networks": c.ServiceNetworks} {
		if _, err := networks(list); err != nil {
			say(true, key, err.Error(), "[10.42.0.0/16]")
		}
	}
	if _, err := time.LoadLocation(c.TimeZone); err != nil || c.TimeZone == "" {
		say(true, "time_zone", fmt.Sprintf("%q is no time zone", c.TimeZone), "Europe/Paris, Indian/Reunion")
	}
	for key, address := range map[string]string{"listen": c.Listen, "ops_listen": c.OpsListen} {
		if _, _, err := net.SplitHostPort(address); err != nil {
			say(true, key, fmt.Sprintf("%q is no address to listen on", address), "127.0.0.1:8080")
		}
	}
	say(c.Store.URL != "" && c.Store.URL != DefaultConfig().Store.URL && c.Store.URLFile != "", "store.url_file", "url and url_file exclude each other", "")
	say(c.Store.TicketsURL != "" && c.Store.TicketsURLFile != "", "store.tickets_url_file", "tickets_url and tickets_url_file exclude each other", "")
	_, err = logLevel(c.Log.Level)
	say(err != nil, "log.level", fmt.Sprintf("%q is no level", c.Log.Level), "debug, info, warn, error")
	say(c.Log.Format != "json" && c.Log.Format != "text", "log.format", fmt.Sprintf("%q is no format", c.Log.Format), "json or text")
	for key, span := range map[string]time.Duration{
		"sessions.transaction": c.Sessions.Transaction, "sessions.idle": c.Sessions.Idle,
		"sessions.shared": c.Sessions.Shared, "sessions.absolute": c.Sessions.Absolute, "sessions.later": c.Sessions.Later,
	} {
		say(span < time.Minute || span > 24*time.Hour, key, "the span must lie between one minute and a day", "")
	}
	say(!(c.Canary.Sample >= 0 && c.Canary.Sample <= 1), "canary.sample", "the share lies between 0 and 1", "0.05, which is one message in twenty")
	say(c.Canary.First < 0 || c.Canary.First == 0 && c.Canary.Sample == 0, "canary.first", "nobody would look at what leaves", "100")
	say(c.Numbers.KeepYears < 0 || c.Numbers.KeepYears > 20, "numbers.keep_years", "it lies between 1 and 20 school years, or 0 for the default", "3")
	say(c.Rights.KeepYears < 0 || c.Rights.KeepYears > 20, "rights.keep_years", "it lies between 1 and 20 years, or 0 for the default", "3")
	for _, found := range attrs.Relay(c.Relay).Check() {
		say(true, "relay."+found.Where, found.What, found.Mend)
	}
	say(c.Shutdown.Delay < 0 || c.Shutdown.Grace <= 0, "shutdown", "spans cannot be negative", "")
	out = append(append(out, c.metadataMistakes()...), c.mailMistakes()...)
	out = append(out, c.clientCertMistakes()...)
	return append(append(out, c.samlMistakes()...), c.noticeMistakes(time.Now())...)
}

// configNamed is the defaults, with the place of a configuration file that was not read yet.
func configNamed(file string) Config {
	c := DefaultConfig()
	c.dir, c.file = filepath.Dir(file), filepath.Base(file)
	return c
}

// path reads a relative name beside the configuration file.
func (c Config) path(name string) string {
	if name == "" || filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(c.dir, name)
}

// secretOr reads a file when one is named, and gives the value otherwise.
func (c Config) secretOr(value Secret, file string) (string, error) {
	if file == "" {
		return string(value), nil
	}
	data, err := os.ReadFile(c.path(file))
	if err != nil {
		return "", err
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", errors.New(file + " is empty")
	}
	return text, nil
}
