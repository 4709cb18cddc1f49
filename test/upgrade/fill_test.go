package upgrade

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// filling puts something of everything into a database, always the same.
type filling struct {
	t      *testing.T
	app    *servertest.App
	clock  *clock
	locals int
	out    logins
}

// fill runs a server on a new database, fills that, and stops the server.
func fill(t *testing.T, cfg config.Config) logins {
	f := &filling{t: t, clock: clockAt(filledFrom)}
	f.out.Devices = map[string]login{}
	s := servertest.Start(t, cfg, f.clock.now)
	f.app = s.Default()
	f.people()
	f.backend()
	f.devices()
	f.otherApp()
	s.Stop(t)
	f.leaveTask(s.Config)
	return f.out
}

// at moves the clock on: no two things happen at the same time.
func (f *filling) at() { f.clock.ms.Add(1000) }

func (f *filling) server(path string, body obj) {
	f.t.Helper()
	f.at()
	f.app.Must(f.t, path, body, nil)
}

func (f *filling) call(d *servertest.Device, path string, body obj) {
	f.t.Helper()
	f.at()
	d.Call(f.t, path, body, nil)
}

// local is the next localID.
func (f *filling) local() string {
	f.locals++
	return fmt.Sprintf("frozen-%025d", f.locals)
}

// send has the backend send a message in a user's name, and returns its localID.
func (f *filling) send(sender string, to obj, text string) string {
	f.t.Helper()
	local := f.local()
	body := obj{"messageType": 1001, "body": text, "senderXCUserID": sender, "localID": local}
	for name, value := range to {
		body[name] = value
	}
	f.server("message/send/custom", body)
	return local
}

// people makes roles, users and contacts.
func (f *filling) people() {
	f.server("role/create_or_update", obj{"code": "agent", "name": "Agent", "iconURL": "https://example.com/agent.png"})
	for _, xc := range []string{"ana", "bo", "cy", "dee", "gil", "hal", "eve"} {
		f.server("user/update", obj{"xcUserID": xc, "fullName": "Name of " + xc, "userPlatform": "web"})
	}
	f.server("user/update", obj{
		"xcUserID": "dee", "fullName": "Dee", "username": "Dee.1", "email": "dee@example.com", "phone": "+4912345",
		"userRoleCode": "agent", "photoThumbnailURL": "https://example.com/s.jpg",
		"photoFullsizeURL": "https://example.com/l.jpg",
	})
	f.server("user/update", obj{"xcUserID": "eve", "fullName": "Eve", "userRoleCode": "never described"})
	f.server("contact/sync", obj{"contacts": list{
		obj{"ownerXCUserID": "ana", "contactXCUserID": "bo"},
		obj{"ownerXCUserID": "ana", "contactXCUserID": "gil"},
		obj{"ownerXCUserID": "bo", "contactXCUserID": "ana"},
		obj{"ownerXCUserID": "bo", "contactXCUserID": "cy"},
	}})
	f.server("contact/sync", obj{"contacts": list{obj{"ownerXCUserID": "bo", "contactXCUserID": "cy", "isDeleted": true}}})
}

// backend makes rooms and messages as a backend does.
func (f *filling) backend() {
	f.server("room/create_or_update", obj{
		"xcRoomID": "group", "type": 2, "name": "Group", "tags": list{"one", "two"},
		"participantXCUserIDs": list{"ana", "bo", "cy"},
		"photoThumbnailURL":    "https://example.com/t.jpg", "photoFullsizeURL": "https://example.com/f.jpg",
	})
	f.server("room/create_or_update", obj{
		"xcRoomID": "sale", "type": 4, "name": "Sale", "participantXCUserIDs": list{"ana"},
		"participantUserRoles": list{"agent"},
	})
	f.server("room/create_or_update", obj{
		"xcRoomID": "locked", "type": 2, "name": "Locked", "participantXCUserIDs": list{"ana", "bo"},
	})
	f.server("room/create_or_update", obj{"xcRoomID": "empty", "type": 2, "name": "Without messages of people"})
	group, sale, locked := obj{"xcRoomID": "group"}, obj{"xcRoomID": "sale"}, obj{"xcRoomID": "locked"}
	f.send("ana", group, "the first")
	f.send("bo", group, "the second")
	f.send("ana", obj{"xcRoomID": "group", "isHidden": true}, "hidden")
	f.send("cy", obj{"xcRoomID": "group", "filterID": "filter", "quote": obj{
		"title": "Title", "content": "what is quoted", "imageURL": "https://example.com/q.jpg", "fileID": "f",
		"fileType": "image",
	}}, "with a quote")
	f.send("bo", obj{"xcRoomID": "group", "messageType": 1002, "data": `{"caption":"a picture","fileID":"1"}`},
		"a picture")
	f.send("cy", obj{"xcRoomID": "group", "messageType": 3001, "data": `{"own":[1,2]}`}, "the customer's own")
	f.send("dee", sale, "may I help?")
	f.send("ana", obj{"xcRoomID": "sale", "messageType": 2001, "data": `{"items":[{"name":"a product"}]}`}, "a product")
	f.send("ana", sale, strings.Repeat("A text that is longer than one message. ", 120))
	f.send("bo", locked, "before the lock")
	f.server("room/lock", obj{"xcRoomID": "locked", "xcUserID": "ana"})
	f.send("ana", obj{"recipientXCUserID": "bo"}, "between us")
	f.send("bo", obj{"recipientXCUserID": "ana"}, "an answer")
	f.send("ana", obj{"recipientXCUserID": "ana"}, "a note to oneself")
	f.send("gil", obj{"recipientXCUserID": "ana"}, "from someone who goes")
	f.send("hal", obj{"recipientXCUserID": "ana"}, "from someone who is about to go")
	f.server("room/participants/remove", obj{"xcRoomID": "group", "participantXCUserIDs": list{"cy"}})
	f.send("ana", group, "after one has left")
}

// signIn signs a device in.
func (f *filling) signIn(xc, name string) *servertest.Device {
	f.t.Helper()
	f.at()
	return f.app.SignIn(f.t, xc, xc+" "+name)
}

// keep notes a device's credentials.
func (f *filling) keep(devices ...*servertest.Device) {
	for _, d := range devices {
		f.out.Devices[d.Name] = loginOf(d)
	}
}

// ids are those of the newest messages of a room that a device sees, the newest first.
func (f *filling) ids(d *servertest.Device, room string) (ids []string) {
	f.t.Helper()
	var page struct{ Messages []servertest.Message }
	d.Call(f.t, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 100}, &page)
	for _, m := range page.Messages {
		ids = append(ids, m.MessageID)
	}
	return ids
}

// roomID is what devices call a room of the backend's.
func (f *filling) roomID(d *servertest.Device, xc string) string {
	f.t.Helper()
	var found struct{ Room struct{ RoomID string } }
	d.Call(f.t, "client/room/get_by_xc_room_id", obj{"xcRoomID": xc}, &found)
	return found.Room.RoomID
}

// devices does what people do on their devices.
func (f *filling) devices() {
	t := f.t
	ana, web, bo := f.signIn("ana", "phone"), f.signIn("ana", "web"), f.signIn("bo", "phone")
	tablet, cy, dee, old, gil := f.signIn("bo", "tablet"), f.signIn("cy", "phone"), f.signIn("dee", "phone"),
		f.signIn("bo", "old"), f.signIn("gil", "phone")
	group, sale := f.roomID(ana, "group"), f.roomID(dee, "sale")
	pair := ana.UserID + "-" + bo.UserID

	// What each has caught up with: bo's tablet with everything, the phone with the begin.
	f.call(bo, "chat/message/new_and_updated", obj{})
	f.call(bo, "chat/message/new_and_updated", obj{})

	f.at()
	var made struct{ Room struct{ RoomID string } }
	ana.Call(t, "client/room/create", obj{
		"name": "Made by ana", "type": 2, "userIDs": list{bo.UserID, cy.UserID, dee.UserID},
	}, &made)
	own := made.Room.RoomID
	f.call(ana, "client/room/admins/promote", obj{"roomID": own, "userIDs": list{bo.UserID}})
	f.call(ana, "client/room/update", obj{"roomID": own, "name": "Renamed by ana"})
	f.call(ana, "client/room/participants/remove", obj{"roomID": own, "userIDs": list{dee.UserID}})
	f.call(cy, "client/room/leave", obj{"roomID": own})
	ana.Call(t, "client/room/create", obj{"name": "Deleted", "type": 2, "userIDs": list{bo.UserID}}, &made)
	sum := md5.Sum([]byte(made.Room.RoomID + ":2:" + ana.UserID + ":" + strconv.FormatInt(ana.AccessExpiry, 10)))
	f.call(ana, "client/room/delete", obj{"roomID": made.Room.RoomID, "checksum": hex.EncodeToString(sum[:])})

	f.relations(web, own, pair)
	ids := f.ids(ana, group)
	f.call(bo, "chat/message/feedback/delivered", obj{"messageIDs": f.ids(bo, group)})
	f.call(bo, "chat/message/feedback/read", obj{"messageIDs": list{ids[0], ids[len(ids)-2]}}) // with a hole between them
	f.call(bo, "chat/message/feedback/read", obj{"messageIDs": f.ids(bo, pair)})
	f.call(ana, "chat/message/feedback/read", obj{"messageIDs": f.ids(ana, sale)})
	f.call(cy, "chat/message/feedback/read", obj{"messageIDs": f.ids(cy, group)})
	f.call(ana, "chat/message/delete", obj{"roomID": group, "messageIDs": list{ids[len(ids)-2]}, "forEveryone": true})
	f.call(bo, "chat/message/delete", obj{"roomID": group, "messageIDs": list{ids[1]}, "forEveryone": false})
	f.call(ana, "chat/message/star", obj{"roomID": group, "messageIDs": list{ids[0], ids[1]}})
	f.call(ana, "chat/message/pin", obj{"roomID": group, "messageIDs": list{ids[0]}})
	f.call(ana, "client/room/mute", obj{"roomIDs": list{group}, "expiredAt": 0})
	f.call(bo, "client/room/mute", obj{"roomIDs": list{group}, "expiredAt": openedAt + 3_600_000})
	f.call(ana, "client/room/pin", obj{"roomIDs": list{pair}})
	f.call(ana, "client/room/mark_as_unread", obj{"roomIDs": list{sale}})
	f.call(dee, "client/room/clear_chat", obj{"roomIDs": list{sale}})

	f.at()
	tablet.RefreshTokens(t)
	f.call(tablet, "chat/message/room_list_and_unread", obj{})
	f.call(tablet, "chat/message/new_and_updated", obj{})
	f.call(tablet, "chat/message/new_and_updated", obj{})
	f.send("ana", obj{"xcRoomID": "group"}, "the last")
	f.server("user/update", obj{"xcUserID": "cy", "fullName": "Cy with a new name"})

	desk := f.signIn("ana", "desk") // the last that is seen of ana: pings of a socket come when they like

	f.keep(ana, web, bo, tablet, cy, dee, desk)
	f.out.SignedOut, f.out.OfDeleted = loginOf(old), loginOf(gil)
	f.call(old, "client/logout", obj{})
	f.server("user/delete", obj{"xcUserID": "gil"})
	f.at()
	var ticket struct{ Ticket string }
	f.app.Must(t, "auth_ticket/request", obj{"xcUserID": "eve", "fullName": "Eve", "userPlatform": "web"}, &ticket)
	f.out.Ticket = ticket.Ticket
}

// relations sends what only sockets send: a reply, a forwarded message and an edit.
func (f *filling) relations(d *servertest.Device, room, pair string) {
	t := f.t
	d.Connect(t)
	emit := func(event, local, text string, fields obj) servertest.Message {
		t.Helper()
		f.at()
		draft := servertest.Draft(t, room, local, text)
		for name, value := range fields {
			draft[name] = value
		}
		d.Emit(t, event, draft)
		return d.Next(t, text, func(e servertest.Event) bool {
			return e.Message.LocalID == local && e.EventName == event
		}).Message
	}
	first := emit("chat/sendMessage", f.local(), "to be answered", nil)
	of := obj{
		"userID": d.UserID, "xcUserID": "ana", "fullname": "Name of ana", "messageID": first.MessageID,
		"localID": first.LocalID, "messageType": 1001,
	}
	emit("chat/sendMessage", f.local(), "a reply", obj{"replyTo": of})
	of["roomID"] = pair
	emit("chat/sendMessage", f.local(), "forwarded", obj{"forwardFrom": of})
	typo := f.local()
	emit("chat/sendMessage", typo, "with a tpyo", nil)
	emit("chat/updateMessage", typo, "without a typo", nil)
	if _, err := cipher.Decrypt(first.Body, first.LocalID); err != nil {
		t.Error(err)
	}
	d.Disconnect()
}

// otherApp makes a second App in which the ids are the same, and a key that is revoked.
func (f *filling) otherApp() {
	t := f.t
	f.at()
	err := server.WithService(t.Context(), f.app.Config, func(svc *service.Service) error {
		app, err := svc.CreateTitledApp(t.Context(), "other", "Another App")
		if err != nil {
			return err
		}
		make := func(kind chat.KeyKind) string {
			id, secret, err := svc.CreateKey(t.Context(), app, chat.Key{Kind: kind, Label: "of a frozen database"})
			if err != nil {
				t.Fatal(err)
			}
			return id + ":" + secret
		}
		f.out.Other, f.out.Revoked = keys{make(chat.ServerKey), make(chat.AppKey)}, make(chat.ServerKey)
		id, _, _ := strings.Cut(f.out.Revoked, ":")
		return svc.RevokeKey(t.Context(), app, id)
	})
	if err != nil {
		t.Fatal(err)
	}
	f.app = &servertest.App{Server: f.app.Server, Name: "other", ServerKey: f.out.Other.Server, AppKey: f.out.Other.App}
	f.server("user/update", obj{"xcUserID": "ana", "fullName": "Another Ana"})
	f.server("room/create_or_update", obj{
		"xcRoomID": "group", "type": 2, "name": "Another group", "participantXCUserIDs": list{"ana"},
	})
	f.send("ana", obj{"xcRoomID": "group"}, "in another App")
}

// leaveTask leaves work behind, as a node does that dies when it has stored that a user is
// deleted: their rooms are still to be closed.
func (f *filling) leaveTask(cfg config.Config) {
	t := f.t
	f.at()
	o := server.StoreOptions(cfg)
	o.Now = f.clock.now
	st, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	app, err := st.App(t.Context(), chat.DefaultApp)
	if err == nil {
		err = st.Write(t.Context(), 0, func(ctx context.Context, tx *store.Tx) error {
			_, _, _, err := tx.DeleteUser(ctx, app.ID, "hal")
			return err
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	if left := storetest.Query(t, o, "SELECT kind FROM user_tasks"); len(left) != 1 || left[0] != "account" {
		t.Errorf("the tasks that are left: %q", left)
	}
}
