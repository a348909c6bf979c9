package registry

import (
	"math/bits"
	"unicode/utf8"
)

// letterOf is what fold makes of the letters of ASCII and of those that stand in a label in French: one small letter or
// digit; a space, where it is neither; a question mark, where it is written in another way or is not seen.
const letterOf = "" +
	"                                                0123456789      " + // U+0000
	" abcdefghijklmnopqrstuvwxyz      abcdefghijklmnopqrstuvwxyz     " + // U+0040
	"                                          a  ?    23 ?   1o ??? " + // U+0080
	"aaaaaa?ceeeeiiii?nooooo ?uuuuy??aaaaaa?ceeeeiiii?nooooo ?uuuuy?y" + // U+00C0
	"aaaaaaccccccccdd??eeeeeeeeeegggggggghh??iiiiiiiii???jjkk?llllll?" + // U+0100
	"???nnnnnn???oooooo??rrrrrrsssssssstttt??uuuuuuuuuuuuwwyyyzzzzzzs" //  U+0140

// letterAt is the letter of letterOf that stands at i, and how many bytes it is written in. What letterOf does not have, and
// what is no text, is a question mark: nobody reads on behind it.
func letterAt(label string, i int) (letter byte, size int) {
	c := label[i]
	if c < utf8.RuneSelf {
		return letterOf[c], 1
	}
	if r := twoBytes(label, i, c); r > 0 {
		return letterOf[r], 2
	}
	return '?', 1
}

// twoBytes is the sign of letterOf beyond ASCII that begins at i with c, all of which are written in two bytes; 0 for
// another. It is utf8.DecodeRuneInString for these alone, at a third of its time.
func twoBytes(label string, i int, c byte) int {
	if c < 0xC2 || c > 0xC5 || i+1 == len(label) || label[i+1]&0xC0 != 0x80 {
		return 0
	}
	return int(c&0x1F)<<6 | int(label[i+1]&0x3F)
}

// walker goes through a label and hears the words that fold would write, one by one, without writing them: most labels
// name nobody, and that can be told by the sound of their words. The zero walker with a label stands before its first word.
type walker struct {
	label       string
	at          int
	afterNumber bool
	ending      int  // how many letters of the present word are the ending of an ordinal; it is heard once more without
	lost        bool // the label has letters that letterOf does not know: the words are not all there are

	word, butLast sound
	head          uint64 // the first eight letters, the first one lowest
	letters       int
}

// sound stands for a word: two words that are the same have the same, and hardly ever two others.
type sound uint64

func (s sound) and(letter byte) sound {
	return sound(bits.RotateLeft64(uint64(s), turn)) ^ sound(letter)
}

// without is the sound of what is left of a word when some letters before the last n are taken away.
func (s sound) without(before sound, n int) sound {
	return s ^ sound(bits.RotateLeft64(uint64(before), turn*n))
}

const turn = 5

func soundOf(word string) (s sound) {
	for i := range len(word) {
		s = s.and(word[i])
	}
	return s
}

// next hears the next word; false where there is none, or none that can be told.
func (w *walker) next() bool {
	if w.ending > 0 {
		return w.again()
	}
	for w.hear() {
		number := w.head&0xff <= '9'
		if w.afterNumber && !number {
			w.ending = endingIn(w.head, w.letters)
		}
		if w.afterNumber = number; w.ending < w.letters {
			return true
		}
		w.ending = 0 // the word is nothing but an ending, and is left out
	}
	return false
}

// hear reads letters or digits up to something else.
func (w *walker) hear() bool {
	var word, butLast sound
	var head uint64
	letters, number, i := 0, false, w.at
	for i < len(w.label) {
		c, size := letterAt(w.label, i)
		if c == ' ' {
			if letters > 0 {
				break
			}
			i += size
			continue
		}
		if c == '?' {
			w.lost = true
			return false
		}
		if letters == 0 {
			number = c <= '9'
		} else if number != (c <= '9') {
			break
		}
		if letters < 8 {
			head |= uint64(c) << (8 * letters)
		}
		word, butLast = word.and(c), word
		letters++
		i += size
	}
	w.word, w.butLast, w.head, w.letters, w.at = word, butLast, head, letters, i
	return letters > 0
}

// endingIn is ordinal for a word whose letters are packed.
func endingIn(head uint64, letters int) int {
	switch {
	case letters >= 4 && head&0xffffffff == 'i'|'e'<<8|'m'<<16|'e'<<24:
		return 4
	case letters >= 3 && head&0xffffff == 'e'|'m'<<8|'e'<<16:
		return 3
	case head&0xff == 'e':
		return 1
	}
	return 0
}

// again hears a word that followed a number without the ending of the ordinal.
func (w *walker) again() bool {
	var ending sound
	for i := range w.ending {
		ending = ending.and(byte(w.head >> (8 * i)))
	}
	w.letters -= w.ending
	w.word, w.butLast = w.word.without(ending, w.letters), w.butLast.without(ending, w.letters-1)
	w.head >>= 8 * w.ending
	w.ending = 0
	return true
}

// butFirst is the present word without its first letter.
func (w *walker) butFirst() sound { return w.word.without(sound(w.head&0xff), w.letters-1) }
