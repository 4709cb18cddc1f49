package notification

import (
	"parlor/internal/chat"
	"parlor/internal/powertalk/cipher"
)

// cutter takes more and more out of a message. Devices put what they get later, whole, in its
// place: a message is known by its localID.
type cutter struct {
	view chat.MessageView // what it points to is its own

	message chat.Message
	room    chat.Room
	sender  chat.User
	partner chat.User
	steps   []func()
	plain   []rune // the body, once it has been shortened
}

func newCutter(v chat.MessageView) *cutter {
	c := &cutter{view: v, message: *v.Message, room: *v.Room, sender: *v.Sender}
	c.view.Message, c.view.Room, c.view.Sender = &c.message, &c.room, &c.sender
	if v.Partner != nil {
		c.partner = *v.Partner
		c.view.Partner = &c.partner
	}
	// What a notification needs least goes first.
	c.steps = []func(){
		func() { c.message.Data = "" },
		func() { c.message.Quote = chat.Quote{} },
		func() { c.sender.Bio, c.partner.Bio = "", "" },
	}
	return c
}

// shorten takes out what may make up for so many bytes too many. It reports whether anything was
// left to take out.
func (c *cutter) shorten(excess int) bool {
	if len(c.steps) > 0 {
		c.steps[0]()
		c.steps = c.steps[1:]
		return true
	}
	if c.shortenBody(excess) {
		return true
	}
	if c.sender.Photo == (chat.Image{}) && c.room.Photo == (chat.Image{}) && c.partner.Photo == (chat.Image{}) {
		return false
	}
	c.sender.Photo, c.room.Photo, c.partner.Photo = chat.Image{}, chat.Image{}, chat.Image{}
	return true
}

// shortenBody cuts the text and seals it again. It reports whether there was any left.
func (c *cutter) shortenBody(excess int) bool {
	key, err := cipher.NewKey(c.message.LocalID)
	if err == nil && c.plain == nil {
		var text string
		text, err = key.Open(string(c.message.Body))
		c.plain = []rune(text)
	}
	if err != nil { // it cannot be cut, only left out
		had := c.message.Body != ""
		c.message.Body = ""
		return had
	}
	if len(c.plain) == 0 {
		return false
	}
	// A character takes at least a byte, and its cipher at least as much. Of those that take more
	// the next rounds have fewer to take out.
	keep := max(len(c.plain)-max(excess/maxCharacter, 1), 0)
	c.plain = c.plain[:keep]
	c.message.Body = chat.Sealed(key.Seal(string(c.plain) + "…"))
	return true
}

// maxCharacter is how many bytes a character takes at most once it is sealed: 4 of UTF-8, in
// base64, in blocks.
const maxCharacter = 6
