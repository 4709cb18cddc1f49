package client

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
)

type idempotencyKey struct{}

// WithIdempotencyKey returns a context for one call of a [Backend] that changes something. key, a text of 1 to 255
// visible ASCII characters such as a UUID, is the name by which the server knows the call for seven days: a
// repeat, also by another program, changes nothing and has the answer of the first. Its parameters must be
// the same, or it is [CodeKeyReused]. Under a key each call is repeated by itself, also those that otherwise are
// not.
func WithIdempotencyKey(ctx context.Context, key string) context.Context {
	return context.WithValue(ctx, idempotencyKey{}, key)
}

// keyed is c under the key of ctx, if there is one.
func (c call) keyed(ctx context.Context) call {
	if key, ok := ctx.Value(idempotencyKey{}).(string); ok {
		c.header, c.once = http.Header{"Idempotency-Key": {key}}, false
	}
	return c
}

func hasKey(ctx context.Context) bool { return ctx.Value(idempotencyKey{}) != nil }

// withOwnKey is ctx with a key: a new one, unless it has one.
func withOwnKey(ctx context.Context) context.Context {
	if hasKey(ctx) {
		return ctx
	}
	return WithIdempotencyKey(ctx, rand.Text())
}

// nthCall is ctx for one of several calls that a method makes, counted from 0. Under a key each has one of its own, and
// the same one when the method is called again.
func nthCall(ctx context.Context, n int) context.Context {
	key, ok := ctx.Value(idempotencyKey{}).(string)
	if !ok || n == 0 {
		return ctx
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", n, key))
	return WithIdempotencyKey(ctx, hex.EncodeToString(sum[:]))
}
