package live

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
	"parlor/internal/store"
)

const (
	// offlineGrace is how long a user without sessions still counts as online: devices
	// reconnect.
	offlineGrace = 4 * time.Second
	// beatInterval is how often a node shows that it is alive, and beatsMissed how many of its
	// beats may be missing before its users count as gone.
	beatInterval = 5 * time.Second
	beatsMissed  = 4
	// beatUsers bounds the users of one event on the bus.
	beatUsers = 5000
	// maxUserEvents bounds the changes of profiles that wait to be shown.
	maxUserEvents = 10_000
)

// presence knows who is online. It notifies those who are acquainted with a user when the user
// comes online and goes offline.
type presence struct {
	live *Live
	node string

	mu      sync.Mutex
	here    map[chat.UserID]chat.AppID // announced as online, on this node
	leaving map[chat.UserID]time.Time  // those of them without sessions, since when
	came    map[chat.UserID]chat.AppID // connected, not announced yet
	others  map[string]*node
	renewed []*chat.UserUpdated
	ready   chan struct{}
	notes   *presenceNotes
}

// node is another node's users.
type node struct {
	users map[chat.UserID]chat.AppID
	seen  time.Time
}

func newPresence(l *Live) *presence {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // never fails: the runtime ends the program instead
	return &presence{
		live: l, node: hex.EncodeToString(id),
		here: map[chat.UserID]chat.AppID{}, leaving: map[chat.UserID]time.Time{}, came: map[chat.UserID]chat.AppID{},
		others: map[string]*node{}, ready: make(chan struct{}, 1), notes: newPresenceNotes(),
	}
}

// changed is called by the hub, under its lock, for first and last sessions.
func (p *presence) changed(app chat.AppID, user chat.UserID, here bool) {
	p.mu.Lock()
	_, announced := p.here[user]
	switch {
	case here:
		delete(p.leaving, user)
		if !announced {
			p.came[user] = app
		}
	case announced:
		p.leaving[user] = time.Now()
	default:
		delete(p.came, user) // came and went unnoticed
	}
	p.mu.Unlock()
	p.wake()
}

func (p *presence) wake() {
	select {
	case p.ready <- struct{}{}:
	default:
	}
}

// online reports whether a user has a session on any node, or had one a moment ago.
func (p *presence) online(id chat.UserID) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.onlineLocked(id)
}

func (p *presence) onlineLocked(id chat.UserID) bool {
	if _, ok := p.here[id]; ok {
		return true
	}
	if _, ok := p.came[id]; ok {
		return true
	}
	return p.elsewhere(id)
}

// elsewhere must be called with the lock held.
func (p *presence) elsewhere(id chat.UserID) bool {
	for _, n := range p.others {
		if _, ok := n.users[id]; ok {
			return true
		}
	}
	return false
}

// nodesOf are the other nodes on which a user is, or was a moment ago.
func (p *presence) nodesOf(id chat.UserID) (nodes []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for name, n := range p.others {
		if _, ok := n.users[id]; ok {
			nodes = append(nodes, name)
		}
	}
	return nodes
}

// updated takes a change of a profile, to be shown soon.
func (p *presence) updated(e *chat.UserUpdated) {
	p.live.views.ForgetUser(e.User)
	p.mu.Lock()
	if len(p.renewed) < maxUserEvents {
		p.renewed = append(p.renewed, e)
	}
	p.mu.Unlock()
	p.wake()
}

// nodes are the other nodes that are there.
func (p *presence) nodes() map[string]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ids := make(map[string]bool, len(p.others))
	for id := range p.others {
		ids[id] = true
	}
	return ids
}

// other finds another node; it must be called with the lock held.
func (p *presence) other(id string) *node {
	n := p.others[id]
	if n == nil {
		n = &node{users: map[chat.UserID]chat.AppID{}}
		p.others[id] = n
	}
	n.seen = time.Now()
	return n
}

// heardChange receives another node's word of a user who has come or gone there.
func (p *presence) heardChange(e *chat.PresenceChanged) {
	p.mu.Lock()
	n := p.other(e.Node)
	if e.Online {
		n.users[e.User] = e.App
	} else {
		delete(n.users, e.User)
	}
	online := p.onlineLocked(e.User)
	p.mu.Unlock()
	if e.Online || !online {
		p.show(e)
	}
}

// heardAlive receives another node's sign of life.
func (p *presence) heardAlive(e *nodeAlive) {
	p.mu.Lock()
	n := p.other(e.Node)
	if e.First {
		clear(n.users)
	}
	for _, id := range e.Users {
		n.users[id] = e.App
	}
	p.mu.Unlock()
	if e.Ask {
		p.listUsers(false)
	}
}

// askAgain asks the other nodes anew who is on them.
func (p *presence) askAgain() { p.listUsers(true) }

// beat shows the other nodes that this one is alive.
func (p *presence) beat() { p.live.toNodes(&nodeAlive{Node: p.node}) }

// listUsers sends the other nodes the list of who is here and, if ask, asks for theirs.
func (p *presence) listUsers(ask bool) {
	if p.live.o.Bus == nil {
		return
	}
	p.live.toNodes(&nodeAlive{Node: p.node, First: true, Ask: ask})
	byApp := map[chat.AppID][]chat.UserID{}
	p.mu.Lock()
	for id, app := range p.here {
		byApp[app] = append(byApp[app], id)
	}
	p.mu.Unlock()
	for app, users := range byApp {
		for part := range slices.Chunk(users, beatUsers) {
			p.live.toNodes(&nodeAlive{Node: p.node, App: app, Users: part})
		}
	}
}

// run announces users who come and go, until ctx ends.
func (p *presence) run(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	p.listUsers(true)
	lastBeat := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.ready:
		case <-tick.C:
		}
		p.notifyChanges()
		if time.Since(lastBeat) >= beatInterval {
			lastBeat = time.Now()
			p.beat()
			p.missing()
		}
	}
}

// notifyChanges announces those who have come, those whose grace is over, and changed profiles.
func (p *presence) notifyChanges() {
	p.mu.Lock()
	came, renewed := p.came, p.renewed
	p.came, p.renewed = map[chat.UserID]chat.AppID{}, nil
	for id, app := range came {
		p.here[id] = app
	}
	gone := map[chat.UserID]chat.AppID{}
	for id, since := range p.leaving {
		if time.Since(since) >= offlineGrace {
			gone[id] = p.here[id]
			delete(p.here, id)
			delete(p.leaving, id)
		}
	}
	p.mu.Unlock()
	for id, app := range came {
		p.notes.put(store.Presence{App: app, User: id, On: true})
		p.announce(app, id, true)
	}
	for id, app := range gone {
		p.notes.put(store.Presence{App: app, User: id})
		p.announce(app, id, false)
	}
	for _, e := range renewed {
		p.showProfile(e)
	}
}

// announce notifies those who are acquainted with a user that the user has come or gone.
func (p *presence) announce(app chat.AppID, user chat.UserID, on bool) {
	if !on && p.online(user) {
		// Still there on another node: only the nodes need to know.
		p.live.toNodes(&chat.PresenceChanged{App: app, User: user, Node: p.node})
		return
	}
	ctx, cancel := work()
	defer cancel()
	users, err := p.live.o.Store.Acquainted(ctx, user)
	if err != nil {
		p.live.o.Log.Warn("users could not be notified of a presence change", "error", err)
		return
	}
	e := &chat.PresenceChanged{
		App: app, User: user, Online: on, At: p.live.o.Now().UnixMilli(), Node: p.node, Audience: users,
	}
	p.live.toNodes(e)
	p.show(e)
}

// show notifies the sessions of this node that a user has come or gone.
func (p *presence) show(e *chat.PresenceChanged) {
	anybody := false
	for _, id := range e.Audience {
		anybody = anybody || p.live.hub.Here(e.App, id)
	}
	if !anybody {
		return
	}
	ctx, cancel := work()
	defer cancel()
	u, err := p.live.views.User(ctx, e.App, e.User)
	if err != nil {
		p.live.o.Log.Warn("users could not be notified of a presence change", "error", err)
		return
	}
	shown := *u
	shown.Online, shown.LastActivityAt = e.Online, max(u.LastActivityAt, e.At)
	p.live.hub.Notify(e.App, e.Audience, hub.NewFrame(wire.StatusEvent(&shown, e.Online, shown.LastActivityAt)))
}

// showProfile sends a new profile to the user's own devices and to those who are acquainted.
func (p *presence) showProfile(e *chat.UserUpdated) {
	ctx, cancel := work()
	defer cancel()
	users, err := p.live.o.Store.Acquainted(ctx, e.User)
	if err == nil {
		var u *chat.User
		if u, err = p.live.views.User(ctx, e.App, e.User); err == nil {
			shown := *u
			shown.Online = p.online(e.User)
			p.live.hub.Notify(e.App, append(users, e.User), hub.NewFrame(wire.UserEvent(&shown)))
		}
	}
	if err != nil {
		p.live.o.Log.Warn("users could not be notified of a changed profile", "error", err)
	}
}

// missing announces that the users of nodes that have fallen silent are gone.
func (p *presence) missing() {
	p.mu.Lock()
	lost := map[chat.UserID]chat.AppID{}
	for id, n := range p.others {
		if time.Since(n.seen) > beatsMissed*beatInterval {
			for user, app := range n.users {
				lost[user] = app
			}
			delete(p.others, id)
		}
	}
	for user := range lost {
		if p.onlineLocked(user) {
			delete(lost, user)
		}
	}
	p.mu.Unlock()
	for user, app := range lost {
		ctx, cancel := work()
		users, err := p.live.o.Store.Acquainted(ctx, user)
		cancel()
		if err != nil {
			continue // the user shows as online until the next question
		}
		p.show(&chat.PresenceChanged{App: app, User: user, At: p.live.o.Now().UnixMilli(), Audience: users})
	}
}
