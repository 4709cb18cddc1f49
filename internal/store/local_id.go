package store

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// A device that has heard of no answer sends its message again, under the same localID. So a
// localID of an App can be taken once, for LocalIDWindow: longer than a login lasts, and with
// it what a device keeps to send.
//
// Which ones are taken is in the table local_ids, in generations. A localID is random, so an
// index over all of them would have each message change another page of it; it would grow with
// the history and slow down every send. Instead
//
//   - each message is entered into the generations that are open, in the same commit. That is
//     the newest one, which is kept small: see generationSize;
//   - a generation that was sealed does not change any more. What it may hold is kept in
//     memory, as a filter. So hardly any send reads more than the newest one;
//   - on PostgreSQL, where transactions commit side by side, a generation is sealed only when no
//     statement is left that did not see the next one. Two that enter the same localID at one
//     time have an open generation in common, and one of them fails on its key.
//
// Who wants a message by its localID finds it as long as that is taken.

// LocalIDWindow is for how long a localID stays taken at least.
const LocalIDWindow = 61 * 24 * time.Hour

// localHash stands for a localID of an App: so much of a cryptographic hash that no two have
// the same.
type localHash [16]byte

func hashOf(app chat.AppID, localID string) localHash {
	b := binary.LittleEndian.AppendUint64(make([]byte, 0, 80), uint64(app))
	sum := sha256.Sum256(append(b, localID...))
	return localHash(sum[:16])
}

// localIDs is what a process knows of the generations.
type localIDs struct {
	known atomic.Pointer[knownLocalIDs]
	added atomic.Int64 // messages entered by this process
	least int64        // minGeneration, but in tests
}

// knownLocalIDs never changes once others can see it.
type knownLocalIDs struct {
	// indexed says that messages of before are not entered yet: an index finds them.
	indexed bool
	// upTo: all generations up to this one are sealed, and in filters as long as they count.
	upTo    int64
	filters []sealedGeneration
}

type sealedGeneration struct {
	id     int64
	filter filter
}

// suspects are the sealed generations that may hold h.
func (k *knownLocalIDs) suspects(h localHash) (list []int64) {
	for i := range k.filters {
		if k.filters[i].filter.has(h) {
			list = append(list, k.filters[i].id)
		}
	}
	return list
}

const (
	// inSealed finds hash $2 in generation $1.
	inSealed = `SELECT message_id FROM local_ids WHERE generation = $1 AND hash = $2`
	// inMessages finds a localID among all messages, while they have the index for it.
	inMessages = `SELECT m.id FROM messages m WHERE m.app_id = $1 AND m.local_id = $2`
	// openGenerations are those that a new message is entered into.
	openGenerations = `FROM local_id_generations WHERE sealed_at = 0`
)

// inOpen is a FROM: the entry m of a hash in the generations above upTo, which no filter covers.
func inOpen(eng engine.Engine, hash, upTo string) string {
	return eng.ForEach("(SELECT id FROM local_id_generations WHERE id > "+upTo+")", "local_ids",
		"m.generation = k.id AND m.hash = "+hash)
}

// messageOf finds the message that has taken a localID; 0 is none.
func (s *Store) messageOf(ctx context.Context, c engine.Conn, app chat.AppID, localID string) (id chat.MessageID, err error) {
	h, known := hashOf(app, localID), s.locals.known.Load()
	if id, err = known.sealedMessage(ctx, c, h); id != 0 || err != nil {
		return id, err
	}
	err = c.Row(ctx, s.statements.inOpen, h[:], known.upTo).Scan(&id)
	if known.indexed && engine.NoRows(err) {
		err = c.Row(ctx, inMessages, app, localID).Scan(&id)
	}
	if engine.NoRows(err) {
		return 0, nil
	}
	return id, err
}

// sealedMessage finds a message in the generations that filters cover; 0 is none.
func (k *knownLocalIDs) sealedMessage(ctx context.Context, c engine.Conn, h localHash) (id chat.MessageID, err error) {
	for _, generation := range k.suspects(h) {
		err = c.Row(ctx, inSealed, generation, h[:]).Scan(&id)
		if !engine.NoRows(err) {
			return id, err
		}
	}
	return 0, nil
}
