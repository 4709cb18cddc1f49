package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Sent says how a message of the backend was stored.
type Sent struct {
	LocalID string // of its last part
	// Repeated: a message of this sender and localID was there already, and nothing new was
	// stored.
	Repeated bool
	// Differs: that one says something else, or says it elsewhere.
	Differs bool

	room chat.RoomID // where a repeated one was stored
}

// repeated finds out whether the message was sent before, which its last part tells: that
// one has the caller's own localID. A localID that is taken otherwise is CodeConflict:
// devices key messages by it.
func (b Backend) repeated(ctx context.Context, tx *store.Tx, parts []store.NewMessage) (sent Sent, err error) {
	last := parts[len(parts)-1]
	sent.LocalID = last.LocalID
	stored, found, err := tx.MessageByLocalID(ctx, last.App, last.LocalID)
	switch {
	case err != nil:
		return sent, err
	case found && stored.Sender == last.Sender:
		sent.Repeated, sent.room = true, stored.Room
		sent.Differs, err = b.differs(ctx, tx, stored, parts)
		return sent, err
	}
	for _, m := range parts[:len(parts)-1] {
		if found {
			break
		}
		if _, found, err = tx.MessageByLocalID(ctx, m.App, m.LocalID); err != nil {
			return sent, err
		}
	}
	if found {
		return sent, chat.Errorf(chat.CodeConflict, "This localID belongs to another sender's message")
	}
	return sent, nil
}

// differs compares what is sent again with what was stored, deciphered: the same text is
// enciphered otherwise each time. What was edited or deleted since tells nothing.
func (b Backend) differs(
	ctx context.Context, tx *store.Tx, stored chat.Message, parts []store.NewMessage,
) (bool, error) {
	n := len(parts) - 1
	if !b.sameContent(stored, parts[n].Message) {
		return true, nil
	}
	for _, m := range parts[:n] {
		before, found, err := tx.MessageByLocalID(ctx, m.App, m.LocalID)
		if err != nil || !found || !b.sameContent(before, m.Message) {
			return err == nil, err
		}
	}
	// It may have had more parts.
	_, longer, err := tx.MessageByLocalID(ctx, stored.App, b.dialect.PartLocalID(stored.LocalID, n))
	return longer, err
}

func (b Backend) sameContent(was, is chat.Message) bool {
	if was.Edited || was.Deleted() {
		return true
	}
	key, err := b.dialect.Cipher(was.LocalID)
	if err != nil {
		return false
	}
	same := func(a, b chat.Sealed) bool {
		if a == "" || b == "" {
			return a == b
		}
		first, err := key.Open(a)
		if err != nil {
			return false
		}
		second, err := key.Open(b)
		return err == nil && first == second
	}
	quote, other := was.Quote, is.Quote
	sameQuote := same(quote.Content, other.Content)
	quote.Content, other.Content = "", ""
	return was.Type == is.Type && same(was.Body, is.Body) && same(was.Data, is.Data) && sameQuote && quote == other &&
		was.FilterID == is.FilterID && was.Hidden == is.Hidden
}
