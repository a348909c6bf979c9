package lists

import (
	"ecluse/internal/admin/frame"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/web"
)

// mistake is a row that cannot be taken.
type mistake struct {
	Line        int
	UAI         string
	What, Would said
}

// said is a text, and its language where that is not the page's.
type said struct{ Text, Lang string }

func mistakeOf(v *frame.Visit, p annuaire.Problem) mistake {
	return mistake{Line: p.Line, UAI: string(p.UAI), What: saidOf(v, "row.", ".what", p.Told, p.What), Would: saidOf(v, "row.", ".would", p.Told, p.Mend)}
}

// saidOf says what a list tells in the visitor's language. What has no word for it stays as the list's reader wrote it.
func saidOf(v *frame.Visit, before, after string, told annuaire.Told, otherwise string) said {
	if told.Word != "" {
		return said{Text: v.Say(before+told.Word+after, told.With...)}
	}
	if otherwise == "" || v.Lang == web.English {
		return said{Text: otherwise}
	}
	return said{otherwise, string(web.English)}
}
