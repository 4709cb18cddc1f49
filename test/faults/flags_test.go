package faults

import (
	"context"
	"slices"
	"strconv"
)

// flag sets a flag on up to n of the messages that the device has. What is unknown of it is
// settled at the end.
func (d *device) flag(ctx context.Context, kind flagKind, n int) {
	d.mu.Lock()
	var some []string
	for id, m := range d.known {
		if m.User.UserID != d.user && (kind != hiddenFlag || m.Type != systemMessage) {
			some = append(some, id)
		}
	}
	d.mu.Unlock()
	if kind == hiddenFlag {
		some = append(some, d.own...)
	}
	if len(some) == 0 {
		return
	}
	slices.Sort(some) // the order of a map is nobody's seed
	d.rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	some = some[:min(n, len(some))]
	if kind == hiddenFlag { // of what is gone for its user, a device is told nothing, and so no edit
		d.own = slices.DeleteFunc(d.own, func(id string) bool { return slices.Contains(some, id) })
	}
	d.doing.Store(string(kind))
	d.history.flag(kind, d.user, some, unknown)
	path, body := d.flagging(kind, some)
	if err := d.call(ctx, d.nodes.any(d.rng), path, body, nil); d.well(err, path) {
		d.history.flag(kind, d.user, some, acked)
		d.done.Add(1)
	}
}

// flagging is the call that sets a flag on messages; what is hidden, one at a time.
func (d *device) flagging(kind flagKind, ids []string) (path string, body fields) {
	if kind == hiddenFlag {
		return d.deletion(ids[0], false)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []string
	for _, id := range ids {
		list = append(list, strconv.FormatInt(d.known[id].MessageID, 10))
	}
	return string(kind), fields{"messageIDs": list}
}

// settle does again what has an unknown outcome.
func (d *device) settle(ctx context.Context) {
	d.doing.Store("settling")
	for _, id := range d.doubtful {
		path, body := d.deletion(id, true)
		var done deletion
		if d.ask(ctx, path, body, &done) {
			d.erasedFor(id, done)
		}
	}
	for _, kind := range []flagKind{hiddenFlag, readFlag, deliveredFlag} {
		for _, id := range d.open(kind, d.user) {
			d.mu.Lock()
			_, ok := d.known[id]
			d.mu.Unlock()
			if !ok {
				continue // the user's other device has it, and settles it
			}
			path, body := d.flagging(kind, []string{id})
			if d.ask(ctx, path, body, nil) {
				d.history.flag(kind, d.user, []string{id}, acked)
			}
		}
	}
	d.connected(ctx)
	d.doing.Store("at rest")
}
