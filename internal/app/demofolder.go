package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// demoFolder opens the folder of a demo, for one demo at a time. Without a name it is one in the system's temporary
// folder; it goes with the demo, or with the next one when the demo was killed. A second demo without a name gets
// another folder; a second one with the same name is refused.
func demoFolder(name string) (dir string, release func() error, err error) {
	if name != "" {
		return namedDemoFolder(name)
	}
	usual := usualDemoFolder()
	lock, err := lockFile(usual + ".lock")
	if err != nil {
		return otherDemoFolder()
	}
	if err := errors.Join(os.RemoveAll(usual), os.Mkdir(usual, 0o700)); err != nil {
		return cleanedUp(otherDemoFolder, lock.Close) // somebody else's
	}
	return usual, func() error { return errors.Join(os.RemoveAll(usual), os.Remove(usual+".lock"), lock.Close()) }, nil
}

func namedDemoFolder(name string) (string, func() error, error) {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return "", nil, fmt.Errorf("demo: %w", err)
	}
	lock, err := lockFile(filepath.Join(name, ".lock"))
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return "", nil, fmt.Errorf("demo: another demo is using %s", name)
	}
	if err != nil {
		return "", nil, fmt.Errorf("demo: %w", err)
	}
	return name, lock.Close, nil
}

// lockFile holds a file until it is closed or the process ends, however it ends.
func lockFile(name string) (*os.File, error) {
	lock, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

func otherDemoFolder() (string, func() error, error) {
	other, err := os.MkdirTemp("", "ecluse-demo-")
	if err != nil {
		return "", nil, fmt.Errorf("demo: %w", err)
	}
	return other, func() error { return os.RemoveAll(other) }, nil
}

func cleanedUp(open func() (string, func() error, error), first func() error) (string, func() error, error) {
	if err := first(); err != nil {
		return "", nil, err
	}
	return open()
}

// usualDemoFolder is where a demo without --data keeps its things.
func usualDemoFolder() string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("ecluse-demo-%d", os.Getuid()))
}

// pointAt leaves word of where the demo that people look at keeps its things, for `explain`.
func pointAt(dir string) (remove func() error, err error) {
	full, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	pointer := usualDemoFolder() + ".at"
	if err := errors.Join(removed(pointer), writeNew(pointer, full)); err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	return func() error {
		if at, err := os.ReadFile(pointer); err == nil && string(at) == full {
			return removed(pointer)
		}
		return nil // a later demo's
	}, nil
}

func removed(name string) error {
	if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// writeNew follows no link that somebody else may have laid in the temporary folder.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// runningDemoFolder is where the demo that was started last keeps its things; empty when none is running.
func runningDemoFolder() string {
	pointer := usualDemoFolder() + ".at"
	if !ours(pointer) {
		return ""
	}
	at, err := os.ReadFile(pointer)
	dir := strings.TrimSpace(string(at))
	if err != nil || !ours(dir) {
		return ""
	}
	return dir
}

// ours tells whether a file or folder is there and belongs to us alone: the temporary folder is everybody's.
func ours(name string) bool {
	info, err := os.Lstat(name)
	if err != nil || info.Mode().Perm()&0o022 != 0 {
		return false
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
