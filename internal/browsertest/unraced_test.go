//go:build !race

package browsertest_test

func raced[T any](all []T) []T { return all }
