package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/internal/powertalk/clientapi"
	"parlor/test/env/servertest"
)

// The people who call everything in TestWhoMayCall, by what they are to a group.
const (
	admin    = "admin"
	member   = "member"
	demoted  = "former admin"
	blocked  = "blocked participant" // whom the member has blocked
	former   = "former participant"
	stranger = "stranger"
	foreign  = "user of another App"
	deleted  = "deleted user"
)

var (
	people   = []string{admin, member, demoted, blocked}
	everyone = []string{admin, member, demoted, blocked, former, stranger} // of the App
	all      = []string{admin, member, demoted, blocked, former, stranger, foreign, deleted}
)

// authorized says of a call of the client API who may make it.
type authorized struct {
	path string
	body func(g *guarded, d *servertest.Device) obj // nil is an empty one
	may  []string
	// quiet says that others are answered by success, with nothing in it.
	quiet bool
	form  bool // the body goes in a form, with the text in file as the file
	file  bool // who may is answered with a file
	// after is a call made before this one by the first who may, for there to be something to
	// answer.
	after string
}

// guarded is a group with a message in it, and everybody who tries something on it.
type guarded struct {
	room, message string
	scheduled     int64  // by the admin
	file          string // that a message names
	photo         int    // of the member
	picture       []byte
	newcomer      string // a user whom nobody knows yet
	devices       map[string]*servertest.Device
}

func ofRoom(g *guarded, _ *servertest.Device) obj  { return obj{"roomID": g.room} }
func ofRooms(g *guarded, _ *servertest.Device) obj { return obj{"roomIDs": list{g.room}} }
func ofMember(g *guarded, _ *servertest.Device) obj {
	return obj{"userID": g.devices[member].UserID}
}

func ofPhoto(g *guarded, _ *servertest.Device) obj { return obj{"id": g.photo} }

func ofNewcomer(g *guarded, _ *servertest.Device) obj { return obj{"userID": g.newcomer} }

func ofMessage(g *guarded, _ *servertest.Device) obj {
	return obj{"messageID": g.message, "messageIDs": list{g.message}}
}

func ofMessages(g *guarded, _ *servertest.Device) obj {
	return obj{"roomID": g.room, "messageIDs": list{g.message}}
}

func ofOthers(g *guarded, _ *servertest.Device) obj {
	return obj{"roomID": g.room, "userIDs": list{g.newcomer}}
}

func ofScheduled(g *guarded, _ *servertest.Device) obj {
	return obj{"ids": list{g.scheduled}}
}

func scheduledInMatrix(localID, room string) obj {
	body, err := cipher.Seal("scheduled", localID)
	if err != nil {
		panic(err)
	}
	return obj{
		"scheduledTime": inAWhile(),
		"message":       obj{"localID": localID, "type": 1001, "body": body, "room": obj{"roomID": room}},
	}
}

// matrix has a row for every call behind a login: TestWhoMayCall fails for one without.
var matrix = []authorized{
	{path: "client/logout", may: everyone, quiet: true},
	{path: "client/push_notification/update", may: everyone, quiet: true, body: func(_ *guarded, d *servertest.Device) obj {
		return obj{"fcmToken": "phone-" + d.UserID, "apnToken": nil} // of their own device
	}},
	{path: "client/push_notification/update_web", may: everyone, quiet: true},
	{path: "client/user/get_by_id", may: everyone, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"id": g.devices[member].UserID}
	}},
	{path: "client/user/get_by_xcuserid", may: everyone, body: func(*guarded, *servertest.Device) obj {
		return obj{"xcUserID": "who-" + member}
	}},
	{path: "client/user/get_by_username", may: everyone, body: func(*guarded, *servertest.Device) obj {
		return obj{"username": "membername"}
	}},
	{path: "client/user/get_all_by_ids", may: everyone, quiet: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"ids": list{g.devices[member].UserID}}
	}},
	{path: "client/contact/list", after: "client/contact/add", may: everyone, quiet: true},
	{path: "client/contact/add", may: []string{admin, demoted, blocked, former, stranger}, body: ofMember},
	{path: "client/contact/remove", may: everyone, quiet: true, body: ofMember},
	{path: "client/contact/add_by_phones", may: everyone, quiet: true, body: func(*guarded, *servertest.Device) obj {
		return obj{"phones": list{"628120000000"}}
	}},
	{path: "client/contact/block", may: everyone, body: ofNewcomer},
	{path: "client/contact/unblock", may: everyone, body: ofNewcomer},
	{path: "client/contact/get_blocked_list", after: "client/contact/block", may: everyone, quiet: true},
	{path: "client/contact/get_blocked_user_ids", after: "client/contact/block", may: everyone, quiet: true},
	{path: "client/user/update_bio", may: everyone, quiet: true, body: func(*guarded, *servertest.Device) obj {
		return obj{"bio": "Of a caller"}
	}},
	{path: "client/chat_report/submit_user", may: everyone, body: ofNewcomer},
	{path: "client/chat_report/submit_message", may: []string{member, demoted, blocked}, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "messageID": g.message}
	}},

	{path: "client/room/create", may: everyone, quiet: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"name": "Another", "userIDs": list{g.newcomer}}
	}},
	{path: "client/room/get", may: people, body: ofRoom},
	{path: "client/room/get_by_xc_room_id", may: people, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"xcRoomID": "backend-" + g.room}
	}},
	{path: "client/room/update", may: []string{admin}, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "name": "Renamed"}
	}},
	{path: "client/room/participants/add", may: []string{admin}, body: ofOthers},
	{path: "client/room/participants/remove", may: []string{admin}, body: ofOthers},
	{path: "client/room/admins/promote", may: []string{admin}, body: ofOthers},
	{path: "client/room/admins/demote", may: []string{admin}, body: ofOthers},
	{path: "client/room/leave", may: people, body: ofRoom},
	{path: "client/room/delete", may: []string{admin}, body: func(g *guarded, d *servertest.Device) obj {
		return obj{"roomID": g.room, "checksum": checksum(d, g.room)}
	}},
	{path: "client/room/groups_in_common", may: people, quiet: true, body: func(g *guarded, d *servertest.Device) obj {
		if d == g.devices[member] {
			return obj{"userID": g.devices[admin].UserID}
		}
		return obj{"userID": g.devices[member].UserID}
	}},

	{path: "client/room/mark_as_unread", may: people, quiet: true, body: ofRooms},
	{path: "client/room/mute", may: people, quiet: true, body: ofRooms},
	{path: "client/room/unmute", may: people, quiet: true, body: ofRooms},
	{path: "client/room/pin", may: people, quiet: true, body: ofRooms},
	{path: "client/room/unpin", may: people, quiet: true, body: ofRooms},
	{path: "client/room/clear_chat", may: people, quiet: true, body: ofRooms},
	{path: "client/room/get_unread_room_ids", after: "client/room/mark_as_unread", may: everyone, quiet: true},
	{path: "client/room/get_muted_room_ids", after: "client/room/mute", may: everyone, quiet: true},
	{path: "client/room/get_pinned_room_ids", after: "client/room/pin", may: everyone, quiet: true},
	{path: "client/room/get_room_ids_with_state", may: everyone, quiet: true},

	{path: "chat/message/room_list_and_unread", may: people, quiet: true},
	{path: "chat/message/new_and_updated", may: people, quiet: true},
	{path: "chat/message/list_by_room/before", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/list_by_room/after", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/feedback/delivered", may: people, quiet: true, body: ofMessage},
	{path: "chat/message/feedback/read", may: people, quiet: true, body: ofMessage},
	{path: "chat/message/send/custom", may: people, body: func(g *guarded, d *servertest.Device) obj {
		return obj{"roomID": g.room, "localID": fmt.Sprintf("matrix-%s-%020s", g.room, d.UserID), "messageType": 1001, "body": "hi"}
	}},
	{path: "chat/message/delete", may: []string{admin}, quiet: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "messageIDs": list{g.message}, "forEveryone": true}
	}},
	{path: "chat/message/star", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/unstar", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/get_starred_ids", after: "chat/message/star", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/get_starred_list", after: "chat/message/star", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/pin", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/unpin", after: "chat/message/pin", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/get_pinned_ids", after: "chat/message/pin", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/get_pinned_list", after: "chat/message/pin", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/get_details", may: people, body: ofMessage},
	{path: "chat/message/get_total_read", may: people, body: ofMessage},
	{path: "client/user/photo/upload", may: everyone, quiet: true, form: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"file": string(g.picture)}
	}},
	{path: "client/user/photo/get_list", may: everyone, body: ofMember},
	{path: "client/user/photo/set_main", may: []string{member}, body: ofPhoto},
	{path: "client/user/photo/delete", may: []string{member}, body: ofPhoto},
	{path: "client/room/photo/upload", may: []string{admin}, form: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "file": string(g.picture)}
	}},
	{path: "chat/file/upload", may: people, form: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "file": "content"}
	}},
	{path: "chat/file/download", may: people, file: true, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"roomID": g.room, "fileID": g.file}
	}},
	{path: "chat/room/get_shared_content", may: people, quiet: true, body: ofRoom},

	{path: "chat/scheduled_message/create", may: people, body: func(g *guarded, d *servertest.Device) obj {
		return scheduledInMatrix(fmt.Sprintf("scheduled-%s-%020s", g.room, d.UserID), g.room)
	}},
	{path: "chat/scheduled_message/get_scheduled_list", may: []string{admin}, quiet: true, body: ofRoom},
	{path: "chat/scheduled_message/edit_scheduled_time", may: []string{admin}, body: func(g *guarded, _ *servertest.Device) obj {
		return obj{"id": g.scheduled, "scheduledTime": inAWhile()}
	}},
	{path: "chat/scheduled_message/edit_content", may: []string{admin}, body: func(g *guarded, _ *servertest.Device) obj {
		body := scheduledInMatrix("the-scheduled-message-of-room-"+g.room, g.room)
		body["id"] = g.scheduled
		return body
	}},
	{path: "chat/scheduled_message/send_now", may: []string{admin}, quiet: true, body: ofScheduled},
	{path: "chat/scheduled_message/delete", may: []string{admin}, quiet: true, body: ofScheduled},
}

// TestWhoMayCall makes every call of the client API as everybody, without a key, with keys of
// another kind and of another App, and without a login. Who may not is refused or is told
// nothing, and has changed nothing. Who may gets what SDKs rely on. All answers are as described.
func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	for _, e := range clientapi.Endpoints(nil) {
		beforeLogin := e.HandleHeader != nil || e.Path == "/client/project_configs" // TestBeforeLogin's
		if !beforeLogin && rowOf(strings.TrimPrefix(e.Path, "/")) == nil {
			t.Errorf("nobody has said who may call %s", e.Path)
		}
	}
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		w := newGuardedWorld(t, s)
		w.firstOnly = strings.HasSuffix(t.Name(), "/postgres")
		for _, row := range matrix {
			t.Run(row.path, func(t *testing.T) { w.try(t, row) })
		}
	})
}

func rowOf(path string) *authorized {
	for i, row := range matrix {
		if row.path == path {
			return &matrix[i]
		}
	}
	return nil
}

func (row authorized) bodyFor(g *guarded, d *servertest.Device) any {
	switch {
	case row.body == nil:
		return nil
	case row.form:
		return formOf(row.body(g, d))
	}
	return row.body(g, d)
}

// guardedWorld makes groups for people to try things on.
type guardedWorld struct {
	app, other *servertest.App
	n          int
	// firstOnly says that of those who may call only the first does: each needs a group of their
	// own, which takes long on PostgreSQL. Those who may not are all tried.
	firstOnly bool
}

func newGuardedWorld(t *testing.T, s *servertest.App) *guardedWorld {
	t.Helper()
	return &guardedWorld{app: s, other: s.Default()}
}

// group makes a group and signs everybody in anew: a call may sign one out.
func (w *guardedWorld) group(t *testing.T) *guarded {
	t.Helper()
	w.n++
	g := &guarded{devices: map[string]*servertest.Device{}}
	g.newcomer = w.app.SignIn(t, fmt.Sprint("newcomer", w.n), "1").UserID
	for _, who := range all {
		app := w.app
		if who == foreign {
			app = w.other
		}
		name := "who-" + who
		if who == deleted {
			name = fmt.Sprint(name, w.n) // nobody comes back
		}
		g.devices[who] = app.SignIn(t, name, fmt.Sprint("device of ", who))
	}
	do(t, w.app, "user/update", obj{"xcUserID": "who-" + member, "fullName": "Name of who-" + member, "username": "membername"})
	d := g.devices
	g.room = newGroup(t, d[admin], "Guarded group", d[member], d[demoted], d[blocked], d[former], d[deleted])
	d[admin].Call(t, "client/room/admins/promote", obj{"roomID": g.room, "userIDs": list{d[demoted].UserID}}, nil)
	d[admin].Call(t, "client/room/admins/demote", obj{"roomID": g.room, "userIDs": list{d[demoted].UserID}}, nil)
	d[member].Call(t, "client/contact/block", obj{"userID": d[blocked].UserID}, nil)
	d[former].Call(t, "client/room/leave", obj{"roomID": g.room}, nil)
	do(t, w.app, "user/delete", obj{"xcUserID": fmt.Sprint("who-", deleted, w.n)})
	putRoom(t, w.app, "backend-"+g.room, obj{
		"name": "Guarded group", "participantXCUserIDs": list{"who-" + admin, "who-" + member, "who-" + demoted, "who-" + blocked},
	})
	// What those who have left may still see is older than this.
	g.file = d[admin].MustUpload(t, g.room, "secret.txt", []byte("the-guarded-message-as-a-file")).FileID
	share(t, d[admin], g.room, obj{"fileID": g.file})
	g.picture = servertest.PNG(t, 8, 8)
	for _, p := range photosOf(t, d[member], d[member].UserID) {
		d[member].Call(t, "client/user/photo/delete", obj{"id": p.ID}, nil)
	}
	d[member].Call(t, "client/user/photo/upload", servertest.FormOf("me.png", g.picture, nil), nil)
	g.photo = photosOf(t, d[member], d[member].UserID)[0].ID
	d[admin].Call(t, "chat/message/send/custom", obj{
		"roomID": g.room, "localID": "the-guarded-message-of-room-" + g.room, "messageType": 1001, "body": "guarded",
	}, nil)
	var page struct{ Messages []servertest.Message }
	d[admin].Call(t, "chat/message/list_by_room/before", obj{"roomID": g.room, "limit": 1}, &page)
	g.message = page.Messages[0].MessageID
	g.scheduled = schedule(t, d[admin], g.room, "scheduled", inAWhile()).ID
	return g
}

// seen is the group and its messages, as its admin sees them.
func (g *guarded) seen(t *testing.T) string {
	t.Helper()
	details := g.devices[admin].Try(t, "client/room/get", obj{"roomID": g.room})
	messages := g.devices[admin].Try(t, "chat/message/list_by_room/before", obj{"roomID": g.room})
	scheduled := g.devices[admin].Try(t, "chat/scheduled_message/get_scheduled_list", obj{"roomID": g.room})
	return string(details.Data) + string(messages.Data) + string(scheduled.Data)
}

func (w *guardedWorld) try(t *testing.T, row authorized) {
	t.Helper()
	g := w.group(t)
	before := g.seen(t)
	for _, who := range all {
		if slices.Contains(row.may, who) {
			continue
		}
		a := g.devices[who].Try(t, row.path, row.bodyFor(g, g.devices[who]))
		checkDevice(t, row.path, a)
		if a.Error.Code == "" && (!row.quiet || who == deleted) {
			t.Errorf("%s may call: %s", who, a.Body)
		}
		w.tellsNothing(t, g, who, a)
	}
	w.tryKeys(t, g, row.path, row.bodyFor(g, g.devices[admin]))
	if after := g.seen(t); after != before {
		t.Errorf("those who may not call have changed\n%s\nto\n%s", before, after)
	}
	for i, who := range row.may {
		if i > 0 && w.firstOnly {
			break
		}
		d := g.devices[who]
		if i > 0 {
			g = w.group(t)
			d = g.devices[who]
		} else if row.after != "" {
			d.Call(t, row.after, rowOf(row.after).bodyFor(g, d), nil)
		}
		if row.file {
			resp, content := download(t, d, g.room, g.file, nil)
			if refusal(resp, content) != "" {
				t.Errorf("%s may not call: %s", who, content)
			}
			continue
		}
		a := d.Try(t, row.path, row.bodyFor(g, d))
		checkDevice(t, row.path, a)
		if a.Error.Code != "" {
			t.Errorf("%s may not call: %s", who, a.Body)
			continue
		}
		checkMust(t, row.path, a, i == 0)
	}
}

// wrongKeys are what a device's headers may lack or have of others, each with the error for it.
func wrongKeys(w *guardedWorld, refresh, foreign string) map[string]func(http.Header) string {
	with := func(name, value, code string) func(http.Header) string {
		return func(h http.Header) string {
			h.Set(name, value)
			return code
		}
	}
	return map[string]func(http.Header) string{
		"no key":                  with("App-Key", "", "40001"),
		"no base64":               with("App-Key", "no base64", "49102"),
		"a key of nobody":         with("App-Key", key("nobody:secret"), "49103"),
		"a wrong secret":          with("App-Key", key(w.app.AppKey+"x"), "49102"),
		"a server key":            with("App-Key", key(w.app.ServerKey), "49104"),
		"a key of another App":    with("App-Key", key(w.other.AppKey), "40105"),
		"no token":                with("Authorization", "", "40101"),
		"a bare word":             with("Authorization", "Bearer", "40102"),
		"a token of another kind": with("Authorization", "Basic abc", "40102"),
		"a refresh token":         with("Authorization", "Bearer "+refresh, "40103"),
		"a token of nobody":       with("Authorization", "Bearer "+strings.Repeat("x", 40), "40103"),
		"a token of another App":  with("Authorization", "Bearer "+foreign, "40105"),
	}
}

// formOf is a form with the fields of a body.
func formOf(body obj) servertest.Form {
	fields := map[string]string{}
	for name, value := range body {
		fields[name] = fmt.Sprint(value)
	}
	content := fields["file"]
	delete(fields, "file")
	return servertest.FormOf("file", []byte(content), fields)
}

// tryKeys calls as an admin whose device leaves something out, or has something of others.
func (w *guardedWorld) tryKeys(t *testing.T, g *guarded, path string, body any) {
	t.Helper()
	d, other := g.devices[admin], w.other.SignIn(t, "who-"+foreign, "one that nobody has logged out")
	for what, change := range wrongKeys(w, d.Refresh, other.Access) {
		h := d.Headers(d.Access)
		code := change(h)
		a := w.app.Do(t, http.MethodPost, "/v1/"+path, h, body)
		checkDevice(t, path, a)
		if a.Error.Code != code {
			t.Errorf("%s: %s, want code %s", what, a.Body, code)
		}
		w.tellsNothing(t, g, what, a)
	}
}

// tellsNothing: an answer to somebody who may not call has nothing of the group in it.
func (w *guardedWorld) tellsNothing(t *testing.T, g *guarded, who string, a servertest.Answer) {
	t.Helper()
	secrets := []string{"the-guarded-message-", "Guarded group", "Name of who-" + admin, "Name of who-" + member}
	if who == former {
		secrets = secrets[:1] // the others they have seen before
	}
	for _, secret := range secrets {
		if strings.Contains(string(a.Body), secret) {
			t.Errorf("%s is told of %s: %s", who, secret, a.Body)
		}
	}
}
