package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

// FamiliarDays is for how many days a place is remembered after the last sign-in there.
const FamiliarDays = 90

// Where somebody types who they are is familiar to an account when its password was right there before. Otherwise whoever
// wants somebody kept out would type ten wrong passwords from two addresses each quarter of an hour. So what is typed in a
// familiar place is counted for that place, and neither counts among the guesses of strangers nor waits for them:
//
//	a device, by a cookie that is a random word   VisitorLimit, and nothing else is looked at, not even its address
//	a network                                     VisitorLimit and AddressLimit, but not AccountLimit
//	any other place                               all three
//
// Nobody makes a place familiar without the password. Strangers are evaluated AccountLimit times as before, whoever has all
// the familiar places of an account mostDevices + mostNetworks times VisitorLimit more, and the oldest places are forgotten
// first. A device becomes familiar when it shows its cookie at a right password, the second time that is: a browser that
// forgets its cookies each day pushes no other out, and a device that moves about pushes no network out.
//
// Whoever sits in a familiar network can still keep the account out there, but for its devices: a school's network is one
// address, at which guesses at all its accounts must stay few. And whoever is at a place, and has an account wait elsewhere,
// can tell whether that place is familiar to it.
const (
	mostDevices  = 5
	mostNetworks = 10
	familiarFor  = FamiliarDays * 24 * time.Hour
	noted        = 24 * time.Hour // a place is not written down again so soon
)

// Where is from where somebody types who they are.
type Where struct {
	From   netip.Addr
	Device string // what its browser was called by an earlier sign-in; empty for none
}

// Familiar tells what of a place an account knows.
type Familiar struct{ Device, Network bool }

// places are those of one account, latest first.
type places struct {
	Devices  []place `json:"devices,omitempty"`
	Networks []place `json:"networks,omitempty"`
}

type place struct {
	Name string `json:"name"` // keyed, and by the account: the places of two accounts cannot be compared
	Last int64  `json:"last"` // milliseconds
}

// Familiar looks a place up. Without the store no guess is evaluated.
func (g Guesses) Familiar(ctx context.Context, source, login string, at Where) (Familiar, error) {
	known, err := g.places(ctx, source, login)
	if err != nil {
		return Familiar{}, err
	}
	device, network := g.named(source, login, at)
	return Familiar{Device: has(known.Devices, device), Network: has(known.Networks, network)}, nil
}

// Remember makes a place familiar, where the password was right.
func (g Guesses) Remember(ctx context.Context, source, login string, at Where) error {
	known, err := g.places(ctx, source, login)
	if err != nil {
		return err
	}
	now := g.now()
	device, network := g.named(source, login, at)
	changed := false
	switch {
	case device != "":
		known.Devices, changed = with(known.Devices, device, now, mostDevices)
	case network != "":
		known.Networks, changed = with(known.Networks, network, now, mostNetworks)
	}
	if !changed {
		return nil
	}
	value, err := json.Marshal(known)
	if err != nil {
		return fmt.Errorf("guesses: %w", err)
	}
	err = g.tickets.Put(ctx, store.Ticket{Kind: g.familiar(), Name: g.account(source, login), Value: value, Expires: now.Add(familiarFor)})
	if err != nil {
		return fmt.Errorf("guesses: %w", err)
	}
	return nil
}

// First is for whom a guess counts before the account is looked up.
func (g Guesses) First(source, login string, at Where, known Familiar) Subject {
	if known.Device {
		return Subject{name: g.keys.MAC(g.kind+"/guess/device", source, plain(login), at.Device), limit: VisitorLimit}
	}
	return g.Address(at.From)
}

// Then is for whom it counts when the account is known by the name that it has there.
func (g Guesses) Then(source, account string, at Where, known Familiar) []Subject {
	visitor := g.Visitor(source, account, at.From)
	switch {
	case known.Device:
		return nil
	case known.Network:
		return []Subject{visitor}
	}
	return []Subject{visitor, g.Account(source, account)}
}

func (g Guesses) familiar() store.Kind { return store.Kind(g.kind + "-familiar") }

func (g Guesses) account(source, login string) string {
	return g.keys.MAC(g.kind+"/familiar", source, plain(login))
}

func (g Guesses) named(source, login string, at Where) (device, network string) {
	if at.Device != "" {
		device = g.keys.MAC(g.kind+"/familiar/device", source, plain(login), at.Device)
	}
	if at.From.IsValid() { // an address that nobody knows is everybody's
		network = g.keys.MAC(g.kind+"/familiar/network", source, plain(login), web.Network(at.From))
	}
	return device, network
}

// places reads those that are not forgotten yet.
func (g Guesses) places(ctx context.Context, source, login string) (known places, err error) {
	ticket, err := g.tickets.Get(ctx, g.familiar(), g.account(source, login))
	if errors.Is(err, store.ErrNotFound) {
		return places{}, nil
	}
	if err != nil {
		return places{}, fmt.Errorf("guesses: %w", err)
	}
	if err := json.Unmarshal(ticket.Value, &known); err != nil {
		return places{}, errors.New("guesses: the record cannot be read")
	}
	old := func(p place) bool { return !g.now().Before(time.UnixMilli(p.Last).Add(familiarFor)) }
	known.Devices, known.Networks = slices.DeleteFunc(known.Devices, old), slices.DeleteFunc(known.Networks, old)
	return known, nil
}

func has(list []place, name string) bool {
	return name != "" && slices.ContainsFunc(list, func(p place) bool { return p.Name == name })
}

// with puts a place first, and tells whether that has to be written.
func with(list []place, name string, now time.Time, most int) ([]place, bool) {
	i := slices.IndexFunc(list, func(p place) bool { return p.Name == name })
	if i >= 0 && now.Before(time.UnixMilli(list[i].Last).Add(noted)) {
		return list, false
	}
	if i >= 0 {
		list = slices.Delete(list, i, i+1)
	}
	list = slices.Insert(list, 0, place{name, now.UnixMilli()})
	return list[:min(len(list), most)], true
}
