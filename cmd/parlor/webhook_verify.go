package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

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
	return c.verify(webhook.Call{ID: c.ID, Timestamp: c.Timestamp, Signature: c.Signature, Body: body}, time.Now())
}

// verify says what is wrong with a call, its signature before its age: whoever checks by hand is late.
func (c webhookVerifyCmd) verify(call webhook.Call, now time.Time) error {
	then := now
	if seconds, err := strconv.ParseInt(call.Timestamp, 10, 64); err == nil {
		then = time.Unix(seconds, 0)
	}
	if err := webhook.Verify(c.Secret, call, then); err != nil {
		if trimmed := bytes.TrimRight(call.Body, "\r\n"); len(trimmed) < len(call.Body) {
			call.Body = trimmed
			if webhook.Verify(c.Secret, call, then) == nil {
				return errors.New("not valid: it would be without the line's end behind the body; pass the body as it came")
			}
		}
		return fmt.Errorf("not valid: %w", err)
	}
	if err := webhook.Verify(c.Secret, call, now); err != nil {
		return fmt.Errorf("the signature is right, but a receiver refuses the call by now: %w (it was made at %s)",
			err, then.UTC().Format(time.RFC3339))
	}
	fmt.Println("valid")
	return nil
}
