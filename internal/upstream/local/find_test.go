package local_test

import (
	"errors"
	"reflect"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/upstream"
)

func TestTheHolderOfAnAccountIsFoundByItsIdAsASignInWouldBringThem(t *testing.T) {
	t.Parallel()
	d := newDoor(t, desktest.New(t))
	a := d.used(t)
	d.try(a.Login, chosen)
	raw, err := d.Find(t.Context(), a.ID)
	if err != nil || !reflect.DeepEqual(raw.Attributes, d.host.Last(t).Attributes) {
		t.Errorf("%v, and another identity than the sign-in's", err)
	}
	for _, id := range []string{"", a.Login, "nobody"} {
		if _, err := d.Find(t.Context(), id); !errors.Is(err, upstream.ErrNobody) {
			t.Errorf("%q: %v", id, err)
		}
	}
	d.Set(desktest.Start().AddDate(2, 0, 0))
	if _, err := d.Find(t.Context(), a.ID); !errors.Is(err, upstream.ErrNobody) {
		t.Errorf("an account that is over: %v", err)
	}
}
