package service

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"parlor/internal/chat"
)

// KeyLag is how long a server may go on taking a key as it was before another process has
// revoked or changed it. `parlor key` waits it out before it reports success.
const KeyLag = 500 * time.Millisecond

// maxKeptKeys bounds the memory of known keys.
const maxKeptKeys = 1024

// keyCache spares the database a read per request. It holds only keys that exist, so
// guesses do not grow it.
type keyCache struct {
	mu   sync.RWMutex
	kept map[string]keptKey
}

type keptKey struct {
	key       chat.Key
	app       chat.App
	readAt    time.Time
	refreshed *atomic.Bool // somebody is reading it anew; the others go on with this one
}

// Authenticate finds the App that a key speaks for. Each way in which a key can be wrong has
// its own code, so that a developer sees what to mend. With an error, the Caller says for the
// log whose key it claims to be, as far as that is known.
func (s *Service) Authenticate(ctx context.Context, kind chat.KeyKind, id, secret string) (chat.Caller, error) {
	if chat.ValidateKeyID(id) != nil {
		return chat.Caller{}, chat.Errorf(chat.CodeKeyUnknown, "There is no key with this id")
	}
	known, err := s.key(ctx, id)
	switch {
	case chat.CodeOf(err) == chat.CodeNotFound:
		return chat.Caller{KeyID: madeID(id)}, chat.Errorf(chat.CodeKeyUnknown, "There is no key with this id")
	case err != nil:
		return chat.Caller{}, err
	}
	claimed := chat.Caller{App: known.app, KeyID: id, KeyKind: known.key.Kind, Strict: known.key.Strict}
	switch {
	case subtle.ConstantTimeCompare(hashSecret(known.key.Salt, secret), known.key.Hash) != 1:
		return claimed, chat.Errorf(chat.CodeKeyInvalid, "The secret of this key is wrong%s", echoed(secret))
	case known.key.Kind != kind:
		return claimed, chat.Errorf(chat.CodeKeyWrongKind, "This is an %s key; a %s key is needed here", known.key.Kind, kind)
	case known.key.RevokedAt > 0:
		return claimed, chat.Errorf(chat.CodeKeyRevoked, "This key was revoked")
	}
	return claimed, nil
}

// madeID is an id of the form that CreateKey gives, "" for any other: what stands in the
// place of an id may be a secret.
func madeID(id string) string {
	for _, prefix := range keyPrefixes {
		rest, ok := strings.CutPrefix(id, prefix)
		if raw, err := hex.DecodeString(rest); ok && err == nil && len(raw) == keyIDBytes {
			return id
		}
	}
	return ""
}

// echoed says so of a secret at whose end there is what a shell has put there. It may be
// part of the secret, so it is no fault before the secret has proven wrong.
func echoed(secret string) string {
	if strings.TrimRight(secret, "\r\n") == secret {
		return ""
	}
	return "; it ends with a newline, as `echo` adds one: encode it with `printf %s \"$KEY\" | base64`"
}

func (s *Service) key(ctx context.Context, id string) (keptKey, error) {
	s.keys.mu.RLock()
	k, ok := s.keys.kept[id]
	s.keys.mu.RUnlock()
	was := k.app
	// The age is taken from the monotonic clock, so setting the wall clock back keeps no key alive.
	if age := time.Since(k.readAt); ok && age < KeyLag && (age < KeyLag/2 || k.refreshed.Swap(true)) {
		return k, nil
	}
	k = keptKey{readAt: time.Now(), refreshed: new(atomic.Bool)}
	var err error
	if k.key, err = s.store.Key(ctx, id); err != nil {
		return k, err
	}
	if k.app, err = s.store.AppByID(ctx, k.key.App); err != nil {
		return k, err
	}
	if ok && was.Title != k.app.Title { // by `parlor app set-title`
		s.store.Retitled(k.app)
	}
	s.keys.mu.Lock()
	defer s.keys.mu.Unlock()
	if len(s.keys.kept) >= maxKeptKeys {
		clear(s.keys.kept)
	}
	s.keys.kept[id] = k
	return k, nil
}

// The ids of keys that are made here: a prefix by kind and random bytes in hex.
var keyPrefixes = map[chat.KeyKind]string{chat.ServerKey: "srv", chat.AppKey: "app"}

const keyIDBytes = 8

// CreateKey makes a key with a random id and secret; of k it takes what the key is for. The secret is in
// no other place than the result.
func (s *Service) CreateKey(ctx context.Context, app chat.App, k chat.Key) (id, secret string, err error) {
	if err := chat.Text("label", k.Label, 0, chat.MaxAppName); err != nil {
		return "", "", err
	}
	if k.Strict && k.Kind != chat.ServerKey {
		return "", "", errNotStrict
	}
	k.App, k.ID = app.ID, keyPrefixes[k.Kind]+hex.EncodeToString(random(keyIDBytes))
	secret = base64.RawURLEncoding.EncodeToString(random(32))
	return k.ID, secret, s.store.CreateKey(ctx, withSecret(k, secret))
}

// errNotStrict is the error of an app key that is to be strict: the SDKs decide what is sent under it.
var errNotStrict = chat.Invalid("strict", "is for server keys")

// SetKeyStrict sets whether a server key's calls have parameters refused that they do not know, and returns
// once every server heeds it.
func (s *Service) SetKeyStrict(ctx context.Context, app chat.App, id string, strict bool) error {
	if k, err := s.store.Key(ctx, id); err == nil && k.App == app.ID && k.Kind != chat.ServerKey {
		return errNotStrict
	}
	if err := s.store.SetKeyStrict(ctx, app.ID, id, strict); err != nil {
		return err
	}
	return keysSettled(ctx)
}

// EnsureKey makes a key with a given id and secret exist in app. A key that is there
// already gets this secret; a revoked one stays revoked, which it reports. An id that
// is another App's or of the other kind is CodeConflict.
func (s *Service) EnsureKey(
	ctx context.Context, app chat.App, kind chat.KeyKind, id, secret string,
) (revoked bool, err error) {
	if err := chat.ValidateKeyID(id); err != nil {
		return false, err
	}
	if secret == "" {
		return false, chat.Required("secret")
	}
	k := withSecret(chat.Key{ID: id, App: app.ID, Kind: kind, Label: "from the environment"}, secret)
	old, err := s.store.Key(ctx, id)
	switch {
	case chat.CodeOf(err) == chat.CodeNotFound:
		if err = s.store.CreateKey(ctx, k); chat.CodeOf(err) == chat.CodeConflict {
			return s.EnsureKey(ctx, app, kind, id, secret) // another node was faster
		}
		return false, err
	case err != nil:
		return false, err
	case old.App != app.ID || old.Kind != kind:
		return false, chat.Errorf(chat.CodeConflict, "the key id %q belongs to another app or is of the other kind", id)
	case subtle.ConstantTimeCompare(hashSecret(old.Salt, secret), old.Hash) != 1:
		return old.RevokedAt > 0, s.store.ReplaceKeySecret(ctx, k)
	}
	return old.RevokedAt > 0, nil
}

// RevokeKey ends a key for good and returns once no server accepts it any more.
func (s *Service) RevokeKey(ctx context.Context, app chat.App, id string) error {
	if err := s.store.RevokeKey(ctx, app.ID, id); err != nil {
		return err
	}
	return keysSettled(ctx)
}

// keysSettled waits until no server goes by a key as it was before.
func keysSettled(ctx context.Context) error {
	select {
	case <-time.After(KeyLag):
		return nil
	case <-ctx.Done():
		return fmt.Errorf("it is stored, but a server may take the key as it was for %s more: %w", KeyLag, context.Cause(ctx))
	}
}

// withSecret returns k with what is kept of its secret.
func withSecret(k chat.Key, secret string) chat.Key {
	k.Salt = random(16)
	k.Hash = hashSecret(k.Salt, secret)
	return k
}

// hashSecret: generated secrets have 256 random bits, so one round is enough and the
// hot path stays cheap.
func hashSecret(salt []byte, secret string) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(secret))
	return h.Sum(nil)
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails: the runtime ends the program instead
	return b
}
