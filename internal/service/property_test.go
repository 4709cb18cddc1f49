package service_test

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"parlor/internal/chat"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestServiceEqualsModel drives two Apps that use the same ids through random steps and
// compares every answer with the model after each. All runs share one store, whose
// caches are therefore warm, and every question is asked twice.
func TestServiceEqualsModel(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		var clock fakeClock
		o.Now = clock.now
		st := storetest.Open(t, o)
		svc := service.New(st, powertalk.Dialect{}, service.Options{Now: clock.now})
		rapid.Check(t, func(t *rapid.T) {
			clock.set(1_700_000_000_000)
			w := &walk{clock: &clock, store: st, svc: svc}
			for range w.apps {
				// A world of its own for every run; within it all ids are fixed.
				app, err := svc.CreateApp(t.Context(), "app "+rand.Text())
				if err != nil {
					t.Fatal(err)
				}
				w.add(t, app)
			}
			t.Repeat(rapid.StateMachineActions(w))
			w.checkCold(t, o)
		})
		storetest.Audit(t, o)
	})
}

// testingT is what a plain test and a run of a property test have in common.
type testingT interface {
	rapid.TB
	Context() context.Context
}

// fakeClock goes as it is told, backwards too.
type fakeClock struct{ ms atomic.Int64 }

func (c *fakeClock) now() time.Time { return time.UnixMilli(c.ms.Load()) }
func (c *fakeClock) set(ms int64)   { c.ms.Store(ms) }

// walk is one random sequence of steps. Its exported methods are the steps, Check looks
// at everything.
type walk struct {
	clock *fakeClock
	store *store.Store
	svc   *service.Service
	apps  [2]*model
	added int
}

// add begins an App: some people, and a room to meet in, so that few steps are wasted on
// what is not there.
func (w *walk) add(t *rapid.T, app chat.App) {
	m, b := newModel(app), w.svc.Backend(app)
	w.apps[w.added] = m
	w.added++
	for _, xc := range userNames[:4] {
		w.putUser(t, m, b, chat.UserUpdate{XCID: xc, Fullname: "A", RoleCode: &roleCodes[0]})
	}
	w.putRoom(t, m, b, chat.RoomUpdate{
		XCID: roomNames[0], Type: chat.Group, Name: "one", ParticipantXCIDs: userNames[1:3], Roles: roleCodes,
	})
}

// draw picks the App that the next step is in.
func (w *walk) draw(t *rapid.T) (*model, service.Backend) {
	m := w.apps[rapid.IntRange(0, len(w.apps)-1).Draw(t, "app")]
	return m, w.svc.Backend(m.app)
}

// What steps choose from: little, so that they meet often.
var (
	userNames = []string{"ann", "bob", "cat", "dan", "eve"}
	roomNames = []string{"r1", "r2", "r3"}
	roleCodes = []string{"nurse", "doctor"}
	localIDs  = []string{strings.Repeat("a", 24), strings.Repeat("b", 64)}
)

func drawUser(t *rapid.T) string { return rapid.SampledFrom(userNames).Draw(t, "user") }
func drawRoom(t *rapid.T) string { return rapid.SampledFrom(roomNames).Draw(t, "room") }

// drawUsers may name a user twice, and one that never exists.
func drawUsers(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.SampledFrom(append([]string{"ghost"}, userNames...)), 0, 5).Draw(t, "users")
}

func drawRoles(t *rapid.T) []string {
	return rapid.SliceOfN(rapid.SampledFrom(roleCodes), 0, 3).Draw(t, "roles")
}

func optional[T any](t *rapid.T, label string, from ...T) *T {
	i := rapid.IntRange(-1, len(from)-1).Draw(t, label)
	if i < 0 {
		return nil
	}
	return &from[i]
}

// PutUser creates or changes a user; half of the time their role changes.
func (w *walk) PutUser(t *rapid.T) {
	m, b := w.draw(t)
	up := chat.UserUpdate{
		XCID:     drawUser(t),
		Fullname: rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "name"),
		Username: optional(t, "username", "", "Neo", "neo", "trinity"),
		RoleCode: optional(t, "role", append([]string{""}, roleCodes...)...),
	}
	w.putUser(t, m, b, up)
}

func (w *walk) putUser(t *rapid.T, m *model, b service.Backend, up chat.UserUpdate) {
	before := m.users[up.XCID]
	user, err := b.PutUser(t.Context(), up)
	wantCode(t, "PutUser", err, m.putUser(up))
	if err != nil {
		return
	}
	u := m.users[up.XCID]
	if before != nil && before.name != u.name {
		m.tellPartners(w.clock.ms.Load(), u)
	}
	if u.id == 0 {
		u.id = user.ID
	}
	if user.ID != u.id {
		t.Fatalf("user %s has the id %d, had %d", up.XCID, user.ID, u.id)
	}
}

// PutRole describes a role.
func (w *walk) PutRole(t *rapid.T) {
	m, b := w.draw(t)
	name := rapid.SampledFrom([]string{"", "Staff", "Care"}).Draw(t, "name")
	code := rapid.SampledFrom(roleCodes).Draw(t, "role")
	_, err := b.PutRole(t.Context(), chat.RoleUpdate{Code: code, Name: &name})
	wantCode(t, "PutRole", err, "")
	m.roles[code] = chat.Role{Code: code, Name: name}
}

// PutRoom creates a room, changes it, or brings it back; now and then with the wrong type.
func (w *walk) PutRoom(t *rapid.T) {
	m, b := w.draw(t)
	roomTypes := []chat.RoomType{chat.Group, chat.Group, chat.Group, chat.Transaction}
	up := chat.RoomUpdate{
		XCID:             drawRoom(t),
		Type:             rapid.SampledFrom(roomTypes).Draw(t, "type"),
		Name:             rapid.SampledFrom([]string{"one", "two {{target}}"}).Draw(t, "name"),
		PhotoThumbnail:   optional(t, "photo", "", "https://a/b.png"),
		ParticipantXCIDs: drawUsers(t),
	}
	if rapid.Bool().Draw(t, "with roles") {
		up.Roles = drawRoles(t)
	}
	if rapid.Bool().Draw(t, "with tags") {
		up.Tags = []string{rapid.SampledFrom([]string{"x", "y"}).Draw(t, "tag")}
	}
	w.putRoom(t, m, b, up)
}

func (w *walk) putRoom(t *rapid.T, m *model, b service.Backend, up chat.RoomUpdate) {
	details, skipped, err := b.PutRoom(t.Context(), up)
	wantSkipped, want := m.putRoom(w.clock.ms.Load(), up)
	wantCode(t, "PutRoom", err, want)
	if err != nil {
		return
	}
	r := m.rooms[up.XCID]
	if r.id == 0 {
		r.id = details.Room.ID
	}
	wantLines(t, "PutRoom's answer", detailsLines(details), m.roomLines(r))
	wantLines(t, "skipped", skipped, wantSkipped)
}

// AddParticipants puts users into a room.
func (w *walk) AddParticipants(t *rapid.T) {
	m, b := w.draw(t)
	room, users := drawRoom(t), drawUsers(t)
	details, skipped, err := b.AddParticipants(t.Context(), service.RoomName{XCID: room}, users)
	wantSkipped, want := m.addParticipants(w.clock.ms.Load(), room, users)
	wantCode(t, "AddParticipants", err, want)
	if err == nil {
		wantLines(t, "AddParticipants' answer", detailsLines(details), m.roomLines(m.rooms[room]))
		wantLines(t, "skipped", skipped, wantSkipped)
	}
}

// RemoveParticipants takes users out of a room.
func (w *walk) RemoveParticipants(t *rapid.T) {
	m, b := w.draw(t)
	room, users := drawRoom(t), drawUsers(t)
	details, skipped, err := b.RemoveParticipants(t.Context(), service.RoomName{XCID: room}, users)
	wantSkipped, want := m.removeParticipants(w.clock.ms.Load(), room, users)
	wantCode(t, "RemoveParticipants", err, want)
	if err == nil {
		wantLines(t, "RemoveParticipants' answer", detailsLines(details), m.roomLines(m.rooms[room]))
		wantLines(t, "skipped", skipped, wantSkipped)
	}
}

// SetLock locks or unlocks a room.
func (w *walk) SetLock(t *rapid.T) {
	m, b := w.draw(t)
	room, user, lock := drawRoom(t), drawUser(t), rapid.Bool().Draw(t, "lock")
	set := b.UnlockRoom
	if lock {
		set = b.LockRoom
	}
	changed, err := set(t.Context(), service.RoomName{XCID: room}, user)
	wantChanged, want := m.setLock(w.clock.ms.Load(), room, user, lock)
	wantCode(t, "SetLock", err, want)
	if changed != wantChanged {
		t.Fatalf("lock=%t of %s: changed is %t, want %t", lock, room, changed, wantChanged)
	}
}

// DeleteRoom marks a room as deleted, in the store.
func (w *walk) DeleteRoom(t *rapid.T) {
	m, _ := w.draw(t)
	xc := drawRoom(t)
	r, ok := m.live(xc)
	if !ok {
		t.Skip("no such room")
	}
	err := w.store.Write(t.Context(), int64(r.id), func(ctx context.Context, tx *store.Tx) error {
		room, _, err := tx.RoomForUpdate(ctx, m.app.ID, xc)
		if err != nil {
			return err
		}
		room.DeletedAt = w.clock.ms.Load()
		_, err = tx.UpdateRoom(ctx, room)
		return err
	})
	wantCode(t, "DeleteRoom", err, "")
	r.deleted = true
}

// Send sends a message to any kind of place, short or in parts, shown or hidden, for
// the first time or again.
func (w *walk) Send(t *rapid.T) {
	m, b := w.draw(t)
	bodies := []string{"hi", "ho", strings.Repeat("é", chat.BodyPart) + "end", strings.Repeat("x", 3*chat.BodyPart)}
	o := service.Outgoing{
		From: service.UserName{XCID: drawUser(t)}, Type: chat.TextMessage,
		Body:   rapid.SampledFrom(bodies).Draw(t, "body"),
		Hidden: rapid.Bool().Draw(t, "hidden"),
	}
	if rapid.Bool().Draw(t, "with filter") {
		o.FilterID = "orders"
	}
	if id := optional(t, "localID", localIDs...); id != nil {
		o.LocalID = *id
	}
	switch rapid.IntRange(0, 3).Draw(t, "to") {
	case 0:
		o.To.XCID = drawUser(t)
	case 1:
		o.RoomID = w.drawPublicID(t)
	default:
		o.XCRoomID = drawRoom(t)
	}
	_, err := b.Send(t.Context(), o)
	wantCode(t, "Send", err, m.send(w.clock.ms.Load(), o))
}

// drawPublicID picks the id of any room of either App, or of a pair that may have none.
func (w *walk) drawPublicID(t *rapid.T) string {
	ids := []string{"g999999999", "x"}
	for _, m := range w.apps {
		for _, key := range sortedKeys(m.rooms) {
			if r := m.rooms[key]; r.id != 0 {
				ids = append(ids, r.public(), "t"+r.public()[1:])
			}
		}
		users := sortedKeys(m.users)
		for i, xc := range users {
			other := m.users[users[(i+1)%len(users)]]
			ids = append(ids, chat.NewPair(m.users[xc].id, other.id).String())
		}
	}
	return rapid.SampledFrom(ids).Draw(t, "roomID")
}

// MoveClock lets time pass, stand still or jump back.
func (w *walk) MoveClock(t *rapid.T) {
	w.clock.ms.Add(rapid.SampledFrom([]int64{-60_000, -1, 1, 3, 1000}).Draw(t, "ms"))
}

// Check compares every answer with the model, twice: what the first question left in a
// cache answers the second, which asks in small pages.
func (w *walk) Check(t *rapid.T) {
	for _, limit := range []int{100, 3} {
		for _, m := range w.apps {
			compare(t, w.svc.Backend(m.app), m, limit)
		}
	}
}

// checkCold asks a store that has seen none of it: what the caches said is on the disk.
func (w *walk) checkCold(t *rapid.T, o store.Options) {
	cold, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer cold.Close() //nolint:errcheck // it was only read from
	for _, m := range w.apps {
		compare(t, service.New(cold, powertalk.Dialect{}, service.Options{Now: w.clock.now}).Backend(m.app), m, 3)
	}
}

// compare asks b everything about m's App, limit items at a time.
func compare(t testingT, b service.Backend, m *model, limit int) {
	t.Helper()
	ctx := t.Context()
	for _, xc := range roomNames {
		r, ok := m.live(xc)
		if !ok {
			_, err := b.Room(ctx, service.RoomName{XCID: xc}, chat.Page{Limit: limit})
			wantCode(t, "Room", err, chat.CodeNotFound)
			continue
		}
		wantLines(t, "room "+xc, askRoom(t, b, xc, limit), m.roomLines(r))
	}
	for _, xc := range userNames {
		if m.users[xc] == nil {
			list, _, err := b.RoomsOfUser(ctx, xc, nil, chat.Page{Limit: limit})
			if err != nil || len(list) > 0 {
				t.Fatalf("rooms of nobody: %v, %v", list, err)
			}
			continue
		}
		wantLines(t, "rooms of "+xc, askList(t, b, m, xc, nil, limit), m.listLines(xc, nil))
	}
	only := []string{roomNames[0], roomNames[2], "none"}
	for _, xc := range sortedKeys(m.users)[:2] {
		wantLines(t, "some rooms of "+xc, askList(t, b, m, xc, only, limit), m.listLines(xc, only))
	}
}

// askRoom reads a room with its participants in pages of limit.
func askRoom(t testingT, b service.Backend, xc string, limit int) []string {
	t.Helper()
	var all chat.RoomDetails
	for page := (chat.Page{Limit: limit}); ; page.Offset += limit {
		details, err := b.Room(t.Context(), service.RoomName{XCID: xc}, page)
		wantCode(t, "Room", err, "")
		details.Users = append(all.Users, details.Users...)
		all = details
		if page.Offset+limit >= details.Total {
			return detailsLines(all)
		}
	}
}

// askList reads a user's list in pages of limit.
func askList(t testingT, b service.Backend, m *model, xc string, only []string, limit int) []string {
	t.Helper()
	lines := []string{}
	for page := (chat.Page{Limit: limit}); ; page.Offset += limit {
		list, more, err := b.RoomsOfUser(t.Context(), xc, only, page)
		wantCode(t, "RoomsOfUser", err, "")
		if more && len(list) != limit {
			t.Fatalf("%d rooms on a page of %d, and yet more", len(list), limit)
		}
		for _, sum := range list {
			// A personal room's id shows nowhere but here.
			if r := m.rooms[sum.Last.Room.PublicID()]; r != nil && r.id == 0 {
				r.id = sum.Last.Room.ID
			}
			lines = append(lines, m.summaryLine(sum, func(msg *chat.Message) string { return opened(t, msg) }))
		}
		if !more {
			return lines
		}
	}
}

// opened deciphers a message's body.
func opened(t testingT, msg *chat.Message) string {
	t.Helper()
	body, err := cipher.Decrypt(string(msg.Body), msg.LocalID)
	if err != nil {
		t.Fatalf("message %d: %v", msg.ID, err)
	}
	return body
}

func wantCode(t testingT, what string, err error, want chat.Code) {
	t.Helper()
	if got := chat.CodeOf(err); got != want {
		t.Fatalf("%s: code %q (%v), want %q", what, got, err, want)
	}
}

func wantLines(t testingT, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s:\n%s\nwant:\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
