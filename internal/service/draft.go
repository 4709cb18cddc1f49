package service

import (
	"parlor/internal/chat"
)

// Draft is a message as an SDK hands it in: body, data and the quote's content are in the
// SDKs' cipher under LocalID. All other fields are set by the server.
type Draft struct {
	ID       chat.MessageID // of an edit: the message's; 0 if the app does not know it
	RoomID   string
	LocalID  string
	Type     chat.MessageType
	Body     chat.Sealed
	Data     chat.Sealed // or, of some hosts, plain
	FilterID string
	Hidden   bool
	Quote    chat.Quote
	ReplyTo  chat.Reference
	Forward  chat.Reference
}

// message checks the draft and makes the message of it, without room and sender, and returns
// the file that it names. What does not decipher is refused: nobody could read it.
func (d Draft) message(dialect Dialect) (m chat.Message, named fileName, err error) {
	if !d.Type.FromClient() {
		return m, named, chat.Invalid("type", "must be 1000 to 8999")
	}
	if err := dialect.ValidateLocalID(d.LocalID); err != nil {
		return m, named, err
	}
	m = chat.Message{
		LocalID: d.LocalID, Type: d.Type, FilterID: d.FilterID, Hidden: d.Hidden,
		Quote: d.Quote, ReplyTo: d.ReplyTo, Forward: d.Forward,
	}
	key, err := dialect.Cipher(d.LocalID)
	if err != nil {
		return m, named, err
	}
	if m.Body, _, err = sealedBody(key, d.Body); err != nil {
		return m, named, err
	}
	var data string
	if m.Data, data, err = sealedData(key, d.Data); err != nil {
		return m, named, err
	}
	named = fileNamed(data)
	if m.Quote.Content != "" {
		plain, err := key.Open(m.Quote.Content)
		if err != nil {
			return m, named, chat.Invalid("quote.content", "does not decipher under the message's localID")
		}
		err = chat.Text("quote.content", plain, 0, chat.MaxQuoteContent)
		if err != nil && len(plain) > chat.MaxQuoteContent {
			return m, named, err
		}
	}
	return m, named, nil
}

// sealedBody is a body to store, and its plain text. An empty one is enciphered, which
// is what devices expect.
func sealedBody(key Cipher, body chat.Sealed) (sealed chat.Sealed, plain string, err error) {
	if body == "" {
		return key.Seal(""), "", nil
	}
	if plain, err = key.Open(body); err != nil {
		return "", "", chat.Invalid("body", "does not decipher under the message's localID")
	}
	if chat.UTF16Len(plain) > chat.BodyPart {
		return "", "", chat.Invalid("body", "must have at most %d UTF-16 units", chat.BodyPart)
	}
	return body, plain, nil
}

// sealedData is data to store, and its plain text. Some hosts hand in plain JSON, which is enciphered here;
// what is no JSON would break whoever receives it.
func sealedData(key Cipher, data chat.Sealed) (sealed chat.Sealed, plain string, err error) {
	if data == "" {
		return "", "", nil
	}
	if len(data) > 2*chat.MaxData {
		return "", "", chat.Invalid("data", "must have at most %d bytes", chat.MaxData)
	}
	plain, err = key.Open(data)
	sealed = data
	if err != nil {
		plain, sealed = string(data), key.Seal(string(data))
	}
	switch {
	case len(plain) > chat.MaxData:
		return "", "", chat.Invalid("data", "must have at most %d bytes", chat.MaxData)
	case plain == "" || plain == "null" || plain == `""`:
		return "", "", nil
	case !jsonDocument(plain):
		return "", "", chat.Invalid("data", "must be the JSON text of an object or an array")
	}
	return sealed, plain, nil
}

// captioned is the body that goes with data, under the same key: some SDKs change no more of
// a picture than its caption.
func (me Member) captioned(key Cipher, t chat.MessageType, body, data chat.Sealed) (chat.Sealed, error) {
	if data == "" {
		return body, nil
	}
	plain, err := key.Open(data)
	if err != nil {
		return "", err
	}
	caption, ok := me.dialect.Caption(t, plain)
	if !ok {
		return body, nil
	}
	if chat.UTF16Len(caption) > chat.BodyPart {
		return "", chat.Invalid("data.caption", "must have at most %d UTF-16 units", chat.BodyPart)
	}
	return key.Seal(caption), nil
}
