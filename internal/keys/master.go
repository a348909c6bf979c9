package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	masterMin      = 32      // bytes; what is shorter can be searched
	masterMax      = 1 << 16 // bytes; a larger file is the wrong file
	masterDistinct = 8       // different byte values; fewer is a placeholder, not a secret
)

// Master is the secret that seals every stored key. Its zero value opens nothing.
type Master struct {
	conceal
	secret func() []byte // fmt follows pointers and interfaces of other people's structs, never functions
}

// NewMaster takes a secret of at least 32 bytes. Text may end in a line break,
// which does not count; other bytes are taken as they are.
func NewMaster(secret []byte) (Master, error) {
	secret = trimText(secret)
	if len(secret) == 0 {
		return Master{}, errors.New("the master secret is empty")
	}
	if len(secret) < masterMin {
		return Master{}, fmt.Errorf("the master secret has %d bytes, at least %d are needed", len(secret), masterMin)
	}
	if distinct(secret) < masterDistinct {
		return Master{}, errors.New("the master secret repeats a few bytes: it was not made at random")
	}
	own := append([]byte(nil), secret...)
	return Master{secret: func() []byte { return own }}, nil
}

// ReadMaster reads the master secret from a file that only its owner may read.
// A file of root's that reaches us through our group is accepted as well, which
// is how Kubernetes mounts secrets for a process that is not root.
func ReadMaster(path string) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return Master{}, fmt.Errorf("master secret: %w", err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Master{}, fmt.Errorf("master secret: %w", err)
	}
	if err := checkFile(info, os.Geteuid()); err != nil {
		return Master{}, fmt.Errorf("master secret %s: %w", path, err)
	}
	secret, err := io.ReadAll(io.LimitReader(f, masterMax+1))
	if err != nil {
		return Master{}, fmt.Errorf("master secret: %w", err)
	}
	if len(secret) > masterMax {
		return Master{}, fmt.Errorf("master secret %s: larger than %d bytes, this is not a secret", path, masterMax)
	}
	m, err := NewMaster(secret)
	clear(secret)
	if err != nil {
		return Master{}, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// CreateMaster makes a new master secret from 32 bytes of random and writes it
// to path, readable by its owner only. It never replaces a file: when one is
// there the error is fs.ErrExist. After a crash the file is whole or absent.
func CreateMaster(path string, random io.Reader) (Master, error) {
	raw := make([]byte, masterMin)
	if _, err := io.ReadFull(random, raw); err != nil {
		return Master{}, fmt.Errorf("making a master secret: %w", err)
	}
	text := base64.RawURLEncoding.AppendEncode(nil, raw)
	if err := writeNew(path, append(text, '\n')); err != nil {
		return Master{}, fmt.Errorf("writing the master secret: %w", err)
	}
	return NewMaster(text)
}

// key expands the secret for one purpose, as RFC 5869 has it.
func (m Master) key(purpose string) ([]byte, error) {
	if m.secret == nil {
		return nil, errors.New("no master secret was given")
	}
	return hkdf.Key(sha256.New, m.secret(), nil, "ecluse/master/1/"+purpose, 32)
}

// checkFile refuses what others on the machine can read.
func checkFile(info fs.FileInfo, euid int) error {
	mode := info.Mode()
	if !mode.IsRegular() {
		return errors.New("not a regular file")
	}
	if mode.Perm()&0o007 != 0 {
		return fmt.Errorf("everybody may use it (mode %04o): chmod 600 it", mode.Perm())
	}
	givenByGroup := euid != 0 && ownedByRoot(info) && mode.Perm()&0o030 == 0
	if mode.Perm()&0o070 != 0 && !givenByGroup {
		return fmt.Errorf("its group may use it (mode %04o): chmod 600 it", mode.Perm())
	}
	return nil
}

// writeNew makes path appear with its whole content or not at all; os.Link, as
// opposed to os.Rename, refuses to replace.
func writeNew(path string, content []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".master-*") // 0600 from the start
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// trimText removes trailing line breaks from printable text. Random bytes are
// left alone: there a last 0x0a is part of the secret.
func trimText(b []byte) []byte {
	end := len(b)
	for end > 0 && (b[end-1] == '\n' || b[end-1] == '\r') {
		end--
	}
	for _, c := range b[:end] {
		if c < 0x20 && c != '\t' && c != '\n' && c != '\r' || c > 0x7e {
			return b
		}
	}
	return b[:end]
}

func distinct(b []byte) int {
	var seen [256]bool
	n := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			n++
		}
	}
	return n
}
