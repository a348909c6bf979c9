package saml

import "testing"

func TestNameCharacterTablesAgree(t *testing.T) {
	t.Parallel()
	for c := range 256 {
		want := c < 128 && isNameChar(rune(c))
		if got := isASCIINameChar(byte(c)); got != want {
			t.Errorf("%q: got %v, want %v", rune(c), got, want)
		}
	}
}

// Boundaries of NameStartChar and NameChar (XML 2.3).
func TestNameCharacterRanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ low, high rune }{
		{'A', 'Z'},
		{'a', 'z'},
		{'_', '_'},
		{0xC0, 0xD6},
		{0xD8, 0xF6},
		{0xF8, 0x2FF},
		{0x370, 0x37D},
		{0x37F, 0x1FFF},
		{0x200C, 0x200D},
		{0x2070, 0x218F},
		{0x2C00, 0x2FEF},
		{0x3001, 0xD7FF},
		{0xF900, 0xFDCF},
		{0xFDF0, 0xFFFD},
		{0x10000, 0xEFFFF},
	} {
		if !isNameStart(c.low) || !isNameStart(c.high) || isNameStart(c.low-1) || isNameStart(c.high+1) {
			t.Errorf("%X to %X: wrong boundary", c.low, c.high)
		}
	}
	for _, c := range []struct{ low, high rune }{{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}} {
		if isNameStart(c.low) || isNameStart(c.high) || !isNameChar(c.low) || !isNameChar(c.high) {
			t.Errorf("%X to %X: wrong boundary", c.low, c.high)
		}
	}
}

func TestNewIDIsAnXMLIDAndFresh(t *testing.T) {
	t.Parallel()
	one, two := NewID(), NewID()
	if one == two || !isNCName(one) || len(one) != 33 {
		t.Errorf("got %q and %q", one, two)
	}
}
