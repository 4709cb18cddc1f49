package client

import (
	"context"
	"time"
)

const (
	// Tokens are refreshed when a tenth of their life is left, and no earlier than this before the end.
	maxAhead = 5 * time.Minute
	// refreshTimeout bounds an exchange, which goes on when the call that began it is given up.
	refreshTimeout = time.Minute
)

// refreshTime is when tokens that came now are to be refreshed. Zero means when the server says so: a
// clock that is wrong must not bring about a refresh with every call.
func refreshTime(t Tokens, now time.Time) time.Time {
	life := t.AccessExpiry.Sub(now)
	if life <= 0 {
		return time.Time{}
	}
	return now.Add(life - min(life/10, maxAhead))
}

// fresh returns tokens that are good for a call, new ones if it is time.
func (d *Device) fresh(ctx context.Context) (Tokens, error) {
	d.mu.Lock()
	tokens, due := d.tokens, !d.refreshAt.IsZero() && time.Now().After(d.refreshAt)
	d.mu.Unlock()
	if !due {
		return tokens, nil
	}
	renewed, err := d.renew(ctx, tokens)
	if err == nil || IsSignedOut(err) || ctx.Err() != nil {
		return renewed, err
	}
	return tokens, nil // they may still do
}

// renew exchanges old tokens for new ones, once for all who ask at the same time.
func (d *Device) renew(ctx context.Context, old Tokens) (Tokens, error) {
	d.mu.Lock()
	if d.tokens.Access != old.Access {
		defer d.mu.Unlock()
		return d.tokens, nil // another call was first
	}
	r := d.refreshing
	if r == nil {
		r = &refresh{done: make(chan struct{})}
		d.refreshing = r
		go d.runRefresh(context.WithoutCancel(ctx), r) // ends with the exchange, which is bounded
	}
	d.mu.Unlock()
	select {
	case <-r.done:
		return d.Tokens(), r.err
	case <-ctx.Done():
		return Tokens{}, context.Cause(ctx)
	}
}

func (d *Device) runRefresh(ctx context.Context, r *refresh) {
	ctx, cancel := context.WithTimeout(ctx, refreshTimeout)
	defer cancel()
	// The old refresh token works for another minute, so a lost answer does no harm.
	tokens, err := d.exchange(ctx, "auth/access_token/refresh", d.Tokens().Refresh, false)
	if err == nil {
		d.keep(tokens)
	}
	d.mu.Lock()
	r.err = err
	d.refreshing = nil
	d.mu.Unlock()
	close(r.done)
}

// exchange buys tokens with a ticket or a refresh token.
func (d *Device) exchange(ctx context.Context, path, with string, once bool) (Tokens, error) {
	var answer struct {
		Tokens
		User User
	}
	err := d.app.server.do(ctx, call{path: path, header: d.headers(with), once: once}, &answer)
	answer.UserID = answer.User.ID
	return answer.Tokens, err
}

// keep makes tokens the device's.
func (d *Device) keep(t Tokens) {
	if d.o.OnTokens != nil {
		d.o.OnTokens(t)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens, d.refreshAt = t, refreshTime(t, time.Now())
}
