package app

import (
	"fmt"

	"ecluse/docs"
	"ecluse/internal/admin/frame"
	"ecluse/internal/handbook"
)

// mountHandbook adds the handbook, and its entry to the desk's menu.
func (g *gateway) mountHandbook() error {
	book, err := handbook.Read(docs.Files)
	if err != nil {
		return fmt.Errorf("the texts that come with the program: %w", err)
	}
	handbook.Mount(g.mux, handbook.Config{Kit: g.kit, Handbook: book})
	g.frame.Add(frame.Entry{Task: frame.Doing, Path: handbook.Home, Key: handbook.MenuKey})
	return nil
}
