package saml

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"unicode/utf8"
)

const (
	window     = 256 << 10 // what is kept of a streamed document
	widest     = 4 << 20   // of one tag, text or comment in it
	mostStuck  = 100       // reads without a byte before a source counts as broken
	runeLength = utf8.UTFMax
)

// stream is the tokenizer over a document that is read piece by piece: doc is a window on it. Whatever of the window is
// still needed when it moves on (open elements, namespaces) is copied first, so that memory is bounded by the depth of the
// document and the length of its longest piece of text, not by its length.
type stream struct {
	*tokenizer
	src  io.Reader
	buf  []byte // the window, and behind it what was read of a character whose end was not
	ends bool   // src has no more

	rendered *[]binding // of the canonicalizer, whose stack points into the window too; may be nil
	raw      hash.Hash  // takes the bytes as they stand in the document, from fed on; may be nil
	fed      int64
}

func newStream(src io.Reader, limits Limits) (*stream, error) {
	s := &stream{tokenizer: reopen(nil, limits), src: src, buf: make([]byte, 0, window)}
	if _, err := s.more(); err != nil {
		return nil, err
	}
	s.pos = len(prolog(s.doc))
	return s, nil
}

// at is where the tokenizer stands in the document.
func (s *stream) at() int64 { return s.base + int64(s.pos) }

// step reads the next token. What the window cuts off is read again once the window holds more of it: the tokenizer
// refuses every cut tag, comment and section, and a text that reaches the end of the window may go on behind it.
func (s *stream) step() error {
	for {
		pos, open, bound, rooted := s.pos, len(s.open), len(s.ns), s.rooted
		err := s.next()
		whole := err == nil && (s.kind == tokStart || s.kind == tokEnd || s.pos < len(s.doc))
		if whole || s.ends {
			return err
		}
		s.pos, s.open, s.ns, s.rooted, s.selfClosed = pos, s.open[:open], s.ns[:bound], rooted, false
		grew, readErr := s.more()
		if readErr != nil {
			return readErr
		}
		if !grew && !s.ends {
			return cmpError(err, s.fail("a tag, text or comment of more than %d bytes", widest))
		}
	}
}

// cmpError is the first error that is one.
func cmpError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// more moves the window on to where the tokenizer stands and fills it. It tells whether there is more to see than before.
func (s *stream) more() (grew bool, err error) {
	before := len(s.doc) - s.pos
	s.slide()
	if before > cap(s.buf)/2 && cap(s.buf) < widest {
		s.buf = append(make([]byte, 0, 2*cap(s.buf)), s.buf...)
		s.doc = s.buf[:len(s.doc)]
	}
	for stuck := 0; len(s.buf) < cap(s.buf) && !s.ends; {
		n, err := s.src.Read(s.buf[len(s.buf):cap(s.buf)])
		s.buf = s.buf[:len(s.buf)+n]
		if n > 0 {
			stuck = 0
		} else if stuck++; err == nil && stuck > mostStuck {
			return false, io.ErrNoProgress
		}
		switch {
		case errors.Is(err, io.EOF):
			s.ends = true
		case err != nil:
			return false, err
		}
	}
	seen := len(s.buf)
	if !s.ends {
		seen -= cut(s.buf)
	}
	if !validChars(s.buf[len(s.doc):seen]) {
		s.start = len(s.doc)
		return false, s.fail("invalid UTF-8 or a forbidden character")
	}
	s.doc = s.buf[:seen]
	return len(s.doc) > before, nil
}

// cut is how many bytes at the end of b begin a character that goes on behind it.
func cut(b []byte) int {
	for n := 1; n < runeLength && n <= len(b); n++ {
		if last := b[len(b)-n:]; utf8.RuneStart(last[0]) {
			if utf8.FullRune(last) {
				return 0
			}
			return n
		}
	}
	return 0
}

// slide drops what was read from the window.
func (s *stream) slide() {
	s.feed()
	for i := range s.open {
		s.open[i].qname = bytes.Clone(s.open[i].qname)
	}
	keep(s.ns)
	if s.rendered != nil {
		keep(*s.rendered)
	}
	s.lines += bytes.Count(s.doc[:s.pos], []byte("\n"))
	s.base += int64(s.pos)
	left := len(s.doc) - s.pos
	n := copy(s.buf[:cap(s.buf)], s.buf[s.pos:])
	s.buf, s.pos, s.start = s.buf[:n], 0, 0
	s.doc = s.buf[:left]
}

func keep(stack []binding) {
	for i, b := range stack {
		stack[i] = binding{prefix: bytes.Clone(b.prefix), uri: bytes.Clone(b.uri)}
	}
}

// feed hands what was read since the last time to raw.
func (s *stream) feed() {
	if s.raw == nil || s.at() <= s.fed {
		return
	}
	s.raw.Write(s.doc[s.fed-s.base : s.pos])
	s.fed = s.at()
}

// limitedReader fails, rather than ends, behind the longest document that is taken.
type limitedReader struct {
	src  io.Reader
	left int64
}

func (l *limitedReader) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.src.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fmt.Errorf("%w: the document is longer than configured", ErrShape)
	}
	return n, err
}
