package store

import (
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"parlor/internal/chat"
)

// Entries of each kind that the cache holds at most. Values are a few hundred bytes.
const (
	cachedUsers    = 20_000
	cachedRooms    = 20_000
	cachedMessages = 10_000
	cachedLogins   = 20_000
	// What is larger than these is read anew each time: a cache of the few would push
	// out the many, or grow the process.
	cachedParticipants = 256     // users in a list
	cachedTextBytes    = 4 << 10 // of a message, a room or a user
)

// cache spares hot reads the database. It holds rows, never answers, and is exact: an
// entry counts only while nothing that it was read from has been written since, which
// a table of stripes tells. What its pointers point to is never changed. It works only where
// this process is the only writer.
type cache struct {
	enabled  bool
	clock    atomic.Int64                    // counts invalidations
	changed  [1 << 14]atomic.Int64           // per stripe, the clock at its last invalidation
	roomIDs  *table[xcKey, chat.RoomID]      // works everywhere: a room's ids never change
	pairs    *table[pairKey, chat.RoomID]    // likewise
	fixed    *table[chat.RoomID, *chat.Room] // likewise: what of a room never changes; see FixedRoom
	names    *table[xcKey, chat.UserID]      // works everywhere: who may be deleted since; see AuthorOf
	userIDs  *table[xcKey, chat.UserID]      // of those who are not deleted
	rooms    *table[chat.RoomID, *chat.Room]
	lists    *table[chat.RoomID, participantList]
	users    *table[chat.UserID, *chat.User]
	latest   *table[MessageKey, *chat.Message]
	receipts *table[chat.RoomID, chat.Receipts] // what anybody has received or read
	logins   *table[chat.LoginID, struct{}]     // those that are not over
}

// xcKey is a customer's id of a room or user. What it stands for never changes.
type xcKey struct {
	app chat.AppID
	xc  string
}

// participantList is a whole room's participants in their order.
type participantList struct {
	users  []chat.UserID
	admins []chat.UserID
}

func newCache(enabled bool) *cache {
	c := &cache{enabled: enabled}
	c.roomIDs = newTable[xcKey, chat.RoomID](c, cachedRooms)
	c.roomIDs.enabled = true
	c.pairs = newTable[pairKey, chat.RoomID](c, cachedRooms)
	c.pairs.enabled = true
	c.fixed = newTable[chat.RoomID, *chat.Room](c, cachedRooms)
	c.fixed.enabled = true
	c.names = newTable[xcKey, chat.UserID](c, cachedUsers)
	c.names.enabled = true
	c.userIDs = newTable[xcKey, chat.UserID](c, cachedUsers)
	c.rooms = newTable[chat.RoomID, *chat.Room](c, cachedRooms)
	c.lists = newTable[chat.RoomID, participantList](c, cachedRooms)
	c.users = newTable[chat.UserID, *chat.User](c, cachedUsers)
	c.latest = newTable[MessageKey, *chat.Message](c, cachedMessages)
	c.logins = newTable[chat.LoginID, struct{}](c, cachedLogins)
	c.receipts = newTable[chat.RoomID, chat.Receipts](c, cachedMessages)
	return c
}

// stripe stands for something that can change. Two things may share one: then a change
// of either makes the other's entries count as old, which costs a read and no more.
type stripe uint32

var stripeSeed = maphash.MakeSeed()

func stripeOf[K comparable](key K) stripe {
	return stripe(maphash.Comparable(stripeSeed, key) % (1 << 14))
}

// The things that change, each a key of its own kind.
type (
	roomRow      struct{ id chat.RoomID } // the room's own fields
	roomPeople   struct{ id chat.RoomID } // who is in it, apart from roles' holders
	roomMessages struct{ id chat.RoomID } // messages it already had
	roomReceipts struct{ id chat.RoomID } // what anybody has received or read in it
	userRow      struct{ id chat.UserID }
	loginRow     struct{ id chat.LoginID }
	loginsOver   struct{} // that any login is over
	roleRow      xcKey    // a role's name and icon
	roleHolders  xcKey    // who has the role
)

// touch notes that tx changes what key stands for.
func touch[K comparable](tx *Tx, key K) { tx.touched = append(tx.touched, stripeOf(key)) }

// invalidate makes entries that depend on what writes have touched count as old. It is called
// after their commit and before they are answered, so a caller always reads its own writes.
func (c *cache) invalidate(writes []*write) {
	if !c.enabled {
		return
	}
	now := int64(0)
	for _, w := range writes {
		for _, t := range w.tx.touched {
			if now == 0 {
				now = c.clock.Add(1)
			}
			c.changed[t].Store(now)
		}
	}
}

// forget makes entries that depend on a stripe count as old: another process has changed
// what it stands for.
func (c *cache) forget(t stripe) {
	if c.enabled {
		c.changed[t].Store(c.clock.Add(1))
	}
}

// ticket is the state of the clock before a read of the database. A change that the
// read did not see is stamped with a later time.
func (c *cache) ticket() int64 { return c.clock.Load() }

// table is one kind of entries, the least recently used of which give way.
type table[K comparable, V any] struct {
	cache   *cache
	enabled bool

	mu  sync.Mutex
	lru *simplelru.LRU[K, entry[V]]
}

type entry[V any] struct {
	value   V
	asOf    int64
	depends []stripe
}

func newTable[K comparable, V any](c *cache, size int) *table[K, V] {
	lru, err := simplelru.NewLRU[K, entry[V]](size, nil)
	if err != nil {
		panic(err) // only for a size below 1, and sizes are constants
	}
	return &table[K, V]{cache: c, enabled: c.enabled, lru: lru}
}

// get returns the value of key if nothing it depends on has changed since it was read.
func (t *table[K, V]) get(key K) (value V, ok bool) {
	if !t.enabled {
		return value, false
	}
	t.mu.Lock()
	e, ok := t.lru.Get(key)
	t.mu.Unlock()
	if !ok {
		return value, false
	}
	for _, d := range e.depends {
		if t.cache.changed[d].Load() > e.asOf {
			return value, false
		}
	}
	return e.value, true
}

// drop forgets what is kept under key.
func (t *table[K, V]) drop(key K) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lru.Remove(key)
}

// put keeps a value that was read after ticket was taken.
func (t *table[K, V]) put(key K, value V, ticket int64, depends ...stripe) {
	if !t.enabled {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lru.Add(key, entry[V]{value, ticket, depends})
}
