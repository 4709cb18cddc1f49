package httpapi

import (
	"errors"
	"net/http"
	"os"
	"time"
)

// An answer must be taken at sendPiece in pieceTime, and all of it within answerTime:
// a caller who reads more slowly is cut off.
const (
	sendPiece  = 64 << 10 // bytes
	pieceTime  = 15 * time.Second
	answerTime = 120 * time.Second
)

// sendPaced is send for an answer that may be large.
func sendPaced(w http.ResponseWriter, r *http.Request, d Dialect, body *[]byte) error {
	if len(*body) > sendPiece {
		if c, ok := r.Context().Value(connKey{}).(*watchedConn); ok {
			c.answerBy.Store(time.Now().Add(answerTime).UnixNano())
			defer c.answerBy.Store(0)
		}
	}
	return send(w, d, http.StatusOK, body)
}

// Write continues as long as a large answer is read fast enough. It passes all of it to the
// system at once: pieces would wake the reader for each.
func (c *watchedConn) Write(b []byte) (n int, err error) {
	by := c.answerBy.Load()
	if by == 0 || len(b) <= sendPiece {
		return c.TCPConn.Write(b)
	}
	for last := time.Unix(0, by); ; {
		until := time.Now().Add(pieceTime)
		if until.After(last) {
			until = last
		}
		if err := c.SetWriteDeadline(until); err != nil { // the next call sets its own
			return n, err
		}
		piece, err := c.TCPConn.Write(b[n:])
		n += piece
		if !errors.Is(err, os.ErrDeadlineExceeded) || piece < sendPiece || !until.Before(last) {
			return n, err
		}
	}
}
