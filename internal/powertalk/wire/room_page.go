package wire

import (
	"slices"

	"parlor/internal/chat"
)

// RoomPage is the answer of the server's room/list.
type RoomPage struct {
	Rooms []chat.ListedRoom
	Next  string // the cursor of the next page, "" behind the last
}

// AppendJSON appends the answer's data object.
func (a RoomPage) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("rooms")
	for i := range a.Rooms {
		r := &a.Rooms[i]
		w.item()
		w.roomFields(&r.Room, nil)
		w.flag("isFrozen", r.Frozen())
		w.num("frozenTime", r.FrozenAt)
		w.strs("tags", r.Tags)
		w.num("lastMessageTime", r.LastMessageAt)
		w.num("created", r.CreatedAt)
		w.num("updated", r.UpdatedAt)
		w.raw("data", r.Data.String())
		w.end()
	}
	w.endPage(a.Next)
	return w.b
}

// ParticipantPage is the answer of room/participants/list.
type ParticipantPage struct {
	Participants []chat.Participant
	Next         string
}

// AppendJSON appends the answer's data object.
func (a ParticipantPage) AppendJSON(b []byte) []byte {
	b = slices.Grow(b, userSize*len(a.Participants))
	w := writer{b: append(b, '{')}
	w.list("participants")
	for i := range a.Participants {
		p := &a.Participants[i]
		w.item()
		w.user(p.User)
		w.num("deleted", p.User.DeletedAt)
		w.flag("isByName", p.ByName)
		w.str("heldByRole", p.Role)
		w.flag("isAdmin", p.Admin)
		w.until("isMuted", "mutedUntil", p.SilencedUntil)
		w.until("isBanned", "bannedUntil", p.BannedUntil)
		w.raw("data", p.Data.String())
		w.end()
	}
	w.endPage(a.Next)
	return w.b
}

// until writes whether something holds, and when it ends, 0 for never.
func (w *writer) until(is, until string, at int64) {
	w.flag(is, at > 0)
	if at == chat.Forever {
		at = 0
	}
	w.num(until, at)
}

// raw writes a value that is JSON already.
func (w *writer) raw(name, value string) {
	w.key(name)
	w.b = append(w.b, value...)
}

// endPage ends a page's list and the page.
func (w *writer) endPage(next string) {
	w.endList()
	w.str("nextCursor", next)
	w.flag("hasMore", next != "")
	w.end()
}

// Named is the answer of calls that answer lists of ids under names.
type Named []IDs

// AppendJSON appends the answer's data object.
func (a Named) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	for _, list := range a {
		w.strs(list.Name, list.IDs)
	}
	w.end()
	return w.b
}

// BatchResult is what became of one item of a batch.
type BatchResult struct {
	RoomID, XCRoomID string
	Skipped          []string
	Ignored          bool // participants were named for a room that exists
	Err              error
	// Of a failure.
	Code, Message, Field string
}

// Batch is the answer of calls that do many things, each by itself.
type Batch struct{ Results []BatchResult }

// AppendJSON appends the answer's data object.
func (a Batch) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("results")
	failed := 0
	for i := range a.Results {
		r := &a.Results[i]
		w.item()
		w.str("xcRoomID", r.XCRoomID)
		w.str("roomID", r.RoomID)
		w.flag("success", r.Err == nil)
		w.open("error")
		w.str("code", r.Code)
		w.str("message", r.Message)
		w.str("field", r.Field)
		w.end()
		w.strs("skippedXCUserIDs", r.Skipped)
		w.flag("participantsIgnored", r.Ignored)
		w.end()
		if r.Err != nil {
			failed++
		}
	}
	w.endList()
	w.num("failed", int64(failed))
	w.end()
	return w.b
}
