package engine

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

const (
	// holdLimit is how long a snapshot is held for somebody who does not ask for it.
	holdLimit = 30 * time.Second
	// minHeldLog is how far the log may grow, in bytes, while a snapshot is held, however
	// small the database is.
	minHeldLog = 1 << 30

	heldAnswer = "held"
)

// Held is a snapshot of a database: nothing of it is overwritten as long as it is held.
type Held interface {
	// Check says whether the snapshot has been held all the time up to now. It is to be called
	// every few seconds: nothing is held for a process that is stopped.
	Check(ctx context.Context) error
	// Release lets the snapshot go.
	Release() error
}

// Hold keeps a read transaction open on the database at path. It writes "held" and a line
// feed to out once it is, and whenever it reads a line from in; it writes the reason when it
// has let go. It ends with in, with ctx, with an out that takes nothing, when no line has come
// for 30 seconds, and when the log has grown by as much as the database has bytes, at least
// 1 GiB.
//
// It is for a process of its own, beside the one that copies: whatever becomes of that one,
// the server's log does not grow without bounds.
func Hold(ctx context.Context, path string, in io.Reader, out io.Writer) error {
	return hold(ctx, path, in, out, limits{holdLimit, minHeldLog})
}

// limits bound how long a snapshot is held.
type limits struct {
	silence time.Duration
	log     int64
}

func hold(ctx context.Context, path string, in io.Reader, out io.Writer, max limits) (err error) {
	answer := func(what string) error {
		_, err := fmt.Fprintln(out, what)
		return err
	}
	release, err := beginRead(ctx, path)
	if err != nil {
		return errors.Join(err, answer(err.Error()))
	}
	defer func() { err = errors.Join(err, release()) }()
	asked := make(chan struct{})
	ended := make(chan struct{})
	defer close(ended)
	go func() { // ends with in, or with the first line after the end of hold
		defer close(asked)
		for lines := bufio.NewScanner(in); lines.Scan(); {
			select {
			case asked <- struct{}{}:
			case <-ended:
				return
			}
		}
	}()
	began, most := logSize(path), max.log
	if info, err := os.Stat(path); err == nil && info.Size() > most {
		most = info.Size()
	}
	for {
		if err := answer(heldAnswer); err != nil {
			return err
		}
		silence := time.NewTimer(max.silence)
		var why error
		select {
		case _, open := <-asked:
			if !open {
				silence.Stop()
				return nil
			}
			if grown := logSize(path) - began; grown > most {
				why = fmt.Errorf("the server's log has grown by %d MB meanwhile, which is too much to hold it any longer", grown>>20)
			}
		case <-silence.C:
			why = fmt.Errorf("the copying stood still for %s", max.silence)
		case <-ctx.Done():
			why = context.Cause(ctx)
		}
		silence.Stop()
		if why != nil {
			// Let go before anything else: who is to read the answer may be stopped.
			return errors.Join(why, release(), answer(why.Error()))
		}
	}
}

// beginRead opens a read transaction, which release ends.
func beginRead(ctx context.Context, path string) (release func() error, err error) {
	db, err := sql.Open("sqlite", sqliteDSN(path, map[string]string{
		"busy_timeout": busyTimeout, "query_only": "1", "cache_size": "-256",
	}))
	if err != nil {
		return nil, err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	var tables int64
	// Only the first read takes the snapshot.
	if _, err = conn.ExecContext(ctx, "BEGIN"); err == nil {
		err = conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&tables)
	}
	if err == nil && tables == 0 {
		err = errors.New("the database is empty")
	}
	if err != nil {
		return nil, errors.Join(err, conn.Close(), db.Close())
	}
	open, ctx := true, context.WithoutCancel(ctx)
	return func() error {
		if !open {
			return nil
		}
		open = false
		_, err := conn.ExecContext(ctx, "ROLLBACK")
		return errors.Join(err, conn.Close(), db.Close())
	}, nil
}

// Holding is the other end of Hold: who copies writes to what Hold reads, and reads what it
// writes. release, called once, ends Hold and returns when it has ended.
func Holding(ctx context.Context, ask io.Writer, answers io.Reader, release func() error) (Held, error) {
	h := &holding{ask: ask, answers: make(chan string), released: make(chan struct{}), release: release}
	go func() { // ends with answers, or after Release
		defer close(h.answers)
		for lines := bufio.NewScanner(answers); lines.Scan(); {
			select {
			case h.answers <- lines.Text():
			case <-h.released:
				return
			}
		}
	}()
	if err := h.answer(ctx); err != nil {
		return nil, errors.Join(err, h.Release())
	}
	return h, nil
}

type holding struct {
	ask      io.Writer
	answers  chan string
	released chan struct{}
	release  func() error
}

// Check asks, and waits for the answer.
func (h *holding) Check(ctx context.Context) error {
	if _, err := io.WriteString(h.ask, "?\n"); err != nil {
		// The reason may still be there to be read.
		return errors.Join(h.answer(ctx), fmt.Errorf("the snapshot is not held any longer: %w", err))
	}
	return h.answer(ctx)
}

func (h *holding) answer(ctx context.Context) error {
	limit := time.NewTimer(holdLimit)
	defer limit.Stop()
	select {
	case what, open := <-h.answers:
		switch {
		case !open:
			return errors.New("what held the snapshot has ended")
		case what != heldAnswer:
			return errors.New(what)
		}
		return nil
	case <-limit.C:
		return errors.New("what holds the snapshot does not answer")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Release lets the snapshot go.
func (h *holding) Release() error {
	close(h.released)
	return h.release()
}

// holdHere holds a snapshot in this process.
func holdHere(ctx context.Context, path string) (Held, error) {
	questions, ask := io.Pipe()
	answers, answer := io.Pipe()
	ended := make(chan struct{})
	go func() { // ends when the snapshot is released
		defer close(ended)
		_ = Hold(context.WithoutCancel(ctx), path, questions, answer) // it has answered what failed
		_ = answer.Close()
		_ = questions.Close()
	}()
	return Holding(ctx, ask, answers, func() error {
		err := errors.Join(ask.Close(), answers.Close())
		<-ended
		return err
	})
}
