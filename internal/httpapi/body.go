package httpapi

import (
	"io"
	"net/http"

	"parlor/internal/chat"
)

const (
	// MaxRequestBody bounds a body, in bytes.
	MaxRequestBody = 4 << 20
	// maxBodyBytes bounds the bodies that are held at the same time, in bytes.
	maxBodyBytes = 256 << 20
	// smallBody is what a body of unknown length is taken to have at first.
	smallBody = 64 << 10
)

// readBody reads at most MaxRequestBody bytes. It returns how much of bodyBytes it has
// taken for them, with an error as well as without.
func (a *API) readBody(r *http.Request) (body []byte, held int64, err error) {
	switch {
	case r.ContentLength > MaxRequestBody:
		return nil, 0, tooLarge()
	case r.ContentLength >= 0:
		held = r.ContentLength
		if a.bodyBytes.Add(held) > maxBodyBytes {
			return nil, held, overloaded()
		}
		body = make([]byte, held)
		_, err = io.ReadFull(r.Body, body)
		return body, held, unreadable(err)
	}
	// Its length shows only at its end. Most are small, and must not take the place of
	// large ones.
	for _, limit := range []int64{smallBody, MaxRequestBody} {
		taken := limit - held
		held = limit
		if a.bodyBytes.Add(taken) > maxBodyBytes {
			return nil, held, overloaded()
		}
		more, err := io.ReadAll(io.LimitReader(r.Body, limit+1-int64(len(body))))
		body = append(body, more...)
		if err != nil || int64(len(body)) <= limit {
			return body, held, unreadable(err)
		}
	}
	return nil, held, tooLarge()
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
