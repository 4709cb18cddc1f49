package chat

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
)

// Bounds of lists of messages, and of calls that name messages.
const (
	MaxListedMessages = 100 // messages of a page, and ids in one call
	MaxListedTypes    = 20  // types that a list is filtered by
	MaxSearch         = 200 // characters of what is searched for
	MaxSearchTerms    = 32  // words of it, as the index has them
)

// MessageFilter says which messages of a room are listed, and in which order. The zero value is all, the
// newest first.
type MessageFilter struct {
	Sender      UserID
	Types       []MessageType // one of which the message has; none for any
	From        int64         // Unix ms, of its creation
	Until       int64         // likewise; 0 for no bound
	OldestFirst bool
}

// Admits reports whether a message of a sender and a type passes, as far as they decide.
func (f *MessageFilter) Admits(sender UserID, t MessageType) bool {
	return (f.Sender == 0 || sender == f.Sender) && (len(f.Types) == 0 || slices.Contains(f.Types, t))
}

// Hash tells filters from each other.
func (f *MessageFilter) Hash() uint64 {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %d %d %d %t", f.Sender, f.Types, f.From, f.Until, f.OldestFirst) // a hash's Write never fails
	return cmp.Or(h.Sum64(), 1)
}
