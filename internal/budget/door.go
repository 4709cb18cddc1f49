package budget

import (
	"hash/maphash"
	"sync"

	"parlor/internal/chat"
)

// maxGuests bounds the credentials that a door remembers, twice.
const maxGuests = 50_000

// door limits the cost of callers who try out keys and tokens: an address that has sent too many
// wrong ones may for a while only show credentials that were right before.
type door struct {
	wrong *Pace
	seed  maphash.Seed

	mu     sync.RWMutex
	recent map[uint64]struct{} // credentials that were right, by their hash
	older  map[uint64]struct{}
}

func newDoor(wrong *Pace) *door {
	return &door{wrong: wrong, seed: maphash.MakeSeed(), recent: map[uint64]struct{}{}}
}

// mayTry reports whether credentials from an address are to be checked.
func (d *door) mayTry(remote string, credentials uint64) bool {
	return d.wrong.unused() || !d.wrong.over(Stranger(remote)) || d.knows(credentials)
}

func (d *door) knows(credentials uint64) bool {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, recent := d.recent[credentials]
	_, older := d.older[credentials]
	return recent || older
}

// right remembers credentials that were right.
func (d *door) right(credentials uint64) {
	d.mu.RLock()
	_, known := d.recent[credentials]
	d.mu.RUnlock()
	if known {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.recent) >= maxGuests {
		d.recent, d.older = make(map[uint64]struct{}, maxGuests), d.recent
	}
	d.recent[credentials] = struct{}{}
}

// Credentials are the texts that a caller shows to be known by. Those of one caller are the same
// wherever they are shown.
type Credentials [3]string

// hash names credentials. A collision does no harm: the door only decides whether credentials
// are checked, not what they allow.
func (d *door) hash(c Credentials) uint64 {
	var h maphash.Hash
	h.SetSeed(d.seed)
	for _, p := range c {
		_, _ = h.WriteString(p) // never fails
		_ = h.WriteByte(0)
	}
	return h.Sum64()
}

// isGuess reports whether a failure means that credentials never were valid, or no longer are. A
// token that has expired was right.
func isGuess(err error) bool {
	switch chat.CodeOf(err) {
	case chat.CodeKeyInvalid, chat.CodeKeyUnknown, chat.CodeKeyRevoked, chat.CodeTokenInvalid, chat.CodeTokenForeign:
		return true
	}
	return false
}
