package rules

import (
	"net/http"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/keys"
	"ecluse/internal/web"
)

type keysPage struct {
	web.Frame
	Rows []keyRow
}

type keyRow struct {
	Use, Algorithm, Since, Until, Next, ID string
	State                                  web.Badge
	Soon                                   bool
}

// soon is how long before its end a certificate is worth a word.
const soonDays = 60

func (p *pages) keys(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Oversees(v.Context(), v.Caller); err != nil {
		return err
	}
	out := keysPage{Frame: v.Around(v.Say("key.title"))}
	if p.Keys != nil {
		all, err := p.Keys(v.Context())
		if err != nil {
			return err
		}
		for _, k := range all {
			out.Rows = append(out.Rows, keyOf(v, k, all))
		}
	}
	return v.Render(w, http.StatusOK, "keys", out)
}

func keyOf(v *frame.Visit, k keys.Key, all []keys.Key) keyRow {
	zone := v.Snapshot.Zone()
	out := keyRow{
		Use: useOf(v, k.Use), Algorithm: string(k.Algorithm), Since: v.Kit.Date(v.Lang, k.Since.In(zone)), ID: k.ID,
		State: web.Badge{Kind: map[keys.State]string{keys.Active: "success", keys.Next: "info"}[k.State], Text: v.Say("key.state." + string(k.State))},
	}
	if !k.Until.IsZero() {
		out.Until = v.Kit.Date(v.Lang, k.Until.In(zone))
		out.Soon = k.State == keys.Active && v.Now.AddDate(0, 0, soonDays).After(k.Until)
	}
	ready := v.Kit.DateTime(v.Lang, k.Ready())
	switch {
	case k.State == keys.Next:
		out.Next = v.Say("key.next.activate", "date", ready)
	case k.State == keys.Previous:
		out.Next = v.Say("key.next.retire", "date", ready)
	case k.State == keys.Retired:
		out.Next = v.Say("key.next.none")
	case slices.ContainsFunc(all, func(o keys.Key) bool { return o.Use == k.Use && o.State == keys.Next }):
		out.Next = v.Say("key.next.follows")
	default:
		out.Next = v.Say("key.next.prepare")
	}
	return out
}

// useOf says what a key is for; one that has no words says its own.
func useOf(v *frame.Visit, u keys.Use) string {
	if slices.Contains(keys.Rotating(), u) {
		return v.Say("key.use." + string(u))
	}
	return string(u)
}

type settingsPage struct {
	web.Frame
	Rows []Setting
}

func (p *pages) settings(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Oversees(v.Context(), v.Caller); err != nil {
		return err
	}
	out := settingsPage{Frame: v.Around(v.Say("setting.title"))}
	if p.Settings != nil {
		out.Rows = p.Settings()
	}
	return v.Render(w, http.StatusOK, "settings", out)
}
