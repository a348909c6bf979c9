package frame

import "ecluse/internal/web"

// Kept says of an object that a file manages it, and which: it is shown here, and changed there. A list shows the badge
// alone; a page shows both.
type Kept struct {
	Badge web.Badge
	Text  string
}

// Kept is what is said of an object that a file manages; nil where none does.
func (v *Visit) Kept(file string) *Kept {
	if file == "" {
		return nil
	}
	return &Kept{web.Badge{Kind: "info", Text: v.Say(name+"/kept.badge", "file", file)}, v.Say(name + "/kept.text")}
}
