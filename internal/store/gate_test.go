package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// gate is a write that holds up its lane, so that others queue up behind it.
type gate struct {
	open chan struct{}
	err  chan error
}

// shut returns once the lane of shard 0 is held up.
func shut(t *testing.T, st *store.Store) *gate {
	t.Helper()
	g := &gate{open: make(chan struct{}), err: make(chan error, 1)}
	begun := make(chan struct{})
	var once sync.Once // a write may run more than once
	go func() {
		g.err <- st.Write(context.Background(), 0, func(context.Context, *store.Tx) error {
			once.Do(func() { close(begun) })
			<-g.open
			return nil
		})
	}()
	<-begun
	return g
}

// release lets the lane go on.
func (g *gate) release(t *testing.T) {
	t.Helper()
	close(g.open)
	if err := <-g.err; err != nil {
		t.Errorf("the write that held up the lane: %v", err)
	}
}

// queued starts a write on shard 0 and returns once it waits in the queue.
func queued(
	ctx context.Context, t *testing.T, st *store.Store, fn func(context.Context, *store.Tx) error,
) <-chan error {
	t.Helper()
	before := st.Waiting()
	err := make(chan error, 1)
	go func() { err <- st.Write(ctx, 0, fn) }()
	eventually(t, "the write is queued", func() bool { return st.Waiting() > before })
	return err
}

func createRoom(app chat.App, xc string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: xc, Type: chat.Group})
		return err
	}
}

// breakConstraint runs a statement that the database refuses.
func breakConstraint(ctx context.Context, tx *store.Tx) error {
	_, err := tx.CreateRoom(ctx, chat.Room{App: 1 << 40, XCID: "of no app", Type: chat.Group})
	if err == nil {
		return errors.New("the database took a room of an App that does not exist")
	}
	return err
}

func exists(t *testing.T, st *store.Store, app chat.App, xc string) bool {
	t.Helper()
	_, err := st.Room(t.Context(), app.ID, xc)
	if err != nil && chat.CodeOf(err) != chat.CodeNotFound {
		t.Fatal(err)
	}
	return err == nil
}
