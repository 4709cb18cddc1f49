package view

import (
	"parlor/internal/chat"
	"parlor/internal/store"
)

// Message shows m to a viewer, with the viewer's receipts of its room. One's own messages
// show the receipts of others; what one writes to oneself has arrived and is read at once.
// Hidden messages have no receipts.
func Message(m *chat.Message, room *chat.Room, r chat.Receipts, viewer chat.UserID) chat.MessageView {
	v := chat.MessageView{Message: m, Room: room, ChangedAt: m.UpdatedAt, Number: m.Number}
	read, delivered := r.Read, r.Delivered
	own := m.Sender == viewer
	if own {
		read, delivered = r.AnyRead, r.AnyDelivered
		if room.Type == chat.Personal && room.Pair.A == room.Pair.B {
			v.Read, v.Delivered = true, true
			return v
		}
	}
	if m.Hidden {
		return v
	}
	readAt, readBy := read.Receipt(m.CreatedAt)
	deliveredAt, deliveredBy := delivered.Receipt(m.CreatedAt)
	v.Read, v.Delivered = readAt > 0, readAt > 0 || deliveredAt > 0
	v.ChangedAt = max(v.ChangedAt, readAt, deliveredAt)
	v.Number = max(v.Number, readBy)
	if own { // that others' messages have arrived is nothing new to their recipient
		v.Number = max(v.Number, deliveredBy)
	}
	return v
}

// hide shows that the viewer has deleted the message for themselves.
func hide(v *chat.MessageView, by store.Hide) {
	v.Gone = true
	v.ChangedAt, v.Number = max(v.ChangedAt, by.At), max(v.Number, by.Number)
}
