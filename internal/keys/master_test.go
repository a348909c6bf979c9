package keys_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

const goodSecret = "0123456789abcdefghijklmnopqrstuv"

func TestReadMasterRefusesBadFiles(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		content string
		mode    fs.FileMode
		says    string
	}{
		"world readable":       {goodSecret, 0o604, "everybody"},
		"world writable":       {goodSecret, 0o602, "everybody"},
		"empty":                {"", 0o600, "empty"},
		"only a line break":    {"\n", 0o600, "empty"},
		"short":                {goodSecret[:31], 0o600, "31 bytes"},
		"short but line break": {goodSecret[:31] + "\n", 0o600, "31 bytes"},
		"a placeholder":        {strings.Repeat("change", 9), 0o600, "at random"},
		"zeros":                {strings.Repeat("\x00", 64), 0o600, "at random"},
		"not a secret at all":  {strings.Repeat(goodSecret, 3000), 0o600, "larger"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "master")
			write(t, path, c.content, c.mode)
			_, err := keys.ReadMaster(path)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(err.Error(), path) {
				t.Errorf("err = %v, want it to name the file and say %q", err, c.says)
			}
			if err != nil && strings.Contains(err.Error(), goodSecret[:8]) {
				t.Error("the error shows the secret")
			}
		})
	}
}

func TestReadMasterRefusesWhatIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := keys.ReadMaster(dir); err == nil {
		t.Error("a directory was read")
	}
	if _, err := keys.ReadMaster(filepath.Join(dir, "absent")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("absent: %v", err)
	}
}

func TestLastLineBreakOfTextDoesNotCount(t *testing.T) {
	t.Parallel()
	store := new(keystest.Store)
	c := config(t, store)
	for _, text := range []string{goodSecret, goodSecret + "\n", goodSecret + "\r\n"} {
		path := filepath.Join(t.TempDir(), "master")
		write(t, path, text, 0o600)
		var err error
		if c.Master, err = keys.ReadMaster(path); err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(t.Context(), c); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	binary := append(bytes.Repeat([]byte{0x80, 1, 2, 3, 4, 5, 6, 7}, 4)[:31], '\n')
	if _, err := keys.NewMaster(binary); err != nil {
		t.Errorf("random bytes that end in a line break: %v", err)
	}
}

func TestCreateMasterNeverReplaces(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "master")
	if _, err := keys.CreateMaster(path, keystest.Random()); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
	if _, err := keys.ReadMaster(path); err != nil {
		t.Errorf("own file refused: %v", err)
	}
	if _, err := keys.CreateMaster(path, keystest.Random()); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second time: %v, want fs.ErrExist", err)
	}
	if again, _ := os.ReadFile(path); !bytes.Equal(first, again) {
		t.Error("the file was replaced")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".master-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, err := keys.CreateMaster(filepath.Join(dir, "other"), bytes.NewReader(nil)); err == nil {
		t.Error("made without random bytes")
	}
}

func write(t *testing.T, path, content string, mode fs.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}
