package device

// Limits bound what one step of catching up delivers.
type Limits struct {
	Messages int // of an answer
	Bytes    int // of the texts in an answer; one message may be larger
	Chunk    int // messages that are fed to a socket before it must confirm them
	Rooms    int // looked at together
}

// DefaultLimits are those of a server that sets none.
func DefaultLimits() Limits { return Limits{Messages: 1000, Bytes: 2 << 20, Chunk: 100, Rooms: 200} }

// chunkBytes bounds the texts of one chunk: the queue of a session holds four times as much.
const chunkBytes = 256 << 10
