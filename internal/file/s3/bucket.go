// Package s3 keeps the content of files in a bucket of an object store that speaks S3. All of it is
// below a prefix: the content as objects/KEY, and a mark that says whose it is.
//
// Every call has an end: see Options. What a store may well answer to a moment later is tried again,
// a few times; whatever fails after that says so to its caller, and the next call begins anew.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"parlor/internal/file"
)

// Options say which bucket.
type Options struct {
	Endpoint string // https://host, or http://host:port
	Region   string
	Bucket   string
	Prefix   string // what all keys begin with, "" or with a slash at its end
	KeyID    string
	Secret   string

	// Stall is for how long a connection may bring nothing, in either direction; 0 means 10 s. Call is how
	// long a call that moves no content may take, with its repetitions; 0 means 15 s.
	Stall, Call time.Duration
}

const (
	defaultStall = 10 * time.Second
	defaultCall  = 15 * time.Second
	// pageSize is how many objects are listed at a time, as many as S3 gives.
	pageSize = 1000
)

// Bucket is file.Objects in a bucket, or in the part of it below a prefix.
type Bucket struct {
	client *minio.Client
	o      Options
}

// New returns a Bucket. Nothing is asked of the store yet: see Try.
func New(o Options) (*Bucket, error) {
	if o.Stall == 0 {
		o.Stall = defaultStall
	}
	if o.Call == 0 {
		o.Call = defaultCall
	}
	at, err := url.Parse(o.Endpoint)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("the address of the object store is not https://host")
	}
	client, err := minio.New(at.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.KeyID, o.Secret, ""), Secure: at.Scheme == "https", Region: o.Region,
		Transport: newTransport(o.Stall), TrailingHeaders: true,
		MaxRetries: 1, // see retry
	})
	if err != nil {
		return nil, err
	}
	return &Bucket{client: client, o: o}, nil
}

func (b *Bucket) folder() string           { return b.o.Prefix + "objects/" }
func (b *Bucket) object(key string) string { return b.folder() + key }

// Put sends a spool's content. The store compares it with the checksum, and stores it whole or not at
// all: in a single request, since what is left of one that was cut off in parts would not be listed.
func (b *Bucket) Put(ctx context.Context, key string, s *file.Spool) error {
	return b.put(ctx, b.object(key), s.Size(), s.Sum(), func() io.Reader { return s.Reader() })
}

func (b *Bucket) putBytes(ctx context.Context, name string, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, b.o.Call)
	defer cancel()
	sum := sha256.Sum256(content)
	return b.put(ctx, name, int64(len(content)), sum[:], func() io.Reader { return bytes.NewReader(content) })
}

// put sends content, each time from a reader of its own: the request before may still hold the last.
func (b *Bucket) put(ctx context.Context, name string, size int64, sum []byte, content func() io.Reader) error {
	return b.retry(ctx, "store "+name, func(ctx context.Context) error {
		info, err := b.client.PutObject(ctx, b.o.Bucket, name, content(), size, minio.PutObjectOptions{
			DisableMultipart: true,
			UserMetadata:     map[string]string{"x-amz-checksum-sha256": base64.StdEncoding.EncodeToString(sum)},
		})
		if err == nil && info.ETag == "" {
			return strange("what was stored has no ETag")
		}
		return err
	})
}

// Open finds content.
func (b *Bucket) Open(ctx context.Context, key string) (file.Content, error) {
	var info minio.ObjectInfo
	name := b.object(key)
	limited, cancel := context.WithTimeout(ctx, b.o.Call)
	defer cancel()
	err := b.retry(limited, "look for "+name, func(ctx context.Context) (err error) {
		info, err = b.client.StatObject(ctx, b.o.Bucket, name, minio.StatObjectOptions{})
		return err
	})
	if isMissing(err) {
		return nil, file.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	// The call may have ended by the time at which its content is sent.
	return newContent(context.WithoutCancel(ctx), b, name, info.Size), nil
}

// Delete removes content.
func (b *Bucket) Delete(ctx context.Context, key string) error { return b.remove(ctx, b.object(key)) }

func (b *Bucket) remove(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeout(ctx, b.o.Call)
	defer cancel()
	err := b.retry(ctx, "remove "+name, func(ctx context.Context) error {
		return b.client.RemoveObject(ctx, b.o.Bucket, name, minio.RemoveObjectOptions{})
	})
	if isMissing(err) {
		return nil
	}
	return err
}

// List goes through the pages of the store's list.
func (b *Bucket) List(ctx context.Context, each func(file.Object) error) error {
	after := ""
	for {
		page, err := b.page(ctx, after, pageSize)
		if err != nil {
			return err
		}
		for _, o := range page {
			if o.Key <= after { // or this would never end
				return fmt.Errorf("list the bucket: %w", strange(fmt.Sprintf("%q is listed after %q", o.Key, after)))
			}
			after = o.Key
			key, below := strings.CutPrefix(o.Key, b.folder())
			if !below || strings.Contains(key, "/") {
				continue
			}
			if err := each(file.Object{Key: key, Stored: o.LastModified}); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return nil
		}
	}
}

// page lists up to most objects behind one, by its whole name.
func (b *Bucket) page(ctx context.Context, after string, most int) (page []minio.ObjectInfo, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.o.Call)
	defer cancel()
	err = b.retry(ctx, "list the bucket", func(ctx context.Context) error {
		page = page[:0]
		list := b.client.ListObjectsIter(ctx, b.o.Bucket, minio.ListObjectsOptions{
			Prefix: b.folder(), Recursive: true, StartAfter: after, MaxKeys: most, FetchOwner: new(bool),
		})
		for o := range list {
			if o.Err != nil {
				return o.Err
			}
			if page = append(page, o); len(page) == most {
				return nil
			}
		}
		return ctx.Err() // a list that was broken off ends like one that is whole
	})
	return page, err
}
