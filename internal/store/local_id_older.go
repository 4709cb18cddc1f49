package store

import (
	"context"
	"encoding/hex"
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

// olderLocalIDs is the row of older_local_ids.
type olderLocalIDs struct {
	position, last, generation, entries, newestAt, finishedAt int64
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
	var begun bool
	if err := s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM older_local_ids)`).Scan(&begun); err != nil || begun {
		return s.explain(err)
	}
	return s.dropMessagesIndex(ctx)
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

// enterOlder enters a part of the messages of before; more says that there are others.
func (t *localIDTender) enterOlder(ctx context.Context) (more bool, err error) {
	s := t.store
	var b olderLocalIDs
	err = s.eng.Row(ctx, `SELECT position, last, generation, entries, newest_at, finished_at FROM older_local_ids`).
		Scan(&b.position, &b.last, &b.generation, &b.entries, &b.newestAt, &b.finishedAt)
	if engine.NoRows(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if b.finishedAt > 0 {
		if !s.eng.SoleWriter() && s.nowMS()-b.finishedAt < indexGrace.Milliseconds() {
			return false, nil
		}
		if err := s.dropMessagesIndex(ctx); err != nil {
			return false, err
		}
		t.log.Info("all older messages are entered by their localIDs; their index is gone")
		return false, s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
			_, err := tx.conn.Exec(ctx, `DELETE FROM older_local_ids`)
			return err
		})
	}
	return true, t.enterOlderPart(ctx, b)
}

// enterOlderPart enters the messages that follow b.
func (t *localIDTender) enterOlderPart(ctx context.Context, b olderLocalIDs) error {
	s := t.store
	oldest := s.nowMS() - LocalIDWindow.Milliseconds()
	var entries []engine.Hashed
	next, read, newestAt := b.position, 0, b.newestAt
	err := engine.Each(ctx, s.eng, func(r engine.Row) error {
		var app chat.AppID
		var localID string
		var createdAt int64
		if err := r.Scan(&next, &app, &localID, &createdAt); err != nil {
			return err
		}
		read++
		if createdAt >= oldest {
			h := hashOf(app, localID)
			entries = append(entries, engine.Hashed{Hash: hex.EncodeToString(h[:]), N: next})
			newestAt = max(newestAt, createdAt)
		}
		return nil
	}, `SELECT id, app_id, local_id, created_at FROM messages WHERE id > $1 AND id <= $2 ORDER BY id LIMIT $3`,
		b.position, b.last, hashesAtOnce)
	if err != nil {
		return err
	}
	end := read < hashesAtOnce
	if end {
		next = b.last
	}
	t.showOlder(next, b)
	size := min(max((b.last-b.position)/generationShare, s.locals.least), maxGeneration)
	full := b.entries+int64(len(entries)) >= size || end
	return s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		moved, err := tx.conn.Exec(ctx, `UPDATE older_local_ids SET position = $1, entries = entries + $2, newest_at = $3
			WHERE position = $4 AND finished_at = 0`, next, len(entries), newestAt, b.position)
		if err != nil || moved == 0 {
			return err // another node was faster
		}
		_, err = tx.conn.Exec(ctx, `INSERT INTO local_ids (generation, hash, message_id)
			SELECT $1, k.hash, k.n FROM `+s.eng.HashedRows("$2")+` k`, b.generation, engine.JSON(entries))
		if err != nil || !full {
			return err
		}
		return tx.endOlder(ctx, b.generation, newestAt, end)
	})
}

// endOlder seals the generation that was filled, and goes on to the next one or ends.
func (tx *Tx) endOlder(ctx context.Context, generation, newestAt int64, end bool) error {
	_, err := tx.conn.Exec(ctx, `INSERT INTO local_id_generations (id, opened_at, sealed_at) VALUES ($1, $2, $3)`,
		generation, tx.Now(), max(newestAt, 1))
	if err != nil {
		return err
	}
	finishedAt := int64(0)
	if end {
		finishedAt = max(tx.Now(), 1)
	}
	_, err = tx.conn.Exec(ctx, `UPDATE older_local_ids SET generation = generation + 1, entries = 0, newest_at = 0,
		finished_at = $1`, finishedAt)
	return err
}

// showOlder logs now and then how far it is.
func (t *localIDTender) showOlder(position int64, b olderLocalIDs) {
	if time.Since(t.shown) < 10*time.Second {
		return
	}
	t.shown = time.Now()
	t.log.Info("older messages are being entered by their localIDs; everything works meanwhile",
		"up_to_message", position, "of", b.last)
}
