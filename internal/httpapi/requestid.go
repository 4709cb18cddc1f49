package httpapi

import (
	"crypto/rand"
	"encoding/hex"
	"strconv"
	"sync/atomic"
)

// Request ids are a random word of this process and a counter: unique, cheap, and in
// the order of arrival.
var (
	processWord = func() string {
		b := make([]byte, 4)
		_, _ = rand.Read(b) // never fails: the runtime ends the program instead
		return hex.EncodeToString(b)
	}()
	requestCount atomic.Uint64
)

func newRequestID() string {
	return processWord + "-" + strconv.FormatUint(requestCount.Add(1), 10)
}
