package service_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// held is a store whose only lane waits, so that calls have looked up what they need before others are committed.
type held struct {
	st      *store.Store
	open    chan struct{}
	waiting sync.WaitGroup
}

func holdLane(t *testing.T, st *store.Store) *held {
	t.Helper()
	h := &held{st: st, open: make(chan struct{})}
	h.do(t, "the write that holds the lane", "", func() error {
		return st.Write(t.Context(), 0, func(context.Context, *store.Tx) error { <-h.open; return nil })
	})
	return h
}

// do begins a call, and returns when it waits.
func (h *held) do(t *testing.T, what string, want chat.Code, call func() error) {
	t.Helper()
	h.waiting.Go(func() {
		if err := call(); chat.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", what, err, want)
		}
	})
	synctest.Wait()
}

func (h *held) release() {
	close(h.open)
	h.waiting.Wait()
}

// TestErasedMeanwhile: what calls have looked up before somebody is erased, and store behind that, says nothing of
// them.
func TestErasedMeanwhile(t *testing.T) {
	o := storetest.SQLite(t)
	synctest.Test(t, func(t *testing.T) {
		st := storetest.Open(t, o)
		svc := service.New(st, powertalk.Dialect{}, service.Options{})
		app, err := svc.CreateApp(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		b := svc.Backend(app)
		ana, bo := signIn(t, svc, app, "ana"), signIn(t, svc, app, "bo")
		group, err := bo.CreateGroup(t.Context(), "group", []chat.UserID{ana.User})
		if err != nil {
			t.Fatal(err)
		}
		room := group.Room.PublicID()
		answer := func() service.Draft {
			d := draftIn(room, powertalk.Dialect{}.NewLocalID(), "I answer")
			d.ReplyTo = chat.Reference{User: ana.User.String(), XCUser: "ana", Fullname: "Name of ana"}
			d.Forward = d.ReplyTo
			return d
		}

		h := holdLane(t, st)
		h.do(t, "the erasure", "", func() error { _, err := b.EraseUser(t.Context(), "ana"); return err })
		h.do(t, "data about a user", chat.CodeNotFound, func() error {
			return b.SetUserData(t.Context(), "ana", `{"of":"ana"}`)
		})
		h.do(t, "data about a user in a room", chat.CodeNotFound, func() error {
			return b.SetParticipantData(t.Context(), service.RoomName{ID: room}, "ana", `{"of":"ana"}`)
		})
		h.do(t, "an answer", "", func() error { _, _, err := bo.Send(t.Context(), answer()); return err })
		h.do(t, "an answer that is sent later", chat.CodeUnavailable, func() error {
			_, err := bo.Schedule(t.Context(), answer(), inAnHour())
			return err
		})
		h.do(t, "a notice", chat.CodeUnavailable, func() error {
			_, err := bo.RemoveParticipants(t.Context(), room, []chat.UserID{ana.User})
			return err
		})
		h.do(t, "a contact", chat.CodeNotFound, func() error { _, err := bo.AddContact(t.Context(), ana.User.String()); return err })
		h.do(t, "a block", chat.CodeNotFound, func() error { _, err := bo.Block(t.Context(), ana.User.String()); return err })
		h.do(t, "contacts", chat.CodeUnavailable, func() error {
			_, _, err := b.SyncContacts(t.Context(), []chat.ContactChange{{Owner: "ana", Contact: "bo"}})
			return err
		})
		h.do(t, "a report", chat.CodeUnavailable, func() error {
			return bo.ReportUser(t.Context(), ana.User.String(), service.Complaint{Category: "c", Reason: "ana is"})
		})
		h.release()

		for _, what := range []string{
			"reply_to FROM messages", "forward_from FROM messages", "target_name FROM messages", "reply_to FROM scheduled_messages",
			"data FROM user_data", "data FROM participant_data", "reason FROM reports",
			"'of ana' FROM contacts", "'of ana' FROM blocks",
		} {
			for _, found := range storetest.Query(t, o, "SELECT "+what) {
				if strings.Contains(found, "ana") {
					t.Errorf("%s: %s", what, found)
				}
			}
		}
	})
}
