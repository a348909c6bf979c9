package idp_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"ecluse/internal/idp"
)

func TestOnlyReturnAddressesOnTheWebAreAskedAndNoMoreThanEight(t *testing.T) {
	t.Parallel()
	p := idp.Probed{Addresses: []idp.Address{
		{Kind: idp.LogoutAddress, URL: "https://sp.example/logout"},
		{Kind: idp.OtherAddress, URL: "https://sp.example/keys"},
		{Kind: idp.ReturnAddress, URL: "app.example:/back"},
	}}
	for i := range 10 {
		p.Addresses = append(p.Addresses, idp.Address{Kind: idp.ReturnAddress, URL: fmt.Sprintf("https://sp.example/%d", i)})
	}
	var mu sync.Mutex
	var asked []string
	p.Ask(t.Context(), func(_ context.Context, address string) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, address)
		if address == "https://sp.example/3" {
			return 0, errors.New("nobody is there")
		}
		return 405, nil
	})
	slices.Sort(asked)
	if len(asked) != 8 || asked[0] != "https://sp.example/0" || asked[7] != "https://sp.example/7" {
		t.Errorf("asked %q", asked)
	}
	for i, a := range p.Addresses {
		want := i >= 3 && i < 11
		if a.Asked != want || want && (a.Status == 405) == (a.Fault != "") {
			t.Errorf("%+v", a)
		}
	}
	p.Addresses = []idp.Address{{Kind: idp.ReturnAddress, URL: "https://sp.example/"}}
	if p.Ask(t.Context(), nil); p.Addresses[0].Asked {
		t.Error("nobody asks, and it was asked")
	}
}
