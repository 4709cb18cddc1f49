package store

import (
	"bytes"
	"context"
	"encoding/hex"
	"slices"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// Messages that were stored before there were generations have an index of their localIDs,
// messages_local, which is as slow as said in local_id.go. They are entered into generations of
// their own, in parts, while others send. Until all are, a localID is looked for in the index
// as well; then the index goes.

// indexGrace is how long the index stays when all is entered: other nodes learn of it
// within tendInterval.
const indexGrace = time.Minute

// maxOlderGeneration bounds a generation of older messages, which is sorted in memory.
const maxOlderGeneration = 1 << 19

// olderLocalIDs is the row of older_local_ids.
type olderLocalIDs struct {
	position, last, generation, finishedAt int64
}

// olderGeneration is a generation of older messages on its way into the database: first its
// messages are read, then they are entered in the order of their hashes, so that each part
// changes few pages. Whoever breaks off begins it again, and nothing is entered twice.
type olderGeneration struct {
	from     olderLocalIDs
	read     int64 // messages up to this id are read
	all      bool  // that is all of it
	entries  []olderEntry
	entered  int
	newestAt int64
}

type olderEntry struct {
	hash localHash
	id   int64
}

// messagesIndexed reports whether localIDs must be looked for in the index.
func (s *Store) messagesIndexed(ctx context.Context) (indexed bool, err error) {
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM older_local_ids WHERE finished_at = 0)`).Scan(&indexed)
	return indexed, err
}

// openLocalIDs learns how localIDs are to be looked for.
func (s *Store) openLocalIDs(ctx context.Context) error {
	indexed, err := s.messagesIndexed(ctx)
	if err != nil {
		return s.explain(err)
	}
	s.locals.known.Store(&knownLocalIDs{indexed: indexed})
	if !s.eng.SoleWriter() {
		return nil
	}
	var begun bool
	if err := s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM older_local_ids)`).Scan(&begun); err != nil || begun {
		return s.explain(err)
	}
	return s.dropMessagesIndex(ctx) // of a new database
}

// dropMessagesIndex does nothing when it is gone.
func (s *Store) dropMessagesIndex(ctx context.Context) error {
	there, err := s.eng.HasIndex(ctx, "messages_local")
	if err != nil || !there {
		return s.explain(err)
	}
	if !s.eng.SoleWriter() {
		_, err = s.eng.Exec(ctx, `DROP INDEX CONCURRENTLY IF EXISTS messages_local`)
		return s.explain(err)
	}
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `DROP INDEX IF EXISTS messages_local`)
		return err
	})
}

// enterOlder reads or enters a part of the messages of before; more says that there are others.
func (t *localIDTender) enterOlder(ctx context.Context) (more bool, err error) {
	s := t.store
	var row olderLocalIDs
	err = s.eng.Row(ctx, `SELECT position, last, generation, finished_at FROM older_local_ids`).
		Scan(&row.position, &row.last, &row.generation, &row.finishedAt)
	if engine.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if row.finishedAt > 0 {
		t.older = nil
		return false, t.endOlder(ctx, row)
	}
	if t.older == nil || t.older.from != row {
		t.older = &olderGeneration{from: row, read: row.position}
	}
	t.showOlder(row)
	if !t.older.all {
		return true, s.readOlder(ctx, t.older)
	}
	return true, s.enterOlderPart(ctx, t.older)
}

// endOlder drops the index once every node looks elsewhere.
func (t *localIDTender) endOlder(ctx context.Context, row olderLocalIDs) error {
	s := t.store
	if !s.eng.SoleWriter() && s.nowMS()-row.finishedAt < indexGrace.Milliseconds() {
		return nil
	}
	if err := s.dropMessagesIndex(ctx); err != nil {
		return err
	}
	t.log.Info("all older messages are entered by their localIDs; their index is gone")
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `DELETE FROM older_local_ids`)
		return err
	})
}

// readOlder reads the next messages of a generation.
func (s *Store) readOlder(ctx context.Context, g *olderGeneration) error {
	oldest := s.nowMS() - LocalIDWindow.Milliseconds()
	size := min(max((g.from.last-g.from.position)/generationShare, s.locals.least), maxOlderGeneration)
	next, n := g.read, 0
	var part []olderEntry
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var app chat.AppID
		var localID string
		var createdAt int64
		if err := r.Scan(&next, &app, &localID, &createdAt); err != nil {
			return err
		}
		n++
		if createdAt >= oldest {
			part = append(part, olderEntry{hashOf(app, localID), next})
			g.newestAt = max(g.newestAt, createdAt)
		}
		return nil
	}, `SELECT id, app_id, local_id, created_at FROM messages WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3`,
		g.read, g.from.last, hashesAtOnce)
	if err != nil {
		return s.explain(err)
	}
	g.entries, g.read = append(g.entries, part...), next
	if n < hashesAtOnce {
		g.read, g.all = g.from.last, true
	}
	g.all = g.all || int64(len(g.entries)) >= size
	if g.all {
		slices.SortFunc(g.entries, func(a, b olderEntry) int { return bytes.Compare(a.hash[:], b.hash[:]) })
	}
	return nil
}

// enterOlderPart enters the next part of a generation that is read, and with the last one moves on.
func (s *Store) enterOlderPart(ctx context.Context, g *olderGeneration) error {
	end := min(g.entered+hashesAtOnce, len(g.entries))
	part := make([]engine.Hashed, 0, hashesAtOnce)
	for _, e := range g.entries[g.entered:end] {
		part = append(part, engine.Hashed{Hash: hex.EncodeToString(e.hash[:]), N: e.id})
	}
	err := s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `INSERT INTO local_ids (generation, hash, message_id)
			SELECT $1, k.hash, k.n FROM `+s.eng.HashedRows("$2")+` k WHERE TRUE
			ON CONFLICT (generation, hash) DO NOTHING`, g.from.generation, engine.JSON(part))
		if err != nil || end < len(g.entries) {
			return err
		}
		return tx.moveOn(ctx, g)
	})
	if err == nil {
		g.entered = end
	}
	return err
}

// moveOn seals a generation of older messages, unless another node was faster.
func (tx *Tx) moveOn(ctx context.Context, g *olderGeneration) error {
	finishedAt := int64(0)
	if g.read >= g.from.last {
		finishedAt = max(tx.Now(), 1)
	}
	moved, err := tx.conn.Exec(ctx, `UPDATE older_local_ids SET position = $1, generation = generation + 1, finished_at = $2
		WHERE position = $3 AND generation = $4 AND finished_at = 0`, g.read, finishedAt, g.from.position, g.from.generation)
	if err != nil || moved == 0 {
		return err
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO local_id_generations (id, opened_at, sealed_at) VALUES ($1, $2, $3)`,
		g.from.generation, tx.Now(), max(g.newestAt, 1))
	return err
}

// showOlder logs now and then how far it is.
func (t *localIDTender) showOlder(row olderLocalIDs) {
	if time.Since(t.shown) < 10*time.Second {
		return
	}
	t.shown = time.Now()
	t.log.Info("older messages are being entered by their localIDs; everything works meanwhile",
		"up_to_message", row.position, "of", row.last)
}
