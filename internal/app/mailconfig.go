package app

import (
	"cmp"
	"crypto/x509"
	"errors"
	"fmt"
	netmail "net/mail"
	"os"
	"slices"
	"strings"
	"time"

	"ecluse/internal/mail"
	"ecluse/internal/notify"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Mail says how offices are told of what happens and what waits. Without url_file no mail is sent.
type Mail struct {
	URLFile string            `yaml:"url_file"`
	Plain   bool              `yaml:"plain"`
	CAFile  string            `yaml:"ca_file"`
	From    string            `yaml:"from"`
	Bounces string            `yaml:"bounces"`
	Digest  MailDigest        `yaml:"digest"`
	Schools string            `yaml:"schools"`
	To      map[string]string `yaml:"to"`
}

// MailDigest says when the week's digest is made.
type MailDigest struct {
	Day  string `yaml:"day"`
	Hour int    `yaml:"hour"`
}

// String tells whether mail is set up, and no address.
func (m Mail) String() string { return fmt.Sprintf("mail: %v", m.on()) }

// GoString shows what String shows.
func (m Mail) GoString() string { return m.String() }

func (m Mail) on() bool { return m.URLFile != "" }

// addressed are the functions to whom something is sent.
func addressed() []registry.Role {
	return []registry.Role{
		registry.HeadOfSchool, registry.Directeur, registry.DASEN, registry.Recteur, registry.DRANE, registry.DPO, registry.Admin,
		registry.OnCall, registry.Auditor, registry.Provider,
	}
}

// weekday reads a day of the week in English.
func weekday(word string) (time.Weekday, bool) {
	for day := time.Sunday; day <= time.Saturday; day++ {
		if strings.EqualFold(day.String(), word) {
			return day, true
		}
	}
	return 0, false
}

// mailMistakes checks the section by itself; the relay's address, which is in a file, is checkMail's.
func (c Config) mailMistakes() []mistake {
	var out []mistake
	say := func(bad bool, key, what, mend string) {
		if bad {
			out = append(out, mistake{"mail." + key, what, mend})
		}
	}
	m := c.Mail
	address := func(key, text string) {
		_, err := netmail.ParseAddress(text)
		say(err != nil, key, "it is not an address", "ne-pas-repondre@ac-exemple.fr")
	}
	say(!m.on() && (m.From != "" || m.Schools != "" || len(m.To) > 0), "url_file", "the file with the relay's address is missing", "a file that holds smtp://user:password@relay:587")
	if m.on() {
		address("from", m.From)
		say(m.Schools == "" && len(m.To) == 0, "to", "nobody would be told of anything", "schools, and to: {dpo: …}")
	}
	if m.Bounces != "" {
		address("bounces", m.Bounces)
	}
	_, known := weekday(m.Digest.Day)
	say(!known, "digest.day", fmt.Sprintf("%q is no day of the week", m.Digest.Day), "monday")
	say(m.Digest.Hour < 0 || m.Digest.Hour > 23, "digest.hour", "it lies between 0 and 23", "7")
	if m.Schools != "" {
		_, ok := m.fill(m.Schools, notify.Box{Role: registry.HeadOfSchool, Of: "0590001A"})
		say(!ok || !strings.Contains(m.Schools, "{uai}"), "schools", "it makes no address of its own for each school", "ce.{uai}@ac-exemple.fr")
	}
	for key, pattern := range m.To {
		role, of, _ := strings.Cut(key, "/")
		say(!slices.Contains(addressed(), registry.Role(role)), "to", fmt.Sprintf("nothing is sent to %q", role), "dpo, recteur, dasen, drane, admin, oncall, auditor, provider/<service>, head/<UAI>")
		_, ok := m.fill(pattern, notify.Box{Role: registry.Role(role), Of: cmp.Or(of, "x")})
		say(!ok, "to", fmt.Sprintf("what stands for %q makes no address", key), "dsden{department}@ac-exemple.fr")
		alone := slices.Contains([]registry.Role{registry.HeadOfSchool, registry.Directeur, registry.Provider}, registry.Role(role)) && of == ""
		say(alone, "to", fmt.Sprintf("%q without the school or the service would be one mailbox for all", key), key+"/…, and schools for all schools")
	}
	slices.SortFunc(out, func(a, b mistake) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.what, b.what)) })
	return out
}

// fill puts what a box is held over into a pattern. ok is false when that makes no address.
func (m Mail) fill(pattern string, b notify.Box) (address string, ok bool) {
	word := "{academy}"
	if _, school := b.UAI(); school {
		word = "{uai}"
	} else if b.Role == registry.DASEN {
		word = "{department}"
	}
	text := strings.ReplaceAll(pattern, word, strings.ToLower(b.Of))
	parsed, err := netmail.ParseAddress(text)
	if err != nil || strings.ContainsAny(text, "{} ") || parsed.Address != text {
		return "", false
	}
	return text, true
}

// address is the mailbox of a function. What the section says of one very school goes before what the register has of it, which
// may be nothing, and what it says of all schools after. ok is false when nobody said which it is.
func (m Mail) address(registered string, b notify.Box) (string, bool) {
	if own, ok := m.To[string(b.Role)+"/"+b.Of]; ok {
		return m.fill(own, b)
	}
	if _, ok := b.UAI(); ok && registered != "" {
		return registered, true
	}
	if uai, ok := b.UAI(); ok {
		if _, err := person.ParseUAI(string(uai)); err != nil || m.Schools == "" {
			return "", false
		}
		return m.fill(m.Schools, b)
	}
	return m.fill(m.To[string(b.Role)], b)
}

// schedule is when digests are made.
func (m Mail) schedule() notify.Schedule {
	day, _ := weekday(m.Digest.Day)
	return notify.Schedule{Day: day, Hour: m.Digest.Hour}
}

// relay makes the relay that the section describes.
func (c Config) relay() (*mail.Relay, error) {
	address, err := c.secretOr("", c.Mail.URLFile)
	if err != nil {
		return nil, fmt.Errorf("url_file: %w", err)
	}
	settings := mail.Config{URL: address, Plain: c.Mail.Plain, From: c.Mail.From, Bounces: c.Mail.Bounces, Host: host(c.PublicURL)}
	if c.Mail.CAFile != "" {
		pem, err := os.ReadFile(c.path(c.Mail.CAFile))
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		settings.Roots = x509.NewCertPool()
		if !settings.Roots.AppendCertsFromPEM(pem) {
			return nil, errors.New("ca_file: there is no certificate in it")
		}
	}
	return mail.New(settings)
}

// checkMail looks whether the files that the section names can be used. It connects to nobody.
func (c Config) checkMail() error {
	if !c.Mail.on() {
		return nil
	}
	_, err := c.relay()
	return err
}
