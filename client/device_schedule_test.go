package client_test

import (
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestDeviceSchedule: a message waits until it is due, or until it is sent by hand, and can be changed
// and dropped until then.
func TestDeviceSchedule(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	ctx := t.Context()
	ana, bo := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b")
	made, err := ana.CreateGroup(ctx, "Trip", bo.UserID())
	if err != nil {
		t.Fatal(err)
	}
	room := made.Room.ID
	mine, theirs := connect(t, ana, client.StreamOptions{}), connect(t, bo, client.StreamOptions{})

	at := time.Now().Add(time.Hour).Truncate(time.Millisecond)
	draft := client.Draft{
		RoomID: room, LocalID: client.NewLocalID(), Text: "later", Payload: `{"a":1}`, Quote: &client.Quote{Title: "Bo", Content: "when?"},
	}
	first, err := ana.Schedule(ctx, at, draft)
	if err != nil || first.ID == 0 || !first.At.Equal(at) || first.Failure != "" || first.Message.LocalID != draft.LocalID {
		t.Fatalf("Schedule: %+v, %v", first, err)
	}
	for want, open := range map[string]func() (string, error){
		"later": first.Message.Text, `{"a":1}`: first.Message.Payload, "when?": first.Message.QuotedText,
	} {
		if got, err := open(); err != nil || got != want {
			t.Errorf("the scheduled message says %q, %v, want %q", got, err, want)
		}
	}
	if e := next[client.ScheduleChanged](t, mine, nil); e.Room.ID != room || e.At.IsZero() {
		t.Errorf("the event: %+v", e)
	}
	if again, err := ana.Schedule(ctx, at.Add(time.Hour), draft); err != nil || again.ID != first.ID || !again.At.Equal(at) {
		t.Errorf("Schedule again: %+v, %v", again, err)
	}
	second, err := ana.Schedule(ctx, at.Add(time.Minute), client.Draft{RoomID: room, Text: "even later"})
	if err != nil {
		t.Fatal(err)
	}

	if err := ana.Reschedule(ctx, first.ID, at.Add(2*time.Minute)); err != nil {
		t.Error(err)
	}
	draft.Text = "other words"
	if err := ana.EditScheduled(ctx, first.ID, draft); err != nil {
		t.Error(err)
	}
	list, err := ana.Scheduled(ctx, room)
	if err != nil || len(list) != 2 || list[0].ID != second.ID || list[1].ID != first.ID || !list[1].At.Equal(at.Add(2*time.Minute)) {
		t.Fatalf("Scheduled: %+v, %v", list, err)
	}
	if list, err := bo.Scheduled(ctx, room); err != nil || len(list) != 0 {
		t.Errorf("what is another's: %+v, %v", list, err)
	}
	if err := bo.Reschedule(ctx, first.ID, at); client.CodeOf(err) != client.CodeNotFound {
		t.Errorf("Reschedule by somebody else: %v", err)
	}

	if ids, err := ana.Unschedule(ctx, second.ID); err != nil || !slices.Equal(ids, []client.ScheduledID{second.ID}) {
		t.Errorf("Unschedule: %v, %v", ids, err)
	}
	if ids, err := ana.SendScheduled(ctx, first.ID, second.ID); err != nil || !slices.Equal(ids, []client.ScheduledID{first.ID}) {
		t.Errorf("SendScheduled: %v, %v", ids, err)
	}
	if got := nextText(t, theirs); got != "other words" {
		t.Errorf("it was sent as %q", got)
	}
	if _, err := ana.Schedule(ctx, time.Now(), client.Draft{RoomID: room, Text: "due"}); err != nil {
		t.Fatal(err)
	}
	if got := nextText(t, theirs); got != "due" {
		t.Errorf("when one was due came %q", got)
	}

	for name, err := range map[string]error{
		"in the past":            schedule(t, ana, time.Now().Add(-time.Hour), client.Draft{RoomID: room, Text: "x"}),
		"without a time":         schedule(t, ana, time.Time{}, client.Draft{RoomID: room, Text: "x"}),
		"with too long a text":   schedule(t, ana, at, client.Draft{RoomID: room, Text: string(make([]byte, 4001))}),
		"into a room of nobody":  schedule(t, ana, at, client.Draft{RoomID: "g999999", Text: "x"}),
		"with a bad localID":     schedule(t, ana, at, client.Draft{RoomID: room, LocalID: "short", Text: "x"}),
		"one that was sent":      schedule(t, ana, at, draft),
		"an edit with bad words": ana.EditScheduled(ctx, second.ID, client.Draft{RoomID: room, LocalID: "short"}),
		"an edit of nothing":     ana.EditScheduled(ctx, second.ID, client.Draft{RoomID: room, Text: "x"}),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if list, err := ana.Scheduled(ctx, room); err != nil || len(list) != 0 {
		t.Errorf("in the end %+v, %v are left", list, err)
	}
}

func schedule(t *testing.T, d *client.Device, at time.Time, m client.Draft) error {
	_, err := d.Schedule(t.Context(), at, m)
	return err
}
