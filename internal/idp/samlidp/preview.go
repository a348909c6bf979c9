package samlidp

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"ecluse/internal/attrs"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

// Preview prints the response that the service would receive, laid out for people. It carries no signature, answers no
// request and says that it is a preview, so that it signs nobody in anywhere.
func (p *Provider) Preview(release attrs.Release, binding registry.Binding) ([]byte, error) {
	if release.Empty() {
		return nil, errors.New("preview: nothing would be released")
	}
	document, err := p.preview(release, binding)
	if err != nil {
		return nil, fmt.Errorf("preview for service %s: %w", binding.Handle, err)
	}
	return append([]byte("<!-- Preview: not signed, good for nothing. -->\n"), indent(document)...), nil
}

func (p *Provider) preview(release attrs.Release, binding registry.Binding) ([]byte, error) {
	sp, err := p.party(binding)
	if err != nil {
		return nil, err
	}
	acs, err := sp.returnAddress(saml.AuthnRequest{ACSIndex: -1})
	if err != nil {
		return nil, err
	}
	response, err := p.response(release, binding, sp, asked{ACS: acs.Location})
	if err != nil {
		return nil, err
	}
	response.ID, response.Assertion.ID = "_preview", "_preview-assertion"
	signer, err := p.signers.current()
	if err != nil {
		return nil, err
	}
	document, err := signer.AppendResponse(nil, response, saml.SignAssertion)
	if err != nil {
		return nil, err
	}
	return unsigned(document)
}

// unsigned takes the one signature out again. Values are escaped, so that the mark-up it looks for is our own.
func unsigned(document []byte) ([]byte, error) {
	before, rest, found := bytes.Cut(document, []byte("<ds:Signature "))
	_, after, closed := bytes.Cut(rest, []byte("</ds:Signature>"))
	if !found || !closed || bytes.Contains(after, []byte("<ds:Signature ")) {
		return nil, errors.New("the signature is not where it should be")
	}
	return append(before, after...), nil
}

// indent puts elements on lines of their own. It knows the canonical form alone: tags and text, nothing else.
func indent(document []byte) []byte {
	var out bytes.Buffer
	depth, open := 0, false // open: the last thing written was a start tag
	newline := func() {
		if out.Len() > 0 {
			out.WriteString("\n" + strings.Repeat("  ", depth))
		}
	}
	for rest := document; len(rest) > 0; {
		end := bytes.IndexByte(rest, '>') + 1
		if end == 0 {
			return append(out.Bytes(), rest...)
		}
		tag := rest[:end]
		if rest = rest[end:]; bytes.HasPrefix(tag, []byte("</")) {
			if depth--; !open {
				newline()
			}
			open = false
		} else {
			newline()
			depth, open = depth+1, true
		}
		out.Write(tag)
		if next := bytes.IndexByte(rest, '<'); next > 0 {
			out.Write(rest[:next])
			rest = rest[next:]
		}
	}
	return append(out.Bytes(), '\n')
}
