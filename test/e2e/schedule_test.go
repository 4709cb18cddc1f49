package e2e

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"parlor/test/env/servertest"
)

// scheduledItem is a scheduled message as apps see it.
type scheduledItem struct {
	ID                                      int64
	ScheduledTime, CreatedTime, UpdatedTime int64
	FailureReason                           string
	Message                                 servertest.Message
}

// trySchedule asks to have a text sent at a time (Unix ms).
func trySchedule(t testing.TB, d *servertest.Device, room, text string, at int64) servertest.Answer {
	t.Helper()
	a := d.Try(t, "chat/scheduled_message/create",
		obj{"id": nil, "message": servertest.Draft(t, room, localID(t), text), "scheduledTime": at})
	checkDevice(t, "chat/scheduled_message/create", a)
	return a
}

// schedule has a text sent at a time (Unix ms).
func schedule(t testing.TB, d *servertest.Device, room, text string, at int64) scheduledItem {
	t.Helper()
	a := trySchedule(t, d, room, text, at)
	var data struct {
		Success     bool
		CreatedItem scheduledItem
	}
	if err := json.Unmarshal(a.Data, &data); err != nil || !data.Success {
		t.Fatalf("%s (%v)", a.Body, err)
	}
	return data.CreatedItem
}

// scheduled lists what a device's user has scheduled for a room.
func scheduled(t testing.TB, d *servertest.Device, room string) []scheduledItem {
	t.Helper()
	a := d.Try(t, "chat/scheduled_message/get_scheduled_list", obj{"roomID": room})
	checkDevice(t, "chat/scheduled_message/get_scheduled_list", a)
	var data struct{ Items []scheduledItem }
	if err := json.Unmarshal(a.Data, &data); err != nil || data.Items == nil {
		t.Fatalf("%s (%v)", a.Body, err)
	}
	return data.Items
}

// scheduledTexts are the plain texts of items, in their order.
func scheduledTexts(t testing.TB, items []scheduledItem) (list []string) {
	t.Helper()
	for _, i := range items {
		list = append(list, i.Message.Text(t))
	}
	return list
}

// callScheduled makes one of the calls that name items, and returns which it was done to.
func callScheduled(t testing.TB, d *servertest.Device, call string, ids ...int64) []int64 {
	t.Helper()
	a := d.Try(t, "chat/scheduled_message/"+call, obj{"ids": ids, "roomID": "g1"})
	checkDevice(t, "chat/scheduled_message/"+call, a)
	var data struct{ IDs, SentIDs, DeletedIDs []int64 }
	if err := json.Unmarshal(a.Data, &data); err != nil || a.Error.Code != "" ||
		!slices.Equal(data.IDs, append(data.SentIDs, data.DeletedIDs...)) {
		t.Fatalf("%s (%v)", a.Body, err)
	}
	return data.IDs
}

// nextScheduleChange waits until a device is told that a room's schedule has changed.
func nextScheduleChange(t testing.TB, d *servertest.Device, room string) {
	t.Helper()
	e := d.Next(t, "a change of what is scheduled", func(e servertest.Event) bool { return e.EventName == "room/scheduleMessage" })
	var data struct {
		Room      struct{ RoomID string }
		Timestamp int64
	}
	if err := json.Unmarshal(e.Data, &data); err != nil || data.Room.RoomID != room || data.Timestamp == 0 {
		t.Errorf("the event says %s (%v), want room %s", e.Data, err, room)
	}
}

// inAWhile is a time (Unix ms) that does not come while a test runs.
func inAWhile() int64 { return time.Now().Add(time.Hour).UnixMilli() }

// soon is a time (Unix ms) that comes while a test runs.
func soon() int64 { return time.Now().Add(300 * time.Millisecond).UnixMilli() }

// TestSchedule: a message is listed until it is due, is sent then as any other, and its sender's
// devices are told of each step.
func TestSchedule(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, phone := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "ana", "2").Connect(t)
		bo := a.SignIn(t, "bo", "1").Connect(t)
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		for _, where := range []string{room, pairOf(ana, bo)} { // the second is not there yet
			much := schedule(t, ana, where, "much later", inAWhile())
			nextScheduleChange(t, phone, where)
			at := soon()
			item := schedule(t, ana, where, "later", at)
			nextScheduleChange(t, phone, where)
			m := item.Message
			if item.ScheduledTime != at || item.ID <= 0 || item.ID > 1<<31 || item.CreatedTime == 0 || item.FailureReason != "" ||
				m.Text(t) != "later" || m.User.UserID != ana.UserID || m.Room.RoomID != where || m.Created != at || m.MessageID != "0" {
				t.Errorf("created %+v", item)
			}
			if got := scheduled(t, bo, where); len(got) != 0 {
				t.Errorf("others see %+v", got)
			}
			for _, d := range []*servertest.Device{ana, phone, bo} {
				e := d.Next(t, "the message", func(e servertest.Event) bool { return e.Message.LocalID == m.LocalID })
				if mine := d != bo; e.IsScheduled != mine || e.Message.Created < at || e.Message.Text(t) != "later" ||
					e.Message.Room.RoomID != where || e.Message.MessageID == "0" {
					t.Errorf("device %s of %s is sent %+v", d.Name, d.UserID, e)
				}
			}
			nextScheduleChange(t, phone, where)
			if got := scheduledTexts(t, scheduled(t, phone, where)); !slices.Equal(got, []string{"much later"}) {
				t.Errorf("still listed: %v", got)
			}
			if got := callScheduled(t, ana, "delete", much.ID, much.ID+1000); !slices.Equal(got, []int64{much.ID}) {
				t.Errorf("deleted %v", got)
			}
			nextScheduleChange(t, phone, where)
			if got := texts(t, history(t, bo, where)); !slices.Contains(got, "later") || slices.Contains(got, "much later") {
				t.Errorf("the room has %v", got)
			}
		}
	})
}

// TestScheduleChanges: what is scheduled can be moved, rewritten, sent at once and dropped by its owner.
func TestScheduleChanges(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		item := schedule(t, ana, room, "first words", inAWhile())
		other := schedule(t, ana, room, "others", inAWhile())
		nextScheduleChange(t, ana, room)
		nextScheduleChange(t, ana, room)
		change := func(call string, body obj) {
			t.Helper()
			answer := ana.Try(t, "chat/scheduled_message/"+call, body)
			checkDevice(t, "chat/scheduled_message/"+call, answer)
			if answer.Error.Code != "" {
				t.Fatalf("%s: %s", call, answer.Body)
			}
			nextScheduleChange(t, ana, room)
		}
		change("edit_content", obj{"id": item.ID, "message": servertest.Draft(t, room, item.Message.LocalID, "better words")})
		if got := scheduled(t, ana, room)[0]; got.Message.Text(t) != "better words" || got.UpdatedTime <= item.UpdatedTime {
			t.Errorf("after the edit: %+v", got)
		}
		notFound := failure{"40401", "Message is not found", ""}
		for call, body := range map[string]obj{
			"edit_content":        {"id": item.ID, "message": servertest.Draft(t, room, localID(t), "not mine")},
			"edit_scheduled_time": {"id": item.ID, "scheduledTime": inAWhile()},
		} {
			checkFailure(t, bo.Try(t, "chat/scheduled_message/"+call, body), notFound)
		}
		checkFailure(t, ana.Try(t, "chat/scheduled_message/edit_content",
			obj{"id": item.ID, "message": servertest.Draft(t, room, other.Message.LocalID, "of the other")}),
			failure{"40901", "This localID belongs to another message", ""})
		for _, call := range []string{"send_now", "delete"} {
			if got := callScheduled(t, bo, call, item.ID); len(got) != 0 {
				t.Errorf("another user does %s to %v", call, got)
			}
		}
		change("edit_scheduled_time", obj{"id": item.ID, "scheduledTime": soon(), "message": nil})
		if m := bo.NextMessage(t); m.Text(t) != "better words" {
			t.Errorf("bo is sent %q", m.Text(t))
		}
		if got := callScheduled(t, ana, "send_now", other.ID, item.ID); !slices.Equal(got, []int64{other.ID}) {
			t.Errorf("sent at once: %v", got)
		}
		if m := bo.NextMessage(t); m.Text(t) != "others" || m.LocalID != other.Message.LocalID {
			t.Errorf("bo is sent %+v", m)
		}
		if got := scheduled(t, ana, room); len(got) != 0 {
			t.Errorf("still listed: %+v", got)
		}
		checkFailure(t, ana.Try(t, "chat/scheduled_message/edit_scheduled_time", obj{"id": item.ID, "scheduledTime": inAWhile()}), notFound)
	})
}

// TestScheduleTwice: a call that is repeated schedules nothing more; a message that its device has sent
// in the usual way in the meantime is not sent again.
func TestScheduleTwice(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}}).Room.RoomID
		once := func(text string, at int64) (body obj, item scheduledItem) {
			t.Helper()
			body = obj{"message": servertest.Draft(t, room, localID(t), text), "scheduledTime": at}
			for range 2 {
				ana.Call(t, "chat/scheduled_message/create", body, nil)
			}
			items := scheduled(t, ana, room)
			if len(items) != 1 {
				t.Fatalf("scheduled %+v", items)
			}
			return body, items[0]
		}
		body, item := once("by hand", inAWhile())
		checkFailure(t, bo.Try(t, "chat/scheduled_message/create", body),
			failure{"40901", "This localID belongs to another sender's message", ""})
		ana.Emit(t, "chat/sendMessage", body["message"])
		until(t, bo, item.Message.LocalID)
		checkFailure(t, ana.Try(t, "chat/scheduled_message/create", body),
			failure{"40901", "A message with this localID was sent already", ""})
		if got := callScheduled(t, ana, "send_now", item.ID); !slices.Equal(got, []int64{item.ID}) {
			t.Errorf("sent %v", got)
		}
		body, item = once("by its time", inAWhile())
		ana.Emit(t, "chat/sendMessage", body["message"])
		until(t, bo, item.Message.LocalID)
		ana.Call(t, "chat/scheduled_message/edit_scheduled_time", obj{"id": item.ID, "scheduledTime": soon()}, nil)
		eventually(t, "it leaves the list", func() bool { return len(scheduled(t, ana, room)) == 0 })
		if got := texts(t, history(t, bo, room)); !slices.Equal(got, []string{"by its time", "by hand"}) {
			t.Errorf("the room has %v", got)
		}
	})
}
