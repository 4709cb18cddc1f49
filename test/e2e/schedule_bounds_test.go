package e2e

import (
	"strings"
	"testing"
	"time"

	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// TestScheduleBadInput: what is wrong is said by parameter.
func TestScheduleBadInput(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		bo := a.SignIn(t, "bo", "1")
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		others := putRoom(t, a, "others", obj{"participantXCUserIDs": list{"bo"}}).Room.RoomID
		now := time.Now()
		for _, tt := range []struct {
			room string
			at   int64
			want failure
		}{
			{room, 0, required("scheduledTime", "scheduledTime")},
			{room, -5, required("scheduledTime", "scheduledTime")},
			{room, now.Add(-2 * time.Minute).UnixMilli(), invalid("scheduledTime", "scheduledTime", "must not be in the past")},
			{room, now.Add(367 * 24 * time.Hour).UnixMilli(), invalid("scheduledTime", "scheduledTime", "must be within a year")},
			{others, inAWhile(), failure{"40301", "You are not a participant of this room", ""}},
			{"g4711", inAWhile(), roomNotFound},
			{bo.UserID + "-999999", inAWhile(), roomNotFound},
			{"nonsense", inAWhile(), roomNotFound},
			{ana.UserID + "-999999", inAWhile(), userNotFound},
		} {
			checkFailure(t, trySchedule(t, ana, tt.room, "x", tt.at), tt.want)
		}
		item := schedule(t, ana, room, "x", now.Add(-time.Second).UnixMilli()) // so late it may be
		eventually(t, "it is sent", func() bool { return len(scheduled(t, ana, room)) == 0 })
		for _, tt := range []struct {
			call string
			body obj
			want failure
		}{
			{"create", obj{"scheduledTime": inAWhile()}, required("message", "message")},
			{"create", obj{"scheduledTime": inAWhile(), "message": obj{"type": 9001}}, invalid("type", "type", "must be 1000 to 8999")},
			{"create", obj{"scheduledTime": inAWhile(), "message": "hi"}, invalid("message", "message", "must be an object that is a message")},
			{"get_scheduled_list", obj{}, required("roomID", "roomID")},
			{"edit_content", obj{"message": servertest.Draft(t, room, localID(t), "x")}, required("id", "id")},
			{"edit_content", obj{"id": item.ID}, required("message", "message")},
			{"edit_scheduled_time", obj{"id": item.ID}, required("scheduledTime", "scheduledTime")},
			{"send_now", obj{}, required("ids", "ids")},
			{"delete", obj{}, required("ids", "ids")},
		} {
			answer := ana.Try(t, "chat/scheduled_message/"+tt.call, tt.body)
			checkDevice(t, "chat/scheduled_message/"+tt.call, answer)
			checkFailure(t, answer, tt.want)
		}
	})
}

// TestScheduleBounds: a user can schedule so much in a room.
func TestScheduleBounds(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		room := putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		large := putRoom(t, a, "large", obj{"participantXCUserIDs": list{"ana"}}).Room.RoomID
		for range service.MaxScheduled {
			schedule(t, ana, room, "x", inAWhile())
		}
		checkFailure(t, trySchedule(t, ana, room, "x", inAWhile()),
			failure{"40301", "You have scheduled 100 messages in this room, and no more can be", ""})
		draft := func() obj {
			d := servertest.Draft(t, large, localID(t), "x")
			d["data"] = `{"thumbnail":"` + strings.Repeat("x", 200<<10) + `"}`
			return obj{"message": d, "scheduledTime": inAWhile()}
		}
		tooLarge := failure{"40301", "The messages that you have scheduled in this room are too large together", ""}
		taken := 0
		for ; taken < 20; taken++ {
			if answer := ana.Try(t, "chat/scheduled_message/create", draft()); answer.Error.Code != "" {
				checkFailure(t, answer, tooLarge)
				break
			}
		}
		items := scheduled(t, ana, large)
		if taken < 5 || taken == 20 || len(items) != taken {
			t.Fatalf("%d large ones were taken, and %d are listed", taken, len(items))
		}
		small := schedule(t, ana, large, "x", inAWhile())
		body := draft()
		body["id"] = small.ID
		checkFailure(t, ana.Try(t, "chat/scheduled_message/edit_content", body), tooLarge)
	})
}
