package e2e

import (
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

var (
	messageNotFound = failure{"40401", "Message is not found", ""}
	notEditable     = failure{"40301", "This message cannot be edited", ""}
)

type editedData struct {
	Changed bool
	Message struct {
		toldMessage
		IsMessageEdited bool
	}
}

type deletedData struct{ DeletedMessageIDs, SkippedMessageIDs []string }

// TestBackendEdits: who is connected is told, and who is not finds it when catching up. What the message is
// besides stays.
func TestBackendEdits(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, away := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "bo", "2")
		room := newGroup(t, ana, "Group", bo)
		local := localID(t)
		ana.Emit(t, "chat/sendMessage", draftOf(t, sdkMessage{room: room, localID: local, text: "old", kind: 1002, data: `{"caption":"old"}`}))
		m := bo.NextMessage(t)
		catchUp(t, away)
		got := ask[editedData](t, a, "message/edit", obj{"messageID": m.MessageID, "body": "new"})
		if !got.Changed || got.Message.Body != "new" || got.Message.Data != `{"caption":"old"}` || !got.Message.IsMessageEdited {
			t.Errorf("answered %+v", got)
		}
		for who, d := range map[string]*servertest.Device{"the sender": ana, "another": bo} {
			if told := d.NextUpdate(t); told.MessageID != m.MessageID || told.Text(t) != "new" || !told.IsMessageEdited {
				t.Errorf("%s is told %+v", who, told)
			}
		}
		if later := catchUp(t, away); len(later) != 1 || later[0].Text(t) != "new" || later[0].Created != m.Created || later[0].Updated <= m.Updated {
			t.Errorf("who was away gets %+v", later)
		}
		got = ask[editedData](t, a, "message/edit", obj{"localID": local, "body": "new", "data": `{"caption":"newer"}`})
		if !got.Changed || got.Message.Data != `{"caption":"newer"}` {
			t.Errorf("answered %+v", got)
		}
		bo.NextUpdate(t)
		if got = ask[editedData](t, a, "message/edit", obj{"localID": local, "body": "new", "data": `{"caption":"newer"}`}); got.Changed {
			t.Error("the same again changes something")
		}
		if news := heard(t, bo); len(news) > 0 {
			t.Errorf("of the same again bo hears %q", names(news))
		}
		if n := unreadCount(t, a, "bo", room); n != 2 { // that the room was made, and the message
			t.Errorf("%d unread", n)
		}
	})
}

// TestBackendEditRefuses: what cannot be edited stays as it is.
func TestBackendEditRefuses(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		for _, app := range []*servertest.App{a, a.Default()} {
			putUsers(t, app, "zed")
			putRoom(t, app, "edits", nil)
			sendBody(t, app, textMessage("zed", "edits", "text", nil))
			sendBody(t, app, textMessage("zed", "edits", "own", obj{"messageType": 3001, "data": "{}"}))
			sendBody(t, app, textMessage("zed", "edits", "picture", obj{"messageType": 1002, "data": "{}"}))
		}
		all := listed(t, a, obj{"xcRoomID": "edits", "order": "oldest"}, 100)
		system, text, own, picture := all[0].MessageID, all[1].MessageID, all[2].MessageID, all[3].MessageID
		theirs := listed(t, a.Default(), obj{"xcRoomID": "edits"}, 1)[0]
		edit := func(id string, more obj) obj { return with(obj{"messageID": id, "body": "x"}, more) }
		refuse(t, a, "message/edit", obj{"body": "x"}, invalid("messageID", "messageID", "is required, or localID"))
		refuse(t, a, "message/edit", edit(text, obj{"localID": "x"}), invalid("messageID", "messageID", "and 'localID' must not both be given"))
		refuse(t, a, "message/edit", edit("0", nil), invalid("messageID", "messageID", "must be the id of a message"))
		refuse(t, a, "message/edit", edit(text, obj{"body": ""}), required("body", "body"))
		refuse(t, a, "message/edit", edit(text, obj{"body": strings.Repeat("x", 4001)}), invalid("body", "body", "must have at most 4000 UTF-16 units"))
		refuse(t, a, "message/edit", edit(text, obj{"data": "{}"}), invalid("data", "data", "must be empty for messages of type 1001"))
		refuse(t, a, "message/edit", edit(own, obj{"data": "x"}), invalid("data", "data", "must be the JSON text of an object or an array"))
		refuse(t, a, "message/edit", edit(picture, obj{"data": ""}), required("data", "data"))
		refuse(t, a, "message/edit", edit(theirs.MessageID, nil), messageNotFound)
		refuse(t, a, "message/edit", obj{"localID": theirs.LocalID, "body": "x"}, messageNotFound)
		refuse(t, a, "message/edit", edit(system, nil), notEditable)
		got := ask[deletedData](t, a, "message/delete", obj{"messageIDs": list{text, theirs.MessageID, system, text}})
		if !slices.Equal(got.DeletedMessageIDs, []string{text}) || !slices.Equal(got.SkippedMessageIDs, []string{theirs.MessageID, system}) {
			t.Errorf("deleted %+v", got)
		}
		refuse(t, a, "message/edit", edit(text, nil), notEditable)
		if now := listed(t, a, obj{"xcRoomID": "edits", "order": "oldest"}, 100); bodiesOf(now) != all[0].Body+" - own picture" {
			t.Errorf("left: %s", bodiesOf(now))
		}
		if other := listed(t, a.Default(), obj{"xcRoomID": "edits"}, 1)[0]; other.message != theirs.message {
			t.Errorf("another App's is %+v", other)
		}
		// What nobody else may touch any more, the backend still can.
		do(t, a, "room/lock", obj{"xcRoomID": "edits", "xcUserID": "zed"})
		do(t, a, "message/edit", edit(own, nil))
		do(t, a, "room/delete", obj{"xcRoomID": "edits"})
		do(t, a, "user/delete", obj{"xcUserID": "zed"})
		if got := ask[editedData](t, a, "message/edit", edit(own, obj{"body": "y", "data": ""})); got.Message.Body != "y" || got.Message.Data != "" {
			t.Errorf("in a deleted room: %+v", got)
		}
		if got := ask[deletedData](t, a, "message/delete", obj{"messageIDs": list{picture, own}}); len(got.DeletedMessageIDs) != 2 {
			t.Errorf("in a deleted room: %+v", got)
		}
	})
}

// TestBackendDeletes: messages of several rooms, for everyone; unread counts and lists are right afterwards.
func TestBackendDeletes(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, away := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t), a.SignIn(t, "bo", "2")
		room, pair := newGroup(t, ana, "Group", bo), pairOf(ana, bo)
		post := func(in string) servertest.Message {
			t.Helper()
			local := ana.Send(t, in, "secret")
			return bo.Next(t, "it", func(e servertest.Event) bool { return e.Message.LocalID == local }).Message
		}
		one, two, three := post(room), post(room), post(pair)
		bo.Call(t, "chat/message/star", obj{"roomID": room, "messageIDs": list{two.MessageID}}, nil)
		catchUp(t, away)
		before := unreadCount(t, a, "bo", room)
		body := obj{"messageIDs": list{one.MessageID, three.MessageID}}
		for range 2 { // the second changes nothing
			got := ask[deletedData](t, a, "message/delete", body)
			if !slices.Equal(got.DeletedMessageIDs, []string{one.MessageID, three.MessageID}) || len(got.SkippedMessageIDs) != 0 {
				t.Errorf("answered %+v", got)
			}
		}
		for who, d := range map[string]*servertest.Device{"the sender": ana, "another": bo} {
			var told []string
			for range 2 {
				m := d.NextUpdate(t)
				if !m.IsDeleted || m.Text(t) != "" {
					t.Errorf("%s is told %+v", who, m)
				}
				told = append(told, m.MessageID)
			}
			if slices.Sort(told); !slices.Equal(told, slices.Sorted(slices.Values([]string{one.MessageID, three.MessageID}))) {
				t.Errorf("%s is told of %q", who, told)
			}
			if more := heard(t, d); len(more) > 0 {
				t.Errorf("%s hears of %q besides", who, names(more))
			}
		}
		later := slices.DeleteFunc(catchUp(t, away), func(m servertest.Message) bool { return m.Room.RoomID == pairOf(bo, bo) })
		if len(later) != 2 || !later[0].IsDeleted || !later[1].IsDeleted {
			t.Errorf("who was away gets %+v", later)
		}
		if n := unreadCount(t, a, "bo", room); n != before-1 {
			t.Errorf("%d unread, before it were %d", n, before)
		}
		do(t, a, "message/delete", obj{"messageIDs": list{two.MessageID}})
		if starred := listMessages(t, bo, "chat/message/get_starred_list", obj{"roomID": room}).Messages; len(starred) != 0 {
			t.Errorf("still starred: %+v", starred)
		}
	})
}

// TestBackendChangesLetGoOfFiles: a file that a message named is nobody's by it any more, whether the message
// is deleted or names another.
func TestBackendChangesLetGoOfFiles(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		room := newGroup(t, ana, "Group", bo)
		upload := func(name string) string {
			t.Helper()
			return ana.MustUpload(t, room, name, []byte("content of "+name)).FileID
		}
		may := func(file string) bool {
			t.Helper()
			return refusal(download(t, bo, room, file, nil)) == ""
		}
		first, second := upload("first"), upload("second")
		m := share(t, ana, room, obj{"fileID": first})
		do(t, a, "message/edit", obj{"messageID": m, "body": "another text"})
		if !may(first) {
			t.Error("an edit of the text has taken the file away")
		}
		do(t, a, "message/edit", obj{"messageID": m, "body": "another file", "data": `{"fileID":"` + second + `"}`})
		if may(first) || !may(second) {
			t.Errorf("after an edit: the first %v, the second %v", may(first), may(second))
		}
		do(t, a, "message/delete", obj{"messageIDs": list{m}})
		if may(second) {
			t.Error("a deletion has left the file")
		}
	})
}

// TestSendSystem: the App's own words come as a system message of the App's, once under a key.
func TestSendSystem(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		nextAction(t, ana, "room/create")
		first := keyed(t, a, "paid", "message/send_system", obj{"xcRoomID": "r", "body": "The sender has paid"})
		checkRepeat(t, "message/send_system", first, keyed(t, a, "paid", "message/send_system", obj{"xcRoomID": "r", "body": "The sender has paid"}))
		if m := nextAction(t, ana, "room/update"); m.Text(t) != "The s\u2060ender has paid" || m.IsHidden || m.Target.TargetID != "0" {
			t.Errorf("a system message %+v", m)
		}
		if more := heard(t, ana); len(more) > 0 {
			t.Errorf("ana hears of %q besides", names(more))
		}
		if n := unreadCount(t, a, "bo", getRoom(t, a, "r").Room.RoomID); n != 2 {
			t.Errorf("%d unread", n)
		}
		refuse(t, a, "message/send_system", obj{"xcRoomID": "r"}, required("body", "body"))
		refuse(t, a, "message/send_system", obj{"body": "x"}, invalid("xcRoomID", "xcRoomID", "is required, or roomID"))
		refuse(t, a, "message/send_system", obj{"xcRoomID": "r", "body": "{x}"},
			invalid("body", "body", "must be without braces, which devices take for placeholders"))
		refuse(t, a, "message/send_system", obj{"xcRoomID": "r", "body": strings.Repeat("x", 4001)},
			invalid("body", "body", "must have at most 4000 UTF-16 units"))
		refuse(t, a, "message/send_system", obj{"xcRoomID": "none", "body": "x"}, roomNotFound)
		bo.Call(t, "chat/message/send/custom", obj{"roomID": pairOf(ana, bo), "localID": localID(t), "messageType": 1001, "body": "hi"}, nil)
		refuse(t, a, "message/send_system", obj{"roomID": pairOf(ana, bo), "body": "x"}, failure{"40301", "A personal room cannot be changed", ""})
		own := listed(t, a, obj{"xcRoomID": "r"}, 1)[0].MessageID
		if got := ask[deletedData](t, a, "message/delete", obj{"messageIDs": list{own}}); len(got.DeletedMessageIDs) != 1 {
			t.Errorf("the App's own words stay: %+v", got)
		}
		do(t, a, "room/delete", obj{"xcRoomID": "r"})
		refuse(t, a, "message/send_system", obj{"xcRoomID": "r", "body": "x"}, roomNotFound)
	})
}

// unreadCount is how much of a room somebody has not read, as their list of rooms says.
func unreadCount(t testing.TB, a *servertest.App, xcUser, roomID string) int {
	t.Helper()
	for _, sum := range listRooms(t, a, xcUser) {
		if sum.LastMessage.Room.RoomID == roomID {
			return sum.UnreadCount
		}
	}
	t.Fatalf("%s is not in %s", xcUser, roomID)
	return 0
}
