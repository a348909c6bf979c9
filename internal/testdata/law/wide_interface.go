// file: internal/store/x.go
// want: an interface of 11 methods, at most 10

package store

type wide interface {
	a()
	b()
	c()
	d()
	e()
	f()
	g()
	h()
	i()
	j()
	k()
}
