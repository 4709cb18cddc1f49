package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestAppsSeeNothingOfEachOther asks for one App's things in the name of another, by
// every way there is. The other App has as much of its own, under other names. The owner
// asks first, so that whatever is kept in memory is there to be found.
func TestAppsSeeNothingOfEachOther(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		st := storetest.Open(t, o)
		mine, theirs := makeTenant(t, st, "mine"), makeTenant(t, st, "theirs")
		for name, find := range finders(st) {
			for _, w := range []*tenant{mine, theirs} {
				if got, err := find(t.Context(), w.app.ID, w); err != nil || got == 0 {
					t.Errorf("%s: its own App finds %d (%v)", name, got, err)
				}
			}
			for range 2 {
				got, err := find(t.Context(), theirs.app.ID, mine)
				if got != 0 || err != nil && chat.CodeOf(err) != chat.CodeNotFound {
					t.Errorf("%s: another App finds %d (%v)", name, got, err)
				}
			}
		}
		for name, change := range intrusions(st) {
			if err := change(t.Context(), theirs.app.ID, mine); err != nil && chat.CodeOf(err) != chat.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
		}
		got, err := st.Room(t.Context(), mine.app.ID, mine.room.XCID)
		if err != nil || got.Name != mine.room.Name || got.Locked() {
			t.Errorf("the room after another App's attempts: %+v (%v)", got, err)
		}
		if k, err := st.Key(t.Context(), mine.keyID); err != nil || k.RevokedAt != 0 || string(k.Hash) != "hash" {
			t.Errorf("the key after another App's attempts: %+v (%v)", k, err)
		}
		storetest.Audit(t, o)
	})
}

// tenant is an App with one of everything.
type tenant struct {
	app     chat.App
	user    chat.User
	other   chat.User
	room    chat.Room
	pair    chat.Room
	message chat.Message
	keyID   string
	role    string
	phone   string
	file    chat.File // which is a photo of user's

	scheduled chat.Scheduled
	broadcast string
	deletion  string
}

func makeTenant(t *testing.T, st *store.Store, name string) *tenant {
	t.Helper()
	w := &tenant{app: makeApp(t, st, name), keyID: "key of " + name, role: "role of " + name}
	w.phone = map[string]string{"mine": "6281200000001", "theirs": "6281200000002"}[name]
	w.user = makeUser(t, st, w.app, chat.UserUpdate{XCID: "user of " + name, RoleCode: &w.role, Phone: &w.phone})
	w.other = makeUser(t, st, w.app, chat.UserUpdate{XCID: "other of " + name})
	w.room = makeRoom(t, st, w.app, "room of "+name)
	join(t, st, w.room, w.other)
	setRoles(t, st, w.room, w.role)
	w.message = say(t, st, chat.Message{App: w.app.ID, Room: w.room.ID, Sender: w.other.ID, LocalID: "message of " + name})
	write(t, st, 0, func(ctx context.Context, tx *store.Tx) (err error) {
		if _, err = tx.PutRole(ctx, w.app.ID, chat.RoleUpdate{Code: w.role}); err != nil {
			return err
		}
		w.pair, err = tx.PersonalRoom(ctx, w.app.ID, chat.NewPair(w.user.ID, w.other.ID))
		if err != nil {
			return err
		}
		if _, _, err = tx.SetBlocked(ctx, w.app.ID, store.Block{Owner: w.user.ID, Blocked: w.other.ID}, true); err != nil {
			return err
		}
		m := chat.Message{App: w.app.ID, Sender: w.user.ID, LocalID: "scheduled by " + name}
		w.scheduled, err = tx.Schedule(ctx, chat.Scheduled{App: w.app.ID, Room: w.room.PublicID(), Message: m, At: 1 << 50})
		if err != nil {
			return err
		}
		w.broadcast, w.deletion = "broadcast of "+name, "deletion of "+name
		b := chat.Broadcast{App: w.app.ID, ID: w.broadcast, Message: m}
		if _, err = tx.AddBroadcast(ctx, b, []chat.BroadcastRoom{{Room: w.room.PublicID()}}); err != nil {
			return err
		}
		if _, err = tx.AddDeletion(ctx, chat.Deletion{App: w.app.ID, ID: w.deletion}); err != nil {
			return err
		}
		if err = tx.SetRetentionRule(ctx, w.app.ID, "tag of "+name, 1); err != nil {
			return err
		}
		l, _, err := tx.CreateLogin(ctx, chat.Login{App: w.app.ID, User: w.user.ID, Device: "phone"}, 1<<50)
		if err != nil {
			return err
		}
		// Both Apps are on one phone.
		if err := tx.SetPushTarget(ctx, l, chat.PushTarget{Kind: chat.PushFCM, Token: "the same"}); err != nil {
			return err
		}
		if err := tx.AddReport(ctx, chat.Report{App: w.app.ID, Reporter: w.user.ID, User: w.other.ID}); err != nil {
			return err
		}
		w.file = chat.File{ID: chat.NewFileID(), App: w.app.ID, Owner: w.user.ID, Address: chat.NewFileID(), Size: 1}
		if _, err := tx.AddFile(ctx, w.file, chat.Quotas{}); err != nil {
			return err
		}
		_, err = tx.AddPhoto(ctx, store.NewPhoto{App: w.app.ID, User: w.user.ID, File: w.file.ID}, 10)
		return err
	})
	say(t, st, chat.Message{App: w.app.ID, Room: w.pair.ID, Sender: w.other.ID, LocalID: "personal message of " + name})
	k := chat.Key{ID: w.keyID, App: w.app.ID, Kind: chat.ServerKey, Salt: []byte("salt"), Hash: []byte("hash")}
	if err := st.CreateKey(t.Context(), k); err != nil {
		t.Fatal(err)
	}
	return w
}

// finders look for what w has in the name of app and count what they find.
func finders(st *store.Store) map[string]func(context.Context, chat.AppID, *tenant) (int, error) {
	page := chat.Page{Limit: 10}
	found := func(err error) (int, error) {
		if err != nil {
			return 0, err
		}
		return 1, nil
	}
	// Rows that were found under one App must not open a door to another.
	as := func(u chat.User, app chat.AppID) *chat.User { u.App = app; return &u }
	inTx := func(ctx context.Context, look func(context.Context, *store.Tx) (bool, error)) (n int, err error) {
		err = st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
			n = 0
			ok, err := look(ctx, tx)
			if ok {
				n = 1
			}
			return err
		})
		return n, err
	}
	return map[string]func(context.Context, chat.AppID, *tenant) (int, error){
		"RetentionRule": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.RetentionRule(ctx, app, "tag of "+w.app.Name)
			return found(err)
		},
		"RetentionRules": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			list, err := st.RetentionRules(ctx, app)
			for _, r := range list {
				if r.Tag == "tag of "+w.app.Name {
					n++
				}
			}
			return n, err
		},
		"UserPage": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			for _, f := range []chat.UserFilter{{}, {Text: w.user.XCID}, {Text: w.user.Fullname}, {Role: w.role}, {UpdatedSince: 1}} {
				list, _, _, err := st.UserPage(ctx, app, f, chat.UserCursor{}, 100)
				if err != nil {
					return 0, err
				}
				for _, u := range list {
					if u.ID == w.user.ID {
						n++
					}
				}
			}
			return n, nil
		},
		"UsersNamed": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			users, err := st.UsersNamed(ctx, app, []string{w.user.XCID})
			return len(users), err
		},
		"ScheduledOfJob": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, ok, err := st.ScheduledOfJob(ctx, chat.Job{App: app, Subject: int64(w.scheduled.ID)})
			return map[bool]int{true: 1}[ok], err
		},
		"ScheduledByLocalID": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			return inTx(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
				_, ok, err := tx.ScheduledByLocalID(ctx, app, w.scheduled.Message.LocalID)
				return ok, err
			})
		},
		"Scheduled": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, err := st.Scheduled(ctx, app, w.user.ID, w.room.PublicID())
			return len(list), err
		},
		"ScheduledByID": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, err := st.ScheduledByID(ctx, app, w.user.ID, []chat.ScheduledID{w.scheduled.ID})
			return len(list), err
		},
		"MessagePage": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, _, _, err := st.MessagePage(ctx, app, w.room.ID, chat.MessageFilter{}, 0, 10)
			return len(list), err
		},
		"MessageKeysByID": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			found, err := st.MessageKeysByID(ctx, app, []chat.MessageID{w.message.ID})
			return len(found), err
		},
		"UserIDEver": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.UserIDEver(ctx, app, w.user.XCID)
			return found(err)
		},
		"Broadcast": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.Broadcast(ctx, app, w.broadcast)
			return found(err)
		},
		"BroadcastRooms": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, err := st.BroadcastRooms(ctx, app, w.broadcast, chat.BroadcastAny, 0, 10)
			return len(list), err
		},
		"Deletion": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.Deletion(ctx, app, w.deletion)
			return found(err)
		},
		"UserID": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			id, err := st.UserID(ctx, app, w.user.XCID)
			return int(id), err
		},
		"UserIDs": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			ids, err := st.UserIDs(ctx, app, []string{w.user.XCID, w.other.XCID})
			return len(ids), err
		},
		"User": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.User(ctx, app, w.user.ID)
			return found(err)
		},
		"Users": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			users, err := st.Users(ctx, app, []chat.UserID{w.user.ID, w.other.ID, w.app.SystemUser})
			for _, u := range users {
				if u != nil {
					n++
				}
			}
			return n, err
		},
		"Room": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.Room(ctx, app, w.room.XCID)
			return found(err)
		},
		"RoomByRef": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{ID: w.room.ID, Type: w.room.Type})
			return found(err)
		},
		"RoomByRef of a pair": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.RoomByRef(ctx, app, chat.RoomRef{Type: chat.Personal, Pair: w.pair.Pair})
			return found(err)
		},
		"RoomList": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, _, err := st.RoomList(ctx, as(w.user, app), nil, page)
			return len(list), err
		},
		"RoomList with a filter": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			list, _, err := st.RoomList(ctx, as(w.user, app), []string{w.room.XCID}, page)
			return len(list), err
		},
		"Roles": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			roles, err := st.Roles(ctx, app, "", 10)
			for _, r := range roles {
				if r.Code == w.role {
					n++
				}
			}
			return n, err
		},
		"Blocked": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			users, err := st.Blocked(ctx, app, w.user.ID, 10)
			return len(users), err
		},
		"UsersByPhone": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			users, err := st.UsersByPhone(ctx, app, []string{w.phone}, 10)
			return len(users), err
		},
		"PushDevices": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			devices, err := st.PushDevices(ctx, app, []chat.UserID{w.user.ID})
			return len(devices), err
		},
		"PushWanted": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			m := &chat.Message{App: app, Room: w.room.ID, Sender: w.user.ID, CreatedAt: 1}
			users, err := st.PushWanted(ctx, m, []chat.UserID{w.other.ID})
			return len(users), err
		},
		"UnreadCount": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			n, err := st.UnreadCount(ctx, as(w.user, app))
			return int(n), err
		},
		"File": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			_, err := st.File(ctx, app, w.file.ID)
			return found(err)
		},
		"FileUsage": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			files, _, err := st.FileUsage(ctx, app, w.user.ID)
			return int(files), err
		},
		"Photos": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			photos, err := st.Photos(ctx, app, w.user.ID)
			return len(photos), err
		},
		"Reports": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			list, err := st.Reports(ctx, app, "", 0, 10)
			for _, r := range list {
				if r.Reporter == w.user.ID {
					n++
				}
			}
			return n, err
		},
		"Keys": func(ctx context.Context, app chat.AppID, w *tenant) (n int, err error) {
			keys, err := st.Keys(ctx, app)
			for _, k := range keys {
				if k.ID == w.keyID {
					n++
				}
			}
			return n, err
		},
		"RoomForUpdate": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			return inTx(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
				_, found, err := tx.RoomForUpdate(ctx, app, w.room.XCID)
				return found, err
			})
		},
		"MessageByLocalID": func(ctx context.Context, app chat.AppID, w *tenant) (int, error) {
			return inTx(ctx, func(ctx context.Context, tx *store.Tx) (bool, error) {
				_, found, err := tx.MessageByLocalID(ctx, app, w.message.LocalID)
				return found, err
			})
		},
	}
}

// intrusions try to change what w has in the name of app.
func intrusions(st *store.Store) map[string]func(context.Context, chat.AppID, *tenant) error {
	return map[string]func(context.Context, chat.AppID, *tenant) error{
		"ExpireMessages": func(ctx context.Context, app chat.AppID, w *tenant) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				done, err := tx.ExpireMessages(ctx, app, w.room.ID, 1<<50, 10)
				if len(done.Latest) > 0 || done.Freed != (chat.Freed{}) {
					return fmt.Errorf("another App removes messages: %+v", done)
				}
				return err
			})
		},
		"DeleteRetentionRule": func(ctx context.Context, app chat.AppID, w *tenant) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				ok, err := tx.DeleteRetentionRule(ctx, app, "tag of "+w.app.Name)
				if ok {
					return errors.New("another App has deleted the rule")
				}
				return err
			})
		},
		"AppendMessage": func(ctx context.Context, app chat.AppID, w *tenant) error {
			err := st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.AppendMessage(ctx, store.NewMessage{
					Message: chat.Message{App: app, Room: w.room.ID, Sender: w.other.ID, LocalID: "intruder"},
				})
				return err
			})
			if chat.CodeOf(err) != chat.CodeNotFound {
				return fmt.Errorf("want %s, got %w", chat.CodeNotFound, err)
			}
			return nil
		},
		"SettleBroadcast": func(ctx context.Context, app chat.AppID, w *tenant) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				ok, err := tx.SettleBroadcast(ctx, app, w.broadcast, 1, "", "")
				if ok {
					return errors.New("another App has sent the message")
				}
				return err
			})
		},
		"ShareFile": func(ctx context.Context, app chat.AppID, w *tenant) error {
			err := st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				return tx.ShareFile(ctx, app, w.file.ID, w.message)
			})
			if err != nil {
				return err
			}
			reached, err := st.FileReached(ctx, store.FileReach{File: w.file.ID, Room: w.room.ID, Last: 1 << 60})
			if reached {
				return errors.New("another App has shared the file")
			}
			return err
		},
		"RemovePhoto": func(ctx context.Context, app chat.AppID, w *tenant) error {
			photos, err := st.Photos(ctx, w.app.ID, w.user.ID)
			if err != nil {
				return err
			}
			return st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				_, err := tx.RemovePhoto(ctx, app, w.user.ID, photos[0].ID)
				return err
			})
		},
		"UpdateRoom": func(ctx context.Context, app chat.AppID, w *tenant) error {
			return st.Write(ctx, 0, func(ctx context.Context, tx *store.Tx) error {
				r := w.room
				r.App, r.Name, r.LockedAt = app, "taken over", 1
				_, err := tx.UpdateRoom(ctx, r)
				return err
			})
		},
		"RevokeKey": func(ctx context.Context, app chat.AppID, w *tenant) error {
			if err := st.RevokeKey(ctx, app, w.keyID); chat.CodeOf(err) != chat.CodeNotFound {
				return fmt.Errorf("want %s, got %w", chat.CodeNotFound, err)
			}
			return nil
		},
		"ReplaceKeySecret": func(ctx context.Context, app chat.AppID, w *tenant) error {
			return st.ReplaceKeySecret(ctx, chat.Key{ID: w.keyID, App: app, Salt: []byte("x"), Hash: []byte("x")})
		},
	}
}

// TestSameIDsInTwoApps: each App's ids are its own, and so is what they stand for.
func TestSameIDsInTwoApps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		apps := []chat.App{makeApp(t, st, "first"), makeApp(t, st, "second")}
		name := "same"
		var users []chat.User
		var rooms []chat.Room
		for _, app := range apps {
			users = append(users, makeUser(t, st, app, chat.UserUpdate{XCID: "u", Username: &name, Fullname: "of " + app.Name}))
			rooms = append(rooms, makeRoom(t, st, app, "r"))
			say(t, st, chat.Message{App: app.ID, Room: rooms[len(rooms)-1].ID, Sender: users[len(users)-1].ID, LocalID: "m"})
		}
		for range 2 {
			for i, app := range apps {
				id, err := st.UserID(t.Context(), app.ID, "u")
				if err != nil || id != users[i].ID {
					t.Errorf("user of %s: %d (%v), want %d", app.Name, id, err, users[i].ID)
				}
				r, err := st.Room(t.Context(), app.ID, "r")
				if err != nil || r.ID != rooms[i].ID {
					t.Errorf("room of %s: %d (%v), want %d", app.Name, r.ID, err, rooms[i].ID)
				}
			}
		}
	})
}
