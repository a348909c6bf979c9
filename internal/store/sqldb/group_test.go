package sqldb

import (
	"context"
	"errors"
	"testing"
)

func TestABatchThatPanicsIsNobodysSuccessAndInNobodysWay(t *testing.T) {
	t.Parallel()
	d, runs := &DB{}, 0
	began, end := make(chan struct{}), make(chan struct{})
	d.group.run = func(batch []*job) {
		if runs++; runs == 1 {
			close(began)
			<-end
			panic("at the disco")
		}
	}
	panicked := make(chan any, 1)
	go func() {
		defer func() { panicked <- recover() }()
		_ = d.grouped(context.Background(), nil)
	}()
	<-began
	after := make(chan error, 1)
	go func() { after <- d.grouped(context.Background(), nil) }()
	lineUp(d, 1)
	close(end)
	if <-panicked == nil {
		t.Error("nobody heard of the panic")
	}
	if err := <-after; err != nil || runs != 2 {
		t.Errorf("who came after it: %v, %d runs", err, runs)
	}

	mine, theirs := &job{}, &job{done: make(chan struct{})}
	g := &group{running: true, run: func([]*job) { panic("again") }}
	g.idle.Add(1)
	func() {
		defer func() { _ = recover() }()
		g.write([]*job{mine, theirs})
	}()
	<-theirs.done
	if !errors.Is(mine.err, errUnfinished) || !errors.Is(theirs.err, errUnfinished) {
		t.Errorf("the outcome of a batch that panicked: %v and %v", mine.err, theirs.err)
	}
	g.close() // nothing is under way
}
