package service_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"maps"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/internal/view"
)

// TestReceiptsEqualModel drives people through random sends, receipts, deletions, joins, blocks
// and changes of roles, and compares counts, flags and lists with what counting message
// by message gives.
func TestReceiptsEqualModel(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var clock fakeClock
		o.Now = clock.now
		st := storetest.Open(t, o)
		svc := service.New(st, powertalk.Dialect{}, service.Options{Now: clock.now})
		rapid.Check(t, func(t *rapid.T) {
			clock.set(1_700_000_000_000)
			app, err := svc.CreateApp(t.Context(), "app "+rand.Text())
			if err != nil {
				t.Fatal(err)
			}
			w := &receiptWalk{
				clock: &clock, st: st, svc: svc, app: app, server: svc.Backend(app),
				flags: map[userFlag]bool{}, cleared: map[clearing]int64{}, blocks: map[store.Block]bool{},
			}
			w.begin(t)
			t.Repeat(rapid.StateMachineActions(w))
		})
		storetest.Audit(t, o)
	})
}

// userFlag is one thing that one user, or everybody, has done to one message.
type userFlag struct {
	kind string // "read", "delivered", "gone"
	user chat.UserID
	id   chat.MessageID
}

type clearing struct {
	user chat.UserID
	room chat.RoomID
}

// receiptWalk is one random sequence of steps. Its exported methods are the steps.
type receiptWalk struct {
	clock   *fakeClock
	st      *store.Store
	svc     *service.Service
	app     chat.App
	server  service.Backend
	users   []chat.UserID
	rooms   []chat.Room
	flags   map[userFlag]bool
	cleared map[clearing]int64
	blocks  map[store.Block]bool
}

var walkers = []string{"ann", "bob", "cat", "dan"}

func (w *receiptWalk) begin(t *rapid.T) {
	for i, xc := range walkers {
		role := []string{"", "", "nurse", "nurse"}[i]
		u, err := w.server.PutUser(t.Context(), chat.UserUpdate{XCID: xc, Fullname: xc, RoleCode: &role})
		if err != nil {
			t.Fatal(err)
		}
		w.users = append(w.users, u.ID)
	}
	group, err := w.as(0).CreateGroup(t.Context(), "group", w.users[1:3])
	if err != nil {
		t.Fatal(err)
	}
	byRole, _, err := w.server.PutRoom(t.Context(), chat.RoomUpdate{
		XCID: "r", Type: chat.Group, Name: "by role", ParticipantXCIDs: []string{"ann"}, Roles: []string{"nurse"},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.rooms = []chat.Room{group.Room, byRole.Room}
	for _, pair := range []chat.Pair{chat.NewPair(w.users[0], w.users[1]), chat.NewPair(w.users[0], w.users[0])} {
		w.post(t, 0, pair.String(), cipher.NewLocalID(), false, "")
		room, err := w.st.RoomByRef(t.Context(), w.app.ID, chat.RoomRef{Type: chat.Personal, Pair: pair})
		if err != nil {
			t.Fatal(err)
		}
		w.rooms = append(w.rooms, room)
	}
}

func (w *receiptWalk) as(i int) service.Member {
	login := chat.Login{User: w.users[i], Device: fmt.Sprint("d", i)}
	return w.svc.Member(chat.Caller{App: w.app, User: w.users[i], Login: login})
}

func (w *receiptWalk) post(t *rapid.T, who int, room, local string, hidden bool, want chat.Code) {
	body, err := cipher.Seal("hi", local)
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = w.as(who).Send(t.Context(), service.Draft{
		RoomID: room, LocalID: local, Type: chat.TextMessage, Body: chat.Sealed(body), Hidden: hidden,
	})
	if got := chat.CodeOf(err); got != want {
		t.Fatalf("post by %s to %s: %v, want code %q", walkers[who], room, err, want)
	}
}

func (w *receiptWalk) drawUser(t *rapid.T) int {
	return rapid.IntRange(0, len(walkers)-1).Draw(t, "user")
}

func (w *receiptWalk) drawRoom(t *rapid.T) chat.Room {
	return rapid.SampledFrom(w.rooms).Draw(t, "room")
}

// member is what the store says of a user in a room; membership has its own model.
func (w *receiptWalk) member(t *rapid.T, room chat.Room, i int) bool {
	_, m, err := w.st.RoomByIDFor(t.Context(), w.app.ID, room.ID, w.users[i])
	if err != nil {
		t.Fatal(err)
	}
	return m.In
}

// log is everything that a room holds, the oldest first.
func (w *receiptWalk) log(t *rapid.T, room chat.Room) []chat.Message {
	list, err := w.st.MessagesAfter(t.Context(), room.ID, 0, math.MaxInt64, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Post sends a message, or one that was sent before.
func (w *receiptWalk) Post(t *rapid.T) {
	who, room := w.drawUser(t), w.drawRoom(t)
	local := cipher.NewLocalID()
	want := chat.Code("")
	if !w.member(t, room, who) {
		want = chat.CodeForbidden
		if room.Type == chat.Personal {
			want = chat.CodeNotFound
		}
	}
	withheld := false
	if room.Type == chat.Personal && want == "" {
		partner := room.Pair.Other(w.users[who])
		if w.blocks[store.Block{Owner: w.users[who], Blocked: partner}] {
			want = chat.CodeForbidden
		}
		withheld = w.blocks[store.Block{Owner: partner, Blocked: w.users[who]}]
	}
	w.post(t, who, room.PublicID(), local, rapid.IntRange(0, 4).Draw(t, "hidden") == 0, want)
	if want == "" {
		log := w.log(t, room)
		if m := log[len(log)-1]; m.Withheld != withheld || m.LocalID != local {
			t.Fatalf("message %d is withheld: %v, want %v", m.ID, m.Withheld, withheld)
		}
	}
	if want == "" && rapid.Bool().Draw(t, "twice") {
		before := len(w.log(t, room))
		w.post(t, who, room.PublicID(), local, false, "")
		if after := len(w.log(t, room)); after != before {
			t.Fatalf("a repeated send made %d messages of %d", after, before)
		}
	}
}

// Acknowledge acknowledges some of all messages, whoever's and wherever they are.
func (w *receiptWalk) Acknowledge(t *rapid.T) {
	who := w.drawUser(t)
	kind := rapid.SampledFrom([]chat.ReceiptKind{chat.Delivered, chat.Read}).Draw(t, "kind")
	ids := []int64{1 << 40}
	for _, room := range w.rooms {
		in := w.member(t, room, who)
		for _, m := range w.log(t, room) {
			if rapid.IntRange(0, 2).Draw(t, "named") > 0 {
				continue
			}
			ids = append(ids, int64(m.ID))
			if !in || m.Sender == w.users[who] || m.Hidden || m.Withheld || w.flags[userFlag{"cleared", w.users[who], m.ID}] {
				continue
			}
			if kind == chat.Read {
				w.flags[userFlag{"read", w.users[who], m.ID}] = true
			} else {
				w.flags[userFlag{"delivered", w.users[who], m.ID}] = true
			}
		}
	}
	if _, err := w.as(who).Acknowledge(t.Context(), kind, ids); err != nil {
		t.Fatal(err)
	}
}

// Delete deletes a message for everyone, or for one user.
func (w *receiptWalk) Delete(t *rapid.T) {
	who, room := w.drawUser(t), w.drawRoom(t)
	log := w.log(t, room)
	m := rapid.SampledFrom(log).Draw(t, "message")
	everyone := rapid.Bool().Draw(t, "everyone")
	deleted, err := w.as(who).DeleteMessages(t.Context(), room.PublicID(), []int64{int64(m.ID)}, everyone)
	if err == nil && len(deleted) > 0 && !m.VisibleTo(w.users[who]) {
		t.Fatalf("%s deletes message %d, which is withheld from them", walkers[who], m.ID)
	}
	if err == nil && len(deleted) == 1 && !everyone {
		w.flags[userFlag{"gone", w.users[who], m.ID}] = true
		if m.Sender != w.users[who] && !m.Hidden && !w.flags[userFlag{"cleared", w.users[who], m.ID}] {
			w.flags[userFlag{"read", w.users[who], m.ID}] = true
		}
	}
}

// Clear hides everything so far from one user.
func (w *receiptWalk) Clear(t *rapid.T) {
	who, room := w.drawUser(t), w.drawRoom(t)
	if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
		t.Skip("seldom")
	}
	log := w.log(t, room)
	cleared := chat.Preference{Kind: chat.PreferCleared, On: true}
	done, err := w.as(who).SetPreference(t.Context(), []string{room.PublicID()}, cleared)
	if err != nil {
		t.Fatal(err)
	}
	if len(done) == 0 {
		return
	}
	w.cleared[clearing{w.users[who], room.ID}] = log[len(log)-1].CreatedAt
	for _, m := range log {
		if m.Sender != w.users[who] && !m.Hidden {
			w.flags[userFlag{"cleared", w.users[who], m.ID}] = true // which its sender does not learn
		}
	}
}

// Expire removes the oldest messages of a room, in small steps. The newest stays, emptied.
func (w *receiptWalk) Expire(t *rapid.T) {
	room := w.drawRoom(t)
	log := w.log(t, room)
	until := rapid.SampledFrom(log).Draw(t, "until").CreatedAt
	limit := rapid.IntRange(1, 5).Draw(t, "limit")
	for more := true; more; {
		err := w.st.Write(t.Context(), int64(room.ID), func(ctx context.Context, tx *store.Tx) error {
			if _, _, err := tx.RoomForUpdateFor(ctx, w.app.ID, room.ID, 0); err != nil {
				return err
			}
			done, err := tx.ExpireMessages(ctx, w.app.ID, room.ID, until, limit)
			more = done.More || len(done.Latest) > 0
			for _, id := range done.Latest {
				m, err := tx.MessageForUpdate(ctx, w.app.ID, id)
				if err != nil {
					return err
				}
				m.Body, m.DeletedAt = "", tx.Now()
				if _, err = tx.ChangeMessage(ctx, m); err != nil {
					return err
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	left := w.log(t, room)
	newest := log[len(log)-1]
	for _, m := range left {
		if m.CreatedAt > until {
			break
		}
		if shows := !m.Hidden && !slices.ContainsFunc(left, func(o chat.Message) bool { return !o.Hidden && o.CreatedAt > m.CreatedAt }); !shows && m.ID != newest.ID {
			t.Fatalf("message %d is left of those up to %d", m.ID, until)
		}
		if !m.Deleted() && m.Type != chat.SystemMessage {
			t.Fatalf("message %d is left with what it said", m.ID)
		}
	}
	if want := len(log) - slices.IndexFunc(log, func(m chat.Message) bool { return m.CreatedAt > until }); len(left) < want && until < newest.CreatedAt {
		t.Fatalf("%d messages are left of the %d that are newer, or more", len(left), want)
	}
}

// Join puts somebody into the group or takes him out, and Role changes who is in by role.
func (w *receiptWalk) Join(t *rapid.T) {
	who := w.drawUser(t)
	call := w.as(0).AddParticipants
	if rapid.Bool().Draw(t, "out") {
		call = w.as(0).RemoveParticipants
	}
	if who == 0 {
		return // the group's admin stays
	}
	if _, err := call(t.Context(), w.rooms[0].PublicID(), []chat.UserID{w.users[who]}); err != nil {
		t.Fatal(err)
	}
}

// Role gives somebody a role or takes it.
func (w *receiptWalk) Role(t *rapid.T) {
	who := w.drawUser(t)
	role := rapid.SampledFrom([]string{"", "nurse"}).Draw(t, "role")
	up := chat.UserUpdate{XCID: walkers[who], Fullname: walkers[who], RoleCode: &role}
	if _, err := w.server.PutUser(t.Context(), up); err != nil {
		t.Fatal(err)
	}
}

// Block has one of the two in the personal room block the other, or end that.
func (w *receiptWalk) Block(t *rapid.T) {
	who := rapid.IntRange(0, 1).Draw(t, "who")
	b := store.Block{Owner: w.users[who], Blocked: w.users[1-who]}
	var err error
	if w.blocks[b] = rapid.Bool().Draw(t, "on"); w.blocks[b] {
		_, err = w.as(who).Block(t.Context(), b.Blocked.String())
	} else {
		err = w.as(who).Unblock(t.Context(), b.Blocked.String())
	}
	if err != nil {
		t.Fatal(err)
	}
}

// MoveClock lets time pass, backwards too.
func (w *receiptWalk) MoveClock(t *rapid.T) {
	w.clock.set(w.clock.ms.Load() + rapid.Int64Range(-1000, 5000).Draw(t, "ms"))
}

// Check compares what everybody sees with what counting gives.
func (w *receiptWalk) Check(t *rapid.T) {
	for i := range walkers {
		viewer, err := w.st.User(t.Context(), w.app.ID, w.users[i])
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := view.Rooms(t.Context(), w.st, viewer, nil, chat.Page{Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		inbox, err := w.as(i).Inbox(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		inbox.Done()
		var want, wantAll []string
		counts := map[string]int64{}
		for _, room := range w.rooms {
			if !w.member(t, room, i) {
				continue
			}
			line, shown, unread := w.expected(t, room, i)
			if line != "" {
				want = append(want, line)
			}
			if unread > 0 {
				counts[room.PublicID()] = unread
			}
			wantAll = append(wantAll, shown...)
			w.checkHistory(t, room, i)
		}
		var got, gotAll []string
		for _, sum := range list {
			got = append(got, fmt.Sprintf("%s unread %d last %s", sum.Last.Room.PublicID(), sum.Unread, flags(sum.Last)))
		}
		for _, v := range inbox.Messages {
			gotAll = append(gotAll, flags(v))
		}
		for _, l := range [][]string{got, want, gotAll, wantAll} {
			slices.Sort(l)
		}
		wantLines(t, "the rooms of "+walkers[i], got, want)
		wantLines(t, "rooms and unread of "+walkers[i], gotAll, wantAll)
		w.checkUnread(t, i, counts)
	}
}

// checkUnread compares what backends read of what somebody has not read, in pages and room by room, with counts
// of rooms.
func (w *receiptWalk) checkUnread(t *rapid.T, i int, counts map[string]int64) {
	got, sum := map[string]int64{}, int64(0)
	for _, n := range counts {
		sum += n
	}
	for cursor := ""; ; {
		total, list, next, err := w.server.Unread(t.Context(), walkers[i], cursor, 1)
		if err != nil || total != sum || len(list) > 1 {
			t.Fatalf("%s has %d unread, want %d; a page of %d (%v)", walkers[i], total, sum, len(list), err)
		}
		for _, r := range list {
			got[r.PublicID()] += r.Unread
		}
		if cursor = next; next == "" {
			break
		}
	}
	if !maps.Equal(got, counts) {
		t.Fatalf("unread of %s by room: %v, want %v", walkers[i], got, counts)
	}
	for _, room := range w.rooms {
		in := false
		for cursor := ""; ; {
			list, next, err := w.server.UnreadOf(t.Context(), service.RoomName{ID: room.PublicID()}, cursor, 2)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range list {
				if p.ID != w.users[i] {
					continue
				}
				in = true
				if want := counts[room.PublicID()]; p.Unread != want {
					t.Fatalf("%s has %d unread in %s, want %d", walkers[i], p.Unread, room.PublicID(), want)
				}
			}
			if cursor = next; next == "" {
				break
			}
		}
		if in != w.member(t, room, i) {
			t.Fatalf("%s is among the participants of %s: %v", walkers[i], room.PublicID(), in)
		}
	}
}

// expected is a room's line in somebody's list, the messages that are shown with it, and how many are unread.
func (w *receiptWalk) expected(t *rapid.T, room chat.Room, i int) (line string, shown []string, unread int64) {
	me := w.users[i]
	last := ""
	for _, m := range slices.Backward(w.log(t, room)) {
		if m.CreatedAt <= w.cleared[clearing{me, room.ID}] || m.Hidden || !m.VisibleTo(me) || w.flags[userFlag{"gone", me, m.ID}] {
			continue
		}
		f := flags(w.view(room, i, m))
		isUnread := m.Sender != me && !m.Deleted() && !w.flags[userFlag{"read", me, m.ID}]
		if isUnread {
			unread++
		}
		if last == "" {
			last = f
			shown = append(shown, f)
		} else if isUnread {
			shown = append(shown, f)
		}
	}
	if last == "" {
		return "", nil, 0
	}
	return fmt.Sprintf("%s unread %d last %s", room.PublicID(), unread, last), shown, unread
}

// view is a message as somebody is to see it.
func (w *receiptWalk) view(room chat.Room, i int, m chat.Message) chat.MessageView {
	me := w.users[i]
	v := chat.MessageView{Message: &m, Room: &room, Gone: w.flags[userFlag{"gone", me, m.ID}]}
	if m.Sender == me {
		self := room.Type == chat.Personal && room.Pair.A == room.Pair.B
		v.Read, v.Delivered = self, self
		for _, u := range w.users {
			v.Read = v.Read || u != me && w.flags[userFlag{"read", u, m.ID}]
			v.Delivered = v.Delivered || u != me && w.flags[userFlag{"delivered", u, m.ID}]
		}
	} else {
		v.Read = w.flags[userFlag{"read", me, m.ID}] || w.flags[userFlag{"cleared", me, m.ID}]
		v.Delivered = w.flags[userFlag{"delivered", me, m.ID}]
	}
	v.Delivered = v.Delivered || v.Read
	return v
}

func flags(v chat.MessageView) string {
	return fmt.Sprintf("%s %d read=%t delivered=%t gone=%t", v.Room.PublicID(), v.ID, v.Read, v.Delivered, v.Gone)
}

// checkHistory reads a room's past in small pages.
func (w *receiptWalk) checkHistory(t *rapid.T, room chat.Room, i int) {
	var got, want []string
	before := int64(0)
	for {
		views, more, err := w.as(i).MessagesBefore(t.Context(), room.PublicID(), before, 7)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range views {
			got = append(got, flags(v))
			before = v.CreatedAt
		}
		if !more {
			break
		}
	}
	for _, m := range slices.Backward(w.log(t, room)) {
		if m.CreatedAt > w.cleared[clearing{w.users[i], room.ID}] && m.VisibleTo(w.users[i]) {
			want = append(want, flags(w.view(room, i, m)))
		}
	}
	wantLines(t, "history of "+room.PublicID()+" for "+walkers[i], got, want)
}
