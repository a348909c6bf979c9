//go:build unix

package keys

import (
	"io/fs"
	"syscall"
)

// ownedByRoot reports whether the file belongs to root.
func ownedByRoot(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && st.Uid == 0
}
