package fetch

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// Dir is a Keeper in a folder, which must exist: one file for each address,
// named by a hash of it. The first line of a file is JSON about the rest.
type Dir string

// about is the first line.
type about struct {
	Copy
	Sum string `json:"sha256"` // of the body
}

// Load implements Keeper. A file that is not whole counts as absent.
func (d Dir) Load(address string) (Copy, error) {
	raw, err := os.ReadFile(d.path(address))
	if err != nil {
		return Copy{}, err
	}
	line, body, found := bytes.Cut(raw, []byte("\n"))
	var a about
	if !found || json.Unmarshal(line, &a) != nil || a.Sum != sum(body) || a.URL != address {
		return Copy{}, fmt.Errorf("kept document of %s is damaged: %w", hostOf(address), fs.ErrNotExist)
	}
	a.Body = body
	return a.Copy, nil
}

// Save implements Keeper: the new file takes the old one's place when it is on
// disk.
func (d Dir) Save(c Copy) error {
	line, err := json.Marshal(about{Copy: c, Sum: sum(c.Body)})
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(string(d), ".fetched-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(append(append(line, '\n'), c.Body...))
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), d.path(c.URL))
}

func (d Dir) path(address string) string { return filepath.Join(string(d), sum([]byte(address))) }

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// hostOf is what errors say of an address.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "an address that does not parse"
	}
	return u.Host
}
