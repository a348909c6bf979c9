package saml

import (
	"bytes"
	"errors"
	"fmt"
)

// ErrShape is wrapped by every refusal of the shape check: the document is
// larger, deeper or richer than any honest one, or holds a construct that no
// SAML document needs.
var ErrShape = errors.New("shape refused")

// Limits bound what a document may look like before any parser sees it.
type Limits struct {
	Bytes      int  // of the whole document
	Depth      int  // of nested elements
	Elements   int  // in the whole document
	Attributes int  // of one element, namespace declarations included
	Comments   bool // allowed, and then never read
}

// MessageLimits are the limits of protocol messages.
func MessageLimits() Limits {
	return Limits{Bytes: 256 << 10, Depth: 24, Elements: 2000, Attributes: 64}
}

// MetadataLimits are the limits of the metadata of one entity. People edit
// such files, so comments are allowed.
func MetadataLimits() Limits {
	return Limits{Bytes: 1 << 20, Depth: 32, Elements: 20_000, Attributes: 64, Comments: true}
}

// CheckShape refuses a protocol message that goes beyond MessageLimits or that
// holds a document type, a comment or a processing instruction. It is linear
// in the length of the message and allocates nothing but its error.
func CheckShape(msg []byte) error { return MessageLimits().Check(msg) }

// Check refuses a document that goes beyond the limits. It says nothing about
// well-formedness: the tokenizer does.
func (l Limits) Check(doc []byte) error {
	if len(doc) > l.Bytes {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrShape, len(doc), l.Bytes)
	}
	s := shape{Limits: l, doc: doc}
	for {
		i := bytes.IndexByte(doc[s.pos:], '<')
		if i < 0 {
			break
		}
		s.pos += i
		if err := s.markup(); err != nil {
			return err
		}
	}
	if s.elements == 0 || s.depth != 0 {
		return fmt.Errorf("%w: elements are not balanced", ErrShape)
	}
	return nil
}

type shape struct {
	Limits
	doc             []byte
	pos             int
	depth, elements int
}

// markup steps over one piece of markup; pos stands on its '<'.
func (s *shape) markup() error {
	rest := s.doc[s.pos:]
	switch {
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		return s.skip("]]>", "CDATA section")
	case bytes.HasPrefix(rest, []byte("<!--")) && s.Comments:
		return s.skip("-->", "comment")
	case bytes.HasPrefix(rest, []byte("<!--")):
		return s.refuse("comment")
	case bytes.HasPrefix(rest, []byte("<!")):
		return s.refuse("document type declaration")
	case bytes.HasPrefix(rest, []byte("<?xml ")) && s.elements == 0:
		return s.skip("?>", "XML declaration")
	case bytes.HasPrefix(rest, []byte("<?")):
		return s.refuse("processing instruction")
	case bytes.HasPrefix(rest, []byte("</")):
		s.depth--
		return s.skip(">", "end tag")
	}
	return s.startTag()
}

func (s *shape) startTag() error {
	s.elements++
	s.depth++
	if s.elements > s.Elements {
		return s.refuse(fmt.Sprintf("more than %d elements", s.Elements))
	}
	if s.depth > s.Depth {
		return s.refuse(fmt.Sprintf("more than %d levels", s.Depth))
	}
	attributes := 0
	for i := s.pos + 1; i < len(s.doc); i++ {
		switch c := s.doc[i]; c {
		case '"', '\'':
			n := bytes.IndexByte(s.doc[i+1:], c)
			if n < 0 {
				return s.refuse("open attribute value")
			}
			i += n + 1
			if attributes++; attributes > s.Attributes {
				return s.refuse(fmt.Sprintf("more than %d attributes", s.Attributes))
			}
		case '<':
			return s.refuse("open start tag")
		case '>':
			if s.doc[i-1] == '/' {
				s.depth--
			}
			s.pos = i + 1
			return nil
		}
	}
	return s.refuse("open start tag")
}

func (s *shape) skip(end, what string) error {
	i := bytes.Index(s.doc[s.pos:], []byte(end))
	if i < 0 {
		return s.refuse("open " + what)
	}
	s.pos += i + len(end)
	return nil
}

func (s *shape) refuse(what string) error {
	return fmt.Errorf("%w: %s at byte %d", ErrShape, what, s.pos)
}
