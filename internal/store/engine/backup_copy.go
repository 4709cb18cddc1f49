package engine

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

const (
	copyChunk = 1 << 20 // bytes that are read and written at once
	// What is written is waited for, so that the server's own fsyncs do not meet a queue of
	// seconds: while somebody writes after each chunk, else after so many bytes.
	calmSync = 16 << 20
	// busyFor is how long after the last write to the log the server counts as one that writes.
	busyFor = 200 * time.Millisecond
	// restShare is how much longer a chunk takes than the rest after it.
	restShare = 2
	logHeader = 32 // bytes; it changes when the log begins anew
)

// copyLog copies the log, if the held snapshot needs it.
func copyLog(ctx context.Context, path, to string, held Held) error {
	log, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // and then the file has everything
	}
	if err != nil {
		return err
	}
	defer log.Close() //nolint:errcheck // only read from
	before, err := readLogHeader(log)
	if err != nil || before == nil {
		return err
	}
	if err := copyFile(ctx, log, to, &pacer{log: path, held: held}, nil); err != nil {
		return err
	}
	after, err := readLogHeader(log)
	if err != nil || bytes.Equal(before, after) {
		return err
	}
	return os.Remove(to) // it has begun anew, as only a log can that is not needed
}

// readLogHeader returns nil for an empty log.
func readLogHeader(log *os.File) ([]byte, error) {
	header := make([]byte, logHeader)
	_, err := log.ReadAt(header, 0)
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return header, err
}

// copyFile copies what from has now to a new file. It returns nil only if the snapshot was held
// until all was read.
func copyFile(ctx context.Context, from *os.File, to string, p *pacer, progress func(done, total int64)) (err error) {
	info, err := from.Stat()
	if err != nil {
		return err
	}
	total := info.Size()
	if err := makePrivate(to); err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := reserve(f, total); err != nil {
		return err
	}
	in, out := gentle{file: from}, gentle{file: f}
	buf := make([]byte, copyChunk)
	done := int64(0)
	for done < total {
		began := time.Now()
		n, err := in.readAt(buf[:min(total-done, copyChunk)], done)
		if err != nil {
			return err
		}
		if n == 0 {
			break // the file became shorter: the rest is in the log, if anywhere
		}
		if err := out.writeAt(buf[:n], done); err != nil {
			return err
		}
		done += int64(n)
		if err := p.rest(ctx, &out, began); err != nil {
			return err
		}
		if err := p.held.Check(ctx); err != nil {
			return err
		}
		if progress != nil {
			progress(done, total)
		}
	}
	// What was read is known to be right only now.
	if err := p.held.Check(ctx); err != nil {
		return err
	}
	if done < total {
		if err := f.Truncate(done); err != nil {
			return err
		}
	}
	return f.Sync()
}

// pacer leaves the disk to the server now and then.
type pacer struct {
	log  string
	held Held
}

// rest waits for what was written since began, and half as long again if somebody writes to
// the log.
func (p *pacer) rest(ctx context.Context, out *gentle, began time.Time) error {
	info, err := os.Stat(p.log)
	if err != nil || time.Since(info.ModTime()) > busyFor {
		if out.written < calmSync {
			return nil
		}
		return out.settle()
	}
	if err := out.settle(); err != nil {
		return err
	}
	pause := time.NewTimer(min(time.Since(began)/restShare, time.Second))
	defer pause.Stop()
	select {
	case <-pause.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
