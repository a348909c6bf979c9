package manifest

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// paperMark stands before the name of a file, beside the manifest or below it, where the hash of a paper is expected
// (hash: "file:contrat.pdf"): the hash is put in its place, and the content is kept with the declaration.
const paperMark = "file:"

// addDeclaration files a declaration with the papers that it names by file.
func (l *Loaded) addDeclaration(files fs.FS, doc strictyaml.Document) strictyaml.Problems {
	var side strictyaml.Problems
	problems := add(l, doc, &l.Declarations, func(o *declaration) (registry.Declaration, string) {
		o.Declaration.ManagedBy = doc.File
		for _, at := range hashes(&o.Declaration) {
			side = append(side, l.attach(files, doc, at)...)
		}
		return o.Declaration, DeclarationName(o.Declaration)
	})
	return append(problems, side...)
}

// paperPlace is one field that holds a hash.
type paperPlace struct {
	where string
	hash  *string
}

// hashes lists every field of a declaration that holds the hash of a paper.
func hashes(d *registry.Declaration) []paperPlace {
	out := []paperPlace{{"dpia.document", &d.DPIA.Document}, {"supplier.terms.document", &d.Supplier.Terms.Document}}
	for i := range d.Documents {
		out = append(out, paperPlace{fmt.Sprintf("documents[%d].hash", i), &d.Documents[i].Hash})
	}
	for i := range d.Transfers {
		out = append(out, paperPlace{fmt.Sprintf("transfers[%d].assessment", i), &d.Transfers[i].Assessment})
	}
	for i := range d.Informed {
		out = append(out, paperPlace{fmt.Sprintf("informed[%d].document", i), &d.Informed[i].Document})
	}
	if d.Paper != nil {
		out = append(out, paperPlace{"paper.document", &d.Paper.Document})
	}
	return out
}

func (l *Loaded) attach(files fs.FS, doc strictyaml.Document, at paperPlace) strictyaml.Problems {
	name, marked := strings.CutPrefix(*at.hash, paperMark)
	if !marked {
		return nil
	}
	body, err := paper(files, path.Dir(doc.File), name)
	if err != nil {
		return strictyaml.Problems{doc.At(at.where, err.Error(), "a file beside this one or below it")}
	}
	sum := sha256.Sum256(body)
	*at.hash = hex.EncodeToString(sum[:])
	if !slices.ContainsFunc(l.Files, func(f registry.File) bool { return f.Hash == *at.hash }) {
		l.Files = append(l.Files, registry.File{Hash: *at.hash, Type: "application/octet-stream", Body: body})
	}
	return nil
}

func paper(files fs.FS, dir, name string) ([]byte, error) {
	full := path.Join(dir, name)
	if below := path.Clean(name); !fs.ValidPath(below) || below == "." {
		return nil, fmt.Errorf("%q lies outside", name)
	}
	info, err := fs.Stat(files, full)
	switch {
	case err != nil || !info.Mode().IsRegular():
		return nil, fmt.Errorf("%q cannot be read", name)
	case info.Size() > registry.MaxFile:
		return nil, fmt.Errorf("%q is larger than %d MiB", name, registry.MaxFile>>20)
	case info.Size() == 0:
		return nil, errors.New("the file is empty")
	}
	body, err := fs.ReadFile(files, full)
	if err != nil {
		return nil, fmt.Errorf("%q cannot be read", name)
	}
	return body, nil
}
