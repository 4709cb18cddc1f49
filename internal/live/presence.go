package live

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/hub"
	"parlor/internal/powertalk/wire"
)

const (
	// offlineGrace is how long a user without sessions still counts as online: devices
	// reconnect.
	offlineGrace = 4 * time.Second
	// beatInterval is how often a node shows that it lives, and beatsMissed how many of its
	// beats may fail to come before its users count as gone.
	beatInterval = 5 * time.Second
	beatsMissed  = 4
	// beatUsers bounds the users of one event on the bus.
	beatUsers = 5000
	// maxUserEvents bounds the changes of profiles that wait to be told.
	maxUserEvents = 10_000
)

// presenceBeat is a node's sign of life: Text names it, Users are some of those who are
// connected there, and On asks the others to say who is with them. The first part of a
// list has At 1.
const presenceBeat chat.EventKind = "presence.beat"

// presence knows who is online. It tells those who are acquainted with a user when he
// comes and when he has gone.
type presence struct {
	live *Live
	node string

	mu      sync.Mutex
	here    map[chat.UserID]chat.AppID // told as online, on this node
	leaving map[chat.UserID]time.Time  // those of them without sessions, since when
	came    map[chat.UserID]chat.AppID // connected, not told yet
	others  map[string]*node
	updated []chat.Event
	ready   chan struct{}
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
		others: map[string]*node{}, ready: make(chan struct{}, 1),
	}
}

// changed is told by the hub, under its lock, of first and last sessions.
func (p *presence) changed(app chat.AppID, user chat.UserID, here bool) {
	p.mu.Lock()
	_, told := p.here[user]
	switch {
	case here:
		delete(p.leaving, user)
		if !told {
			p.came[user] = app
		}
	case told:
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

// take deals with an event about users.
func (p *presence) take(e chat.Event, remote bool) {
	switch e.Kind {
	case chat.EventUserUpdated:
		p.live.render.forgetUser(e.User)
		p.mu.Lock()
		if len(p.updated) < maxUserEvents {
			p.updated = append(p.updated, e)
		}
		p.mu.Unlock()
		p.wake()
	case chat.EventStatus:
		if remote {
			p.heardStatus(e)
		}
	case presenceBeat:
		if remote {
			p.heardBeat(e)
		}
	}
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

func (p *presence) heardStatus(e chat.Event) {
	p.mu.Lock()
	n := p.other(e.Text)
	if e.On {
		n.users[e.User] = e.App
	} else {
		delete(n.users, e.User)
	}
	online := p.onlineLocked(e.User)
	p.mu.Unlock()
	if e.On || !online {
		p.show(e)
	}
}

func (p *presence) heardBeat(e chat.Event) {
	p.mu.Lock()
	n := p.other(e.Text)
	if e.At == 1 {
		clear(n.users)
	}
	for _, id := range e.Users {
		n.users[id] = e.App
	}
	p.mu.Unlock()
	if e.On {
		p.beat(true, false)
	}
}

// askAgain learns anew who is on the other nodes.
func (p *presence) askAgain() { p.beat(true, true) }

// beat tells the other nodes that this one lives, on request with everybody who is here.
func (p *presence) beat(everybody, ask bool) {
	if p.live.o.Bus == nil {
		return
	}
	e := chat.Event{Kind: presenceBeat, Text: p.node, On: ask}
	if !everybody {
		p.live.tell(e)
		return
	}
	e.At = 1
	p.live.tell(e)
	e.At, e.On = 0, false
	byApp := map[chat.AppID][]chat.UserID{}
	p.mu.Lock()
	for id, app := range p.here {
		byApp[app] = append(byApp[app], id)
	}
	p.mu.Unlock()
	for app, users := range byApp {
		for len(users) > 0 {
			n := min(len(users), beatUsers)
			e.App, e.Users = app, users[:n]
			p.live.tell(e)
			users = users[n:]
		}
	}
}

// run tells of users who come and go, until the Live stops.
func (p *presence) run() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	p.beat(true, true)
	lastBeat := time.Now()
	for {
		select {
		case <-p.live.stop:
			return
		case <-p.ready:
		case <-tick.C:
		}
		p.tellChanges()
		if time.Since(lastBeat) >= beatInterval {
			lastBeat = time.Now()
			p.beat(false, false)
			p.missing()
		}
	}
}

// tellChanges tells of those who have come, those whose grace is over, and changed profiles.
func (p *presence) tellChanges() {
	p.mu.Lock()
	came, updated := p.came, p.updated
	p.came, p.updated = map[chat.UserID]chat.AppID{}, nil
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
		p.announce(app, id, true)
	}
	for id, app := range gone {
		p.announce(app, id, false)
	}
	for _, e := range updated {
		p.showProfile(e)
	}
}

// announce tells those who are acquainted with a user that he has come or gone.
func (p *presence) announce(app chat.AppID, user chat.UserID, on bool) {
	if !on && p.online(user) {
		// Still there on another node: only the nodes need to know.
		p.live.tell(chat.Event{Kind: chat.EventStatus, App: app, User: user, Text: p.node})
		return
	}
	ctx, cancel := work()
	defer cancel()
	users, err := p.live.o.Store.Acquainted(ctx, user)
	if err != nil {
		p.live.o.Log.Warn("presence could not be told", "error", err)
		return
	}
	e := chat.Event{Kind: chat.EventStatus, App: app, User: user, Users: users, On: on, At: p.live.o.Now().UnixMilli(), Text: p.node}
	p.live.tell(e)
	p.show(e)
}

// show tells the sessions of this node of a user who has come or gone.
func (p *presence) show(e chat.Event) {
	anybody := false
	for _, id := range e.Users {
		anybody = anybody || p.live.hub.Here(e.App, id)
	}
	if !anybody {
		return
	}
	ctx, cancel := work()
	defer cancel()
	u, err := p.live.render.user(ctx, e.App, e.User)
	if err != nil {
		p.live.o.Log.Warn("presence could not be told", "error", err)
		return
	}
	shown := *u
	shown.Online, shown.LastActivityAt = e.On, max(u.LastActivityAt, e.At)
	p.live.hub.ToUsers(e.App, e.Users, hub.NewFrame(wire.StatusEvent(&shown, e.On, shown.LastActivityAt)))
}

// showProfile tells a user's own devices and those who are acquainted of a new profile.
func (p *presence) showProfile(e chat.Event) {
	ctx, cancel := work()
	defer cancel()
	users, err := p.live.o.Store.Acquainted(ctx, e.User)
	if err == nil {
		var u *chat.User
		if u, err = p.live.render.user(ctx, e.App, e.User); err == nil {
			shown := *u
			shown.Online = p.online(e.User)
			p.live.hub.ToUsers(e.App, append(users, e.User), hub.NewFrame(wire.UserEvent(&shown)))
		}
	}
	if err != nil {
		p.live.o.Log.Warn("a profile could not be told", "error", err)
	}
}

// missing tells of the users of nodes that have fallen silent.
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
			continue // the user shows as online until somebody asks
		}
		p.show(chat.Event{Kind: chat.EventStatus, App: app, User: user, Users: users, At: p.live.o.Now().UnixMilli()})
	}
}
