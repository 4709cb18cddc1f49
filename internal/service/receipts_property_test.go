package service_test

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
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

// TestTalkEqualsModel lets people write, read, delete, edit, come and go in every kind of
// room, by devices and by the customer's server, and compares what each of them sees
// after each step with the model. TestReceiptsEqualModel looks at a few rooms that stay;
// here rooms come into being, are locked, deleted and brought back, and devices catch up.
func TestTalkEqualsModel(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var clock fakeClock
		o.Now = clock.now
		st := storetest.Open(t, o)
		svc := service.New(st, clock.now)
		rapid.Check(t, func(t *rapid.T) {
			clock.set(1_700_000_000_000)
			app, err := svc.CreateApp(t.Context(), "app "+rand.Text())
			if err != nil {
				t.Fatal(err)
			}
			w := &talks{clock: &clock, st: st, svc: svc, server: chat.Caller{App: app}, m: newTalkModel(app)}
			w.begin(t)
			t.Repeat(rapid.StateMachineActions(w))
			for range w.m.users {
				w.check(t) // everybody, at the end
			}
		})
		storetest.Audit(t, o)
	})
}

// talks is one random sequence of steps. Its exported methods are the steps.
type talks struct {
	clock  *fakeClock
	st     *store.Store
	svc    *service.Service
	server chat.Caller
	m      *talkModel
	step   int
}

var (
	talkers   = []string{"ann", "bob", "cat", "dan"}
	talkRoles = []string{"", "nurse"}
	talkRooms = []string{"r1", "r2"}
)

func (w *talks) begin(t *rapid.T) {
	for i, xc := range talkers {
		w.putUser(t, xc, xc, talkRoles[i/2])
	}
	w.putRoom(t, chat.RoomUpdate{XCID: "r1", Type: chat.Group, Name: "one", ParticipantXCIDs: talkers[:2], Roles: talkRoles[1:]})
	w.createGroup(t, "ann", talkers[1:3])
}

func (w *talks) now() int64 { return w.clock.ms.Load() }

func (w *talks) as(u *talkUser) chat.Caller {
	return chat.Caller{App: w.server.App, User: u.id}
}

// device is the user's only device that catches up; his other calls come from elsewhere.
func (w *talks) device(u *talkUser) chat.Caller {
	c := w.as(u)
	c.Login = chat.Login{ID: 1, App: w.server.App.ID, User: u.id, Device: "d"}
	return c
}

func (w *talks) drawTalker(t *rapid.T) *talkUser {
	return w.m.users[rapid.SampledFrom(talkers).Draw(t, "who")]
}

func (w *talks) drawTalkers(t *rapid.T) (users []*talkUser, xcs []string, ids []chat.UserID) {
	xcs = rapid.SliceOfNDistinct(rapid.SampledFrom(talkers), 0, 3, rapid.ID).Draw(t, "whom")
	for _, xc := range xcs {
		users, ids = append(users, w.m.users[xc]), append(ids, w.m.users[xc].id)
	}
	return users, xcs, ids
}

// drawPlace is the id of a room, or of one that is not there.
func (w *talks) drawPlace(t *rapid.T) string {
	places := sortedKeys(w.m.rooms)
	if rapid.IntRange(0, 2).Draw(t, "place") > 0 {
		return rapid.SampledFrom(places).Draw(t, "room")
	}
	a, b := w.drawTalker(t).id, w.drawTalker(t).id
	return rapid.SampledFrom([]string{chat.NewPair(a, b).String(), chat.NewPair(a, 1<<31-1).String(), "g999999999"}).Draw(t, "other room")
}

// drawMessage is any message of any room, nil when there is none.
func (w *talks) drawMessage(t *rapid.T) *talkMessage {
	r := w.m.rooms[rapid.SampledFrom(sortedKeys(w.m.rooms)).Draw(t, "in room")]
	if len(r.log) == 0 {
		t.Skip("an empty room")
	}
	return r.log[rapid.IntRange(0, len(r.log)-1).Draw(t, "message")]
}

func sealedText(t *rapid.T, localID, body string) string {
	sealed, err := cipher.Seal(body, localID)
	if err != nil {
		t.Fatal(err)
	}
	return sealed
}

// Post sends a message from a device, one in four with the localID of another message.
func (w *talks) Post(t *rapid.T) {
	u, place, local := w.drawTalker(t), w.drawPlace(t), cipher.NewLocalID()
	if rapid.IntRange(0, 3).Draw(t, "again") == 0 && len(w.m.locals) > 0 {
		local = w.drawMessage(t).localID
	}
	msg := talkMessage{
		sender: u.id, localID: local, body: rapid.SampledFrom([]string{"", "hi", "ho"}).Draw(t, "body"),
		kind:   rapid.SampledFrom([]chat.MessageType{chat.TextMessage, chat.LinkMessage, 3001}).Draw(t, "type"),
		hidden: rapid.IntRange(0, 4).Draw(t, "hidden") == 0,
	}
	first, want := w.m.postCode(u, place, local)
	stored, repeat, err := w.svc.Post(t.Context(), w.as(u), service.Draft{
		RoomID: place, LocalID: local, Type: msg.kind, Body: sealedText(t, local, msg.body), Hidden: msg.hidden,
	})
	wantCode(t, "Post", err, want)
	if repeat != (first != nil) {
		t.Fatalf("repeat is %t, the first one was %+v", repeat, first)
	}
	switch {
	case want != "":
	case first != nil:
		if stored.ID != first.id || stored.Room != first.room.ref.ID {
			t.Fatalf("a repeat of message %d is answered with %d", first.id, stored.ID)
		}
	default:
		ref, _ := chat.ParseRoomID(place)
		r := w.m.rooms[place]
		if r == nil {
			r = w.m.personalRoom(ref.Pair)
		}
		w.m.locals[local] = r.say(w.now(), msg)
		if stored.CreatedAt != w.m.locals[local].at {
			t.Fatalf("created at %d, want %d", stored.CreatedAt, w.m.locals[local].at)
		}
	}
}

// Send sends a message by the customer's server.
func (w *talks) Send(t *rapid.T) {
	u := w.drawTalker(t)
	o := service.Outgoing{From: service.UserName{XCID: u.xc}, Type: chat.TextMessage, Body: "from the server", Hidden: rapid.IntRange(0, 4).Draw(t, "hidden") == 0}
	var r *talkRoom
	if rapid.Bool().Draw(t, "to a room") {
		o.XCRoomID = rapid.SampledFrom(talkRooms).Draw(t, "room")
		r = w.m.roomByXC(o.XCRoomID)
	} else {
		other := w.drawTalker(t)
		o.To.XCID = other.xc
		r = w.m.personalRoom(chat.NewPair(u.id, other.id))
	}
	_, err := w.svc.SendMessage(t.Context(), w.server, o)
	if r == nil || r.deleted {
		wantCode(t, "SendMessage", err, chat.CodeNotFound)
		return
	}
	wantCode(t, "SendMessage", err, "")
	r.say(w.now(), talkMessage{sender: u.id, kind: chat.TextMessage, body: o.Body, hidden: o.Hidden})
}

// Mark marks any messages at all.
func (w *talks) Mark(t *rapid.T) {
	u := w.drawTalker(t)
	kind := rapid.SampledFrom([]chat.ReceiptKind{chat.Delivered, chat.Read}).Draw(t, "kind")
	ids := []int64{0, -1, 1 << 50}
	share := rapid.IntRange(0, 3).Draw(t, "share")
	for _, key := range sortedKeys(w.m.rooms) {
		if rapid.Bool().Draw(t, "of this room") {
			continue
		}
		for _, msg := range w.m.rooms[key].log {
			if rapid.IntRange(0, 3).Draw(t, "this one") <= share {
				ids = append(ids, int64(msg.id), int64(msg.id))
			}
		}
	}
	got, err := w.svc.Mark(t.Context(), w.as(u), kind, ids)
	wantCode(t, "Mark", err, "")
	wantIDs(t, "Mark's answer", got, w.m.markMessages(u, kind, ids))
}

func wantIDs(t testingT, what string, got, want []chat.MessageID) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("%s: %d, want %d", what, got, want)
	}
}

// Delete deletes some messages of one room, and one that may be of another.
func (w *talks) Delete(t *rapid.T) {
	u, place, everyone := w.drawTalker(t), w.drawPlace(t), rapid.Bool().Draw(t, "for everyone")
	list := []*talkMessage{w.drawMessage(t)}
	if r := w.m.rooms[place]; r != nil {
		for _, msg := range r.log {
			if msg != list[0] && rapid.IntRange(0, 4).Draw(t, "this one, too") == 0 && (msg.sender == u.id || !everyone) {
				list = append(list, msg)
			}
		}
	}
	r, want := w.m.find(u, place)
	var ids []int64
	var hit []*talkMessage
	var wantDeleted []chat.MessageID
	for _, msg := range list {
		ids = append(ids, int64(msg.id))
		if msg.room == r && msg.kind != chat.SystemMessage && (r.in(u) || msg.at <= r.leftAt[u.id]) {
			hit, wantDeleted = append(hit, msg), append(wantDeleted, msg.id)
		}
	}
	if everyone && len(hit) > 0 {
		mayAll := r.admins[u.id] && !r.personal()
		if r.deleted || !r.in(u) || slices.ContainsFunc(hit, func(msg *talkMessage) bool { return msg.sender != u.id && !mayAll }) {
			want = chat.CodeForbidden
		}
	}
	deleted, err := w.svc.DeleteMessages(t.Context(), w.as(u), place, ids, everyone)
	wantCode(t, "DeleteMessages", err, want)
	if err != nil {
		return
	}
	wantIDs(t, "DeleteMessages' answer", deleted, wantDeleted)
	if !everyone {
		w.m.hide(u, hit)
		return
	}
	for _, msg := range hit {
		if !msg.deleted {
			msg.deleted, msg.body = true, ""
			msg.change(w.now())
		}
	}
}

// Edit changes a message, mostly one's own.
func (w *talks) Edit(t *rapid.T) {
	msg, u := w.drawMessage(t), w.drawTalker(t)
	if sender := w.m.userByID(msg.sender); sender != nil && rapid.IntRange(0, 4).Draw(t, "somebody else's") > 0 {
		u = sender
	}
	kind := rapid.SampledFrom([]chat.MessageType{chat.TextMessage, chat.LinkMessage, 3001}).Draw(t, "type")
	body := rapid.SampledFrom([]string{"new", "newer"}).Draw(t, "body")
	want := chat.Code("")
	switch r := msg.room; {
	case msg.sender != u.id || !r.in(u):
		want = chat.CodeForbidden
	case r.deleted:
		want = chat.CodeNotFound
	case r.locked || msg.deleted || !msg.kind.EditableTo(kind):
		want = chat.CodeForbidden
	}
	err := w.svc.Edit(t.Context(), w.as(u), service.Draft{LocalID: msg.localID, Type: kind, Body: sealedText(t, msg.localID, body)})
	wantCode(t, "Edit", err, want)
	if err == nil {
		msg.kind, msg.body, msg.edited = kind, body, true
		msg.change(w.now())
	}
}

// Group makes a group or changes who is in one, as a device does.
func (w *talks) Group(t *rapid.T) {
	u, place := w.drawTalker(t), w.drawPlace(t)
	users, xcs, ids := w.drawTalkers(t)
	do := rapid.SampledFrom([]string{"create", "add", "remove", "promote", "demote", "leave", "delete"}).Draw(t, "do")
	if do == "create" {
		if len(w.m.rooms) > 8 {
			t.Skip("rooms enough")
		}
		w.createGroup(t, u.xc, xcs)
		return
	}
	if do == "leave" {
		w.leave(t, u, place)
		return
	}
	r, want := w.m.adminCode(u, place)
	var err error
	switch do {
	case "add":
		_, err = w.svc.AddToGroup(t.Context(), w.as(u), place, ids)
	case "remove":
		_, err = w.svc.RemoveFromGroup(t.Context(), w.as(u), place, ids)
	case "promote", "demote":
		_, err = w.svc.SetAdmins(t.Context(), w.as(u), place, ids, do == "promote")
	case "delete":
		if rapid.IntRange(0, 3).Draw(t, "really") > 0 {
			t.Skip("seldom")
		}
		if gone := w.m.rooms[place]; gone != nil && gone.deleted && gone.mayRead(u) {
			want = "" // that it is gone is no failure
		}
		kind := chat.Group
		sum := md5.Sum(fmt.Appendf(nil, "%s:%d:%s:0", place, kind, u.id))
		_, err = w.svc.DeleteGroup(t.Context(), w.as(u), place, hex.EncodeToString(sum[:]))
	}
	if do == "demote" && want == "" && !slices.ContainsFunc(sortedKeys(w.m.users), func(xc string) bool {
		return r.admins[w.m.users[xc].id] && !slices.Contains(xcs, xc)
	}) {
		want = chat.CodeForbidden // somebody has to be the admin
	}
	wantCode(t, do, err, want)
	if want == "" && r != nil {
		w.changed(r, u, do, users)
	}
}

// changed is what an admin's call does.
func (w *talks) changed(r *talkRoom, u *talkUser, do string, users []*talkUser) {
	switch do {
	case "add":
		r.join(w.now(), u.id, users)
	case "remove":
		r.part(w.now(), u.id, users)
	case "promote", "demote":
		for _, other := range users {
			if r.joined[other.id] && r.admins[other.id] != (do == "promote") {
				r.admins[other.id] = do == "promote"
				body := chat.BodyPromotedTarget
				if do == "demote" {
					body = chat.BodyDemotedTarget
				}
				r.notice(w.now(), u.id, body)
			}
		}
	case "delete":
		r.notice(w.now(), u.id, chat.BodyDeletedRoom)
		r.deleted = true
	}
}

func (w *talks) createGroup(t *rapid.T, xc string, others []string) {
	u := w.m.users[xc]
	ids := []chat.UserID{1<<31 - 1}
	for _, other := range others {
		ids = append(ids, w.m.users[other].id)
	}
	details, err := w.svc.CreateGroup(t.Context(), w.as(u), "group", ids)
	wantCode(t, "CreateGroup", err, "")
	r := newTalkRoom(details.Room)
	r.joined[u.id], r.admins[u.id] = true, true
	for _, id := range ids[1:] {
		r.joined[id] = true
	}
	w.m.rooms[r.public()] = r
	r.notice(w.now(), u.id, chat.BodyCreatedRoom("group"))
}

func (w *talks) leave(t *rapid.T, u *talkUser, place string) {
	r, want := w.m.find(u, place)
	stays := false
	if r != nil {
		admins := 0
		for id := range r.joined {
			if r.admins[id] {
				admins++
			}
		}
		switch {
		case r.personal():
			want = chat.CodeForbidden
		case r.deleted:
			want = chat.CodeNotFound
		case !r.in(u):
			want = chat.CodeForbidden
		case r.admins[u.id] && admins < 2:
			stays = true
		case !r.joined[u.id]:
			want = chat.CodeForbidden // a role holds him
		}
	}
	left, err := w.svc.LeaveGroup(t.Context(), w.as(u), place)
	wantCode(t, "LeaveGroup", err, want)
	if left != (want == "" && !stays) {
		t.Fatalf("left is %t", left)
	}
	if left {
		delete(r.joined, u.id)
		delete(r.admins, u.id)
		r.leftAt[u.id] = r.notice(w.now(), u.id, chat.BodyLeft).at
	}
}

// Server makes or changes a room as the customer's server does.
func (w *talks) Server(t *rapid.T) {
	users, xcs, _ := w.drawTalkers(t)
	xc := rapid.SampledFrom(talkRooms).Draw(t, "room")
	r := w.m.roomByXC(xc)
	missing := r == nil || r.deleted
	want := chat.Code("")
	if missing {
		want = chat.CodeNotFound
	}
	switch rapid.SampledFrom([]string{"put", "add", "remove", "lock", "unlock", "delete"}).Draw(t, "do") {
	case "put":
		up := chat.RoomUpdate{XCID: xc, Type: chat.Group, Name: rapid.SampledFrom([]string{"one", "two"}).Draw(t, "name"), ParticipantXCIDs: xcs}
		if rapid.Bool().Draw(t, "with roles") {
			up.Roles = rapid.SampledFrom([][]string{{}, talkRoles[1:]}).Draw(t, "roles")
		}
		w.putRoom(t, up)
	case "add":
		_, _, err := w.svc.AddParticipants(t.Context(), w.server, xc, xcs)
		wantCode(t, "AddParticipants", err, want)
		if err == nil {
			r.join(w.now(), w.server.App.SystemUser, users)
		}
	case "remove":
		_, _, err := w.svc.RemoveParticipants(t.Context(), w.server, xc, xcs)
		wantCode(t, "RemoveParticipants", err, want)
		if err == nil {
			r.part(w.now(), w.server.App.SystemUser, users)
		}
	case "lock":
		w.setLock(t, xc, w.drawTalker(t), true, want)
	case "unlock":
		w.setLock(t, xc, w.drawTalker(t), false, want)
	case "delete":
		if missing || rapid.IntRange(0, 3).Draw(t, "really") > 0 {
			t.Skip("seldom")
		}
		err := w.st.Write(t.Context(), int64(r.ref.ID), func(ctx context.Context, tx *store.Tx) error {
			room, err := tx.LiveRoomForUpdate(ctx, w.server.App.ID, xc)
			if err != nil {
				return err
			}
			room.DeletedAt = w.now()
			_, err = tx.UpdateRoom(ctx, room)
			return err
		})
		wantCode(t, "delete", err, "")
		r.deleted = true
	}
}

func (w *talks) setLock(t *rapid.T, xc string, by *talkUser, lock bool, want chat.Code) {
	call, body := w.svc.UnlockRoom, chat.BodyUnlockedRoom
	if lock {
		call, body = w.svc.LockRoom, chat.BodyLockedRoom
	}
	changed, err := call(t.Context(), w.server, xc, by.xc)
	wantCode(t, "lock", err, want)
	if err != nil {
		return
	}
	r := w.m.roomByXC(xc)
	if changed != (r.locked != lock) {
		t.Fatalf("locked was %t, to be %t, changed is %t", r.locked, lock, changed)
	}
	if r.locked = lock; changed {
		r.notice(w.now(), by.id, body)
	}
}

func (w *talks) putRoom(t *rapid.T, up chat.RoomUpdate) {
	details, _, err := w.svc.PutRoom(t.Context(), w.server, up)
	wantCode(t, "PutRoom", err, "")
	r := w.m.roomByXC(up.XCID)
	if r == nil {
		r = newTalkRoom(details.Room)
		r.xc, r.deleted = up.XCID, true
		w.m.rooms[r.public()] = r
	}
	app := w.server.App.SystemUser
	if !r.deleted {
		visible := r.name != up.Name || up.Roles != nil && !sameSet(r.roles, up.Roles)
		r.name = up.Name
		if up.Roles != nil {
			r.roles = up.Roles
		}
		if visible {
			r.notice(w.now(), app, chat.BodyUpdatedRoom)
		}
		return
	}
	// It begins anew, with nothing of its former life but what was said in it.
	r.deleted, r.locked, r.name, r.roles = false, false, up.Name, up.Roles
	r.joined, r.admins = map[chat.UserID]bool{}, map[chat.UserID]bool{}
	for _, xc := range up.ParticipantXCIDs {
		u := w.m.users[xc]
		r.joined[u.id], r.leftAt[u.id] = true, 0
	}
	r.notice(w.now(), app, chat.BodyCreatedRoom(up.Name))
}

// User gives somebody another role, which may take him into rooms or out of them, or
// another name, of which his partners learn by a hidden message.
func (w *talks) User(t *rapid.T) {
	u := w.drawTalker(t)
	name := rapid.SampledFrom([]string{u.name, u.name, u.name + "'"}).Draw(t, "name")
	w.putUser(t, u.xc, name[:min(len(name), 5)], rapid.SampledFrom(talkRoles).Draw(t, "role"))
}

func (w *talks) putUser(t *rapid.T, xc, name, role string) {
	user, err := w.svc.PutUser(t.Context(), w.server, chat.UserUpdate{XCID: xc, Fullname: name, RoleCode: &role})
	wantCode(t, "PutUser", err, "")
	u := w.m.users[xc]
	if u == nil {
		u = &talkUser{id: user.ID, xc: xc, name: name}
		w.m.users[xc] = u
	}
	if u.name != name {
		for _, r := range w.m.rooms {
			if r.personal() && !r.self() && r.ref.Pair.Has(u.id) {
				r.notice(w.now(), u.id, chat.BodyUpdatedUser).hidden = true
			}
		}
	}
	u.name, u.role = name, role
}

// Clear hides some rooms' past from somebody.
func (w *talks) Clear(t *rapid.T) {
	u, place := w.drawTalker(t), w.drawPlace(t)
	if rapid.IntRange(0, 2).Draw(t, "really") > 0 {
		t.Skip("seldom")
	}
	done, err := w.svc.SetPreference(t.Context(), w.as(u), []string{place, place}, service.ClearChat, 0)
	wantCode(t, "ClearChat", err, "")
	r, code := w.m.find(u, place)
	if cleared := code == "" && r.in(u) && !r.deleted; cleared != (len(done) == 1) {
		t.Fatalf("cleared are %q", done)
	} else if cleared {
		r.clear(u)
	}
}

// MoveClock lets time pass, stand still or jump back.
func (w *talks) MoveClock(t *rapid.T) {
	w.clock.ms.Add(rapid.SampledFrom([]int64{-1000, -1, 1, 3, 1000, 40_000}).Draw(t, "ms"))
}

// Sync has somebody's device catch up.
func (w *talks) Sync(t *rapid.T) {
	u := w.drawTalker(t)
	if !u.device.seen {
		w.Refresh(t)
		return
	}
	w.adopt(t)
	views, err := w.svc.NewAndUpdated(t.Context(), w.device(u))
	wantCode(t, "NewAndUpdated", err, "")
	if !slices.IsSortedFunc(views, func(a, b chat.MessageView) int { return int(a.CreatedAt - b.CreatedAt) }) {
		t.Fatal("NewAndUpdated: the oldest does not come first")
	}
	w.sameViews(t, u, views)
	if faults := w.m.settleSync(u, idsOfViews(views)); len(faults) > 0 {
		t.Fatalf("NewAndUpdated for %s:\n%s", u.xc, strings.Join(faults, "\n"))
	}
}

// Refresh has it ask for everything.
func (w *talks) Refresh(t *rapid.T) {
	u := w.drawTalker(t)
	w.adopt(t)
	ask := w.svc.RoomsAndUnread
	if !u.device.seen && rapid.Bool().Draw(t, "by the other call") {
		ask = w.svc.NewAndUpdated
	}
	views, err := ask(t.Context(), w.device(u))
	wantCode(t, "RoomsAndUnread", err, "")
	w.sameViews(t, u, views)
	u.device.handed = map[*talkMessage]string{}
	for _, msg := range w.m.roomsAndUnread(u) {
		u.device.handed[msg] = msg.full(u)
	}
	w.m.noteSync(u)
}

// adopt compares what rooms hold with the model, which learns ids from it.
func (w *talks) adopt(t *rapid.T) {
	for _, key := range sortedKeys(w.m.rooms) {
		r := w.m.rooms[key]
		if r.ref.ID == 0 {
			if len(r.log) == 0 {
				delete(w.m.rooms, key) // nobody has written in it after all
				continue
			}
			id, err := w.st.PersonalRoomID(t.Context(), w.server.App.ID, r.ref.Pair)
			wantCode(t, "PersonalRoomID", err, "")
			r.ref.ID = id
		}
		stored, err := w.st.MessagesAfter(t.Context(), r.ref.ID, 0, math.MaxInt64, 10_000)
		wantCode(t, "MessagesAfter", err, "")
		if len(stored) != len(r.log) {
			t.Fatalf("room %s holds %d messages, want %d", key, len(stored), len(r.log))
		}
		for i, msg := range r.log {
			s := stored[i]
			if msg.id == 0 {
				msg.id = s.ID
			}
			if msg.localID == "" {
				msg.localID = s.LocalID
				w.m.locals[s.LocalID] = msg
			}
			if s.ID != msg.id || s.LocalID != msg.localID || s.Sender != msg.sender || s.Type != msg.kind || s.CreatedAt != msg.at ||
				s.UpdatedAt != msg.updated || s.Hidden != msg.hidden || s.Deleted() != msg.deleted || s.Edited != msg.edited {
				t.Fatalf("room %s, message %d:\n%+v\nwant:\n%+v", key, i, s, *msg)
			}
		}
	}
}

// Check compares what one of them sees after each step, in turn.
func (w *talks) Check(t *rapid.T) {
	w.adopt(t)
	w.check(t)
}

func (w *talks) check(t *rapid.T) {
	u := w.m.users[talkers[w.step%len(talkers)]]
	w.step++
	w.checkList(t, u)
	for _, key := range sortedKeys(w.m.rooms) {
		w.checkPast(t, u, key, 1+w.step%3)
		w.checkPast(t, u, key, 100)
	}
	w.checkReaders(t, u)
}

func (w *talks) checkList(t *rapid.T, u *talkUser) {
	var want, got []string
	for _, r := range w.m.list(u) {
		want = append(want, fmt.Sprintf("%s unread=%d %s", r.public(), len(r.unread(u)), r.newest(u).line(u)))
	}
	for page := (chat.Page{Limit: 3}); ; page.Offset += page.Limit {
		list, more, err := w.svc.RoomsOfUser(t.Context(), w.server, u.xc, nil, page)
		wantCode(t, "RoomsOfUser", err, "")
		for _, sum := range list {
			got = append(got, fmt.Sprintf("%s unread=%d %s", sum.Last.Room.PublicID(), sum.Unread, talkView(t, sum.Last)))
		}
		if !more {
			break
		}
	}
	wantLines(t, "rooms of "+u.xc, got, want)

	views, err := w.svc.RoomsAndUnread(t.Context(), w.as(u))
	wantCode(t, "RoomsAndUnread", err, "")
	w.sameViews(t, u, views)
	want, got = nil, nil
	for _, msg := range w.m.roomsAndUnread(u) {
		want = append(want, msg.line(u))
	}
	for _, v := range views {
		got = append(got, talkView(t, v))
	}
	slices.Sort(got)
	slices.Sort(want)
	wantLines(t, "rooms and unread of "+u.xc, got, want)
	if !slices.IsSortedFunc(views, func(a, b chat.MessageView) int { return int(b.CreatedAt - a.CreatedAt) }) {
		t.Fatal("RoomsAndUnread: the newest does not come first")
	}
}

func (w *talks) checkPast(t *rapid.T, u *talkUser, place string, limit int) {
	r, code := w.m.find(u, place)
	var want, got []string
	before := int64(0)
	for {
		views, more, err := w.svc.MessagesBefore(t.Context(), w.as(u), place, before, limit)
		wantCode(t, "MessagesBefore", err, code)
		if more && len(views) != limit {
			t.Fatalf("%d messages on a page of %d, and yet more", len(views), limit)
		}
		for _, v := range views {
			got = append(got, talkView(t, v))
			before = v.CreatedAt
		}
		if !more {
			break
		}
	}
	if r == nil {
		return
	}
	past := r.past(u)
	for _, msg := range past {
		want = append(want, msg.line(u))
	}
	wantLines(t, fmt.Sprintf("past of %s for %s", place, u.xc), got, want)
	if len(past) == 0 {
		return
	}
	// What comes after one of them is the same, the other way round.
	from := past[w.step%len(past)]
	views, _, err := w.svc.MessagesAfter(t.Context(), w.as(u), place, from.at, 0)
	wantCode(t, "MessagesAfter", err, "")
	slices.Reverse(views)
	got = nil
	for _, v := range views {
		got = append(got, talkView(t, v))
	}
	wantLines(t, "what came after", got, want[:w.step%len(past)+1])
}

// checkReaders looks at who has had the newest messages of each room. What somebody has
// cleared away counts as read to him alone, so it says nothing here.
func (w *talks) checkReaders(t *rapid.T, u *talkUser) {
	for _, key := range sortedKeys(w.m.rooms) {
		r := w.m.rooms[key]
		for _, msg := range r.log[max(0, len(r.log)-2):] {
			v, delivered, read, err := w.svc.Readers(t.Context(), w.as(u), int64(msg.id))
			if !r.mayRead(u) || !r.in(u) && msg.at > r.leftAt[u.id] {
				wantCode(t, "Readers", err, chat.CodeNotFound)
				continue
			}
			wantCode(t, "Readers", err, "")
			if got := talkView(t, v); got != msg.line(u) {
				t.Fatalf("Readers: message %s, want %s", got, msg.line(u))
			}
			var want, got []string
			for id, by := range msg.by {
				if by.read || by.delivered && !by.cleared {
					want = append(want, fmt.Sprintf("%d read=%t", id, by.read))
				}
			}
			for i, list := range [][]chat.Recipient{delivered, read} {
				for _, rec := range list {
					if by := msg.by[rec.User.ID]; by.cleared && !by.read {
						continue
					}
					got = append(got, fmt.Sprintf("%d read=%t", rec.User.ID, i == 1))
					if rec.DeliveredAt <= 0 || (rec.ReadAt > 0) != (i == 1) {
						t.Fatalf("times %+v", rec)
					}
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if !msg.hidden {
				wantLines(t, fmt.Sprintf("readers of %d in %s", msg.id, key), got, want)
			}
		}
	}
}

// sameViews holds views of several rooms to what the model says of them.
func (w *talks) sameViews(t *rapid.T, u *talkUser, views []chat.MessageView) {
	for _, v := range views {
		if v.Room == nil || v.Sender == nil || v.Sender.ID != v.Message.Sender || (v.Partner != nil) != (v.Room.Type == chat.Personal) {
			t.Fatalf("a view of message %d without its room or people: %+v", v.ID, v)
		}
		r := w.m.rooms[v.Room.PublicID()]
		i := slices.IndexFunc(r.log, func(msg *talkMessage) bool { return msg.id == v.ID })
		if got, want := talkView(t, v), r.log[i].line(u); got != want {
			t.Fatalf("%s sees %s, want %s", u.xc, got, want)
		}
	}
}

func talkView(t *rapid.T, v chat.MessageView) string {
	return talkLine(v.ID, v.CreatedAt, v.UpdatedAt, v.Read, v.Delivered, v.Gone, v.Deleted(), v.Edited, v.Hidden, opened(t, v.Message))
}

func idsOfViews(views []chat.MessageView) (ids []chat.MessageID) {
	for _, v := range views {
		ids = append(ids, v.ID)
	}
	return ids
}
