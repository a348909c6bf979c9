package manifest_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"ecluse/internal/registry/manifest"
)

const withPapers = `kind: Declaration
id: d
service: lire
version: 1
supplier: {terms: {document: "file:pieces/conditions.txt"}}
dpia: {document: "file:aipd.pdf"}
transfers: [{country: CH, assessment: "file:aipd.pdf"}]
documents:
  - {kind: terms, name: conditions, hash: "file:pieces/conditions.txt"}
  - {kind: dpia, name: aipd, hash: "file:aipd.pdf"}
paper: {act: A, date: 2026-01-01, signatory: recteur, document: "file:pieces/conditions.txt"}
`

func TestPapersNamedByFileAreKeptUnderTheirHashOnce(t *testing.T) {
	t.Parallel()
	l, problems := manifest.Load(files("d/d.yaml", withPapers, "d/aipd.pdf", "\x00PDF\xff", "d/pieces/conditions.txt", "conditions"))
	if err := problems.Or(); err != nil {
		t.Fatal(err)
	}
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}
	terms, dpia := hash("conditions"), hash("\x00PDF\xff")
	d := l.Declarations[0]
	if d.Supplier.Terms.Document != terms || d.DPIA.Document != dpia || d.Transfers[0].Assessment != dpia || d.Documents[0].Hash != terms ||
		d.Documents[1].Hash != dpia || d.Paper.Document != terms {
		t.Errorf("%+v", d.Papers())
	}
	if len(l.Files) != 2 || l.Files[0].Hash != dpia && l.Files[1].Hash != dpia || len(d.Papers()) != 6 {
		t.Errorf("%d contents are kept, %d papers named", len(l.Files), len(d.Papers()))
	}
}

func TestAPaperThatIsNotThereIsNamedAtItsPlace(t *testing.T) {
	t.Parallel()
	for name, mark := range map[string]string{
		"cannot be read": "file:nothing.pdf", "lies outside": "file:../secret.pdf", "is empty": "file:empty.pdf",
	} {
		text := strings.Replace(withPapers, "file:aipd.pdf", mark, 1)
		l, problems := manifest.Load(files("d.yaml", text, "aipd.pdf", "x", "pieces/conditions.txt", "x", "empty.pdf", ""))
		if len(problems) != 1 || problems[0].Path != "dpia.document" || !strings.Contains(problems[0].What, name) || problems[0].Line != 6 {
			t.Errorf("%s: %v, %d files", mark, problems, len(l.Files))
		}
	}
}
