//go:build race

package browsertest_test

// raced is one walk: under the race detector each takes many times as long, and make scale walks all of them without it.
func raced[T any](all []T) []T { return all[:1] }
