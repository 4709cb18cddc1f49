package service

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// underWayTime is how long a repeat waits for the answer of the call itself, and underWayFirst and
	// underWayMost how long between two looks for it.
	underWayTime  = 5 * time.Second
	underWayFirst = 10 * time.Millisecond
	underWayMost  = 250 * time.Millisecond
	// keepTime bounds how long a call tries to store its answer, and keepPause how long it waits
	// before it tries again.
	keepTime  = 5 * time.Second
	keepPause = 100 * time.Millisecond
)

// Once does a call under a key: once, whatever is repeated, and on whichever node. do makes the
// change, with the context that it is given, and returns the body of the answer. The claim to the call is
// part of do's first transaction, and the answer is stored before Once returns it; a repeat is given that
// one, and again is true. What fails is not stored, and the next repeat does it. Where a process has
// died between change and answer, or the change was stored and what is behind it failed, the next
// repeat does the call again: see docs/protocol/requests.md, "Repeating a call".
//
// A key that stands for another call is CodeKeyReused. A call that is still under way, here or on another
// node, is waited for, and after some seconds CodeUnderWay.
func (s *Service) Once(
	ctx context.Context, key chat.CallKey, do func(context.Context) ([]byte, error),
) (body []byte, again bool, err error) {
	until := time.Now().Add(underWayTime)
	for pause := underWayFirst; ; pause = min(2*pause, underWayMost) {
		claim, answer, err := s.store.CallUnder(ctx, key)
		switch {
		case err != nil:
			return nil, false, err
		case answer != nil:
			return answer, true, nil
		case claim != nil:
			if body, err = s.doOnce(ctx, claim, do); !errors.Is(err, store.ErrClaimed) {
				return body, false, err
			}
		}
		if time.Now().After(until) {
			return nil, false, chat.CallUnderWay()
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil, false, chat.CallUnderWay()
		}
	}
}

// doOnce does a call that is claimed, unless somebody else does, which is store.ErrClaimed.
func (s *Service) doOnce(
	ctx context.Context, claim *store.Claim, do func(context.Context) ([]byte, error),
) ([]byte, error) {
	call := &store.Call{Claim: claim}
	body, err := do(store.ForCall(ctx, call))
	shard := shardOf(claim.App, "call", claim.Key)
	// What was changed stays changed, though the caller may have left.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	switch {
	case errors.Is(err, store.ErrClaimed):
		return nil, err
	case err == nil:
		// Where do has written nothing, the claim is stored with the answer.
		if err = s.keep(store.ForCall(last, call), shard, claim, body); err == nil {
			return body, nil
		}
	case call.Noted(), chat.CodeOf(err) == chat.CodeUnavailable, chat.CodeOf(err) == chat.CodeInternal:
		_ = s.store.DropClaim(last, shard, claim) // if this fails, too, the claim ends by itself
	}
	return nil, err
}

// keep stores the answer of a call that was done. Without that, the caller must not be given it: a
// repeat may be given another.
func (s *Service) keep(ctx context.Context, shard int64, claim *store.Claim, body []byte) error {
	for {
		err := s.store.AnswerCall(ctx, shard, claim, body)
		if chat.CodeOf(err) != chat.CodeUnavailable && ctx.Err() == nil {
			return err
		}
		select {
		case <-time.After(keepPause):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable,
				"The change may have been stored, but not the answer; repeat the call with the same key"), err)
		}
	}
}
