package sdkmodel

import "fmt"

// message is what a device looks at of a message object.
type message struct {
	MessageID, LocalID, Body                                             string
	Type                                                                 int
	IsSending, IsHidden, IsDelivered, IsRead, IsDeleted, IsMessageEdited bool
	Created, Updated                                                     int64
	Room                                                                 struct{ RoomID string }
	User                                                                 struct{ UserID string }
}

// differs says in what of all that its user sees one state of a message differs from
// another, "" if in nothing. That a message of somebody else's was delivered shows nowhere.
func differs(viewer string, held, stored message) string {
	if held.gone() && stored.gone() {
		return "" // nothing of it shows
	}
	flag := func(name string, a, b bool) string {
		if a == b {
			return ""
		}
		return fmt.Sprintf(" %s %v, want %v;", name, a, b)
	}
	text := ""
	if held.Body != stored.Body || held.Type != stored.Type {
		text = " another text;"
	}
	text += flag("isDeleted", held.IsDeleted, stored.IsDeleted)
	text += flag("isHidden", held.IsHidden, stored.IsHidden)
	text += flag("isMessageEdited", held.IsMessageEdited, stored.IsMessageEdited)
	text += flag("isRead", held.IsRead, stored.IsRead)
	if held.User.UserID == viewer {
		text += flag("isDelivered", held.IsDelivered, stored.IsDelivered)
	}
	return text
}

// unread reports whether a message counts as unread to somebody.
func (m message) unread(viewer string) bool {
	return m.User.UserID != viewer && !m.IsRead && !m.IsHidden && !m.IsDeleted
}

// gone reports whether nothing of a message shows, as when it was deleted for oneself.
func (m message) gone() bool { return m.IsHidden && m.IsDeleted }

// flags are those of a message that are true, for a log.
func (m message) flags() string {
	text := ""
	for _, f := range []struct {
		sign string
		on   bool
	}{{"h", m.IsHidden}, {"d", m.IsDelivered}, {"r", m.IsRead}, {"x", m.IsDeleted}, {"e", m.IsMessageEdited}} {
		if f.on {
			text += f.sign
		}
	}
	return text
}

// merged is m with all flags that are true in what a device has.
func merged(have, m message) message {
	m.IsRead = m.IsRead || have.IsRead
	m.IsDelivered = m.IsDelivered || have.IsDelivered
	m.IsDeleted = m.IsDeleted || have.IsDeleted
	m.IsHidden = m.IsHidden || have.IsHidden
	m.IsMessageEdited = m.IsMessageEdited || have.IsMessageEdited
	return m
}
