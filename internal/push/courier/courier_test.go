package courier_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/job"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/push"
	"parlor/internal/push/courier"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/pgtest"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// vendor takes notifications, or answers as a test says.
type vendor struct {
	answer func(token string, time int) push.Result // of the time-th notification to a token, from 1

	mu    sync.Mutex
	times map[string]int
}

func (v *vendor) Send(_ context.Context, to chat.PushTarget, _ push.Notification) push.Result {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.times[to.Token]++
	if v.answer != nil {
		return v.answer(to.Token, v.times[to.Token])
	}
	return push.Result{Outcome: push.Sent}
}

func (v *vendor) got() (list []string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for token, n := range v.times {
		list = append(list, fmt.Sprintf("%s×%d", token, n))
	}
	slices.Sort(list)
	return list
}

// connected are the devices that answer that they have whatever they are asked about.
type connected map[string]chat.MessageID

func (c connected) Arrived(_ context.Context, _ chat.AppID, _ chat.UserID, name string) device.Known {
	if id, ok := c[name]; ok {
		return device.Known{id: {}}
	}
	return nil
}
func (connected) Behind(chat.AppID, chat.UserID, string) {}
func (connected) Hold(chat.AppID, chat.UserID, string) func(device.Known, int64, bool) {
	return func(device.Known, int64, bool) {}
}

// world is a room on a store whose messages notify.
type world struct {
	t      *testing.T
	st     *store.Store
	vendor *vendor
	online connected
	app    chat.App
	room   chat.Room
	ana    chat.User // who writes
	ahead  atomic.Int64
	seen   map[push.Outcome]int
	seenMu sync.Mutex
}

// now is the clock of everybody.
func (w *world) now() time.Time { return time.Now().Add(time.Duration(w.ahead.Load())) }

// later lets time pass.
func (w *world) later(d time.Duration) { w.ahead.Add(int64(d)) }

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		w := &world{t: t, vendor: &vendor{times: map[string]int{}}, online: connected{}, seen: map[push.Outcome]int{}}
		o.Push, o.Now = true, w.now
		w.st = storetest.Open(t, o)
		var err error
		if w.app, err = w.st.CreateApp(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		w.write(func(ctx context.Context, tx *store.Tx) (err error) {
			if w.ana, err = tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: "ana", Fullname: "Ana"}); err != nil {
				return err
			}
			w.room, err = tx.CreateRoom(ctx, chat.Room{App: w.app.ID, XCID: "r", Type: chat.Group, Name: "Room"})
			if err != nil {
				return err
			}
			_, err = tx.AddParticipants(ctx, w.room.ID, []chat.UserID{w.ana.ID})
			return err
		})
		test(w)
	})
}

func (w *world) write(fn func(context.Context, *store.Tx) error) {
	w.t.Helper()
	if err := w.st.Write(w.t.Context(), 0, fn); err != nil {
		w.t.Fatal(err)
	}
}

// people makes users whose phones go by their names. byRole puts them in by a role.
func (w *world) people(byRole bool, names ...string) (users []chat.User) {
	w.t.Helper()
	role := ""
	if byRole {
		role = "agent"
	}
	w.write(func(ctx context.Context, tx *store.Tx) error {
		users = nil
		var ids []chat.UserID
		for _, name := range names {
			u, err := tx.PutUser(ctx, w.app.ID, chat.UserUpdate{XCID: name, Fullname: name, RoleCode: &role})
			if err != nil {
				return err
			}
			l, _, err := tx.CreateLogin(ctx, chat.Login{App: w.app.ID, User: u.ID, Device: name}, 1<<50)
			if err != nil {
				return err
			}
			if err := tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: chat.PushFCM, Token: name}); err != nil {
				return err
			}
			users, ids = append(users, u), append(ids, u.ID)
		}
		if byRole {
			_, err := tx.SetRoomRoles(ctx, w.room, []string{role})
			return err
		}
		_, err := tx.AddParticipants(ctx, w.room.ID, ids)
		return err
	})
	return users
}

// say has ana write, by the way of a backend or by that of a device.
func (w *world) say(text string, alone bool) (m chat.Message) {
	w.t.Helper()
	localID := cipher.NewLocalID()
	body, err := cipher.Seal(text, localID)
	if err != nil {
		w.t.Fatal(err)
	}
	n := store.NewMessage{Guarded: true, Message: chat.Message{
		App: w.app.ID, Room: w.room.ID, Sender: w.ana.ID, Type: chat.TextMessage, LocalID: localID, Body: chat.Sealed(body),
	}}
	if alone {
		list, err := w.st.AppendMessages(w.t.Context(), store.Author{}, int64(w.room.ID), []store.NewMessage{n})
		if err != nil {
			w.t.Fatal(err)
		}
		return list[0]
	}
	w.write(func(ctx context.Context, tx *store.Tx) (err error) {
		m, err = tx.AppendMessage(ctx, n)
		return err
	})
	return m
}

// courier is that of a process.
func (w *world) courier() *courier.Courier {
	return courier.New(courier.Options{
		Store: w.st, Senders: push.Senders{chat.PushFCM: w.vendor, chat.PushWeb: w.vendor}, Now: w.now, Sessions: w.online,
		Log: slog.New(slog.DiscardHandler), Observe: func(_ chat.PushKind, how push.Outcome) {
			w.seenMu.Lock()
			defer w.seenMu.Unlock()
			w.seen[how]++
		},
	})
}

// work does the jobs that are due, in a process that begins and ends with it.
func (w *world) work() {
	w.t.Helper()
	w.workWith(w.courier())
}

func (w *world) workWith(c *courier.Courier) {
	w.t.Helper()
	w.later(chat.PushDelay * time.Millisecond)
	worker := job.New(job.Options{Store: w.st, Log: slog.New(slog.DiscardHandler), Kinds: c.Kinds(), Owner: "test", Now: w.now})
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() { done <- worker.Run(ctx) }() // ends with ctx
	for limit := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		due := 0
		for _, k := range c.Kinds() {
			list, err := w.st.Jobs(w.t.Context(), store.JobFilter{Kind: k.Name, Limit: 10_000})
			if err != nil {
				w.t.Fatal(err)
			}
			for _, j := range list {
				if j.Owner != "" || j.DueAt <= w.now().UnixMilli() {
					due++
				}
			}
		}
		if due == 0 {
			break
		}
		if time.Now().After(limit) {
			w.t.Fatalf("%d jobs are not done", due)
		}
	}
	cancel()
	if err := <-done; err != nil {
		w.t.Error(err)
	}
}

func (w *world) check(what string, want ...string) {
	w.t.Helper()
	slices.Sort(want)
	if got := w.vendor.got(); !slices.Equal(got, want) {
		w.t.Errorf("%s: notified %.2000q, want %.2000q", what, got, want)
	}
}

// TestEverybodyOnce: in a room of thousands each is notified once, whether in it by name, by role, or
// by both, and the sender not at all.
func TestEverybodyOnce(t *testing.T) {
	each(t, func(w *world) {
		var want, byName, byRole []string
		for i := range 1203 {
			byName = append(byName, fmt.Sprintf("n%d", i))
		}
		for i := range 507 {
			byRole = append(byRole, fmt.Sprintf("r%d", i))
		}
		var agents []chat.User
		for some := range slices.Chunk(byName, 200) { // a commit must not take long
			w.people(false, some...)
		}
		for some := range slices.Chunk(byRole, 200) {
			agents = append(agents, w.people(true, some...)...)
		}
		w.write(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.AddParticipants(ctx, w.room.ID, []chat.UserID{agents[0].ID, agents[506].ID})
			return err
		})
		for _, name := range slices.Concat(byName, byRole) {
			want = append(want, name+"×1")
		}
		w.say("hi", true)
		w.work()
		w.check("a large room", want...)
	})
}

// TestWhoIsNotified goes through the reasons for which somebody is not.
func TestWhoIsNotified(t *testing.T) {
	each(t, func(w *world) {
		us := w.people(false, "bo", "muted", "unmuted", "blocker", "blocked", "cleared", "read", "gone", "hides", "online", "deleted", "deactivated")
		stranger := w.people(false, "left")[0]
		m := w.say("hi", false)
		w.online["online"] = m.ID
		set := func(tx *store.Tx, ctx context.Context, u chat.User, kind chat.PreferenceKind, value int64) {
			if _, err := tx.SetPreference(ctx, w.room.ID, u.ID, kind, value); err != nil {
				w.t.Error(err)
			}
		}
		// All of it after the message, and before anybody is notified.
		w.write(func(ctx context.Context, tx *store.Tx) error {
			set(tx, ctx, us[1], chat.PreferMuted, 0)
			set(tx, ctx, us[2], chat.PreferMuted, w.now().UnixMilli()-1)
			set(tx, ctx, us[5], chat.PreferCleared, m.CreatedAt)
			for _, b := range []store.Block{{Owner: us[3].ID, Blocked: w.ana.ID}, {Owner: w.ana.ID, Blocked: us[4].ID}} {
				if _, _, err := tx.SetBlocked(ctx, w.app.ID, b, true); err != nil {
					return err
				}
			}
			if _, err := tx.AddReceipts(ctx, w.room.ID, us[6].ID, chat.Read, []int64{m.CreatedAt}); err != nil {
				return err
			}
			if _, err := tx.RemoveParticipants(ctx, w.room.ID, []chat.UserID{stranger.ID}); err != nil {
				return err
			}
			if _, err := tx.HideMessages(ctx, w.room.ID, us[8].ID, []int64{m.CreatedAt}); err != nil {
				return err
			}
			if _, _, _, err := tx.DeleteUser(ctx, w.app.ID, "deleted"); err != nil {
				return err
			}
			_, err := tx.SetDeactivated(ctx, w.app.ID, us[11].ID, true)
			return err
		})
		w.write(func(ctx context.Context, tx *store.Tx) error {
			devices, err := w.st.PushDevices(ctx, w.app.ID, []chat.UserID{us[7].ID})
			if err != nil {
				return err
			}
			return tx.EndLogin(ctx, devices[0].Login)
		})
		w.work()
		w.check("of all", "bo×1", "unmuted×1", "blocked×1")
		if w.seen[push.Sent] != 3 || w.seen["unneeded"] != 1 || len(w.seen) != 2 {
			w.t.Errorf("outcomes %v", w.seen)
		}
	})
}

// TestWhichMessagesNotify: not those that nobody sees, nor those that are gone by then.
func TestWhichMessagesNotify(t *testing.T) {
	each(t, func(w *world) {
		w.people(false, "bo")
		post := func(change func(*chat.Message)) {
			m := chat.Message{
				App: w.app.ID, Room: w.room.ID, Sender: w.ana.ID, Type: chat.TextMessage, LocalID: cipher.NewLocalID(),
			}
			change(&m)
			w.write(func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AppendMessage(ctx, store.NewMessage{Message: m})
				return err
			})
			if _, err := w.st.AppendMessages(w.t.Context(), store.Author{}, int64(w.room.ID), []store.NewMessage{{
				Message: func() chat.Message { m.LocalID = cipher.NewLocalID(); return m }(),
			}}); err != nil {
				w.t.Fatal(err)
			}
		}
		post(func(m *chat.Message) { m.Hidden = true })
		post(func(m *chat.Message) { m.Type = chat.SystemMessage })
		if list, err := w.st.Jobs(w.t.Context(), store.JobFilter{Limit: 10}); err != nil || len(list) > 0 {
			w.t.Errorf("jobs %v, %v", list, err)
		}
		gone := w.say("gone in a moment", true)
		w.write(func(ctx context.Context, tx *store.Tx) error {
			m, err := tx.MessageForUpdate(ctx, w.app.ID, gone.ID)
			if err != nil {
				return err
			}
			m.DeletedAt, m.Body = w.now().UnixMilli(), ""
			_, err = tx.ChangeMessage(ctx, m)
			return err
		})
		w.say("hi", true)
		w.work()
		w.check("of four", "bo×1")
		w.say("old", true)
		w.later(8 * 24 * time.Hour)
		w.work()
		w.check("with one that has waited for a week", "bo×1")
	})
}

// TestFailuresAreTriedAgain: only the devices that failed, later each time; the dead are forgotten,
// and nobody else is sent the same twice.
func TestFailuresAreTriedAgain(t *testing.T) {
	each(t, func(w *world) {
		w.people(false, "bo", "cy", "di", "ed", "flo")
		w.vendor.answer = func(token string, time int) push.Result {
			switch {
			case token == "cy":
				return push.Result{Outcome: push.Dead}
			case token == "di" && time == 1:
				return push.Result{Outcome: push.Later, After: 30_000_000_000}
			case token == "di" && time == 2:
				return push.Result{Outcome: push.Later}
			case token == "ed":
				return push.Result{Outcome: push.Bad}
			}
			return push.Result{Outcome: push.Sent}
		}
		w.say("hi", true)
		w.work()
		w.check("at first", "bo×1", "cy×1", "di×1", "ed×1", "flo×1")
		w.later(20 * time.Second)
		w.work()
		w.check("before the vendor asked for", "bo×1", "cy×1", "di×1", "ed×1", "flo×1")
		w.later(10 * time.Second)
		w.work()
		w.check("after that", "bo×1", "cy×1", "di×2", "ed×1", "flo×1")
		w.later(10 * time.Second)
		w.work()
		w.later(time.Hour)
		w.work()
		w.check("in the end", "bo×1", "cy×1", "di×3", "ed×1", "flo×1")
		w.say("again", true)
		w.work()
		w.check("with the next message", "bo×2", "di×4", "ed×2", "flo×2", "cy×1")
	})
}

// TestRefusedCredentials: the vendor is left alone for a while, and what was to be sent is sent once
// an operator has mended it.
func TestRefusedCredentials(t *testing.T) {
	each(t, func(w *world) {
		names := []string{"bo", "cy", "di", "ed", "flo", "gus", "hal", "ida", "jo", "kim", "lu", "mo"}
		w.people(false, names...)
		var mended atomic.Bool
		w.vendor.answer = func(string, int) push.Result {
			if mended.Load() {
				return push.Result{Outcome: push.Sent}
			}
			return push.Result{Outcome: push.Refused, Reason: "HTTP 401"}
		}
		w.say("hi", true)
		w.work()
		tries := 0
		for _, s := range w.vendor.got() {
			if !strings.HasSuffix(s, "×1") {
				w.t.Errorf("tried more than once: %s", s)
			}
			tries++
		}
		if tries == 0 || tries > 8 {
			w.t.Errorf("%d tries of a vendor that refuses; as many as are sent to at once, at most", tries)
		}
		mended.Store(true)
		w.later(2 * time.Minute)
		w.work()
		if w.seen[push.Sent] != len(names) {
			w.t.Errorf("outcomes %v: %d have to be sent", w.seen, len(names))
		}
	})
}

// TestDevicesOfOneUser: those that signed in last are notified.
func TestDevicesOfOneUser(t *testing.T) {
	each(t, func(w *world) {
		bo := w.people(false, "bo")[0]
		var want []string
		w.write(func(ctx context.Context, tx *store.Tx) error {
			want = nil
			for i := range 25 {
				l, _, err := tx.CreateLogin(ctx, chat.Login{App: w.app.ID, User: bo.ID, Device: fmt.Sprint(i)}, 1<<50)
				if err != nil {
					return err
				}
				token := fmt.Sprintf("phone%d", i)
				if err := tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: chat.PushFCM, Token: token}); err != nil {
					return err
				}
				if i >= 5 {
					want = append(want, token+"×1")
				}
			}
			return nil
		})
		w.say("hi", true)
		w.work()
		w.check("a user with 26 devices", want...)
	})
}

// TestSubscriptionThatLeadsNowhere: it is called once a minute at most, whatever is written meanwhile,
// and only the last word counts for the others of the room.
func TestSubscriptionThatLeadsNowhere(t *testing.T) {
	each(t, func(w *world) {
		w.people(false, "bo", "eve")
		w.write(func(ctx context.Context, tx *store.Tx) error {
			devices, err := w.st.PushDevices(ctx, w.app.ID, []chat.UserID{w.userID("eve")})
			if err != nil {
				return err
			}
			l := chat.Login{ID: devices[0].Login, App: w.app.ID, User: devices[0].User}
			return tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: chat.PushWeb, Token: "nowhere"})
		})
		w.vendor.answer = func(token string, _ int) push.Result {
			if token == "nowhere" {
				return push.Result{Outcome: push.Later, Reason: "not reached"}
			}
			return push.Result{Outcome: push.Sent}
		}
		c := w.courier()
		for range 5 {
			w.say("hi", true)
			w.workWith(c)
		}
		w.check("within a minute", "bo×5", "nowhere×1")
		w.later(time.Minute)
		w.workWith(c)
		w.check("after that", "bo×5", "nowhere×2")
	})
}

func (w *world) userID(name string) chat.UserID {
	w.t.Helper()
	id, err := w.st.UserID(w.t.Context(), w.app.ID, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}
