package numbers_test

import (
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/numbers"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	list = "/bureau/numeros"
	lire = "/bureau/numeros/lire"
)

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	return frametest.New(t, numbers.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { numbers.Mount(mux, f) })
}

func TestNewNumbersAreAskedByOneAndConfirmedByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Get(t, b.DPO(), list), "lire", "premiers numéros")
	page := b.Sent(t, b.OnCall(), lire, "acte", "demander", "motif", "Une liste est sortie.", "jusque", "2026-12-31")
	frametest.Has(t, page, "C'est demandé", "Vous l'avez demandé", "Une liste est sortie.", "31 décembre 2026")
	frametest.Lacks(t, page, "Confirmer les nouveaux numéros", "handle-of")
	b.Refused(t, b.OnCall(), 403, "POST", lire, "acte", "confirmer")
	b.Refused(t, b.Recteur(), 409, "POST", "/bureau/numeros/calcul", "acte", "confirmer")
	if f := b.Snapshot(t).Family("lire"); f.Generation != 0 || f.State != registry.Submitted {
		t.Errorf("%+v", f)
	}
	frametest.Has(t, b.Get(t, b.DPO(), list), "de nouveaux sont demandés")
	page = b.Sent(t, b.DPO(), lire, "acte", "confirmer", "motif", "Vu.")
	frametest.Has(t, page, "Chacun a un nouveau numéro", "renouvelés, 1 fois", "jusqu'au jeudi 31 décembre 2026")
	if f := b.Snapshot(t).Family("lire"); f.Generation != 1 {
		t.Errorf("%+v", f)
	}
}

func TestWhoeverAskedMayGiveItUpAndNothingChanges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Sent(t, b.DPO(), lire, "acte", "demander", "motif", "Un doute.")
	frametest.Has(t, b.Sent(t, b.DPO(), lire, "acte", "decliner", "motif", "Levé."), "C'est décliné", "Demander de nouveaux numéros", "Décliné le")
	if f := b.Snapshot(t).Family("lire"); f.Generation != 0 || f.State == registry.Submitted {
		t.Errorf("%+v", f)
	}
}

func TestARenewalWantsAReasonAndADayThatIsNear(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Ask(b.DPO(), "POST", lire, "acte", "demander", "motif", " ", "jusque", "2030-01-01")
	if a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#motif"`, `href="#jusque"`, `value="2030-01-01"`, "Écrivez pourquoi")
	a = b.Ask(b.DPO(), "POST", lire, "acte", "demander", "motif", "Une liste.", "jusque", "demain")
	if a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `value="demain"`, "Une liste.")
	if f := b.Snapshot(t).Family("lire"); f.State == registry.Submitted {
		t.Error("asked for")
	}
}

func TestOpaqueNumbersAreTheBusinessOfThoseWhoAnswerForAll(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.Admin(), b.DASEN(), b.DRANE(), b.Auditor(), b.Provider(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", list)
		b.Refused(t, who, 403, "GET", lire)
		b.Refused(t, who, 403, "POST", lire, "acte", "demander", "motif", "x")
		b.Refused(t, who, 403, "POST", lire, "acte", "decliner", "motif", "x")
	}
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/numeros/rien")
	b.Refused(t, b.DPO(), 404, "POST", "/bureau/numeros/rien", "acte", "demander", "motif", "x")
}
