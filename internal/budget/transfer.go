package budget

import (
	"context"
	"time"
)

// transferBuffer is what an upload holds in memory while it comes, in bytes, the form around it
// included.
const transferBuffer = 256 * kib

// Transfer waits for a place to send or fetch a file in, and returns the function that gives it
// up. Uploads count their memory as bodies do.
func (b *Budget) Transfer(ctx context.Context, o Owner, upload bool) (done func(), err error) {
	leave, err := b.place(ctx, o, places{
		b.transfers, "transfers", "too many files on the way at the same time; send and fetch them one after the other",
	})
	if err != nil || !upload {
		return leave, err
	}
	if err := b.bodies.take(o, transferBuffer); err != nil {
		leave()
		return nil, b.refuse(b.bodies.limit("bodies", Bytes, o), o, err,
			"too many bytes of bodies under way at the same time; send large ones one after the other")
	}
	return func() {
		b.bodies.give(o, transferBuffer)
		leave()
	}, nil
}

// Arrived counts n bytes of an upload, and returns how long to wait before more are read.
func (b *Budget) Arrived(o Owner, n int) time.Duration { return b.filePace[o.kind].Next(o, n) }
