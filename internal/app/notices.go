package app

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/idp/console"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/login"
	"ecluse/internal/notices"
	"ecluse/internal/rights"
	"ecluse/internal/strictyaml"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
	"ecluse/internal/web"
)

// mountNotices adds what the gateway says of itself. It needs no store: what is around a page is found without fail.
func (g *gateway) mountNotices() {
	notices.Mount(g.mux, notices.Config{
		Kit: g.kit, Around: g.flow.Around, Notice: g.config.Notice, Accessibility: g.config.Accessibility,
		Kept: g.config.kept(), Cookies: cookies(),
	})
	if unsaid := g.config.unsaid(); len(unsaid) > 0 {
		g.log.Info("people read that the academy has not said these things yet", "keys", unsaid)
	}
}

// cookies are all that the gateway sets; a test looks for others in the sources.
func cookies() []notices.Cookie {
	var out []notices.Cookie
	for _, c := range slices.Concat(login.Needed(), oidcop.Needed(), typed.Needed(), console.Needed()) {
		out = append(out, notices.Cookie{Cookie: c})
	}
	for _, c := range slices.Concat(login.Chosen(), web.Chosen()) {
		out = append(out, notices.Cookie{Cookie: c, Chosen: true})
	}
	return out
}

// kept says for how long things are kept here, from the settings and the constants by which they are deleted. What nothing
// deletes has no span, and the page says so.
func (c Config) kept() []notices.Kept {
	return []notices.Kept{
		{What: "transaction", For: c.Sessions.Transaction},
		{What: "idle", For: c.Sessions.Idle},
		{What: "shared", For: c.Sessions.Shared},
		{What: "absolute", For: c.Sessions.Absolute},
		{What: "later", For: c.Sessions.Later},
		{What: "numbers", SchoolYears: cmp.Or(c.Numbers.KeepYears, DefaultConfig().Numbers.KeepYears)},
		{What: "favourites", SchoolYears: favouritesLast},
		{What: "charters", Years: keptAcknowledgements},
		{What: "accounts", Days: accounts.Kept},
		{What: "places", Days: upstream.FamiliarDays},
		{What: "requests", Months: rights.ReadMonths},
		{What: "requested", Years: cmp.Or(c.Rights.KeepYears, DefaultConfig().Rights.KeepYears)},
		{What: "receipts"},
		{What: "journal"},
	}
}

// unsaid lists the keys that nobody has filled in and that people read of.
func (c Config) unsaid() []string {
	var out []string
	for _, key := range c.Notice.Unsaid() {
		out = append(out, "notice."+key)
	}
	for _, key := range c.Accessibility.Unsaid() {
		out = append(out, "accessibility."+key)
	}
	return out
}

// tellUnsaid prints what people will read that the academy has not said.
func (c Config) tellUnsaid(out io.Writer) {
	for _, key := range c.unsaid() {
		fmt.Fprintf(out, "%s is empty: people read that the academy has not said it yet\n", key)
	}
}

// noticeMistakes are the mistakes of what the gateway is to say of itself.
func (c Config) noticeMistakes(now time.Time) []mistake {
	var out []mistake
	for _, m := range c.Notice.Check() {
		out = append(out, mistake{"notice." + m.Where, m.What, m.Mend})
	}
	for _, m := range c.Accessibility.Check(now) {
		out = append(out, mistake{"accessibility." + m.Where, m.What, m.Mend})
	}
	return out
}

// voices is the folder of recordings; nil where none is configured.
func (c Config) voices() fs.FS {
	if c.VoicesDir == "" {
		return nil
	}
	return os.DirFS(c.path(c.VoicesDir))
}

// withVoices takes the folder of recordings that lies in a demo's folder, where there is one.
func (c Config) withVoices() Config {
	const name = "voix"
	if found, err := os.Stat(c.path(name)); err == nil && found.IsDir() {
		c.VoicesDir = name
	}
	return c
}

// voiceProblems are the mistakes of the folder of recordings.
func (c Config) voiceProblems(file string) strictyaml.Problems {
	if c.VoicesDir == "" {
		return nil
	}
	_, err := web.New(web.Config{Product: "Écluse", PublicURL: "https://check.invalid", Voices: c.voices(), Contributions: contributions()})
	if err == nil {
		return nil
	}
	return strictyaml.Problems{{File: file, Path: "voices_dir", What: err.Error()}}
}

// demoNotices are what the demo says of itself: invented, as all there.
func demoNotices() (notices.Notice, notices.Accessibility) {
	const academy, where = "Académie d'Exemple (inventée)", "1 rue de l'Exemple, 28000 Chartres"
	notice := notices.Notice{
		Controller: academy + ", représentée par sa rectrice", Address: where, DPO: "dpd@ac-exemple.fr",
		Basis:     "Mission d'intérêt public : Code de l'éducation, art. L. 131-2 et L. 111-1 ; RGPD, art. 6(1)(e)",
		Publisher: academy + ", " + where, Director: "La rectrice de l'académie d'Exemple",
		Host: "Cette machine : la démonstration ne quitte pas l'ordinateur qui la lance", Support: "assistance@ac-exemple.fr",
	}
	accessibility := notices.Accessibility{
		Level:    notices.None,
		Failures: []string{"Les pages n'ont été essayées que par des outils automatiques, sans personne en situation de handicap."},
		Contact:  "accessibilite@ac-exemple.fr",
	}
	return notice, accessibility
}
