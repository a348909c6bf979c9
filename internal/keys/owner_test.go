package keys

import (
	"io/fs"
	"syscall"
	"testing"
	"time"
)

// mounted is a file as a mount shows it, which a test cannot make without
// being two users.
type mounted struct {
	mode  fs.FileMode
	owner uint32
}

func (m mounted) Name() string       { return "master" }
func (m mounted) Size() int64        { return 44 }
func (m mounted) Mode() fs.FileMode  { return m.mode }
func (m mounted) ModTime() time.Time { return time.Time{} }
func (m mounted) IsDir() bool        { return m.mode.IsDir() }
func (m mounted) Sys() any           { return &syscall.Stat_t{Uid: m.owner} }

func TestGroupMayReadOnlyWhatRootGivesThroughIt(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name string
		file mounted
		euid int
		ok   bool
	}{
		{"own private file", mounted{0o600, 1000}, 1000, true},
		{"own file, group reads", mounted{0o640, 1000}, 1000, false},
		{"root's file, root reads it", mounted{0o440, 0}, 0, false},
		{"root's file given by group", mounted{0o440, 0}, 1000, true},
		{"root's file, group writes", mounted{0o460, 0}, 1000, false},
		{"another user's file given by group", mounted{0o440, 1001}, 1000, false},
		{"root's file, everybody reads", mounted{0o444, 0}, 1000, false},
		{"a pipe", mounted{0o600 | fs.ModeNamedPipe, 1000}, 1000, false},
	}
	for _, c := range cases {
		if err := checkFile(c.file, c.euid); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
