package store

import (
	"bytes"
	"compress/flate"
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// callLease is how long a call may be without an answer before a repeat of it is taken for the call
// itself: its process may have died. It is longer than any call takes.
const callLease = 45 * time.Second

// Claim is a call under a key, as somebody who is to do it.
type Claim struct {
	chat.CallKey
	// Seed is random, and the same for everybody who does the call: what is made of it is
	// made once.
	Seed int64

	owner   string
	after   string // who had it before, and has left no answer; "" for nobody
	outcome []byte // what it has come to, if it was done by then: see WriteOnce
}

// Name tells the call from all others, whoever does it.
func (c *Claim) Name() string { return fmt.Sprintf("call:%d:%x:%s", c.App, c.Seed, c.Key) }

// ErrClaimed says that nothing was done, since somebody else has done the call, or is at it.
var ErrClaimed = chat.CallUnderWay()

// This process, as those who claim calls are called, and how many it has claimed.
var (
	thisProcess = rand.Text()
	claims      atomic.Uint64
)

// CallUnder looks for a call under its key. Where it has an answer, that is returned. Otherwise
// claim is for doing it or, where somebody is at it, nil. It is CodeKeyReused where the key stands for
// another call.
func (s *Store) CallUnder(ctx context.Context, k chat.CallKey) (claim *Claim, answer []byte, err error) {
	var (
		request, packed              []byte
		owner                        string
		seed, begun, until, answered int64
	)
	now := s.nowMS()
	err = s.eng.Row(ctx, `SELECT request, seed, owner, begun_at, lease_until, answered_at, answer FROM keyed_calls
		WHERE app_id = $1 AND call_key = $2`, k.App, k.Key).Scan(&request, &seed, &owner, &begun, &until, &answered, &packed)
	switch {
	case engine.NoRows(err), err == nil && begun <= expired(now):
		return newClaim(k, randomSeed(), ""), nil, nil
	case err != nil:
		return nil, nil, s.explain(err)
	case !bytes.Equal(request, k.Request[:]):
		return nil, nil, chat.CallKeyReused()
	case answered > 0:
		answer, err = unpack(packed)
		return nil, answer, err
	case until <= now, s.eng.SoleWriter() && !strings.HasPrefix(owner, thisProcess):
		return newClaim(k, seed, owner), nil, nil
	}
	return nil, nil, nil
}

func newClaim(k chat.CallKey, seed int64, after string) *Claim {
	return &Claim{CallKey: k, Seed: seed, owner: thisProcess + "-" + strconv.FormatUint(claims.Add(1), 10), after: after}
}

func randomSeed() int64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails: the runtime ends the program instead
	return int64(binary.LittleEndian.Uint64(b[:]) >> 1)
}

// expired is since when a call under a key must have begun to be known, in Unix ms.
func expired(now int64) int64 { return now - chat.CallsKept.Milliseconds() }

// claimCall has a row returned where the call is the claim's: nobody had it, whoever had it has left
// no answer, or it is so old that it counts no more. On PostgreSQL it waits for a transaction that is just
// claiming the same.
const claimCall = `INSERT INTO keyed_calls AS k (app_id, call_key, request, seed, owner, begun_at, lease_until)
	VALUES ($1, $2, $3, $4, $5, $6, $7)
	ON CONFLICT (app_id, call_key) DO UPDATE SET request = excluded.request, seed = excluded.seed, owner = excluded.owner,
		begun_at = excluded.begun_at, lease_until = excluded.lease_until, answered_at = 0, answer = $10,
		outcome = CASE WHEN k.begun_at <= $8 THEN $10 ELSE k.outcome END
	WHERE k.begun_at <= $8 OR (k.answered_at = 0 AND k.seed = excluded.seed AND k.owner IN (excluded.owner, $9))
	RETURNING outcome`

func (c *Claim) statement(now int64) engine.Statement {
	return engine.Statement{
		Query: claimCall,
		Args: []any{
			c.App, c.Key, c.Request[:], c.Seed, c.owner, now, now + callLease.Milliseconds(), expired(now), c.after, []byte{},
		},
		Scan: func(r engine.Row) error {
			c.outcome = nil
			err := r.Scan(&c.outcome)
			if engine.NoRows(err) {
				return ErrClaimed
			}
			return err
		},
	}
}

// AnswerCall stores the answer of a call that was done. It is ErrClaimed where somebody else has done
// it since, because it has taken too long.
func (s *Store) AnswerCall(ctx context.Context, shard int64, c *Claim, answer []byte) error {
	packed, err := pack(answer)
	if err != nil {
		return err
	}
	return s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `UPDATE keyed_calls SET answered_at = $1, answer = $2, outcome = $6
			WHERE app_id = $3 AND call_key = $4 AND owner = $5 AND answered_at = 0`,
			max(tx.store.nowMS(), 1), packed, c.App, c.Key, c.owner, []byte{})
		if err == nil && n == 0 {
			return ErrClaimed
		}
		return err
	})
}

// DropClaim lets the next repeat of a call do it: it has failed after its change was stored, or nobody
// knows whether it was.
func (s *Store) DropClaim(ctx context.Context, shard int64, c *Claim) error {
	return s.Write(ctx, shard, func(ctx context.Context, tx *Tx) error {
		_, err := tx.conn.Exec(ctx, `UPDATE keyed_calls SET lease_until = 0
			WHERE app_id = $1 AND call_key = $2 AND owner = $3 AND answered_at = 0`, c.App, c.Key, c.owner)
		return err
	})
}

// PruneCalls forgets some calls whose keys are known no more; more says that there may be others.
func (s *Store) PruneCalls(ctx context.Context) (more bool, err error) {
	before := expired(s.nowMS())
	var due bool
	err = s.eng.Row(ctx, `SELECT EXISTS (SELECT 1 FROM keyed_calls WHERE begun_at > 0 AND begun_at <= $1)`, before).Scan(&due)
	if err != nil || !due {
		return false, s.explain(err)
	}
	err = s.Write(ctx, 0, func(ctx context.Context, tx *Tx) error {
		n, err := tx.conn.Exec(ctx, `DELETE FROM keyed_calls WHERE (app_id, call_key) IN (SELECT k.app_id, k.call_key
			FROM keyed_calls k WHERE k.begun_at > 0 AND k.begun_at <= $1 ORDER BY k.begun_at LIMIT $2`+s.eng.SkipLocked("k")+`)`, before, prunedAtOnce)
		more = n == prunedAtOnce
		return err
	})
	return more, err
}

// pack makes an answer smaller, which is mostly the same keys over and over.
func pack(answer []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(answer)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

func unpack(packed []byte) ([]byte, error) {
	answer, err := io.ReadAll(flate.NewReader(bytes.NewReader(packed)))
	if err != nil {
		return nil, fmt.Errorf("read a stored answer: %w", err)
	}
	return answer, nil
}
