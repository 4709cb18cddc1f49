package e2e

import (
	"slices"
	"testing"

	"parlor/internal/server"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// TestCatchUpPastTransactions: a long transaction in the same PostgreSQL cluster, as of another
// program, keeps no message from a device that catches up, and none comes twice.
func TestCatchUpPastTransactions(t *testing.T) {
	t.Parallel()
	a := servertest.Start(t, servertest.Postgres(t), nil).Default()
	ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
	room := newGroup(t, ana, "Group", bo)
	listMessages(t, bo, "chat/message/room_list_and_unread", nil)
	catchUp(t, bo)
	comes := func(what string, want ...string) {
		t.Helper()
		if got := localIDs(catchUp(t, bo)); !slices.Equal(got, want) {
			t.Errorf("%s: %q come, want %q", what, got, want)
		}
	}
	say := func() string {
		t.Helper()
		local := ana.Send(t, room, "text")
		ana.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local })
		return local
	}

	release := storetest.HoldWrite(t, server.StoreOptions(a.Config))
	one, two := say(), say()
	comes("during the transaction", one, two)
	comes("again")
	bo.Connect(t)
	three := say()
	bo.Next(t, "it, live", func(e servertest.Event) bool { return e.Message.LocalID == three })
	bo.Disconnect()
	four := say()
	got := localIDs(catchUp(t, bo))
	if !slices.Contains(got, four) || slices.Contains(got, one) || slices.Contains(got, two) {
		t.Errorf("%q come after a connection, %q and %q were there before", got, one, two)
	}
	comes("and again")
	five := say()
	bo.Connect(t)
	comes("connected", five)
	six := say()
	bo.Next(t, "what follows, live", func(e servertest.Event) bool { return e.Message.LocalID == six })
	release()
	comes("after the transaction")
	seven := say()
	bo.Next(t, "the next, live", func(e servertest.Event) bool { return e.Message.LocalID == seven })
	comes("at the end")
}
