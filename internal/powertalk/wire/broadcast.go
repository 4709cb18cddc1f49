package wire

import "parlor/internal/chat"

// Broadcast is the answer of message/send_to_rooms.
type Broadcast struct {
	ID    string
	Rooms int
}

// AppendJSON appends the answer's data object.
func (a Broadcast) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("sendID", a.ID)
	w.num("total", int64(a.Rooms))
	w.end()
	return w.b
}

// BroadcastRoom is what has become of a broadcast in one room.
type BroadcastRoom struct {
	chat.BroadcastRoom
	LocalID string // of the message
	Code    string // of a failure, as it is on the wire
}

// BroadcastStatus is the answer of message/send_to_rooms/get.
type BroadcastStatus struct {
	chat.Broadcast
	List []BroadcastRoom
	Next string // the cursor of the next page, "" behind the last
}

// AppendJSON appends the answer's data object.
func (a BroadcastStatus) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("sendID", a.ID)
	w.status(a.CreatedAt, a.FinishedAt, a.Stopped)
	w.num("total", int64(a.Rooms))
	w.num("sent", int64(a.Sent))
	w.num("failed", int64(a.Failed))
	w.list("rooms")
	for i := range a.List {
		w.broadcastRoom(&a.List[i])
	}
	w.endPage(a.Next)
	return w.b
}

// status writes how far work is that is done beside the calls.
func (w *writer) status(created, finished int64, stopped bool) {
	status := "running"
	switch {
	case stopped:
		status = "stopped"
	case finished > 0:
		status = "done"
	}
	w.str("status", status)
	w.num("created", created)
	w.num("finished", finished)
}

func (w *writer) broadcastRoom(r *BroadcastRoom) {
	room, xc := r.Room, ""
	if r.XC {
		room, xc = "", r.Room
	}
	w.item()
	w.str("roomID", room)
	w.str("xcRoomID", xc)
	w.str("status", string(r.State()))
	w.str("localID", r.LocalID)
	w.num("sentTime", r.SentAt)
	w.open("error")
	w.str("code", r.Code)
	w.str("message", r.Failure)
	w.end()
	w.end()
}
