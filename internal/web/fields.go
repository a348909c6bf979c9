package web

// Select is a choice among a few: one form field with its label. Its identifier is its name.
type Select struct {
	Name    string
	Label   string
	Hint    string // may be empty
	Error   string // what is wrong with what was chosen; may be empty
	Options []Option
}

// Option is one of the choices of a Select. The one without a value is for no choice at all.
type Option struct {
	Value, Label string
	Chosen       bool
}

// Area is a form field of several lines with its label. Its identifier is its name.
type Area struct {
	Name     string
	Label    string
	Hint     string // may be empty
	Error    string // what is wrong with what was typed; may be empty
	Value    string
	Required bool
}

// Control is one field of a form, of whichever of the three kinds, and what stands beside it, if anything: what is registered
// by now where somebody else was faster.
type Control struct {
	Input  *Input
	Select *Select
	Area   *Area
	Beside string
}

// Badge says a state in a word or two. Kind is info, success, warning or danger, and never says what the text does not.
type Badge struct{ Kind, Text string }

// Pager leads from one part of a long list to the others. Earlier and Later are local paths, empty at the ends.
type Pager struct {
	Page, Pages    int
	Earlier, Later string
}
