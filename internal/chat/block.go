package chat

// Blocks says which of the two users of a personal room have blocked the other. It is 0 for
// other rooms: a block says nothing about groups.
type Blocks int64

// The bits of Blocks.
const (
	BlockedByA Blocks = 1 << iota // Pair.A has blocked Pair.B
	BlockedByB                    // the reverse
)

// By is the bit that says that u, one of the pair, has blocked the other.
func (p Pair) By(u UserID) Blocks {
	if u == p.A {
		return BlockedByA
	}
	return BlockedByB
}

// BlockedBy reports whether u, one of the two in a personal room, has blocked the other.
func (r Room) BlockedBy(u UserID) bool { return r.Blocks&r.Pair.By(u) != 0 }

// VisibleTo reports whether u may ever see m: what was said to somebody who had blocked the
// sender only the sender sees.
func (m *Message) VisibleTo(u UserID) bool { return !m.Withheld || m.Sender == u }
