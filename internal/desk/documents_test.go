package desk_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"ecluse/internal/desk"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// container is a ZIP file with parts, the first of them stored as it is.
func container(t *testing.T, parts ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(parts); i += 2 {
		part, err := w.CreateRaw(&zip.FileHeader{Name: parts[i], UncompressedSize64: uint64(len(parts[i+1])), CompressedSize64: uint64(len(parts[i+1]))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write([]byte(parts[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const odt = "application/vnd.oasis.opendocument.text"

func TestDocumentsAreKnownByTheirContentAndNotByTheirName(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for name, body := range map[string][]byte{
		"application/pdf":           []byte("%PDF-1.7\nles termes"),
		"image/png":                 []byte("\x89PNG\r\n\x1a\n...."),
		"image/jpeg":                []byte("\xff\xd8\xff\xe0...."),
		"text/plain; charset=utf-8": []byte("Délibération n° 12\r\n"),
		odt:                         container(t, "mimetype", odt, "content.xml", "<x/>"),
		"application/vnd.openxmlformats-officedocument.wordprocessingml.document": container(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>"),
	} {
		hash, err := h.Attach(t.Context(), h.DRANE(), "contract", body)
		sum := sha256.Sum256(body)
		if err != nil || hash != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: %s, %v", name, hash, explain(err))
			continue
		}
		if file, ok, err := h.Store.File(t.Context(), hash); err != nil || !ok || file.Type != name || !bytes.Equal(file.Body, body) {
			t.Errorf("%s: kept as %q, %v", name, file.Type, err)
		}
	}
	for name, body := range map[string][]byte{
		"nothing": nil, "a program": []byte("\x7fELF\x02\x01\x01\x00"), "not UTF-8": []byte("d\xe9lib\xe9ration"), "NUL": []byte("a\x00b"),
		"a ZIP of something": container(t, "a.txt", "a"), "a spreadsheet": container(t, "[Content_Types].xml", "<x/>", "xl/workbook.xml", "<x/>"),
		"macros":          container(t, "[Content_Types].xml", "<x/>", "word/document.xml", "<x/>", "word/vbaProject.bin", "x"),
		"an ODT's macros": container(t, "mimetype", odt, "content.xml", "<x/>", "Basic/Standard/Module1.xml", "x"),
		"half a ZIP":      []byte("PK\x03\x04half"), "too large": append([]byte("%PDF-1.7"), make([]byte, registry.MaxFile)...),
	} {
		_, err := h.Attach(t.Context(), h.DRANE(), "contract", body)
		if isInvalid(t, err, "content"); err == nil {
			t.Errorf("%s is kept", name)
		}
	}
	_, err := h.Attach(t.Context(), h.DRANE(), "holiday pictures", []byte("%PDF-1.7"))
	isInvalid(t, err, "kind")
}

func TestOnlyThoseWhoPrepareAttach(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	body := []byte("%PDF-1.7")
	for name, c := range map[string]roles.Caller{
		"a head": h.Head(desktest.College), "an assistant": h.Assistant(), "a provider": h.Provider(),
		"a directeur, a paper": h.Head(desktest.Ecole), "an inspector, a paper": h.IEN(),
	} {
		if _, err := h.Attach(t.Context(), c, "other", body); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, c := range map[string]roles.Caller{
		"a teacher": h.Teacher(desktest.College), "support": h.Support(), "a stranger": h.Stranger(), "an auditor": h.Auditor(),
	} {
		if _, err := h.Attach(t.Context(), c, "other", body); err == nil {
			t.Errorf("%s attached", name)
		}
	}
}

func TestADocumentOfAnotherSchoolsDraftIsNotFound(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.College)
	hash, err := h.Attach(t.Context(), head, "contract", []byte("%PDF-1.7 le contrat"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Content(t.Context(), head, hash)
	isMissing(t, err) // nothing refers to it yet
	text := desktest.ForSchools(desktest.College)
	text.Documents = append(text.Documents, registry.Document{Kind: registry.ContractPaper, Name: "c.pdf", Hash: hash})
	d := submitted(t, h, h.Assistant(), text)
	if file, err := h.Content(t.Context(), head, hash); err != nil || !strings.Contains(string(file.Body), "le contrat") {
		t.Errorf("its own head: %v", err)
	}
	for _, c := range []roles.Caller{h.Head(desktest.Other), h.Teacher(desktest.College), h.Provider()} {
		if _, err := h.Content(t.Context(), c, hash); c.Handle != h.Provider().Handle {
			isMissing(t, err)
		}
	}
	for _, hash := range []string{"", "../x", strings.Repeat("0", 64)} {
		_, err := h.Content(t.Context(), head, hash)
		isMissing(t, err)
	}
	approved(t, h, head, opined(t, h, d, registry.Favourable))
	for name, c := range map[string]roles.Caller{
		"its head": head, "its assistant": h.Assistant(), "the DASEN": h.DASEN(), "the recteur": h.Recteur(), "the DRANE": h.DRANE(),
		"the DPO": h.DPO(), "an auditor": h.Auditor(), "the provider": h.Provider(),
	} {
		if _, err := h.Content(t.Context(), c, hash); err != nil {
			t.Errorf("of what is approved, %s: %v", name, err)
		}
	}
	for _, c := range []roles.Caller{
		h.Head(desktest.Other), h.Teacher(desktest.College), h.Head(desktest.Ecole), h.IEN(), h.Support(), h.OnCall(), h.Admin(), h.Stranger(),
	} {
		_, err := h.Content(t.Context(), c, hash) // they see what it says, and not its papers
		isMissing(t, err)
	}
}

// lent is a declaration of the collège with a contract that was attached for it, and a text of another school that refers
// to the same contract.
func lent(t *testing.T, h *desktest.House) (paper []byte, theirs registry.Declaration) {
	t.Helper()
	paper = []byte("%PDF-1.7 le contrat")
	hash, err := h.Attach(t.Context(), h.Head(desktest.College), "contract", paper)
	if err != nil {
		t.Fatal(err)
	}
	contract := registry.Document{Kind: registry.ContractPaper, Name: "c.pdf", Hash: hash}
	text := desktest.ForSchools(desktest.College)
	text.Documents = []registry.Document{contract}
	begun(t, h, h.Head(desktest.College), text)
	theirs = desktest.Reading()
	theirs.DPIA.Document, theirs.Supplier.Terms.Document, theirs.Documents = "", "", []registry.Document{contract}
	theirs.Informed = nil
	theirs.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{desktest.Other}}
	return paper, theirs
}

func TestReferringToAPaperOfSomebodyElsesDoesNotOpenIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	paper, text := lent(t, h)
	other, hash := h.Head(desktest.Other), text.Documents[0].Hash
	_, err := h.Begin(t.Context(), other, "", text)
	isInvalid(t, err, "documents[0].hash")
	clean := text
	clean.Documents = nil
	d := begun(t, h, other, clean)
	for place, put := range map[string]func(*registry.Declaration){
		"documents[0].hash":       func(v *registry.Declaration) { v.Documents = text.Documents },
		"dpia.document":           func(v *registry.Declaration) { v.DPIA.Document = hash },
		"supplier.terms.document": func(v *registry.Declaration) { v.Supplier.Terms.Document = hash },
		"transfers[0].assessment": func(v *registry.Declaration) { v.Transfers = []registry.Transfer{{Assessment: hash}} },
		"informed[0].document":    func(v *registry.Declaration) { v.Informed = []registry.Notice{{Document: hash}} },
	} {
		next := d
		put(&next)
		_, err := h.Edit(t.Context(), other, next, "")
		isInvalid(t, err, place)
	}
	_, err = h.Content(t.Context(), other, hash)
	isMissing(t, err)
	if _, err := h.Attach(t.Context(), other, "contract", paper); err != nil {
		t.Fatal(err)
	}
	d.Documents = text.Documents
	if _, err := h.Edit(t.Context(), other, d, ""); err != nil {
		t.Errorf("whoever attached the same file: %v", explain(err))
	}
	if _, err := h.Content(t.Context(), other, hash); err != nil {
		t.Errorf("whoever attached the same file: %v", err)
	}
}

func TestAPaperMayBeReferredToByWhoeverMayReadItOrTakesItOverWithItsModel(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	_, text := lent(t, h)
	text.Scope = registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}}
	begun(t, h, h.DRANE(), text) // who looks after the collège's
	text.Scope = desktest.ForSchools(desktest.Other).Scope
	h.Apply(t, registry.Change{Models: []registry.Model{{ID: "lire", Draft: text}}})
	_, err := h.Begin(t.Context(), h.Head(desktest.Other), "", text)
	isInvalid(t, err, "documents[0].hash")
	own := registry.Declaration{ServiceID: "lire", Scope: desktest.ForSchools(desktest.Lycee).Scope}
	if _, err := h.Begin(t.Context(), h.Head(desktest.Lycee), "lire", own); err != nil {
		t.Errorf("with its model: %v", explain(err))
	}
}

func TestTheJournalDoesNotTellTheHashOfWhatWasAttached(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	hash, err := h.Attach(t.Context(), h.DRANE(), "contract", []byte("%PDF-1.7 le contrat"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h.Entries(t) {
		for _, v := range e.Detail {
			if strings.Contains(v, hash) {
				t.Errorf("%s says %q: whoever reads it could refer to the paper", e.Action, v)
			}
		}
	}
}

func TestAPaperThatIsNamedAndNotHereKeepsADeclarationFromBeingApproved(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	body := []byte("%PDF-1.7 une annexe")
	sum := sha256.Sum256(body)
	text := desktest.ForSchools(desktest.College)
	text.Documents = append(text.Documents, registry.Document{Kind: registry.OtherPaper, Name: "annexe.pdf", Hash: hex.EncodeToString(sum[:])})
	d := opined(t, h, submitted(t, h, h.Assistant(), text), registry.Favourable)
	head := h.Head(desktest.College)
	_, err := h.Approve(t.Context(), head, on(d))
	conflicts(t, err, "papers")
	var conflict *desk.Conflict
	if errors.As(err, &conflict); len(conflict.Need) != 1 || conflict.Need[0].Where != "documents[4].hash" || !strings.Contains(conflict.Need[0].What, "annexe.pdf") {
		t.Errorf("it says %v", conflict.Need)
	}
	sheet, err := h.Sheet(t.Context(), head, ref(d))
	if err != nil || len(sheet.Missing) != 1 || sheet.Missing[0].Rule != "papers" {
		t.Errorf("the sheet says %v, %v", sheet.Missing, err)
	}
	if _, err := h.Attach(t.Context(), head, "other", body); err != nil {
		t.Fatal(err)
	}
	approved(t, h, head, d)
}
