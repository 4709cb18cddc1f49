package client_test

import (
	"testing"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestBlocks: who is blocked is listed, and the user's devices are told of it, and of the end.
func TestBlocks(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	ctx := t.Context()
	ana, bo := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b")
	stream := connect(t, signIn(t, s, "ana", "another"), client.StreamOptions{})
	for _, on := range []bool{true, false} {
		change, want := ana.Block, 1
		if !on {
			change, want = ana.Unblock, 0
		}
		if err := change(ctx, bo.UserID()); err != nil {
			t.Fatal(err)
		}
		if e := next[client.BlockChanged](t, stream, nil); e.On != on || e.User.ID != bo.UserID() {
			t.Errorf("a block that is %v: %+v", on, e)
		}
		if list, err := ana.Blocked(ctx); err != nil || len(list) != want {
			t.Errorf("Blocked: %+v, %v; want %d", list, err, want)
		}
	}
}
