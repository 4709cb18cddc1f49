package httpapi

import (
	"bytes"
	"context"
	"crypto/sha256"
	"net/http"
	"strings"

	"parlor/internal/chat"
)

// Once does a call under a key, once: do does it and returns the answer's body. What it returns is the
// body to send; again says that it is that of an earlier call.
type Once func(
	ctx context.Context, key chat.CallKey, do func(context.Context) ([]byte, error),
) (body []byte, again bool, err error)

const keyHeader = "Idempotency-Key"

// again says in an answer that it is that of an earlier call.
var again = []string{"true"}

// handleOnce runs an endpoint under the caller's key. kept is nil where the caller has given none.
func (a *API) handleOnce(
	ctx context.Context, r *http.Request, e *endpoint, in input, p *Params,
) (kept *keptAnswer, answer Answer, err error) {
	key, given, err := readCallKey(r.Header)
	switch {
	case err != nil:
		return nil, nil, err
	case !given:
		answer, err = e.Handle(ctx, in.caller, p)
		return nil, answer, err
	}
	name := chat.CallKey{App: in.caller.App.ID, Key: key, Request: requestHash(e.Path, in.body.bytes)}
	body, repeated, err := e.Once(ctx, name, func(ctx context.Context) ([]byte, error) {
		answer, err := e.Handle(ctx, in.caller, p)
		if err != nil {
			return nil, err
		}
		encoded := encodeAnswer(a.dialect, answer)
		defer giveBack(encoded)
		return bytes.Clone(*encoded), nil
	})
	if err != nil {
		return nil, nil, err
	}
	return &keptAnswer{body, repeated}, nil, nil
}

// keptAnswer is the body of an answer that is stored.
type keptAnswer struct {
	body  []byte
	again bool // it is that of an earlier call
}

// requestHash tells a call from all others: what it is, and what it asks for, byte for byte.
func requestHash(path string, body []byte) (sum [32]byte) {
	h := sha256.New()
	h.Write([]byte(path))
	h.Write([]byte{0})
	h.Write(body)
	h.Sum(sum[:0])
	return sum
}

// readCallKey reads the key of a call: a text in quotes, as structured fields have them, or one without,
// which stands for itself. given is false where there is none.
func readCallKey(h http.Header) (key string, given bool, err error) {
	values := h[keyHeader]
	switch len(values) {
	case 0:
		return "", false, nil
	case 1:
	default:
		return "", false, chat.Invalid(keyHeader, "must be given once")
	}
	key, ok := unquoteKey(strings.Trim(values[0], " \t"))
	if !ok || key == "" || len(key) > chat.MaxCallKey {
		return "", false, chat.Invalid(keyHeader,
			"must be 1 to %d visible ASCII characters, alone or in quotes, such as a UUID", chat.MaxCallKey)
	}
	return key, true, nil
}

// unquoteKey reads a text of visible characters, in quotes or without. Without, it has neither quotes
// nor backslashes, nor commas and semicolons, behind which something else could follow.
func unquoteKey(s string) (string, bool) {
	inner, quoted := strings.CutPrefix(s, `"`)
	if quoted {
		if inner, quoted = strings.CutSuffix(inner, `"`); !quoted {
			return "", false
		}
	}
	if len(inner) > 2*chat.MaxCallKey {
		return "", false
	}
	key := make([]byte, 0, len(inner))
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		switch {
		case c <= ' ' || c > '~', !quoted && strings.IndexByte(`"\,;`, c) >= 0, c == '"':
			return "", false
		case c == '\\':
			if i++; i == len(inner) || inner[i] != '"' && inner[i] != '\\' {
				return "", false
			}
			c = inner[i]
		}
		key = append(key, c)
	}
	return string(key), true
}
