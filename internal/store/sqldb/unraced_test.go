//go:build !race

package sqldb

const raced = false
