package engine

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"time"
)

// probeBytes is what has to fit in after a write has failed.
const probeBytes = 1 << 20

// freshWrite is how long a commit that worked proves that writing works.
const freshWrite = time.Second

// CheckRead says whether the database can be read.
func CheckRead(ctx context.Context, eng Engine) error {
	var one int64
	return eng.Row(ctx, "SELECT id FROM heartbeat WHERE id = 1").Scan(&one)
}

// CheckWrite says whether the database can be written, by a write of its own when none has
// worked within the last second. A full disk or a lost connection shows here, and so does
// its end. What it returns is like what Write returns.
func (l *Lanes[W]) CheckWrite(ctx context.Context) (taken bool, err error) {
	lately := time.Now().Add(-freshWrite).UnixMilli()
	if l.lastErr.Load() == nil && l.lastOK.Load() > lately {
		return true, nil
	}
	// After a failure a little is not enough: a disk that is as good as full still takes it.
	pad := ""
	if l.lastErr.Load() != nil {
		// Random: what is the same as before, or compresses, takes no room.
		random := make([]byte, probeBytes*3/4)
		_, _ = rand.Read(random) // never fails: the runtime ends the program instead
		pad = base64.StdEncoding.EncodeToString(random)
	}
	probe := func(ctx context.Context, tx Tx) error {
		_, err := tx.Exec(ctx, "UPDATE heartbeat SET at = $1, pad = $2 WHERE id = 1", l.o.Now().UnixMilli(), pad)
		return err
	}
	return l.wait(&pending[W]{ctx: ctx, probe: probe, done: make(chan struct{})})
}

// noteHealth remembers whether writing works. A work that was refused by a rule, or that
// never began, says nothing about it.
func noteHealth[W Work](l *Lanes[W], batch []*pending[W], err error) {
	worked := false
	for _, p := range batch {
		if err == nil && l.eng.Away(p.err) {
			err = p.err
		}
		worked = worked || p.err == nil && p.state.Load() == begun
	}
	if l.eng.Away(err) {
		l.lastErr.Store(&err)
	} else if err == nil && worked {
		l.lastErr.Store(nil)
		l.lastOK.Store(time.Now().UnixMilli())
	}
}
