package incidents

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/incident"
	"ecluse/internal/web"
)

// printed is the notification to print.
type printed struct {
	web.Frame
	incident.Notification
	When    []web.Term
	What    []web.Term
	Data    web.Table
	Missing string
	File    string
}

// notification shows what the authority asks, or gives it as a file to keep.
func notification(w http.ResponseWriter, v *frame.Visit) error {
	ref := v.R.PathValue("ref")
	n, err := v.Desk.Notification(v.Context(), v.Caller, ref)
	if err != nil {
		return err
	}
	switch v.Query("format") {
	case "md":
		return file(w, "text/markdown; charset=utf-8", "notification.md", []byte(n.Markdown(v.Snapshot.Zone())))
	case "json":
		text, err := json.MarshalIndent(n, "", "  ")
		if err != nil {
			return err
		}
		return file(w, "application/json", "notification.json", text)
	}
	path := list + "/" + ref
	page := printed{Frame: v.Around(v.Say("notification.title"), at(list, v.Say("list.title")), at(path, n.Title)), Notification: n, File: path + "/notification?format="}
	moment := func(key string, t time.Time) {
		text := v.Say("notification.none")
		if !t.IsZero() {
			text = v.Kit.DateTime(v.Lang, t)
		}
		page.When = append(page.When, web.Term{Term: v.Say("notification." + key), Text: text})
	}
	moment("began", n.Began)
	moment("ended", n.Ended)
	moment("known", n.Known)
	moment("due", n.Due)
	moment("notified", n.Notified)
	moment("informed", n.Informed)
	said := func(key, text string) {
		if strings.TrimSpace(text) == "" {
			text = v.Say("notification.missing")
		}
		page.What = append(page.What, web.Term{Term: v.Say("field." + key), Text: text})
	}
	var natures []string
	for _, word := range n.Natures {
		natures = append(natures, v.Say("nature."+word))
	}
	said("nature", strings.Join(natures, ", "))
	said("faits", n.What)
	said("consequences", n.Effects)
	said("mesures", n.Measures)
	if n.Late {
		said("retard", n.WhyLate)
	}
	said("contact", n.Contact)
	page.Data = web.Table{Caption: v.Say("notification.data"), Head: []string{v.Say("counted.data"), v.Say("counted.people")}}
	for _, s := range n.Data {
		page.Data.Rows = append(page.Data.Rows, []string{s.Name, v.Say("counted.n", "n", s.People)})
	}
	return v.Render(w, http.StatusOK, "notification", page)
}

// file gives something to keep; a browser runs nothing in it.
func file(w http.ResponseWriter, kind, name string, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	_, err := w.Write(body)
	return err
}
