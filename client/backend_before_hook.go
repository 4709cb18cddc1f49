package client

import (
	"context"
	"time"
)

// BeforeHook is an address of yours that is asked before a device's message is stored
// (docs/protocol/moderation.md).
type BeforeHook struct {
	URL string
	// Timeout is how long an answer is waited for, 100 ms to 5 s; 0 means a second.
	Timeout time.Duration
	// Refuse says that a message is refused where no answer comes in time; else it is stored.
	Refuse bool
	// Secret is what questions are signed with. It is set only by SetBeforeHook.
	Secret string
}

type beforeHook struct {
	URL       string `json:"url"`
	Timeout   int64  `json:"timeout,omitzero"`
	OnFailure string `json:"onFailure,omitzero"`
	Secret    string `json:"secret,omitzero"`
}

type beforeHookAnswer struct {
	IsSet      bool
	BeforeHook beforeHook
}

func (h beforeHook) shown() BeforeHook {
	return BeforeHook{h.URL, time.Duration(h.Timeout) * time.Millisecond, h.OnFailure == "refuse", h.Secret}
}

// SetBeforeHook has an address asked from now on, within a second on every node. It returns the hook with a new
// secret, by which VerifyWebhook checks what comes.
func (b *Backend) SetBeforeHook(ctx context.Context, h BeforeHook) (BeforeHook, error) {
	in := beforeHook{URL: h.URL, Timeout: h.Timeout.Milliseconds()}
	if h.Refuse {
		in.OnFailure = "refuse"
	}
	var answer beforeHookAnswer
	err := b.doOnce(ctx, "before_hook/set", in, &answer)
	return answer.BeforeHook.shown(), err
}

// BeforeHook returns the app's, without its secret. ok is false where it has none.
func (b *Backend) BeforeHook(ctx context.Context) (h BeforeHook, ok bool, err error) {
	var answer beforeHookAnswer
	err = b.do(ctx, "before_hook/get", struct{}{}, &answer)
	return answer.BeforeHook.shown(), answer.IsSet, err
}

// DeleteBeforeHook has nobody asked any more.
func (b *Backend) DeleteBeforeHook(ctx context.Context) error {
	return b.do(ctx, "before_hook/delete", struct{}{}, nil)
}
