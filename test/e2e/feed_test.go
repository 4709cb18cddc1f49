package e2e

import (
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/test/env/servertest"
)

// feedEvent is what a backend is told.
type feedEvent struct {
	ID, Type, Timestamp string
	Created             int64
	Data                struct {
		Room     *struct{ RoomID, XcRoomID, Name string }
		By, User *struct{ UserID, XcUserID, Fullname string }
		Users    []struct{ UserID, XcUserID string }
		Message  *struct {
			MessageID, LocalID, Body, TypeName, Action string
			IsDeleted                                  bool
		}
		Messages []struct {
			MessageID, LocalID string
			Created            int64
		}
		IsAdmin *bool
		Until   int64
		Report  *struct{ ReportID, Category, Reason, MessageID string }
		File    *struct {
			FileID, FileName, MediaType string
			Size                        int64
		}
	}
}

type feedPage struct {
	Events  []feedEvent
	Cursor  string
	HasMore bool
}

// eventsSince lists all that has happened behind a cursor.
func eventsSince(t testing.TB, a *servertest.App, cursor string) []feedEvent {
	t.Helper()
	page := listEvents(t, a, obj{"cursor": cursor, "limit": 500})
	if page.HasMore {
		t.Fatal("there is more than one page")
	}
	return page.Events
}

// feedNow is the place behind all that has happened.
func feedNow(t testing.TB, a *servertest.App) string {
	t.Helper()
	return listEvents(t, a, obj{"cursor": "now"}).Cursor
}

func listEvents(t testing.TB, a *servertest.App, body obj) (page feedPage) {
	t.Helper()
	a.Must(t, "events/list", body, &page)
	return page
}

// outline says in short what an event tells of.
func outline(e feedEvent) string {
	parts := []string{e.Type}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+"="+value)
		}
	}
	if e.Data.Room != nil {
		add("room", e.Data.Room.XcRoomID+e.Data.Room.Name)
	}
	if e.Data.By != nil {
		add("by", e.Data.By.XcUserID)
	}
	if e.Data.User != nil {
		add("user", e.Data.User.XcUserID)
	}
	for _, u := range e.Data.Users {
		add("of", u.XcUserID)
	}
	if m := e.Data.Message; m != nil {
		if m.TypeName != "system_message" { // whose words are tested elsewhere
			add("body", m.Body)
		}
		add("type", m.TypeName)
		add("action", m.Action)
	}
	for range e.Data.Messages {
		add("message", "1")
	}
	if e.Data.IsAdmin != nil {
		add("admin", map[bool]string{true: "yes", false: "no"}[*e.Data.IsAdmin])
	}
	if e.Data.Report != nil {
		add("category", e.Data.Report.Category)
	}
	if e.Data.File != nil {
		add("file", e.Data.File.FileName)
	}
	return strings.Join(parts, " ")
}

// TestEveryEvent: whatever happens in an App is an event of its feed, in the order in which it has
// happened, and names what it is about.
func TestEveryEvent(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		group := newGroup(t, ana, "G", bo)
		local := ana.Send(t, group, "first")
		ownLocal := localID(t)
		ana.NextMessage(t)
		first := history(t, bo, group)[0].MessageID
		told := map[string]bool{}
		// step does something, and checks what is told of it.
		step := func(what string, do func(), want ...string) {
			t.Helper()
			cursor := feedNow(t, a)
			do()
			var got []string
			for _, e := range eventsSince(t, a, cursor) {
				if at, err := time.Parse(time.RFC3339, e.Timestamp); err != nil || at.UnixMilli() != e.Created || e.ID == "" {
					t.Errorf("%s: event %q at %q, %d: %v", what, e.ID, e.Timestamp, e.Created, err)
				}
				if e.Type != "user.online" && e.Type != "user.offline" { // they come when they come
					got = append(got, outline(e))
				}
				told[e.Type] = true
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: told\n\t%s\nwant\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
			}
		}
		server := func(path string, body obj) func() { return func() { a.Must(t, path, body, nil) } }
		device := func(d *servertest.Device, path string, body obj) func() { return func() { d.Call(t, path, body, nil) } }
		notice := func(room, action string) string {
			return "message.created room=" + room + " type=system_message action=" + action
		}

		order := obj{"xcRoomID": "o1", "type": 2, "name": "N", "participantXCUserIDs": list{"ana"}}
		step("a room is made", server("room/create_or_update", order),
			"room.created room=o1N", "participant.added room=o1N of=ana", notice("o1N", "room/create"))
		step("it is made again", server("room/create_or_update", order))
		step("its tags change", server("room/create_or_update", obj{"xcRoomID": "o1", "type": 2, "name": "N", "tags": list{"vip"}}),
			"room.updated room=o1N")
		step("its name changes", server("room/create_or_update", obj{"xcRoomID": "o1", "type": 2, "name": "M"}),
			notice("o1M", "room/update"), "room.updated room=o1M")
		step("a participant is added", server("room/participants/add", obj{"xcRoomID": "o1", "participantXCUserIDs": list{"bo", "ana"}}),
			notice("o1M", "room/addParticipant"), "participant.added room=o1M of=bo")
		step("a participant is removed", server("room/participants/remove", obj{"xcRoomID": "o1", "participantXCUserIDs": list{"bo"}}),
			notice("o1M", "room/removeParticipant"), "participant.removed room=o1M of=bo")
		step("the room is locked", server("room/lock", obj{"xcRoomID": "o1", "xcUserID": "ana"}),
			"message.created room=o1M by=ana type=system_message action=room/update", "room.locked room=o1M by=ana")
		step("the room is unlocked", server("room/unlock", obj{"xcRoomID": "o1", "xcUserID": "ana"}),
			"message.created room=o1M by=ana type=system_message action=room/update", "room.unlocked room=o1M by=ana")
		sendBody(t, a, textMessage("ana", "o1", "of ana", obj{"localID": ownLocal}))
		step("the backend edits a message", server("message/edit", obj{"localID": ownLocal, "body": "edited"}),
			"message.updated room=o1M body=edited type=text")
		step("that says so already", server("message/edit", obj{"localID": ownLocal, "body": "edited"}))
		edited := listed(t, a, obj{"xcRoomID": "o1", "xcUserID": "ana", "types": list{1001}}, 1)[0].MessageID
		step("the backend deletes a message", server("message/delete", obj{"messageIDs": list{edited}}),
			"message.deleted room=o1M type=text")
		step("that is deleted already", server("message/delete", obj{"messageIDs": list{edited}}))
		step("the backend writes of itself", server("message/send_system", obj{"xcRoomID": "o1", "body": "Paid"}),
			notice("o1M", "room/update"))
		step("the room is frozen", server("room/freeze", obj{"xcRoomID": "o1"}),
			notice("o1M", "room/update"), "room.frozen room=o1M")
		step("the room is unfrozen", server("room/unfreeze", obj{"xcRoomID": "o1"}),
			notice("o1M", "room/update"), "room.unfrozen room=o1M")
		muted := obj{"xcRoomID": "o1", "participantXCUserIDs": list{"ana"}}
		step("a participant is muted", server("room/participants/mute", muted), "participant.muted room=o1M of=ana")
		step("a participant is unmuted", server("room/participants/unmute", muted), "participant.unmuted room=o1M of=ana")
		banned := obj{"xcRoomID": "o1", "participantXCUserIDs": list{"bo"}}
		server("room/participants/add", banned)()
		step("a participant is banned", server("room/participants/ban", banned),
			notice("o1M", "room/removeParticipant"), "participant.removed room=o1M of=bo", "participant.banned room=o1M of=bo")
		step("a banned user is not added", server("room/participants/add", banned))
		step("a user is no longer banned", server("room/participants/unban", banned), "participant.unbanned room=o1M of=bo")
		step("an admin is set", server("room/admins/set", obj{"xcRoomID": "o1", "adminXCUserIDs": list{"ana"}}),
			notice("o1M", "room/promoteAdmin"), "participant.updated room=o1M of=ana admin=yes")
		step("the room is deleted", server("room/delete", obj{"xcRoomID": "o1"}),
			notice("o1M", "room/delete"), "room.deleted room=o1M")
		step("the room is restored", server("room/restore", obj{"xcRoomID": "o1"}),
			notice("o1M", "room/create"), "room.restored room=o1M")
		step("rooms in a batch", server("room/batch/create_or_update", obj{"rooms": list{
			obj{"xcRoomID": "o2", "type": 2, "name": "B", "participantXCUserIDs": list{"ana"}},
			obj{"xcRoomID": "o2", "type": 2, "name": "C"},
		}}), "room.created room=o2C", "participant.added room=o2C of=ana", notice("o2C", "room/create"),
			notice("o2C", "room/update"), "room.updated room=o2C")
		step("the backend writes", server("message/send/custom", obj{
			"xcRoomID": "o1", "senderXCUserID": "ana", "messageType": 3001, "body": "hi", "data": "{}",
		}), "message.created room=o1M by=ana body=hi type=custom")

		step("a device writes", func() {
			until(t, ana, ana.Send(t, group, "second"))
		}, "message.created room=G by=ana body=second type=text")
		step("a message is delivered", device(bo, "chat/message/feedback/delivered", obj{"messageIDs": list{first}}),
			"message.delivered room=G by=bo message=1")
		step("a message is read", device(bo, "chat/message/feedback/read", obj{"messageIDs": list{first}}),
			"message.read room=G by=bo message=1")
		step("a message is edited", func() {
			ana.Emit(t, "chat/updateMessage", draftOf(t, sdkMessage{room: group, localID: local, text: "new", kind: 1001}))
			ana.Next(t, "the edit", func(e servertest.Event) bool {
				return e.EventName == "chat/updateMessage" && e.Message.LocalID == local && e.Message.Text(t) == "new"
			})
		}, "message.updated room=G by=ana body=new type=text")
		step("a message is deleted", device(ana, "chat/message/delete", obj{"roomID": group, "messageIDs": list{first}, "forEveryone": true}),
			"message.deleted room=G by=ana type=text")
		step("an admin is made", device(ana, "client/room/admins/promote", obj{"roomID": group, "userIDs": list{bo.UserID}}),
			"message.created room=G by=ana type=system_message action=room/promoteAdmin", "participant.updated room=G by=ana of=bo admin=yes")
		step("an admin is unmade", device(ana, "client/room/admins/demote", obj{"roomID": group, "userIDs": list{bo.UserID}}),
			"message.created room=G by=ana type=system_message action=room/demoteAdmin", "participant.updated room=G by=ana of=bo admin=no")
		step("somebody leaves", device(bo, "client/room/leave", obj{"roomID": group}),
			"message.created room=G by=bo type=system_message action=room/leave", "participant.removed room=G by=bo of=bo")
		step("a group is deleted", device(ana, "client/room/delete", obj{"roomID": group, "checksum": checksum(ana, group)}),
			"message.created room=G by=ana type=system_message action=room/delete", "room.deleted room=G by=ana")

		step("a user is made", server("user/update", obj{"xcUserID": "cy", "fullName": "Cy"}), "user.created user=cy")
		step("a user is changed", server("user/update", obj{"xcUserID": "cy", "fullName": "Cyd"}), "user.updated user=cy")
		step("a user is left as they are", server("user/update", obj{"xcUserID": "cy", "fullName": "Cyd"}))
		step("a user is blocked", device(ana, "client/contact/block", obj{"userID": bo.UserID}), "user.blocked user=ana of=bo")
		step("a user is unblocked", device(ana, "client/contact/unblock", obj{"userID": bo.UserID}), "user.unblocked user=ana of=bo")
		step("a user is reported", device(ana, "client/chat_report/submit_user", obj{"userID": bo.UserID, "category": "Spam"}),
			"user.reported user=bo category=Spam")
		step("a user is deactivated", server("user/deactivate", obj{"xcUserID": "cy"}), "user.deactivated user=cy")
		step("a user is deactivated again", server("user/deactivate", obj{"xcUserID": "cy"}))
		step("a user is reactivated", server("user/reactivate", obj{"xcUserID": "cy"}), "user.reactivated user=cy")
		step("a user is reactivated again", server("user/reactivate", obj{"xcUserID": "cy"}))
		step("a user is signed out", server("user/logout", obj{"xcUserID": "cy"}))
		step("a user is deleted", server("user/delete", obj{"xcUserID": "cy"}), "user.deleted user=cy")
		forgotten := ask[struct{ Erasure erasure }](t, a, "user/erase", obj{"xcUserID": "cy"}).Erasure.ErasureID
		awaitEvent(t, a, "user.erased", "erased-"+forgotten)
		told["user.erased"] = true
		step("a personal room begins", func() {
			until(t, ana, ana.Send(t, pairOf(ana, bo), "dear bo"))
		}, "room.created", "participant.added of=ana of=bo", "message.created by=ana body=dear bo type=text")
		step("a file is uploaded", func() { ana.MustUpload(t, pairOf(ana, bo), "a.txt", []byte("text")) },
			"file.uploaded by=ana file=a.txt")

		// bo has not connected so far; ana has, and leaves.
		awaitEvent(t, a, "user.online", "ana")
		ana.Disconnect()
		awaitEvent(t, a, "user.offline", "ana")
		told["user.online"], told["user.offline"] = true, true
		told["message.expired"] = true // takes days: see TestRetention
		for _, k := range chat.FeedKinds {
			if !told[string(k)] {
				t.Errorf("no step is about %s", k)
			}
		}
	})
}

// awaitEvent waits for an event about a user, as backends do.
func awaitEvent(t testing.TB, a *servertest.App, kind, xcUser string) {
	t.Helper()
	cursor := ""
	for range 10 {
		page := listEvents(t, a, obj{"cursor": cursor, "types": list{kind}, "wait": 10})
		for _, e := range page.Events {
			if e.Data.User != nil && e.Data.User.XcUserID == xcUser {
				return
			}
		}
		cursor = page.Cursor
	}
	t.Errorf("there was no %s of %s", kind, xcUser)
}
