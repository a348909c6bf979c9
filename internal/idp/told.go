package idp

import "errors"

// Told is what is wrong with a message, for whoever wrote the program that sent it: which part, and why. It is words of ours
// alone, and never a value that came from outside: anybody may have made the message, and somebody else may read the page.
type Told string

// Error is what is told.
func (t Told) Error() string { return string(t) }

// ToldOf finds what may be told of an error; empty when that is nothing.
func ToldOf(err error) string {
	var t Told
	if !errors.As(err, &t) {
		return ""
	}
	return string(t)
}
