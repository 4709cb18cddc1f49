package service_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
	"parlor/internal/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestMarksEqualModel sends, marks, edits and deletes messages while people come and go,
// and compares what each of them sees with a model that keeps who did what to which
// message. Unlike the store it has no spans, no counters and no membership tables.
func TestMarksEqualModel(t *testing.T) {
	eachMarksWalk(t, func(w *marksWalk) any { return w })
}

// TestNewAndUpdatedEqualsModel does the same with devices that catch up now and then.
func TestNewAndUpdatedEqualsModel(t *testing.T) {
	eachMarksWalk(t, func(w *marksWalk) any { return &syncWalk{marksWalk: w} })
}

func eachMarksWalk(t *testing.T, steps func(*marksWalk) any) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var clock fakeClock
		o.Now = clock.now
		st := storetest.Open(t, o)
		svc := service.NewWith(st, service.Options{Now: clock.now})
		rapid.Check(t, func(t *rapid.T) {
			clock.set(1_700_000_000_000)
			// A world of its own for every run, and nobody in it has a past.
			app, err := svc.CreateApp(t.Context(), "app "+rand.Text())
			if err != nil {
				t.Fatal(err)
			}
			w := &marksWalk{clock: &clock, latest: clock.ms.Load(), store: st, svc: svc, server: chat.Caller{App: app}}
			w.begin(t)
			actions := steps(w).(rapid.StateMachine)
			t.Repeat(rapid.StateMachineActions(actions))
		})
		storetest.Audit(t, o)
	})
}

// markedMessage is a message and what was done to it, by places in people.
type markedMessage struct {
	chat.Message
	body                  string
	deleted, edited       bool
	read, delivered, gone [people]bool
}

// markedRoom is a room and who is in it.
type markedRoom struct {
	public  string
	pair    []int // of a personal room
	room    chat.Room
	exists  bool
	in      [people]bool // by name
	role    string
	admin   [people]bool
	leftAt  [people]int64
	cleared [people]int64
	log     []*markedMessage
}

const people = 4

// marksWalk is one random sequence of steps. Its exported methods are the steps.
type marksWalk struct {
	clock  *fakeClock
	latest int64
	store  *store.Store
	svc    *service.Service
	server chat.Caller
	ids    [people]chat.UserID
	roles  [people]string
	rooms  []*markedRoom
	all    []*markedMessage
	steps  int
}

func (w *marksWalk) begin(t *rapid.T) {
	for i := range people {
		u, err := w.svc.PutUser(t.Context(), w.server, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U"})
		wantCode(t, "PutUser", err, "")
		w.ids[i] = u.ID
	}
	group, err := w.svc.CreateGroup(t.Context(), w.as(0), "group", w.ids[1:3])
	wantCode(t, "CreateGroup", err, "")
	byRole, _, err := w.svc.PutRoom(t.Context(), w.server, chat.RoomUpdate{
		XCID: "r", Type: chat.Group, Name: "by role", ParticipantXCIDs: []string{"u0", "u1"}, Roles: []string{"nurse"},
	})
	wantCode(t, "PutRoom", err, "")
	w.rooms = []*markedRoom{
		{public: group.Room.PublicID(), room: group.Room, exists: true, in: [people]bool{true, true, true}, admin: [people]bool{true}},
		{public: byRole.Room.PublicID(), room: byRole.Room, exists: true, in: [people]bool{true, true}, role: "nurse"},
	}
	for _, p := range [][]int{{0, 1}, {2, 2}, {1, 3}} {
		r := &markedRoom{public: chat.NewPair(w.ids[p[0]], w.ids[p[1]]).String(), pair: p}
		r.in[p[0]], r.in[p[1]] = true, true
		w.rooms = append(w.rooms, r)
	}
	w.learn(t)
}

func (w *marksWalk) as(i int) chat.Caller { return chat.Caller{App: w.server.App, User: w.ids[i]} }

// holds reports whether a user is in a room now, and mayRead whether he is or was.
func (w *marksWalk) holds(r *markedRoom, i int) bool {
	return r.in[i] || r.role != "" && w.roles[i] == r.role
}

func (w *marksWalk) mayRead(r *markedRoom, i int) bool { return w.holds(r, i) || r.leftAt[i] > 0 }

// sees reports whether a message is in the past that a user is shown.
func (w *marksWalk) sees(r *markedRoom, m *markedMessage, i int) bool {
	return w.mayRead(r, i) && m.CreatedAt > r.cleared[i] && (w.holds(r, i) || m.CreatedAt <= r.leftAt[i])
}

// learn takes what is new in the rooms into the model: ids, times and system messages
// are the store's to choose. It returns how many messages are of people.
func (w *marksWalk) learn(t *rapid.T) (posted []*markedMessage) {
	for _, r := range w.rooms {
		if !r.exists {
			room, err := w.store.RoomByRef(t.Context(), w.server.App.ID, mustRef(t, r.public))
			if chat.CodeOf(err) == chat.CodeNotFound {
				continue
			}
			wantCode(t, "RoomByRef", err, "")
			r.room, r.exists = room, true
		}
		last := int64(0)
		if len(r.log) > 0 {
			last = r.log[len(r.log)-1].CreatedAt
		}
		fresh, err := w.store.MessagesAfter(t.Context(), r.room.ID, last, math.MaxInt64, 1000)
		wantCode(t, "MessagesAfter", err, "")
		for i := range fresh {
			m := &markedMessage{Message: fresh[i], body: opened(t, &fresh[i])}
			r.log, w.all = append(r.log, m), append(w.all, m)
			if m.Type != chat.SystemMessage {
				posted = append(posted, m)
			}
		}
	}
	return posted
}

func mustRef(t *rapid.T, public string) chat.RoomRef {
	ref, ok := chat.ParseRoomID(public)
	if !ok {
		t.Fatalf("room id %q", public)
	}
	return ref
}

func (w *marksWalk) roomOf(m *markedMessage) *markedRoom {
	for _, r := range w.rooms {
		if r.exists && r.room.ID == m.Room {
			return r
		}
	}
	return nil
}

func (w *marksWalk) drawUser(t *rapid.T) int { return rapid.IntRange(0, people-1).Draw(t, "user") }
func (w *marksWalk) drawRoom(t *rapid.T) *markedRoom {
	return w.rooms[rapid.IntRange(0, len(w.rooms)-1).Draw(t, "room")]
}

func (w *marksWalk) drawMessage(t *rapid.T) *markedMessage {
	return w.all[rapid.IntRange(0, len(w.all)-1).Draw(t, "message")]
}

// drawMessages picks some, most of them new ones.
func (w *marksWalk) drawMessages(t *rapid.T) map[chat.MessageID]*markedMessage {
	some := map[chat.MessageID]*markedMessage{}
	for range rapid.IntRange(1, 6).Draw(t, "messages") {
		back := rapid.IntRange(0, len(w.all)-1).Draw(t, "back")
		m := w.all[len(w.all)-1-back]
		some[m.ID] = m
	}
	return some
}

// numbers are the ids of some messages, with one that nobody has.
func numbers(some map[chat.MessageID]*markedMessage) []int64 {
	ids := []int64{1 << 50}
	for id := range some {
		ids = append(ids, int64(id))
	}
	slices.Sort(ids)
	return ids
}

// Post sends a message under a new localID.
func (w *marksWalk) Post(t *rapid.T) {
	i, r, local := w.drawUser(t), w.drawRoom(t), cipher.NewLocalID()
	w.post(t, i, r, local, rapid.IntRange(0, 4).Draw(t, "hidden") == 0)
}

func (w *marksWalk) post(t *rapid.T, i int, r *markedRoom, local string, hidden bool) {
	want := chat.Code("")
	switch {
	case w.holds(r, i):
	case r.pair != nil:
		want = chat.CodeNotFound
	default:
		want = chat.CodeForbidden
	}
	text := "post " + local[:4]
	body, err := cipher.Seal(text, local)
	wantCode(t, "Seal", err, "")
	m, repeat, err := w.svc.Post(t.Context(), w.as(i), service.Draft{RoomID: r.public, LocalID: local, Type: chat.TextMessage, Body: body, Hidden: hidden})
	wantCode(t, "Post", err, want)
	posted := w.learn(t)
	if err != nil {
		if len(posted) > 0 {
			t.Fatalf("a refused message was stored: %+v", posted[0])
		}
		return
	}
	if repeat || len(posted) != 1 || posted[0].ID != m.ID || posted[0].LocalID != local || posted[0].body != text || posted[0].Hidden != hidden {
		t.Fatalf("posted %+v (repeat %t), stored %+v", m, repeat, posted)
	}
}

// Repeat sends what was sent before, by its sender or by somebody else.
func (w *marksWalk) Repeat(t *rapid.T) {
	i, old := w.drawUser(t), w.drawMessage(t)
	r := w.roomOf(old)
	want := chat.Code("")
	switch {
	case r.pair != nil && !w.holds(r, i):
		want = chat.CodeNotFound
	case old.Type == chat.SystemMessage || old.Sender != w.ids[i]:
		want = chat.CodeConflict
	}
	body, err := cipher.Seal("again", old.LocalID)
	wantCode(t, "Seal", err, "")
	m, repeat, err := w.svc.Post(t.Context(), w.as(i), service.Draft{RoomID: r.public, LocalID: old.LocalID, Type: chat.TextMessage, Body: body})
	wantCode(t, "Post again", err, want)
	if err == nil && (!repeat || m.ID != old.ID) {
		t.Fatalf("message %d came again as %d, repeat %t", old.ID, m.ID, repeat)
	}
	if posted := w.learn(t); len(posted) > 0 {
		t.Fatalf("a repeat was stored as %+v", posted[0])
	}
}

// Send sends by the customer's server, which may write for those who are not there.
func (w *marksWalk) Send(t *rapid.T) {
	i, r := w.drawUser(t), w.drawRoom(t)
	want := chat.Code("")
	if r.pair != nil && !w.holds(r, i) {
		want = chat.CodeNotFound
	}
	_, err := w.svc.SendMessage(t.Context(), w.server, service.Outgoing{
		From: service.UserName{ID: w.ids[i].String()}, RoomID: r.public, Type: chat.TextMessage, Body: "sent",
		Hidden: rapid.IntRange(0, 4).Draw(t, "hidden") == 0,
	})
	wantCode(t, "SendMessage", err, want)
	if posted := w.learn(t); err == nil && (len(posted) != 1 || posted[0].Sender != w.ids[i]) {
		t.Fatalf("sent one message, stored %+v", posted)
	}
}

// Mark marks some messages, wherever they are.
func (w *marksWalk) Mark(t *rapid.T) {
	i, some := w.drawUser(t), w.drawMessages(t)
	kind := rapid.SampledFrom([]chat.ReceiptKind{chat.Read, chat.Delivered}).Draw(t, "kind")
	if rapid.IntRange(0, 9).Draw(t, "all") == 0 {
		for _, m := range w.all {
			some[m.ID] = m
		}
	}
	var want []string
	for _, m := range some {
		if w.mark(m, i, kind) {
			want = append(want, m.ID.String())
		}
	}
	updated, err := w.svc.Mark(t.Context(), w.as(i), kind, numbers(some))
	wantCode(t, "Mark", err, "")
	got := []string{}
	for _, id := range updated {
		got = append(got, id.String())
	}
	slices.Sort(got)
	slices.Sort(want)
	wantLines(t, "newly marked", got, want)
}

// mark reports whether it is new that a user who is in the room has marked a message.
func (w *marksWalk) mark(m *markedMessage, i int, kind chat.ReceiptKind) bool {
	r := w.roomOf(m)
	return w.holds(r, i) && w.markAnywhere(r, m, i, kind)
}

func (w *marksWalk) markAnywhere(r *markedRoom, m *markedMessage, i int, kind chat.ReceiptKind) bool {
	// What was cleared away has been read, though nobody is told.
	if m.Sender == w.ids[i] || m.Hidden || m.CreatedAt <= r.cleared[i] || m.read[i] || kind == chat.Delivered && m.delivered[i] {
		return false
	}
	m.delivered[i], m.read[i] = true, kind == chat.Read
	return true
}

// Delete deletes some messages of a room, for everyone or for one user alone.
func (w *marksWalk) Delete(t *rapid.T) {
	i, r, some, everyone := w.drawUser(t), w.drawRoom(t), w.drawMessages(t), rapid.Bool().Draw(t, "everyone")
	_, err := w.svc.DeleteMessages(t.Context(), w.as(i), r.public, numbers(some), everyone)
	switch {
	case r.pair != nil && (!w.holds(r, i) || !r.exists):
		wantCode(t, "DeleteMessages", err, chat.CodeNotFound)
		return
	case !w.mayRead(r, i):
		wantCode(t, "DeleteMessages", err, chat.CodeForbidden)
		return
	}
	var concerned []*markedMessage
	allowed := true
	for _, m := range some {
		if m.Room == r.room.ID && m.Type != chat.SystemMessage && (w.holds(r, i) || m.CreatedAt <= r.leftAt[i]) {
			concerned = append(concerned, m)
			allowed = allowed && (!everyone || w.holds(r, i) && (m.Sender == w.ids[i] || r.admin[i]))
		}
	}
	if !allowed { // then none of them
		wantCode(t, "DeleteMessages", err, chat.CodeForbidden)
		return
	}
	wantCode(t, "DeleteMessages", err, "")
	for _, m := range concerned {
		if everyone {
			m.deleted, m.body = true, ""
		} else {
			m.gone[i] = true
			w.markAnywhere(r, m, i, chat.Read)
		}
	}
}

// Edit changes a message's text.
func (w *marksWalk) Edit(t *rapid.T) {
	i, m := w.drawUser(t), w.drawMessage(t)
	text := fmt.Sprint("edit ", w.steps)
	body, err := cipher.Seal(text, m.LocalID)
	wantCode(t, "Seal", err, "")
	want := chat.Code("")
	if m.Sender != w.ids[i] || !w.holds(w.roomOf(m), i) || m.deleted || m.Type == chat.SystemMessage {
		want = chat.CodeForbidden
	}
	wantCode(t, "Edit", w.svc.Edit(t.Context(), w.as(i), service.Draft{LocalID: m.LocalID, Type: chat.TextMessage, Body: body}), want)
	if want == "" {
		m.body, m.edited = text, true
	}
}

// Join puts somebody into a group or takes him out, and now and then somebody leaves.
func (w *marksWalk) Join(t *rapid.T) {
	r := w.rooms[rapid.IntRange(0, 1).Draw(t, "group")]
	i := w.drawUser(t)
	if r.admin[i] {
		t.Skip("the admin stays")
	}
	call, server := w.svc.AddToGroup, w.svc.AddParticipants
	out := rapid.Bool().Draw(t, "out")
	if out {
		call, server = w.svc.RemoveFromGroup, w.svc.RemoveParticipants
	}
	was := r.in[i]
	switch {
	case out && rapid.Bool().Draw(t, "leaves"):
		left, err := w.svc.LeaveGroup(t.Context(), w.as(i), r.public)
		want := chat.Code("")
		if !was {
			want = chat.CodeForbidden // a stranger, gone already, or held by his role
		}
		wantCode(t, "LeaveGroup", err, want)
		if left != was {
			t.Fatalf("left is %t, was in %t", left, was)
		}
	case r.room.XCID != "":
		_, _, err := server(t.Context(), w.server, r.room.XCID, []string{fmt.Sprint("u", i)})
		wantCode(t, "participants", err, "")
	default:
		_, err := call(t.Context(), w.as(0), r.public, []chat.UserID{w.ids[i]})
		wantCode(t, "participants", err, "")
	}
	before := len(r.log)
	w.learn(t)
	r.in[i] = !out
	switch {
	case out && was:
		r.leftAt[i] = 0
		if len(r.log) > before { // whom a role holds there leaves without a word
			r.leftAt[i] = r.log[len(r.log)-1].CreatedAt
		}
	case !out && !was:
		r.leftAt[i] = 0
	}
}

// Role gives somebody a role or takes it.
func (w *marksWalk) Role(t *rapid.T) {
	i, role := w.drawUser(t), rapid.SampledFrom([]string{"", "nurse"}).Draw(t, "role")
	_, err := w.svc.PutUser(t.Context(), w.server, chat.UserUpdate{XCID: fmt.Sprint("u", i), Fullname: "U", RoleCode: &role})
	wantCode(t, "PutUser", err, "")
	w.roles[i] = role
}

// Clear empties a room for one user.
func (w *marksWalk) Clear(t *rapid.T) {
	i, r := w.drawUser(t), w.drawRoom(t)
	if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		t.Skip("seldom")
	}
	done, err := w.svc.SetPreference(t.Context(), w.as(i), []string{r.public, "g999999999"}, service.ClearChat, 0)
	wantCode(t, "SetPreference", err, "")
	in := r.exists && w.holds(r, i)
	if in != (len(done) == 1) {
		t.Fatalf("cleared %v, in the room: %t", done, in)
	}
	if in {
		r.cleared[i] = r.log[len(r.log)-1].CreatedAt
	}
}

// MoveClock lets time pass or jump back, by less than devices look back when they catch up.
func (w *marksWalk) MoveClock(t *rapid.T) {
	ms := w.clock.ms.Load() + rapid.SampledFrom([]int64{-5000, -1, 1, 3, 1000, 40_000}).Draw(t, "ms")
	w.latest = max(w.latest, ms)
	w.clock.set(max(ms, w.latest-15_000))
}

// Check compares what everybody sees with the model.
func (w *marksWalk) Check(t *rapid.T) {
	w.steps++
	if posted := w.learn(t); len(posted) > 0 {
		t.Fatalf("out of nowhere: %+v", posted[0])
	}
	for i := range people {
		w.checkLists(t, i)
		// One past at a time: all of them at every step would take too long.
		w.checkPast(t, w.rooms[w.steps%len(w.rooms)], i)
	}
}

// seenLine is a message as a user sees it.
func (w *marksWalk) seenLine(r *markedRoom, m *markedMessage, i int) string {
	read, delivered := m.read[i], m.delivered[i]
	switch {
	case m.Sender == w.ids[i]:
		read, delivered = false, false
		for u := range people {
			read, delivered = read || u != i && m.read[u], delivered || u != i && m.delivered[u]
		}
	case m.CreatedAt <= r.cleared[i]:
		read, delivered = true, true
	}
	if m.Sender == w.ids[i] && len(r.pair) == 2 && r.pair[0] == r.pair[1] {
		read, delivered = true, true
	}
	return fmt.Sprintf("%d %s %q read=%t delivered=%t gone=%t deleted=%t edited=%t",
		m.ID, m.LocalID, m.body, read, delivered, m.gone[i], m.deleted, m.edited)
}

func viewLine(t *rapid.T, v chat.MessageView) string {
	return fmt.Sprintf("%d %s %q read=%t delivered=%t gone=%t deleted=%t edited=%t",
		v.ID, v.LocalID, opened(t, v.Message), v.Read, v.Delivered, v.Gone, v.Deleted(), v.Edited)
}

func (w *marksWalk) unread(r *markedRoom, m *markedMessage, i int) bool {
	return m.Sender != w.ids[i] && !m.Hidden && !m.deleted && !m.read[i] && !m.gone[i] && m.CreatedAt > r.cleared[i]
}

// expectRooms is a user's list, and the messages of RoomsAndUnread.
func (w *marksWalk) expectRooms(i int) (list []string, messages []*markedMessage, inOrder bool) {
	type line struct {
		text     string
		at, room int64
	}
	var lines []line
	inOrder = true
	for _, r := range w.rooms {
		if !r.exists || !w.holds(r, i) {
			continue
		}
		var last *markedMessage
		unread := 0
		for _, m := range r.log {
			if m.gone[i] {
				inOrder = false
			}
			if m.Hidden || m.gone[i] || m.CreatedAt <= r.cleared[i] {
				continue
			}
			if last != nil && w.unread(r, last, i) {
				messages = append(messages, last)
			}
			if last = m; w.unread(r, m, i) {
				unread++
			}
		}
		if last != nil {
			messages = append(messages, last)
			text := fmt.Sprintf("%s unread=%d %s", r.public, unread, w.seenLine(r, last, i))
			lines = append(lines, line{text, last.CreatedAt, int64(r.room.ID)})
		}
	}
	slices.SortFunc(lines, func(a, b line) int { return cmp.Or(cmp.Compare(b.at, a.at), cmp.Compare(b.room, a.room)) })
	for _, l := range lines {
		list = append(list, l.text)
	}
	return list, messages, inOrder
}

func (w *marksWalk) checkLists(t *rapid.T, i int) {
	list, _, err := w.svc.RoomsOfUser(t.Context(), w.server, fmt.Sprint("u", i), nil, chat.Page{Limit: 100})
	wantCode(t, "RoomsOfUser", err, "")
	var got []string
	for _, sum := range list {
		got = append(got, fmt.Sprintf("%s unread=%d %s", sum.Last.Room.PublicID(), sum.Unread, viewLine(t, sum.Last)))
	}
	want, messages, inOrder := w.expectRooms(i)
	if !inOrder { // the order is that of what others see
		slices.Sort(got)
		slices.Sort(want)
	}
	wantLines(t, fmt.Sprint("rooms of u", i), got, want)

	views, err := w.svc.RoomsAndUnread(t.Context(), w.as(i))
	wantCode(t, "RoomsAndUnread", err, "")
	w.wantViews(t, fmt.Sprint("rooms and unread of u", i), views, messages, i)
}

// wantViews compares views, which must be in order, with messages in any order.
func (w *marksWalk) wantViews(t *rapid.T, what string, views []chat.MessageView, messages []*markedMessage, i int) {
	if !slices.IsSortedFunc(views, func(a, b chat.MessageView) int { return cmp.Compare(b.CreatedAt, a.CreatedAt) }) {
		t.Fatalf("%s: not the newest first", what)
	}
	got, want := []string{}, []string{}
	for _, v := range views {
		got = append(got, viewLine(t, v))
	}
	for _, m := range messages {
		want = append(want, w.seenLine(w.roomOf(m), m, i))
	}
	slices.Sort(got)
	slices.Sort(want)
	wantLines(t, what, got, want)
}

func (w *marksWalk) checkPast(t *rapid.T, r *markedRoom, i int) {
	var got, want []string
	for before, more := int64(0), true; more; {
		var views []chat.MessageView
		var err error
		views, more, err = w.svc.MessagesBefore(t.Context(), w.as(i), r.public, before, 3)
		if !w.mayRead(r, i) {
			if err == nil {
				t.Fatalf("u%d reads %s, a stranger there", i, r.public)
			}
			return
		}
		wantCode(t, "MessagesBefore", err, "")
		for _, v := range views {
			got, before = append(got, viewLine(t, v)), v.CreatedAt
		}
	}
	for _, m := range slices.Backward(r.log) {
		if w.sees(r, m, i) {
			want = append(want, w.seenLine(r, m, i))
		}
	}
	wantLines(t, fmt.Sprintf("past of %s for u%d", r.public, i), got, want)
}

// syncWalk is a marksWalk with a device for each user.
type syncWalk struct {
	*marksWalk
	devices [people]markedDevice
}

// markedDevice is what a device was told, and what there was to tell at its last call.
type markedDevice struct {
	seen   bool
	known  int // messages
	shown  map[chat.MessageID]string
	handed map[chat.MessageID]string
}

func (w *syncWalk) device(i int) chat.Caller {
	c := w.as(i)
	c.Login = chat.Login{ID: chat.LoginID(i + 1), App: c.App.ID, User: c.User, Device: fmt.Sprint("device ", i)}
	return c
}

// CatchUp asks for what is new to a device.
func (w *syncWalk) CatchUp(t *rapid.T) {
	i := w.drawUser(t)
	d := &w.devices[i]
	views, err := w.svc.NewAndUpdated(t.Context(), w.device(i))
	wantCode(t, "NewAndUpdated", err, "")
	if !d.seen {
		slices.Reverse(views)
		_, messages, _ := w.expectRooms(i)
		w.wantViews(t, fmt.Sprint("first to u", i), views, messages, i)
		w.noteShown(t, i, views)
		return
	}
	got := map[chat.MessageID]string{}
	for _, v := range views {
		if got[v.ID] != "" {
			t.Fatalf("message %d comes twice at once", v.ID)
		}
		got[v.ID] = viewLine(t, v)
		if got[v.ID] == d.handed[v.ID] {
			t.Fatalf("u%d gets again, though nothing has changed: %s (changed at %d)", i, got[v.ID], v.ChangedAt)
		}
	}
	for n, m := range w.all {
		r := w.roomOf(m)
		if !w.sees(r, m, i) {
			if got[m.ID] != "" {
				t.Fatalf("u%d gets what he may not see: %s", i, got[m.ID])
			}
			continue
		}
		line := w.seenLine(r, m, i)
		before, had := d.shown[m.ID]
		switch {
		case got[m.ID] != "" && got[m.ID] != line:
			t.Fatalf("u%d gets %s\nwant %s", i, got[m.ID], line)
		case got[m.ID] != "":
		case had && before != line && w.holds(r, i):
			t.Fatalf("u%d does not get what has changed at %d: %s\nwas %s", i, w.clock.ms.Load(), line, before)
		case n >= d.known:
			t.Fatalf("u%d does not get what is new: %s", i, line)
		}
	}
	w.noteShown(t, i, views)
}

// Reload asks for everything that matters, as a device does that has lost its data.
func (w *syncWalk) Reload(t *rapid.T) {
	i := w.drawUser(t)
	views, err := w.svc.RoomsAndUnread(t.Context(), w.device(i))
	wantCode(t, "RoomsAndUnread", err, "")
	w.devices[i].handed = nil
	w.noteShown(t, i, views)
}

func (w *syncWalk) noteShown(t *rapid.T, i int, views []chat.MessageView) {
	d := &w.devices[i]
	d.seen, d.known, d.shown = true, len(w.all), map[chat.MessageID]string{}
	if d.handed == nil {
		d.handed = map[chat.MessageID]string{}
	}
	for _, m := range w.all {
		if r := w.roomOf(m); w.sees(r, m, i) {
			d.shown[m.ID] = w.seenLine(r, m, i)
		}
	}
	for id := range d.handed {
		if d.shown[id] == "" {
			delete(d.handed, id) // whoever comes back into a room may be told of it anew
		}
	}
	for _, v := range views {
		d.handed[v.ID] = viewLine(t, v)
	}
}

// TestDeleteForOneselfReadsNothingElse: what a deletion passes over stays unread.
func TestDeleteForOneselfReadsNothingElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		svc := service.New(st, nil)
		a, b, room := pairInGroup(t, svc)
		local := cipher.NewLocalID()
		m, _, err := svc.Post(t.Context(), a, service.Draft{RoomID: room, LocalID: local, Type: chat.TextMessage})
		wantCode(t, "Post", err, "")
		past, _, err := svc.MessagesBefore(t.Context(), b, room, 0, 10)
		wantCode(t, "MessagesBefore", err, "")
		var ids []int64
		for _, v := range past {
			ids = append(ids, int64(v.ID))
		}
		deleted, err := svc.DeleteMessages(t.Context(), b, room, ids, false)
		wantCode(t, "DeleteMessages", err, "")
		if len(deleted) != 1 || deleted[0] != m.ID {
			t.Fatalf("deleted %v, want %d alone", deleted, m.ID)
		}
		past, _, err = svc.MessagesBefore(t.Context(), b, room, 0, 10)
		wantCode(t, "MessagesBefore", err, "")
		for _, v := range past {
			if v.Type == chat.SystemMessage && v.Read {
				t.Errorf("%q counts as read", opened(t, v.Message))
			}
		}
	})
}

// TestDeletionForOneselfReachesOtherDevices, of an own message as well.
func TestDeletionForOneselfReachesOtherDevices(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var clock fakeClock
		clock.set(1_700_000_000_000)
		o.Now = clock.now
		svc := service.New(storetest.Open(t, o), clock.now)
		a, _, room := pairInGroup(t, svc)
		m, _, err := svc.Post(t.Context(), a, service.Draft{RoomID: room, LocalID: cipher.NewLocalID(), Type: chat.TextMessage})
		wantCode(t, "Post", err, "")
		clock.ms.Add(60_000)
		other := a
		other.Login = chat.Login{ID: 2, App: a.App.ID, User: a.User, Device: "other"}
		_, err = svc.NewAndUpdated(t.Context(), other)
		wantCode(t, "NewAndUpdated", err, "")
		clock.ms.Add(60_000)
		_, err = svc.DeleteMessages(t.Context(), a, room, []int64{int64(m.ID)}, false)
		wantCode(t, "DeleteMessages", err, "")
		views, err := svc.NewAndUpdated(t.Context(), other)
		wantCode(t, "NewAndUpdated", err, "")
		if len(views) != 1 || views[0].ID != m.ID || !views[0].Gone {
			t.Errorf("the other device gets %d messages, want the one that is gone", len(views))
		}
	})
}

// pairInGroup makes an App with two users in a group of the first one's.
func pairInGroup(t testingT, svc *service.Service) (a, b chat.Caller, room string) {
	t.Helper()
	app, err := svc.CreateApp(t.Context(), "app "+strings.ToLower(rand.Text()))
	wantCode(t, "CreateApp", err, "")
	var ids []chat.UserID
	for _, xc := range []string{"a", "b"} {
		u, err := svc.PutUser(context.Background(), chat.Caller{App: app}, chat.UserUpdate{XCID: xc, Fullname: xc})
		wantCode(t, "PutUser", err, "")
		ids = append(ids, u.ID)
	}
	a, b = chat.Caller{App: app, User: ids[0]}, chat.Caller{App: app, User: ids[1]}
	details, err := svc.CreateGroup(t.Context(), a, "group", ids[1:])
	wantCode(t, "CreateGroup", err, "")
	return a, b, details.Room.PublicID()
}
