//go:build race

package sqldb

// raced tells that the race detector is on, under which a whole academy takes longer to read than a view may be old.
const raced = true
