package wire

import "parlor/internal/chat"

// rendered remembers where in an answer the objects of its list stand that come again and
// again, the senders of messages and the room of a page: the next time they are copied.
// It knows them by their pointers, so that whatever differs is rendered anew.
type rendered struct {
	users [64]span // by the last bits of their ids
	user  [64]*chat.User
	room  span // the latest
	of    *chat.Room
	to    *chat.User // the partner whose name it has
}

// span is a part of what a writer has written, by its first byte and the one behind it.
type span struct{ from, to int }

func (w *writer) copy(s span) { w.b = append(w.b, w.b[s.from:s.to]...) }

// roomOf writes the room of a message, behind other fields.
func (w *writer) roomOf(v *chat.MessageView) {
	r := w.rendered
	if r != nil && r.of == v.Room && r.to == v.Partner {
		w.copy(r.room)
		return
	}
	from := len(w.b)
	w.room(v.Room, v.Partner)
	if r != nil {
		r.room, r.of, r.to = span{from, len(w.b)}, v.Room, v.Partner
	}
}

// senderOf writes the sender of a message, behind other fields. An answer is for one kind of
// addressee.
func (w *writer) senderOf(v *chat.MessageView, to addressee) {
	u, place := v.Sender, int(v.Sender.ID)&63
	r := w.rendered
	if r != nil && r.user[place] == u {
		w.copy(r.users[place])
		return
	}
	from := len(w.b)
	w.open("user")
	w.user(u)
	if to == forBackend || u.DeletedAt > 0 {
		w.putNum(`,"deleted":`, u.DeletedAt)
	}
	w.end()
	if r != nil {
		r.users[place], r.user[place] = span{from, len(w.b)}, u
	}
}
