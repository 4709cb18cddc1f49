package service_test

import (
	"context"
	"errors"
	"image"
	"image/png"
	"reflect"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// doors is a world in which a signed-in user could do everything that users can.
type doors struct {
	svc      *service.Service
	server   service.Backend
	ana      service.Member
	bo       chat.User
	group    string
	own      string  // the localID of a message of ana's in the group
	messages []int64 // all of it

	scheduled chat.ScheduledID // of ana's, for the group
	photo     int64            // of ana's
}

// withPicture runs do on a picture that has come.
func (d *doors) withPicture(do func(service.Incoming) error) (err error) {
	content, err := d.svc.Receive()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, content.Discard()) }()
	if err := png.Encode(content, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
		return err
	}
	return do(content)
}

// writes are the methods by which a signed-in user changes what is stored.
func (d *doors) writes() map[string]func(context.Context, service.Member) error {
	local := cipher.NewLocalID()
	draft := draftIn(d.group, local, "hi")
	edit := draftIn(d.group, d.own, "edited")
	ids := []chat.UserID{d.bo.ID}
	return map[string]func(context.Context, service.Member) error{
		"Send": func(ctx context.Context, me service.Member) error { _, _, err := me.Send(ctx, draft); return err },
		"SendPlain": func(ctx context.Context, me service.Member) error {
			return me.SendPlain(ctx, service.Plain{
				Recipient: d.bo.ID.String(), LocalID: local, Type: chat.TextMessage, Body: "hi",
			})
		},
		"Edit": func(ctx context.Context, me service.Member) error { return me.Edit(ctx, edit) },
		"DeleteMessages": func(ctx context.Context, me service.Member) error {
			_, err := me.DeleteMessages(ctx, d.group, d.messages, true)
			return err
		},
		"DeleteMessages for oneself": func(ctx context.Context, me service.Member) error {
			_, err := me.DeleteMessages(ctx, d.group, d.messages, false)
			return err
		},
		"Bookmark": func(ctx context.Context, me service.Member) error {
			_, err := me.Bookmark(ctx, d.group, d.messages, true)
			return err
		},
		"Pin": func(ctx context.Context, me service.Member) error {
			_, err := me.Pin(ctx, d.group, d.messages, true)
			return err
		},
		"Acknowledge": func(ctx context.Context, me service.Member) error {
			_, err := me.Acknowledge(ctx, chat.Read, d.messages)
			return err
		},
		"SetPreference": func(ctx context.Context, me service.Member) error {
			_, err := me.SetPreference(ctx, []string{d.group}, chat.Preference{Kind: chat.PreferPinned, On: true})
			return err
		},
		"CreateGroup": func(ctx context.Context, me service.Member) error {
			_, err := me.CreateGroup(ctx, "another", ids)
			return err
		},
		"RenameGroup": func(ctx context.Context, me service.Member) error {
			_, err := me.RenameGroup(ctx, d.group, "other")
			return err
		},
		"RemoveParticipants": func(ctx context.Context, me service.Member) error {
			_, err := me.RemoveParticipants(ctx, d.group, ids)
			return err
		},
		"AddParticipants": func(ctx context.Context, me service.Member) error {
			_, err := me.AddParticipants(ctx, d.group, ids)
			return err
		},
		"SetAdmins": func(ctx context.Context, me service.Member) error {
			_, err := me.SetAdmins(ctx, d.group, ids, true)
			return err
		},
		"Block": func(ctx context.Context, me service.Member) error {
			_, err := me.Block(ctx, d.bo.ID.String())
			return err
		},
		"Unblock": func(ctx context.Context, me service.Member) error {
			return me.Unblock(ctx, d.bo.ID.String())
		},
		"Upload": func(ctx context.Context, me service.Member) (err error) {
			content, err := d.svc.Receive()
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, content.Discard()) }()
			if _, err := content.Write([]byte("of ana")); err != nil {
				return err
			}
			_, err = me.Upload(ctx, service.Upload{RoomID: d.group, Content: content})
			return err
		},
		"AddPhoto": func(ctx context.Context, me service.Member) error {
			return d.withPicture(func(content service.Incoming) error {
				_, err := me.AddPhoto(ctx, content)
				return err
			})
		},
		"SetRoomPhoto": func(ctx context.Context, me service.Member) error {
			return d.withPicture(func(content service.Incoming) error {
				_, err := me.SetRoomPhoto(ctx, d.group, content)
				return err
			})
		},
		"SetMainPhoto": func(ctx context.Context, me service.Member) error {
			_, err := me.SetMainPhoto(ctx, d.photo)
			return err
		},
		"RemovePhoto": func(ctx context.Context, me service.Member) error {
			_, err := me.RemovePhoto(ctx, d.photo)
			return err
		},
		"SetBio": func(ctx context.Context, me service.Member) error {
			_, err := me.SetBio(ctx, "Of ana")
			return err
		},
		"AddContactsByPhone": func(ctx context.Context, me service.Member) error {
			_, err := me.AddContactsByPhone(ctx, []string{"62812000000019"})
			return err
		},
		"ReportUser": func(ctx context.Context, me service.Member) error {
			return me.ReportUser(ctx, d.bo.ID.String(), service.Complaint{Category: "spam"})
		},
		"ReportMessage": func(ctx context.Context, me service.Member) error {
			return me.ReportMessage(ctx, d.group, d.messages[len(d.messages)-2], service.Complaint{Category: "spam"})
		},
		"AddContact": func(ctx context.Context, me service.Member) error {
			_, err := me.AddContact(ctx, d.bo.ID.String())
			return err
		},
		"RemoveContact": func(ctx context.Context, me service.Member) error {
			return me.RemoveContact(ctx, d.bo.ID.String())
		},
		"Schedule": func(ctx context.Context, me service.Member) error {
			_, err := me.Schedule(ctx, draft, inAnHour())
			return err
		},
		"Reschedule": func(ctx context.Context, me service.Member) error {
			return me.Reschedule(ctx, d.scheduled, inAnHour())
		},
		"EditScheduled": func(ctx context.Context, me service.Member) error {
			return me.EditScheduled(ctx, d.scheduled, draftIn(d.group, cipher.NewLocalID(), "other words"))
		},
		"SendScheduled": func(ctx context.Context, me service.Member) error {
			_, err := me.SendScheduled(ctx, []chat.ScheduledID{d.scheduled})
			return err
		},
		"Unschedule": func(ctx context.Context, me service.Member) error {
			_, err := me.Unschedule(ctx, []chat.ScheduledID{d.scheduled})
			return err
		},
		"SetPushTarget": func(ctx context.Context, me service.Member) error {
			return me.SetPushTarget(ctx, chat.PushTarget{Kind: chat.PushFCM, Token: "phone"})
		},
		"RemovePushTarget": func(ctx context.Context, me service.Member) error { return me.RemovePushTarget(ctx) },
		"LeaveGroup": func(ctx context.Context, me service.Member) error {
			_, err := me.LeaveGroup(ctx, d.group)
			return err
		},
		"DeleteGroup": func(ctx context.Context, me service.Member) error {
			_, err := me.DeleteGroup(ctx, d.group, func(chat.Room) error { return nil })
			return err
		},
	}
}

// notWrites are the user's other methods: those that only read, and those about the login
// itself and how far its device is.
var notWrites = []string{
	"Blocked", "Bookmarked", "CatchUp", "Contacts", "Download", "FileURL", "Inbox", "MaxPhoto", "MaxUpload", "MessagesAfter", "MessagesBefore", "NewestMessage", "Photos", "Pinned",
	"Preferences", "ReadCount", "Readers", "Room", "RoomByXCID", "RoomsInCommon", "Scheduled", "Shared", "Typing", "UserByID",
	"UserByUsername", "UserByXCID", "UsersByID", "View",
	"CheckLogin", "Feed", "LogOut", "NoteDevice",
	"IsBackend", "Rate",
}

// TestNoDoorAfterTheEnd: whoever was let in before the login ended, or before the user was
// deleted, writes nothing afterwards.
func TestNoDoorAfterTheEnd(t *testing.T) {
	endings := map[string]func(*testing.T, *doors){
		"logout": func(t *testing.T, d *doors) {
			if err := d.ana.LogOut(t.Context()); err != nil {
				t.Fatal(err)
			}
		},
		"user/delete": func(t *testing.T, d *doors) {
			if _, err := d.server.DeleteUser(t.Context(), "ana"); err != nil {
				t.Fatal(err)
			}
		},
		"user/logout": func(t *testing.T, d *doors) {
			if n, err := d.server.SignOut(t.Context(), "ana", "device"); err != nil || n != 1 {
				t.Fatal(n, err)
			}
		},
		"user/deactivate": func(t *testing.T, d *doors) {
			if _, err := d.server.SetDeactivated(t.Context(), "ana", true); err != nil {
				t.Fatal(err)
			}
		},
	}
	for ending, end := range endings {
		t.Run(ending, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				d := openDoors(t, st)
				end(t, d)
				for name, write := range d.writes() {
					if err := write(t.Context(), d.ana); chat.CodeOf(err) != chat.CodeTokenInvalid {
						t.Errorf("%s: %v", name, err)
					}
				}
			})
		})
	}
}

// TestDoors: the doors lead somewhere, and there are no others.
func TestDoors(t *testing.T) {
	d := openDoors(t, storetest.Open(t, storetest.SQLite(t)))
	known := map[string]bool{}
	for _, name := range notWrites {
		known[name] = true
	}
	writes := d.writes()
	for name := range writes {
		known[name] = true
		fresh := openDoors(t, storetest.Open(t, storetest.SQLite(t)))
		if err := fresh.writes()[name](t.Context(), fresh.ana); err != nil {
			t.Errorf("%s of who is signed in: %v", name, err)
		}
	}
	for m := range reflect.TypeFor[service.Member]().Methods() {
		if !known[m.Name] {
			t.Errorf("%s is neither in writes nor in notWrites", m.Name)
		}
	}
}

func openDoors(t *testing.T, st *store.Store) *doors {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	objects, spools, err := file.OpenFolder(t.TempDir())
	must(err)
	svc := service.New(st, powertalk.Dialect{}, service.Options{
		Files: service.Files{Objects: objects, Spools: spools, MaxSize: 1 << 20, PublicURL: "https://chat.example.com"},
	})
	app, err := svc.CreateApp(t.Context(), "a")
	must(err)
	d := &doors{svc: svc, server: svc.Backend(app)}
	d.ana = signIn(t, svc, app, "ana")
	d.bo, err = d.server.PutUser(t.Context(), chat.UserUpdate{XCID: "bo", Fullname: "Bo"})
	must(err)
	group, err := d.ana.CreateGroup(t.Context(), "group", []chat.UserID{d.bo.ID})
	must(err)
	_, err = d.ana.SetAdmins(t.Context(), group.Room.PublicID(), []chat.UserID{d.bo.ID}, true)
	must(err) // so that ana may leave
	must(d.withPicture(func(content service.Incoming) error {
		_, err := d.ana.AddPhoto(t.Context(), content)
		return err
	}))
	photos, err := d.ana.Photos(t.Context(), d.ana.User.String())
	must(err)
	d.photo = photos[0].ID
	d.group, d.own = group.Room.PublicID(), cipher.NewLocalID()
	_, _, err = d.ana.Send(t.Context(), draftIn(d.group, d.own, "by ana"))
	must(err)
	_, err = d.server.Send(t.Context(), service.Outgoing{
		From: service.UserName{XCID: "bo"}, RoomID: d.group, Type: chat.TextMessage, Body: "by bo",
	})
	must(err)
	views, _, err := d.ana.MessagesBefore(t.Context(), d.group, 1<<50, 10)
	must(err)
	for _, v := range views {
		if v.Type != chat.SystemMessage {
			d.messages = append(d.messages, int64(v.ID))
		}
	}
	view, err := d.ana.Schedule(t.Context(), draftIn(d.group, cipher.NewLocalID(), "later"), inAnHour())
	must(err)
	d.scheduled = view.ID
	if len(d.messages) != 2 {
		t.Fatalf("messages %v", d.messages)
	}
	return d
}

func inAnHour() int64 { return time.Now().Add(time.Hour).UnixMilli() }

// signIn makes a user and signs a device of theirs in.
func signIn(t *testing.T, svc *service.Service, app chat.App, xc string) service.Member {
	t.Helper()
	ticket, user, err := svc.Backend(app).RequestTicket(t.Context(), chat.UserUpdate{XCID: xc, Fullname: "Name of " + xc})
	if err != nil {
		t.Fatal(err)
	}
	tokens, _, err := svc.Guest(app).LogIn(t.Context(), ticket, chat.Device{ID: "device"})
	if err != nil {
		t.Fatal(err)
	}
	return svc.Member(chat.Caller{App: app, User: user.ID, Login: tokens.Login})
}

func draftIn(room, localID, text string) service.Draft {
	body, err := cipher.Seal(text, localID)
	if err != nil {
		panic(err)
	}
	return service.Draft{RoomID: room, LocalID: localID, Type: chat.TextMessage, Body: chat.Sealed(body)}
}
