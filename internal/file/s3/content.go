package s3

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/minio/minio-go/v7"
)

const (
	// firstWindow is how much is asked for at first, and maxWindow at most, in bytes: who wants a few bytes
	// in the middle of a film is not to have the rest of it sent, and who wants all is not to ask often.
	firstWindow = 256 << 10
	maxWindow   = 8 << 20
	// maxResumes is how often a content is asked for again where it broke off.
	maxResumes = 3
)

// content reads an object, window by window. It is for one goroutine.
type content struct {
	ctx     context.Context // ends with Close
	cancel  context.CancelFunc
	bucket  *Bucket
	name    string
	size    int64
	at      int64 // where is read next
	body    io.ReadCloser
	end     int64 // of the body's window
	window  int64 // how much is asked for next
	resumed int
}

func newContent(ctx context.Context, b *Bucket, name string, size int64) *content {
	c := &content{bucket: b, name: name, size: size, window: firstWindow}
	c.ctx, c.cancel = context.WithCancel(ctx)
	return c
}

// Size is in bytes.
func (c *content) Size() int64 { return c.size }

// Seek says where is read next.
func (c *content) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += c.at
	case io.SeekEnd:
		offset += c.size
	}
	if offset < 0 {
		return c.at, errors.New("a place before the begin")
	}
	if offset != c.at {
		c.drop()
		c.at, c.window = offset, firstWindow
	}
	return c.at, nil
}

// Read reads on. What breaks off is asked for again from there.
func (c *content) Read(p []byte) (int, error) {
	if c.at >= c.size {
		return 0, io.EOF
	}
	for {
		if c.body == nil {
			if err := c.open(); err != nil {
				return 0, err
			}
		}
		n, err := c.body.Read(p[:min(int64(len(p)), c.end-c.at)])
		if c.at += int64(n); c.at == c.end {
			c.drop()
			return n, nil
		}
		if err != nil {
			c.drop()
			if c.resumed++; c.resumed > maxResumes {
				return n, fmt.Errorf("read %s: it breaks off at %d of %d bytes: %w", c.name, c.at, c.size, noEOF(err))
			}
		}
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
}

// noEOF makes sure that nobody takes what breaks off for the end.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// open asks for the next window.
func (c *content) open() error {
	last := min(c.at+c.window, c.size) - 1
	c.window = min(c.window*2, maxWindow)
	return c.bucket.retry(c.ctx, "read "+c.name, func(ctx context.Context) error {
		var o minio.GetObjectOptions
		if err := o.SetRange(c.at, last); err != nil {
			return err
		}
		body, _, header, err := minio.Core{Client: c.bucket.client}.GetObject(ctx, c.bucket.o.Bucket, c.name, o)
		if err != nil {
			return err
		}
		want := fmt.Sprintf("bytes %d-%d/%d", c.at, last, c.size)
		if got := header.Get("Content-Range"); got != want {
			_ = body.Close() // of no use
			return strange(fmt.Sprintf("asked for %s, got %q", want, got))
		}
		c.body, c.end = body, last+1
		return nil
	})
}

// drop ends the window. One that was read to its end leaves its connection to the next.
func (c *content) drop() {
	if c.body != nil {
		_ = c.body.Close() // it was only read
		c.body = nil
	}
}

// Close ends reading.
func (c *content) Close() error {
	c.drop()
	c.cancel()
	return nil
}
