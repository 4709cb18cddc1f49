package s3

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/minio/minio-go/v7"

	"parlor/internal/file"
)

// maxMark is how long a mark is read, in bytes. It has 32.
const maxMark = 100

// Mark reads whose content the bucket has below its prefix, "" where nobody has said so.
func (b *Bucket) Mark(ctx context.Context) (mark string, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Call)
	defer cancel()
	name := b.o.Prefix + file.MarkName
	err = b.retry(ctx, "read "+name, func(ctx context.Context) error {
		body, _, _, err := minio.Core{Client: b.client}.GetObject(ctx, b.o.Bucket, name, minio.GetObjectOptions{})
		if err != nil {
			return err
		}
		defer func() { _ = body.Close() }() // it was only read
		text, err := io.ReadAll(io.LimitReader(body, maxMark))
		mark = strings.TrimSpace(string(text))
		return err
	})
	if isMissing(err) {
		return "", nil
	}
	return mark, err
}

// SetMark says whose content it has.
func (b *Bucket) SetMark(ctx context.Context, id string) error {
	return b.putBytes(ctx, b.o.Prefix+file.MarkName, []byte(id+"\n"))
}

// Try does what Parlor needs of a bucket: it lists, stores, reads and removes. The error says what to
// change in the settings or the store.
func (b *Bucket) Try(ctx context.Context) error {
	if _, err := b.page(ctx, "", 1); err != nil {
		return err
	}
	name := b.o.Prefix + file.MarkName + "-try" // several nodes may do so at a time: nobody looks for it
	if err := b.putBytes(ctx, name, []byte("parlor\n")); err != nil {
		return err
	}
	if _, err := b.Mark(ctx); err != nil {
		return err
	}
	if err := b.remove(ctx, name); err != nil {
		return err
	}
	return nil
}

// String is the bucket's address, such as s3://bucket/prefix/.
func (b *Bucket) String() string { return fmt.Sprintf("s3://%s/%s", b.o.Bucket, b.o.Prefix) }
