package web

// Tile is one big choice: a link when it has a URL, else a button that submits Name=Value with the form around it.
type Tile struct {
	Label    string
	Detail   string // one more line; may be empty
	Icon     string // one of the kit's icons; may be empty
	URL      string
	Name     string
	Value    string
	Badge    string // a short remark, also why a disabled tile is disabled
	Disabled bool   // stays visible, cannot be chosen
}

// Table is a data table: one caption, one head, rows of as many cells. Narrow screens show each row as a card, on
// which every cell carries its column's name. The first cell of a row is its header.
type Table struct {
	Caption string
	Head    []string
	Rows    [][]string
}

// Term is one entry of a description list.
type Term struct {
	Term string
	Text string
	Icon string // one of the kit's icons; may be empty
}

// Input is one form field with its label. Its identifier is its name.
type Input struct {
	Name         string
	Label        string
	Hint         string // may be empty
	Error        string // what is wrong with what was typed; may be empty
	Type         string // text, password, email, search; empty means text
	Value        string // never give a password back
	Autocomplete string // the HTML autocomplete value ("username", "current-password")
	Required     bool
}

// InputError is one line of the error summary, with a link to its field.
type InputError struct{ Name, Text string }
