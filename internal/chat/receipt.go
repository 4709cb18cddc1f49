package chat

// ReceiptKind tells that a message has arrived on somebody's device from that it was read.
type ReceiptKind int

// The kinds of receipts. What was read has been delivered, too.
const (
	Delivered ReceiptKind = iota
	Read
)

// Receipts is what one viewer's receipts in a room are made of: their own, and what anybody
// has received or read of others' messages.
type Receipts struct {
	Read, Delivered       Spans // of the viewer
	AnyRead, AnyDelivered Spans
	Hides                 bool  // the viewer has deleted messages of the room for themselves
	ClearedAt             int64 // Unix ms: up to when the viewer has cleared the room
	UnreadFlag            bool  // the viewer's
}

// Has reports whether the viewer has received, or read, another's message that was created
// at t.
func (r Receipts) Has(kind ReceiptKind, t int64) bool {
	return r.Read.Has(t) || kind == Delivered && r.Delivered.Has(t)
}

// Cleared reports whether the viewer has cleared the room since a message was created at t.
func (r Receipts) Cleared(t int64) bool { return r.ClearedAt >= t }

// ViewerReceipts is what one message's view is made of for one viewer.
type ViewerReceipts struct {
	Receipts
	Gone bool // the viewer has deleted the message for themselves, or cleared the room since
}

// Recipient is one reader of a message, with times in Unix ms.
type Recipient struct {
	User        *User
	DeliveredAt int64
	ReadAt      int64
}
