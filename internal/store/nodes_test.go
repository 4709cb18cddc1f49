package store_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestTwoNodesMakeTheSameRoom: both look, find nothing and insert. The one that comes
// second is run again and finds the other's.
func TestTwoNodesMakeTheSameRoom(t *testing.T) {
	o := storetest.Postgres(t)
	first, second := storetest.Open(t, o), storetest.Open(t, o)
	app := makeApp(t, first, "a")
	var inserted atomic.Int32
	bothLooked := make(chan struct{})
	put := func(st *store.Store) (id chat.RoomID, err error) {
		err = st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			r, found, err := tx.RoomForUpdate(ctx, app.ID, "r")
			if err == nil && !found {
				if inserted.Add(1) == 2 {
					close(bothLooked)
				}
				<-bothLooked
				r, err = tx.CreateRoom(ctx, chat.Room{App: app.ID, XCID: "r", Type: chat.Group})
			}
			id = r.ID
			return err
		})
		return id, err
	}
	type answer struct {
		id  chat.RoomID
		err error
	}
	other := make(chan answer, 1)
	go func() {
		id, err := put(second)
		other <- answer{id, err}
	}()
	id, err := put(first)
	if got := <-other; err != nil || got.err != nil || got.id != id {
		t.Errorf("one node got room %d (%v), the other %d (%v)", id, err, got.id, got.err)
	}
}

// TestTwoNodesChangeTheSameUser: what a call does not name it must not touch, even when
// another node has just changed it and not committed yet.
func TestTwoNodesChangeTheSameUser(t *testing.T) {
	o := storetest.Postgres(t)
	first, second := storetest.Open(t, o), storetest.Open(t, o)
	app := makeApp(t, first, "a")
	u := makeUser(t, first, app, chat.UserUpdate{XCID: "u"})
	set := "set"
	changed, commit := make(chan struct{}), make(chan struct{})
	var once sync.Once
	put := func(st *store.Store, up chat.UserUpdate, after func()) error {
		return st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PutUser(ctx, app.ID, up)
			after()
			return err
		})
	}
	answers := make(chan error, 2)
	go func() {
		answers <- put(first, chat.UserUpdate{XCID: "u", Fullname: "u", Email: &set}, func() {
			once.Do(func() { close(changed) })
			<-commit
		})
	}()
	<-changed
	go func() { answers <- put(second, chat.UserUpdate{XCID: "u", Fullname: "u", Phone: &set}, func() {}) }()
	db, err := pgx.Connect(t.Context(), o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(context.Background())
	eventually(t, "the second node waits for the first", func() (waits bool) {
		err := db.QueryRow(t.Context(), `SELECT EXISTS (SELECT 1 FROM pg_stat_activity
			WHERE datname = current_database() AND wait_event_type = 'Lock')`).Scan(&waits)
		return err == nil && waits
	})
	close(commit)
	for range 2 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
	got, err := first.User(t.Context(), app.ID, u.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.Email != set || got.Phone != set {
		t.Errorf("one node set the email, the other the phone; left are %q and %q", got.Email, got.Phone)
	}
}

// TestNodesLockRoomsInOneOrder: two nodes write to the same two rooms, one commit each.
// The server would break a deadlock, but only after a second in which nothing moves;
// here it does not get to.
func TestNodesLockRoomsInOneOrder(t *testing.T) {
	o := storetest.Postgres(t)
	storetest.Exec(t, o, `DO $$ BEGIN
		EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''5min''', current_database()); END $$`)
	nodes := []*store.Store{storetest.Open(t, o), storetest.Open(t, o)}
	app := makeApp(t, nodes[0], "a")
	u := makeUser(t, nodes[0], app, chat.UserUpdate{XCID: "u"})
	rooms := []chat.Room{makeRoom(t, nodes[0], app, "r0"), makeRoom(t, nodes[0], app, "r1")}
	shard := func(room int) int64 { return int64(room+1) * 720720 } // in one lane, of up to 16, r0 before r1

	var arrived sync.WaitGroup // so that each node has done its first write when it begins its second
	arrived.Add(len(nodes))
	answers := make(chan error, 4)
	var gates []*gate
	for i, st := range nodes {
		gates = append(gates, shut(t, st))
		sends, changes := 1-i, i // the rooms: one node sends to r1 and changes r0, the other the reverse
		before := st.Waiting()
		go func() {
			m := chat.Message{App: app.ID, Room: rooms[sends].ID, Sender: u.ID, LocalID: fmt.Sprint("local", i)}
			_, err := st.AppendMessages(t.Context(), store.Author{}, shard(sends), []store.NewMessage{{Message: m}})
			answers <- err
		}()
		eventually(t, "the send is queued", func() bool { return st.Waiting() > before })
		var once sync.Once
		go func() {
			answers <- st.Write(t.Context(), shard(changes), func(ctx context.Context, tx *store.Tx) error {
				once.Do(arrived.Done)
				arrived.Wait()
				_, err := tx.UpdateRoom(ctx, rooms[changes])
				return err
			})
		}()
		eventually(t, "the change is queued", func() bool { return st.Waiting() > before+1 })
	}
	for _, g := range gates {
		g.release(t)
	}
	for range 4 {
		if err := <-answers; err != nil {
			t.Error(err)
		}
	}
}

// TestProfileChangeHoldsUpNobody: while one node changes a user, others go on to put
// that user into rooms and to speak for them.
func TestProfileChangeHoldsUpNobody(t *testing.T) {
	o := storetest.Postgres(t)
	first, second := storetest.Open(t, o), storetest.Open(t, o)
	app := makeApp(t, first, "a")
	u := makeUser(t, first, app, chat.UserUpdate{XCID: "u"})
	r := makeRoom(t, first, app, "r")
	changed, commit, answer := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		answer <- first.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.PutUser(ctx, app.ID, chat.UserUpdate{XCID: "u", Fullname: "another"})
			close(changed)
			<-commit
			return err
		})
	}()
	<-changed
	join(t, second, r, u) // fails, in the end, if it has to wait
	say(t, second, chat.Message{App: app.ID, Room: r.ID, Sender: u.ID, LocalID: "m"})
	close(commit)
	if err := <-answer; err != nil {
		t.Error(err)
	}
}
