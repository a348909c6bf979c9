//go:build !race

package browsertest_test

func raced(all []walk) []walk { return all }
