package httpapi

import (
	"errors"
	"io"
	"net/http"

	"parlor/internal/chat"
)

const (
	// MaxRequestBody bounds a body, in bytes.
	MaxRequestBody = 4 << 20
	// maxBodyBytes bounds the bodies that are held at the same time, in bytes.
	maxBodyBytes = 256 << 20
	// smallBody is the room that a body is given at first, in bytes.
	smallBody = 16 << 10
)

// readBody reads at most MaxRequestBody bytes. It returns how much of bodyBytes it has
// taken for them, with an error as well as without. What counts is what has come, not
// what was announced: a large body that never arrives takes nobody's place.
func (a *API) readBody(r *http.Request) (body []byte, held int64, err error) {
	want := r.ContentLength
	if want > MaxRequestBody {
		return nil, 0, tooLarge()
	}
	if want < 0 {
		want = MaxRequestBody + 1 // its length shows only at its end
	}
	for step := int64(smallBody); ; step *= 4 {
		size := min(step, want)
		more := size - held
		held = size
		if a.bodyBytes.Add(more) > maxBodyBytes {
			return nil, held, overloaded()
		}
		n := len(body)
		body = append(body, make([]byte, more)...)
		got, err := io.ReadFull(r.Body, body[n:])
		body = body[:n+got]
		switch {
		case r.ContentLength < 0 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)):
			return body, held, nil
		case err != nil:
			return nil, held, unreadable(err)
		case len(body) > MaxRequestBody:
			return nil, held, tooLarge()
		case size == want:
			return body, held, nil
		}
	}
}

func tooLarge() error {
	return chat.Errorf(chat.CodeTooLarge, "The request body is larger than %d bytes", MaxRequestBody)
}

// unreadable: the connection broke, or the sender was too slow.
func unreadable(err error) error {
	if err == nil {
		return nil
	}
	return &chat.Error{Code: chat.CodeInvalid, Message: "The request body could not be read to its end"}
}
