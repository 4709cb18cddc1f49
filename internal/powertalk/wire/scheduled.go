package wire

import (
	"slices"

	"parlor/internal/chat"
)

// Scheduled is the answer of scheduled_message/create.
type Scheduled struct{ Item chat.ScheduledView }

// AppendJSON appends the answer's data object.
func (a Scheduled) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.result(Result{Success: true, Message: "The message is scheduled"})
	w.open("createdItem")
	w.scheduled(&a.Item)
	w.end()
	w.end()
	return w.b
}

// ScheduledList is the answer of scheduled_message/get_scheduled_list.
type ScheduledList struct{ Items []chat.ScheduledView }

// AppendJSON appends the answer's data object.
func (a ScheduledList) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, messageSize*len(a.Items))
	w := writer{b: append(b, '{')}
	w.rendered = &rendered{}
	w.list("items")
	for i := range a.Items {
		w.item()
		w.scheduled(&a.Items[i])
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}

// scheduled writes the fields of a scheduled message (docs/protocol.md, "Client API").
func (w *writer) scheduled(s *chat.ScheduledView) {
	w.num("id", int64(s.ID))
	w.num("scheduledTime", s.At)
	w.num("createdTime", s.CreatedAt)
	w.num("updatedTime", s.UpdatedAt)
	if s.Failed() {
		w.str("failureReason", s.Failure)
	}
	w.open("message")
	w.message(&s.View, forDevices)
	w.end()
}

// ScheduledIDs is the answer of the calls that send or delete scheduled messages: which ones, also
// under the call's own name.
type ScheduledIDs struct {
	Name string
	IDs  []int64
}

// AppendJSON appends the answer's data object.
func (a ScheduledIDs) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.nums("ids", a.IDs)
	w.nums(a.Name, a.IDs)
	w.end()
	return w.b
}

// ScheduleEvent is the frame that tells a user's devices, at a time (Unix ms), that what the user has
// scheduled for a room has changed.
func ScheduleEvent(r *chat.Room, partner *chat.User, at int64) []byte {
	w := event("room/scheduleMessage")
	w.room(r, partner)
	w.num("timestamp", at)
	return w.finish()
}
