package annuaire

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Encoding is how the text of a list is written.
type Encoding string

// The encodings that Read knows.
const (
	UTF8        Encoding = "UTF-8"
	Windows1252 Encoding = "Windows-1252"
)

// Text gives a list's text in UTF-8, how it was written, and the sign that parts the fields of its header. A text that is
// no known encoding's has no encoding and its lines are in the problems.
func Text(data []byte) (text string, written Encoding, comma rune, broken []Problem) {
	text, written, broken = decode(data)
	return text, written, separator(text), broken
}

// decode gives the text in UTF-8. A text that is partly UTF-8 and partly not was broken on its way, and is no other
// encoding's either: its lines are told.
func decode(data []byte) (string, Encoding, []Problem) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if utf8.Valid(data) {
		return string(data), UTF8, nil
	}
	var bad []Problem
	accents := false
	line := 0
	for text := range bytes.Lines(data) {
		line++
		switch {
		case !utf8.Valid(text):
			bad = append(bad, Problem{Line: line, What: "the line is not written in UTF-8", Mend: "save the list in one encoding", Told: Told{Word: "encoding"}})
		case !ascii(text):
			accents = true
		}
	}
	if accents {
		return "", "", bad
	}
	text, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) { // five bytes mean nothing in Windows-1252
		return "", "", bad
	}
	return string(text), Windows1252, nil
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// separator is the sign that parts the header's fields.
func separator(text string) rune {
	header, _, _ := strings.Cut(text, "\n")
	best, most := ';', 0
	for _, sign := range ";,\t" {
		if n := strings.Count(header, string(sign)); n > most {
			best, most = sign, n
		}
	}
	return best
}
