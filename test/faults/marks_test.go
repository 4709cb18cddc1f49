package faults

import (
	"context"
	"slices"
	"strconv"
)

// mark notes up to n of the messages that the device has. What is unknown of it is settled
// at the end.
func (d *device) mark(ctx context.Context, kind markKind, n int) {
	d.mu.Lock()
	var some []string
	for id, m := range d.known {
		if m.User.UserID != d.user && (kind != hideMark || m.Type != systemMessage) {
			some = append(some, id)
		}
	}
	d.mu.Unlock()
	if kind == hideMark {
		some = append(some, d.own...)
	}
	if len(some) == 0 {
		return
	}
	slices.Sort(some) // the order of a map is nobody's seed
	d.rng.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
	some = some[:min(n, len(some))]
	if kind == hideMark { // of what is gone for its user, a device is told nothing, and so no edit
		d.own = slices.DeleteFunc(d.own, func(id string) bool { return slices.Contains(some, id) })
	}
	d.doing.Store(string(kind))
	d.history.mark(kind, d.user, some, unknown)
	path, body := d.marking(kind, some)
	if a, err := d.post(ctx, d.nodes.any(d.rng), path, body); d.well(a, err, path) {
		d.history.mark(kind, d.user, some, acked)
		d.done.Add(1)
	}
}

// marking is the call that marks messages; those that are hidden, one at a time.
func (d *device) marking(kind markKind, ids []string) (path string, body fields) {
	if kind == hideMark {
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
		if a, ok := d.ask(ctx, path, body); ok {
			d.erasedFor(id, a)
		}
	}
	for _, kind := range []markKind{hideMark, readMark, deliveredMark} {
		for _, id := range d.open(kind, d.user) {
			d.mu.Lock()
			_, ok := d.known[id]
			d.mu.Unlock()
			if !ok {
				continue // the user's other device has it, and settles it
			}
			path, body := d.marking(kind, []string{id})
			if _, ok := d.ask(ctx, path, body); ok {
				d.history.mark(kind, d.user, []string{id}, acked)
			}
		}
	}
	d.connected(ctx)
	d.doing.Store("at rest")
}
