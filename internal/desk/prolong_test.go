package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

func TestManyDeclarationsAreRenewedInTwoActsByTwoPeople(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		var ids []string
		for range 3 {
			ids = append(ids, inForce(t, h, desktest.Reading()).ID)
		}
		until := desktest.Day("2028-08-31")
		if made, err := h.ForeseeProlong(t.Context(), h.DRANE(), ids, until); err != nil || len(made) != 3 || len(h.Snapshot(t).Versions(ids[0])) != 1 {
			t.Fatalf("foreseen: %v, %v", made, explain(err))
		}
		made, err := h.Prolong(t.Context(), h.DRANE(), append(ids, ids[0]), until)
		if err != nil || len(made) != 3 {
			t.Fatalf("%v, %v", made, explain(err))
		}
		v, _ := h.Snapshot(t).Declaration(ids[1], 2)
		if v.State != registry.Submitted || v.From != desktest.Day("2027-09-01") || v.Until != until || v.Author != h.DRANE().Handle || len(v.Opinions) != 0 {
			t.Errorf("%+v", v)
		}
		_, err = h.ApproveRenewals(t.Context(), h.DRANE(), made, "")
		isDenied(t, err, "role")
		if r, err := h.ForeseeRenewals(t.Context(), h.Recteur(), made, ""); err != nil || r.Done != 3 {
			t.Fatalf("%+v, %v", r, explain(err))
		}
		if r, err := h.ApproveRenewals(t.Context(), h.Recteur(), made, ""); err != nil || r.Done != 3 {
			t.Fatalf("%+v, %v", r, explain(err))
		}
		v, _ = h.Snapshot(t).Declaration(ids[2], 2)
		if v.State != registry.Approved || v.Change != registry.Renewal || v.Opinions[0].From == "" || v.Judged == nil {
			t.Errorf("%+v", v)
		}
		for action, count := range map[string]string{"declaration_prolong": "3", "declaration_renew": "3"} {
			entries := slices.DeleteFunc(h.Entries(t), func(e audit.Entry) bool { return e.Action != action || e.Outcome != audit.Done })
			if len(entries) != 1 || entries[0].Detail["declarations"] != count {
				t.Errorf("%s: %+v", action, entries)
			}
		}
	})
}

func TestARenewalKeepsTheDayOnWhichTermsWereConfirmed(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	h.Day("2027-06-01")
	if _, err := h.ConfirmTerms(t.Context(), h.Recteur(), on(d), "2026-1"); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.Prolong(t.Context(), h.DRANE(), []string{d.ID}, desktest.Day("2028-08-31")); err != nil {
		t.Fatal(explain(err))
	}
	if v, _ := h.Snapshot(t).Declaration(d.ID, 2); v.Supplier.Terms.Accepted != desktest.Day("2027-06-01") {
		t.Errorf("accepted %s", v.Supplier.Terms.Accepted)
	}
}

func TestARenewalOfManyIsAllOrNoneAndNamesEachThatCannotBe(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	good, busy := inForce(t, h, desktest.Reading()), inForce(t, h, desktest.Reading())
	next(t, h, busy.ID, renewed)
	stopped := inForce(t, h, desktest.Reading())
	if _, err := h.Suspend(t.Context(), h.DPO(), because(stopped, "fuite")); err != nil {
		t.Fatal(explain(err))
	}
	pilot := desktest.Reading()
	pilot.Pilot = &registry.Pilot{Until: desktest.Day("2027-08-31")}
	short := inForce(t, h, pilot)
	ids := []string{good.ID, busy.ID, stopped.ID, short.ID, "nothing"}
	_, err := h.Prolong(t.Context(), h.DRANE(), ids, desktest.Day("2028-08-31"))
	isInvalid(t, err, "ids[1]", "ids[2]", "ids[3].pilot", "ids[4]")
	if len(h.Snapshot(t).Versions(good.ID)) != 1 {
		t.Error("one of them was renewed all the same")
	}
	_, err = h.Prolong(t.Context(), h.DRANE(), []string{good.ID}, registry.Date{})
	isInvalid(t, err, "until")
	_, err = h.Prolong(t.Context(), h.DRANE(), []string{good.ID}, desktest.Day("2027-08-31"))
	isInvalid(t, err, "until")
	_, err = h.Prolong(t.Context(), h.DRANE(), nil, desktest.Day("2028-08-31"))
	isInvalid(t, err, "ids")
	_, err = h.Prolong(t.Context(), h.DRANE(), make([]string, 501), desktest.Day("2028-08-31"))
	isInvalid(t, err, "ids")
	_, err = h.Prolong(t.Context(), h.Head(desktest.College), []string{good.ID}, desktest.Day("2028-08-31"))
	isDenied(t, err, "perimeter")
	_, err = h.Prolong(t.Context(), h.DPO(), []string{good.ID}, desktest.Day("2028-08-31"))
	isDenied(t, err, "role")
}

func TestOnlyWhatIsARenewalIsApprovedAmongOthers(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	first, second := inForce(t, h, desktest.Reading()), inForce(t, h, desktest.Reading())
	made, err := h.Prolong(t.Context(), h.DRANE(), []string{first.ID}, desktest.Day("2028-08-31"))
	if err != nil {
		t.Fatal(explain(err))
	}
	wider := opined(t, h, next(t, h, second.ID, widened), registry.Favourable)
	_, err = h.ApproveRenewals(t.Context(), h.Recteur(), append(made, ref(wider)), "")
	isInvalid(t, err, "versions[1]")
	if v, _ := h.Snapshot(t).Declaration(first.ID, 2); v.State != registry.Submitted {
		t.Errorf("the renewal beside it is %s", v.State)
	}
	_, err = h.ApproveRenewals(t.Context(), h.Recteur(), nil, "")
	isInvalid(t, err, "versions")
	_, err = h.ApproveRenewals(t.Context(), h.Head(desktest.College), made, "")
	isMissing(t, err)
	_, err = h.ApproveRenewals(t.Context(), h.Recteur(), []desk.Ref{made[0], made[0]}, "")
	if err != nil {
		t.Errorf("the same twice: %v", explain(err))
	}
}
