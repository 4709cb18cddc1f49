package store

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"time"
)

// probeBytes is what has to fit in after a write has failed.
const probeBytes = 1 << 20

// freshWrite is how long a commit that worked proves that writing works.
const freshWrite = time.Second

// Health says whether the database can be read and written, by a write of its own when
// none has worked within the last second. Files that were taken away, a full disk or a lost connection shows here,
// and so does its end.
func (s *Store) Health(ctx context.Context) error {
	if err := s.eng.inPlace(); err != nil {
		return err
	}
	var one int64
	if err := s.eng.row(ctx, "SELECT id FROM heartbeat WHERE id = 1").Scan(&one); err != nil {
		return fmt.Errorf("read: %w", s.explain(err))
	}
	lately := time.Now().Add(-freshWrite).UnixMilli()
	if s.writer.lastErr.Load() == nil && s.writer.lastOK.Load() > lately {
		return nil
	}
	// After a failure a little is not enough: a disk that is as good as full still takes it.
	pad := ""
	if s.writer.lastErr.Load() != nil {
		// Random: what is the same as before, or compresses, takes no room.
		random := make([]byte, probeBytes*3/4)
		_, _ = rand.Read(random) // never fails: the runtime ends the program instead
		pad = base64.StdEncoding.EncodeToString(random)
	}
	err := s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		_, err := tx.exec(ctx, "UPDATE heartbeat SET at = $1, pad = $2 WHERE id = 1", s.nowMS(), pad)
		return err
	})
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	return nil
}
