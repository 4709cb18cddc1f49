package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"

	"parlor/client"
	"parlor/internal/webhook"
)

// maxVerified bounds the body that is checked, in bytes. No call is that large.
const maxVerified = 64 << 20

type webhookVerifyCmd struct {
	Secret    string `help:"The webhook's secret, whsec_ and more." required:"" placeholder:"SECRET"`
	ID        string `help:"The header webhook-id." required:"" placeholder:"ID"`
	Timestamp string `help:"The header webhook-timestamp." required:"" placeholder:"SECONDS"`
	Signature string `help:"The header webhook-signature." required:"" placeholder:"TEXT"`
}

// Run checks a call by hand.
func (c webhookVerifyCmd) Run() error {
	body, err := io.ReadAll(io.LimitReader(os.Stdin, maxVerified+1))
	if err != nil {
		return err
	}
	if len(body) > maxVerified {
		return fmt.Errorf("the body has more than %d bytes", maxVerified)
	}
	h := http.Header{}
	h.Set(webhook.HeaderID, c.ID)
	h.Set(webhook.HeaderTimestamp, c.Timestamp)
	h.Set(webhook.HeaderSignature, c.Signature)
	return c.verify(h, body, time.Now())
}

// verify says what is wrong with a call, its signature before its age: whoever checks by hand is late.
func (c webhookVerifyCmd) verify(h http.Header, body []byte, now time.Time) error {
	then := now
	if seconds, err := strconv.ParseInt(c.Timestamp, 10, 64); err == nil {
		then = time.Unix(seconds, 0)
	}
	if err := client.VerifyWebhookAt(c.Secret, h, body, then); err != nil {
		if trimmed := bytes.TrimRight(body, "\r\n"); client.VerifyWebhookAt(c.Secret, h, trimmed, then) == nil {
			return errors.New("not valid: it would be without the line's end behind the body; pass the body as it came")
		}
		return fmt.Errorf("not valid: %s", faultOfCall(err))
	}
	if client.VerifyWebhookAt(c.Secret, h, body, now) != nil {
		return fmt.Errorf("the signature is right, but a receiver refuses the call by now: it was made at %s, more than five minutes away",
			then.UTC().Format(time.RFC3339))
	}
	fmt.Println("valid")
	return nil
}

// faultOfCall is what is wrong with a call at the time that it names, as a person at the terminal knows its parts.
func faultOfCall(err error) string {
	switch {
	case errors.Is(err, client.ErrWebhookSecret):
		return "a secret is whsec_ and base64"
	case errors.Is(err, client.ErrWebhookTime):
		return "the header webhook-timestamp must be Unix seconds"
	}
	return "no signature in the header webhook-signature is of this secret, id, time and body"
}
