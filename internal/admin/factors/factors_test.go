package factors_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"ecluse/internal/admin/factors"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/web"
)

const (
	home    = "/bureau/facteurs"
	confirm = "/bureau/confirmer"
)

// bench is a desk that asks for second means, whose visitors came by a source that may have one of its own.
type bench struct {
	*frametest.Bench
	strong bool
	sent   []string // words under which people were sent to their source
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{}
	b.Bench = frametest.New(t, factors.Pages(), func(h *desktest.House, mux *web.Mux, f *frame.Frame) {
		h.StepUps = h.Factors
		factors.Mount(mux, f, factors.Config{
			Book: h.Factors, Again: mux,
			Source: func(*http.Request) (factors.Source, bool) {
				return factors.Source{ID: "ent", Name: registry.Text{FR: "Mon compte", EN: "My account"}, Contexts: []string{"mfa"}}, b.strong
			},
			Ask: func(w http.ResponseWriter, _ *http.Request, s factors.Source, word string) error {
				b.sent = append(b.sent, word)
				w.Header().Set("Location", "https://"+s.ID+".example/")
				w.WriteHeader(http.StatusSeeOther)
				return nil
			},
		})
	})
	return b
}

// at is somebody in one session of the desk.
func at(c roles.Caller, session string) roles.Caller {
	c.Session = session
	return c
}

// enrolling begins a code and gives its secret and the name of what was begun.
func (b *bench) enrolling(t *testing.T, who roles.Caller) (secret, id string) {
	t.Helper()
	a := b.Ask(who, "POST", home+"/code", "x", "1")
	if a.Status != http.StatusSeeOther {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	found := regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`).FindString(b.Get(t, who, a.Location))
	if found == "" {
		t.Fatal("no secret is shown")
	}
	_, id, _ = strings.Cut(a.Location, "secret=")
	return strings.ReplaceAll(found, " ", ""), id
}

func (b *bench) code(t *testing.T, secret string) string {
	t.Helper()
	text, err := totp.GenerateCode(secret, b.House.Now())
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// enrolled gives somebody a code, and its secret.
func (b *bench) enrolled(t *testing.T, who roles.Caller) string {
	t.Helper()
	secret, id := b.enrolling(t, who)
	frametest.Has(t, b.Sent(t, who, home+"/code/verifier", "secret", id, "code", b.code(t, secret), "nom", "Téléphone"), "Téléphone")
	b.Wait(2 * time.Minute)
	b.Snapshot(t) // a view is good for a while only
	return secret
}

// waits has somebody ask for an act that wants a means, and gives the name under which it waits.
func (b *bench) waits(t *testing.T, who roles.Caller) string {
	t.Helper()
	a := b.Ask(who, "POST", home+"/code", "x", "1")
	_, id, found := strings.Cut(a.Location, confirm+"?demande=")
	if a.Status != http.StatusSeeOther || !found {
		t.Fatalf("%d to %s: %s", a.Status, a.Location, a.Page)
	}
	return id
}

func TestAFirstCodeThatIsRefusedKeepsTheNameAndTheSecret(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := at(b.Recteur(), "s-1")
	secret, id := b.enrolling(t, me)
	long := strings.Repeat("téléphone ", 13)
	for name, c := range map[string]struct {
		code, called string
		field        string // beside which the mistake is said
		says         string
	}{
		"a wrong code":     {"abcdef", "Téléphone du bureau", "code", "Ce n'est pas le bon"},
		"no code":          {"", "Téléphone du bureau", "code", "Ce n'est pas le bon"},
		"a name too long":  {b.code(t, secret), long, "nom", "120 caractères"},
		"a name of blanks": {b.code(t, secret), "  ", "nom", "120 caractères"},
	} {
		a := b.Ask(me, "POST", home+"/code/verifier", "secret", id, "code", c.code, "nom", c.called)
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d %s", name, a.Status, a.Page)
		}
		frametest.Has(t, a.Page, c.says, `id="`+c.field+`-error"`, `value="`+strings.TrimSpace(c.called)+`"`, secret[:4]+" "+secret[4:8])
		other := map[string]string{"code": "nom", "nom": "code"}[c.field]
		frametest.Lacks(t, a.Page, `id="`+other+`-error"`)
	}
	frametest.Has(t, b.Get(t, me, home), "Vous n'en avez ajouté aucun")
	b.Refused(t, at(b.Recteur(), "s-2"), http.StatusGone, "GET", home+"/code?secret="+id)
	b.Refused(t, at(b.DPO(), "s-1"), http.StatusGone, "GET", home+"/code?secret="+id)
	frametest.Has(t, b.Sent(t, me, home+"/code/verifier", "secret", id, "code", b.code(t, secret), "nom", "Téléphone"), "Téléphone", "Dernier usage, jamais")
	a := b.Ask(me, "POST", home+"/code/verifier", "secret", id, "code", b.code(t, secret), "nom", "Téléphone")
	if a.Status != http.StatusConflict {
		t.Errorf("a secret is enrolled twice: %d", a.Status)
	}
	frametest.Has(t, a.Page, "C'est terminé, ou cela a pris trop de temps")
}

func TestTooManyCodesAreSaidBesideTheField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := at(b.Recteur(), "s-1")
	secret := b.enrolled(t, me)
	id := b.waits(t, me)
	for range 5 {
		a := b.Ask(me, "POST", confirm, "demande", id, "code", "000000")
		if a.Status != http.StatusUnprocessableEntity {
			t.Fatalf("%d %s", a.Status, a.Page)
		}
		frametest.Has(t, a.Page, `id="code-error"`, "Ce n'est pas le bon")
		frametest.Lacks(t, a.Page, `value="000000"`) // a code is no use twice
	}
	a := b.Ask(me, "POST", confirm, "demande", id, "code", b.code(t, secret))
	if a.Status != http.StatusTooManyRequests {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `id="code-error"`, "Trop d'essais")
}

func TestAKeyThatWasMadeIsNamedAgainWithoutMakingAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := at(b.Recteur(), "s-1")
	page := b.Ask(me, "POST", home+"/cle", "x", "1").Page
	ceremony := regexp.MustCompile(`name="ceremonie" value="([^"]+)"`).FindStringSubmatch(page)
	if len(ceremony) != 2 || !strings.Contains(page, `data-key="create"`) {
		t.Fatalf("the page asks for no key: %s", page)
	}
	long := strings.Repeat("clé ", 40)
	a := b.Ask(me, "POST", home+"/cle/garder", "ceremonie", ceremony[1], "reponse", `{"id":"x"}`, "nom", long)
	if a.Status != http.StatusUnprocessableEntity {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `id="nom-error"`, strings.TrimSpace(long), `value="`+ceremony[1]+`"`, `value="{"id":"x"}"`)
	frametest.Lacks(t, a.Page, "data-key")
	// What the browser gave is judged then, once.
	b.Refused(t, me, http.StatusUnprocessableEntity, "POST", home+"/cle/garder", "ceremonie", ceremony[1], "reponse", `{"id":"x"}`, "nom", "Clé")
	b.Refused(t, me, http.StatusConflict, "POST", home+"/cle/garder", "ceremonie", ceremony[1], "reponse", `{"id":"x"}`, "nom", "Clé")
}

func TestAnActIsConfirmedByACodeAndByNobodyElses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := at(b.Recteur(), "s-1")
	secret := b.enrolled(t, me)
	id := b.waits(t, me)
	frametest.Has(t, b.Get(t, me, confirm+"?demande="+id), "Ajouter un moyen de confirmation", "Code à six chiffres")
	for name, who := range map[string]roles.Caller{"another session": at(b.Recteur(), "s-2"), "another": at(b.DPO(), "s-1"), "no session": b.Recteur()} {
		t.Log(name)
		b.Refused(t, who, http.StatusGone, "GET", confirm+"?demande="+id)
		b.Refused(t, who, http.StatusGone, "POST", confirm, "demande", id, "code", b.code(t, secret))
		b.Refused(t, who, http.StatusGone, "POST", confirm+"/source", "demande", id)
	}
	a := b.Ask(me, "POST", confirm, "demande", id, "code", b.code(t, secret))
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, home+"/code?secret=") {
		t.Errorf("the act was not done: %d to %s", a.Status, a.Location)
	}
	b.Refused(t, me, http.StatusGone, "POST", confirm, "demande", id, "code", b.code(t, secret))
}

func TestTheSourceIsOfferedWhereItHasAFactorAndSaysWhyItConfirmedNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me := at(b.Recteur(), "s-1")
	b.enrolled(t, me)
	id := b.waits(t, me)
	frametest.Lacks(t, b.Get(t, me, confirm+"?demande="+id), "confirmer/source")
	if a := b.Ask(me, "POST", confirm+"/source", "demande", id); a.Status != http.StatusSeeOther || len(b.sent) != 0 || a.Location != confirm+"?demande="+id+"&retour=unavailable" {
		t.Errorf("a source without one was asked: %d to %s", a.Status, a.Location)
	}
	b.strong = true
	frametest.Has(t, b.Get(t, me, confirm+"?demande="+id), "Confirmer par Mon compte", `action="/bureau/confirmer/source"`)
	b.Lang = "en"
	frametest.Has(t, b.Get(t, me, confirm+"?demande="+id), "Confirm by My account")
	b.Lang = ""
	if a := b.Ask(me, "POST", confirm+"/source", "demande", id); a.Location != "https://ent.example/" || len(b.sent) != 1 {
		t.Fatalf("%d to %s", a.Status, a.Location)
	}
	for why, says := range map[stepup.Why]string{
		stepup.Other: "n'est pas celui avec lequel", stepup.Weak: "n'a pas demandé de preuve forte", stepup.Stale: "plus ancienne",
		stepup.Rejected: "ne peut pas servir", stepup.Unavailable: "ne répond pas", stepup.Cancelled: "renoncé",
	} {
		frametest.Has(t, b.Get(t, me, factors.BackFrom(id, why)), says, `role="alert"`, "Rien n'a été confirmé", `name="code"`)
	}
	frametest.Lacks(t, b.Get(t, me, confirm+"?demande="+id+"&retour=%3Cb%3E"), `role="alert"`, "<b>")
	waiting, why, err := b.Factors.ComeBack(t.Context(), b.sent[0], stepup.Said{Source: "ent", Handles: []string{me.Handle}, Context: "mfa", At: b.House.Now()})
	if err != nil || why != "" || waiting != id {
		t.Fatalf("%q, %v", why, err)
	}
	page := b.Get(t, me, factors.BackFrom(id, stepup.Weak)) // an address of before says nothing now
	frametest.Has(t, page, "Votre confirmation est reçue")
	frametest.Lacks(t, page, "n'a pas demandé")
	if a := b.Ask(me, "POST", confirm, "demande", id); !strings.HasPrefix(a.Location, home+"/code?secret=") {
		t.Errorf("the act was not done: %d to %s", a.Status, a.Location)
	}
}

func TestWhoHelpsFindsWhatTheyTypedAgain(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	me, helper := at(b.DPO(), "s-1"), at(b.Admin(), "s-2")
	b.enrolled(t, me)
	secret := b.enrolled(t, helper)
	word := regexp.MustCompile(`<code>([A-Z2-7-]+)</code>`).FindStringSubmatch(b.Ask(me, "POST", home+"/perdu", "x", "1").Page)
	if len(word) != 2 {
		t.Fatal("no word is told")
	}
	b.Refused(t, at(b.Head(desktest.College), "s-3"), http.StatusForbidden, "GET", home+"/aider")
	a := b.Ask(helper, "POST", home+"/aider", "mot", "AAAA-BBBB")
	frametest.Has(t, a.Page, `id="mot-error"`, `value="AAAA-BBBB"`)
	frametest.Has(t, b.Ask(helper, "POST", home+"/aider", "mot", word[1]).Page, "protection des données", `name="motif"`)
	long := strings.Repeat("perdu ", 400)
	a = b.Ask(helper, "POST", home+"/aider", "mot", word[1], "motif", long)
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `id="motif-error"`, strings.TrimSpace(long), word[1])
	a = b.Ask(helper, "POST", home+"/aider", "mot", word[1], "motif", "Téléphone perdu, rappelée au secrétariat")
	_, id, waits := strings.Cut(a.Location, confirm+"?demande=")
	if !waits {
		t.Fatalf("it wants no means: %d %s", a.Status, a.Page)
	}
	frametest.Has(t, b.Ask(helper, "POST", confirm, "demande", id, "code", b.code(t, secret)).Page, "Ses moyens sont retirés")
	frametest.Has(t, b.Get(t, me, home), "Vous n'en avez ajouté aucun")
}
