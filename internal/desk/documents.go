package desk

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

var hashPattern = regexp.MustCompile(`^[0-9a-f]{64}$`)

func isHash(s string) bool { return hashPattern.MatchString(s) }

// Attach keeps a document's content and gives its hash. At most 20 MB; PDF, ODT, DOCX, PNG, JPEG or plain text, told by
// what it holds and not by what it is called. Nobody reads it before a declaration refers to it.
func (d *Desk) Attach(ctx context.Context, c roles.Caller, kind string, body []byte) (hash string, err error) {
	sum := sha256.Sum256(body)
	hash = hex.EncodeToString(sum[:])
	err = d.act(ctx, c, attaches, func(t *turn) error {
		if err := t.mayAttach(); err != nil {
			return err
		}
		media := mediaType(body)
		var bad mistakes
		kinds := []registry.DocumentKind{
			registry.ContractPaper, registry.TermsPaper, registry.DPIAPaper, registry.CouncilPaper, registry.DecisionPaper, registry.OtherPaper,
		}
		bad.say(!slices.Contains(kinds, registry.DocumentKind(kind)), "kind", fmt.Sprintf("%q is not known", kind), fmt.Sprintf("one of %q", kinds))
		bad.say(len(body) == 0, "content", "it is empty", "")
		bad.say(len(body) > registry.MaxFile, "content", fmt.Sprintf("it is larger than %d MiB", registry.MaxFile>>20), "a smaller scan")
		bad.say(len(body) > 0 && media == "", "content", "its content is none of the types that are kept", "PDF, ODT, DOCX without macros, PNG, JPEG or plain text")
		t.change.Files = []registry.File{{Hash: hash, Type: media, Body: body}}
		t.detail("document", attachment(c.Handle, hash))
		t.detail("type", media)
		return bad.err()
	})
	if err != nil {
		return "", err
	}
	return hash, nil
}

// mayAttach wants somebody who drafts or attests papers anywhere: a document belongs to no declaration before one names it.
func (t *turn) mayAttach() error {
	_, err := t.may(roles.Draft, of(registry.Declaration{Author: t.by.Handle}))
	for _, held := range roles.Holds(t.Snapshot, t.now, t.by) {
		for _, service := range held.Over.Services {
			if _, denied := t.may(roles.Draft, roles.Target{Service: service}); denied == nil {
				return nil
			}
		}
		for _, school := range t.Establishments() {
			if !slices.Contains(held.Over.UAIs, school.UAI) && !slices.Contains(held.Over.Circonscriptions, school.District) {
				continue
			}
			if _, denied := t.may(roles.AttestPaper, roles.Target{UAIs: []person.UAI{school.UAI}}); denied == nil {
				return nil
			}
		}
	}
	return err
}

// mediaType tells what a content is by its first bytes and its parts; nothing for what is not kept.
func mediaType(body []byte) string {
	for _, known := range []struct{ begins, media string }{
		{"%PDF-", "application/pdf"},
		{"\x89PNG\r\n\x1a\n", "image/png"},
		{"\xff\xd8\xff", "image/jpeg"},
	} {
		if strings.HasPrefix(string(body[:min(16, len(body))]), known.begins) {
			return known.media
		}
	}
	if bytes.HasPrefix(body, []byte("PK\x03\x04")) {
		return officeType(body)
	}
	if len(body) > 0 && utf8.Valid(body) && !bytes.ContainsFunc(body, unprintable) {
		return "text/plain; charset=utf-8"
	}
	return ""
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t'
}

// officeType tells a text document in a ZIP container by its parts, and keeps none that carries macros.
func officeType(body []byte) string {
	archive, err := zip.NewReader(bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return ""
	}
	const odt = "application/vnd.oasis.opendocument.text"
	parts := map[string]bool{}
	for _, part := range archive.File {
		parts[part.Name] = true
		name := strings.ToLower(part.Name)
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "basic/") {
			return ""
		}
	}
	switch {
	case parts["[Content_Types].xml"] && parts["word/document.xml"]:
		return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	case parts["content.xml"] && bytes.HasPrefix(body[min(30, len(body)):], []byte("mimetype"+odt)):
		return odt
	default:
		return ""
	}
}
