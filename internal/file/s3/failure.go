package s3

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/minio/minio-go/v7"
)

const (
	// maxTries is how often a request is made in all.
	maxTries = 3
	// firstPause is how long is waited before the second, and twice as long before the third; a part of
	// it is left to chance, so that many callers do not come back at once.
	firstPause = 200 * time.Millisecond
)

// retry makes a request until it succeeds, fails for good or has failed often enough. The error says
// what was tried and what an operator can do about it.
func (b *Bucket) retry(ctx context.Context, what string, request func(context.Context) error) error {
	var err error
	for n := range maxTries {
		if err = request(ctx); err == nil {
			return nil
		}
		if ctx.Err() != nil || !mayPass(err) || n == maxTries-1 {
			break
		}
		pause := firstPause << n
		wait := time.NewTimer(pause/2 + rand.N(pause/2)) //nolint:gosec // G404: a pause is no secret
		select {
		case <-wait.C:
		case <-ctx.Done():
		}
		wait.Stop()
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("%s: %w%s", what, err, b.advice(err))
}

// mayPass reports whether the same request may succeed a moment later.
func mayPass(err error) bool {
	var answer minio.ErrorResponse
	if !errors.As(err, &answer) {
		return true // the network
	}
	return answer.StatusCode >= http.StatusInternalServerError && answer.StatusCode != http.StatusNotImplemented ||
		answer.StatusCode == http.StatusRequestTimeout || answer.StatusCode == http.StatusTooManyRequests
}

// strange is an answer that no object store gives.
type strange string

func (s strange) Error() string { return "the object store has answered strangely: " + string(s) }

// isMissing reports whether there is nothing under a name.
func isMissing(err error) bool {
	var answer minio.ErrorResponse
	return errors.As(err, &answer) && answer.Code == minio.NoSuchKey
}

// advice is what to do about an error, as the end of a sentence.
func (b *Bucket) advice(err error) string {
	var answer minio.ErrorResponse
	var odd strange
	if errors.As(err, &odd) {
		return ""
	}
	if !errors.As(err, &answer) {
		return fmt.Sprintf("; is there an object store at %s? It is what s3-endpoint names", b.o.Endpoint)
	}
	switch answer.Code {
	case minio.NoSuchBucket, minio.InvalidBucketName:
		return fmt.Sprintf("; make the bucket %s, or name another in files", b.o.Bucket)
	case minio.InvalidAccessKeyID, "XAdminUserNotFound":
		return fmt.Sprintf("; the object store does not know the key %s: set s3-key-id and s3-secret", b.o.KeyID)
	case minio.SignatureDoesNotMatch:
		return fmt.Sprintf("; s3-secret is not the secret of the key %s", b.o.KeyID)
	case minio.AccessDenied:
		return fmt.Sprintf("; give the key %s the rights to list the bucket %s, and to get, put and delete what is below %q in it",
			b.o.KeyID, b.o.Bucket, b.o.Prefix)
	case minio.AuthorizationHeaderMalformed, minio.InvalidRegion, "PermanentRedirect":
		return fmt.Sprintf("; is the bucket in another region than %s? Set s3-region, and the s3-endpoint of that region", b.o.Region)
	case minio.RequestTimeTooSkewed:
		return "; set the clock of this machine"
	}
	return ""
}
