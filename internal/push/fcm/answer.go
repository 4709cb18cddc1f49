package fcm

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/http"

	"parlor/internal/push"
)

// failure is FCM's answer to what it does not send.
type failure struct {
	Error struct {
		Status  string `json:"status"`
		Details []struct {
			ErrorCode       string `json:"errorCode"`
			FieldViolations []struct {
				Field string `json:"field"`
			} `json:"fieldViolations"`
		} `json:"details"`
	} `json:"error"`
}

// word is the most specific thing that FCM says.
func (f *failure) word() string {
	for _, d := range f.Error.Details {
		if d.ErrorCode != "" {
			return d.ErrorCode
		}
	}
	return f.Error.Status
}

// badToken reports whether FCM says that it is the token which is not valid, not the message.
func (f *failure) badToken() bool {
	for _, d := range f.Error.Details {
		for _, v := range d.FieldViolations {
			if v.Field == "message.token" {
				return true
			}
		}
	}
	return false
}

// classify says what an answer other than 200 means. A 404 alone does not mean that the token is
// dead: that of a wrong project, or of a proxy, must not have all tokens forgotten.
func classify(status int, answer []byte) push.Result {
	var f failure
	_ = json.Unmarshal(answer, &f) // what is no answer of FCM's has no word of its own
	word := f.word()
	r := push.Result{Outcome: push.Bad, Reason: push.Word(fmt.Sprintf("HTTP %d %s", status, word))}
	switch {
	case word == "UNREGISTERED", word == "INVALID_ARGUMENT" && f.badToken():
		r.Outcome = push.Dead
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError, status == http.StatusRequestTimeout:
		r.Outcome = push.Later
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusNotFound,
		status < http.StatusBadRequest: // a redirect: this is not FCM
		r.Outcome = push.Refused
	}
	return r
}

// checkKey says what is wrong with an account's key, before anything is to be sent with it.
func checkKey(key []byte) error {
	block, _ := pem.Decode(key)
	if block == nil {
		return errors.New("its private_key is no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		parsed, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if _, ok := parsed.(*rsa.PrivateKey); err != nil || !ok {
		return errors.New("its private_key is no RSA key")
	}
	return nil
}
