package e2e

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/clientapi"
	"parlor/test/env/servertest"
)

// The people who call everything in TestWhoMayCall, by what they are to a group.
const (
	admin    = "admin"
	member   = "member"
	demoted  = "former admin"
	former   = "former participant"
	stranger = "stranger"
	foreign  = "user of another App"
	deleted  = "deleted user"
)

var (
	people   = []string{admin, member, demoted}
	everyone = []string{admin, member, demoted, former, stranger} // of the App
	all      = []string{admin, member, demoted, former, stranger, foreign, deleted}
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
}

// guarded is a group with a message in it, and everybody who tries something on it.
type guarded struct {
	room, message string
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

// matrix has a row for every call behind a login: TestWhoMayCall fails for one without.
var matrix = []authorized{
	{path: "client/logout", may: everyone, quiet: true},
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
	{path: "client/contact/list", may: everyone, quiet: true},
	{path: "client/contact/add", may: []string{admin, demoted, former, stranger}, body: ofMember},
	{path: "client/contact/remove", may: everyone, quiet: true, body: ofMember},
	{path: "client/contact/add_by_phones", may: everyone, quiet: true, body: func(*guarded, *servertest.Device) obj {
		return obj{"phones": list{"628120000000"}}
	}},
	{path: "client/contact/block", may: everyone, body: ofNewcomer},
	{path: "client/contact/unblock", may: everyone, body: ofNewcomer},
	{path: "client/contact/get_blocked_list", may: everyone, quiet: true},
	{path: "client/contact/get_blocked_user_ids", may: everyone, quiet: true},
	{path: "client/user/update_bio", may: everyone, quiet: true, body: func(*guarded, *servertest.Device) obj {
		return obj{"bio": "Of a caller"}
	}},
	{path: "client/chat_report/submit_user", may: everyone, body: ofNewcomer},
	{path: "client/chat_report/submit_message", may: []string{member, demoted}, body: func(g *guarded, _ *servertest.Device) obj {
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
	{path: "client/room/get_unread_room_ids", may: everyone, quiet: true},
	{path: "client/room/get_muted_room_ids", may: everyone, quiet: true},
	{path: "client/room/get_pinned_room_ids", may: everyone, quiet: true},
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
	{path: "chat/message/get_starred_ids", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/get_starred_list", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/pin", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/unpin", may: people, quiet: true, body: ofMessages},
	{path: "chat/message/get_pinned_ids", may: people, quiet: true, body: ofRoom},
	{path: "chat/message/get_pinned_list", may: people, quiet: true, body: ofRoom},
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
}

// TestWhoMayCall makes every call of the client API as everybody, without a key, with keys of
// another kind and of another App, and without a login. Who may not is refused or is told
// nothing, and has changed nothing.
func TestWhoMayCall(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		w := newGuardedWorld(t, s)
		tried := map[string]bool{}
		for _, row := range matrix {
			tried["/"+row.path] = true
			t.Run(row.path, func(t *testing.T) { w.try(t, row) })
		}
		for _, e := range clientapi.Endpoints(nil) {
			if !tried[e.Path] && e.HandleHeader == nil && e.Path != "/client/project_configs" {
				t.Errorf("nobody has said who may call %s", e.Path)
			}
		}
	})
}

// guardedWorld makes groups for people to try things on.
type guardedWorld struct {
	app, other *servertest.App
	n          int
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
	g.room = newGroup(t, d[admin], "Guarded group", d[member], d[demoted], d[former], d[deleted])
	d[admin].Call(t, "client/room/admins/promote", obj{"roomID": g.room, "userIDs": list{d[demoted].UserID}}, nil)
	d[admin].Call(t, "client/room/admins/demote", obj{"roomID": g.room, "userIDs": list{d[demoted].UserID}}, nil)
	d[former].Call(t, "client/room/leave", obj{"roomID": g.room}, nil)
	do(t, w.app, "user/delete", obj{"xcUserID": fmt.Sprint("who-", deleted, w.n)})
	putRoom(t, w.app, "backend-"+g.room, obj{
		"name": "Guarded group", "participantXCUserIDs": list{"who-" + admin, "who-" + member, "who-" + demoted},
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
	return g
}

// seen is the group and its messages, as its admin sees them.
func (g *guarded) seen(t *testing.T) string {
	t.Helper()
	details := g.devices[admin].Try(t, "client/room/get", obj{"roomID": g.room})
	messages := g.devices[admin].Try(t, "chat/message/list_by_room/before", obj{"roomID": g.room})
	return string(details.Data) + string(messages.Data)
}

func (w *guardedWorld) try(t *testing.T, row authorized) {
	t.Helper()
	body := func(g *guarded, d *servertest.Device) any {
		switch {
		case row.body == nil:
			return nil
		case row.form:
			return formOf(row.body(g, d))
		}
		return row.body(g, d)
	}
	g := w.group(t)
	before := g.seen(t)
	for _, who := range all {
		if slices.Contains(row.may, who) {
			continue
		}
		a := g.devices[who].Try(t, row.path, body(g, g.devices[who]))
		if a.Error.Code == "" && (!row.quiet || who == deleted) {
			t.Errorf("%s may call: %s", who, a.Body)
		}
		w.tellsNothing(t, g, who, a)
	}
	w.tryKeys(t, g, row.path, body(g, g.devices[admin]))
	if after := g.seen(t); after != before {
		t.Errorf("those who may not call have changed\n%s\nto\n%s", before, after)
	}
	for i, who := range row.may {
		if i > 0 {
			g = w.group(t)
		}
		if row.file {
			resp, content := download(t, g.devices[who], g.room, g.file, nil)
			if refusal(resp, content) != "" {
				t.Errorf("%s may not call: %s", who, content)
			}
			continue
		}
		if a := g.devices[who].Try(t, row.path, body(g, g.devices[who])); a.Error.Code != "" {
			t.Errorf("%s may not call: %s", who, a.Body)
		}
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
	d := g.devices[admin]
	for what, change := range map[string]func(http.Header){
		"no key":                 func(h http.Header) { h.Del("App-Key") },
		"a server key":           func(h http.Header) { h.Set("App-Key", key(w.app.ServerKey)) },
		"a key of another App":   func(h http.Header) { h.Set("App-Key", key(w.other.AppKey)) },
		"no token":               func(h http.Header) { h.Del("Authorization") },
		"a refresh token":        func(h http.Header) { h.Set("Authorization", "Bearer "+d.Refresh) },
		"a token of nobody":      func(h http.Header) { h.Set("Authorization", "Bearer "+strings.Repeat("x", len(d.Access))) },
		"a token of another App": func(h http.Header) { h.Set("Authorization", "Bearer "+g.devices[foreign].Access) },
	} {
		h := d.Headers(d.Access)
		change(h)
		a := w.app.Do(t, http.MethodPost, "/v1/"+path, h, body)
		if a.Error.Code == "" {
			t.Errorf("%s is enough: %s", what, a.Body)
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
