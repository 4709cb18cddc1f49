package e2e

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// leavingEndpoints are the calls about users who ask for their data, or leave. They work once, or need an id
// that was answered before, so their tests are here and not those of endpoints.
var leavingEndpoints = []endpoint{
	{"user/export", named("xcUserID"), obj{"xcUserID": "a"}},
	{"user/export/get", named("exportID"), obj{"exportID": strings.Repeat("0", 32)}},
	{"user/erase", named("xcUserID"), obj{"xcUserID": "stranger"}},
	{"user/erase/get", named("erasureID"), obj{"erasureID": strings.Repeat("0", 32)}},
}

// exported is an archive of a user, as backends learn of it.
type exported struct {
	ExportID, State, UserID string
	Messages, Files         int64
	Archive                 *struct {
		URL, Checksum string
		Size, Expires int64
	}
}

// exportUser has an archive made, gets it, and returns its files by their names.
func exportUser(t *testing.T, s *servertest.App, xc string) (e exported, files map[string]string) {
	t.Helper()
	id := ask[struct{ Export exported }](t, s, "user/export", obj{"xcUserID": xc}).Export.ExportID
	eventually(t, "the archive is made", func() bool {
		e = ask[struct{ Export exported }](t, s, "user/export/get", obj{"exportID": id}).Export
		return e.State == "finished"
	})
	path := e.Archive.URL[strings.Index(e.Archive.URL, "/files/"):]
	got, content := s.Fetch(t, http.MethodGet, path, nil, "")
	sum := sha256.Sum256(content)
	if got.StatusCode != 200 || int64(len(content)) != e.Archive.Size || hex.EncodeToString(sum[:]) != e.Archive.Checksum {
		t.Fatalf("%s: %d, %d bytes of %+v", path, got.StatusCode, len(content), e.Archive)
	}
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	files = map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return e, files
}

// jsonLines reads a file of JSON objects.
func jsonLines(t *testing.T, text string) (list []obj) {
	t.Helper()
	for from := json.NewDecoder(strings.NewReader(text)); from.More(); {
		var o obj
		if err := from.Decode(&o); err != nil {
			t.Fatal(err)
		}
		list = append(list, o)
	}
	return list
}

// fillColumns has ana leave something in columns that leaveTraces leaves empty.
func fillColumns(t *testing.T, s *servertest.App, ana *servertest.Device, room string) {
	t.Helper()
	cy := putUser(t, s, "cy", nil)
	ana.Call(t, "client/user/photo/upload", servertest.FormOf("me.png", servertest.PNG(t, 8, 8), nil), nil)
	var own struct{ Room struct{ RoomID string } }
	ana.Call(t, "client/room/create", obj{"name": "Her own"}, &own)
	ana.Call(t, "client/room/participants/add", obj{"roomID": own.Room.RoomID, "userIDs": list{cy}}, nil)
	ana.Call(t, "client/contact/block", obj{"userID": cy}, nil)
	last := ana.Send(t, room, "I am mistaken")
	until(t, ana, last)
	do(t, s, "message/edit", obj{"localID": last, "body": "I was"})
	do(t, s, "message/delete", obj{"messageIDs": list{history(t, ana, room)[0].MessageID}})
}

// TestExport: an archive has everything of its user, and nothing that others have written.
func TestExport(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		ana := person{mark: "mark", xc: "ana"}
		putUser(t, s, "ana", obj{"fullName": "Ana", "email": "ana@example.org", "bio": "I <am> Ana"})
		ana.Device = s.SignIn(t, "ana", "phone-7").Connect(t)
		bo := s.SignIn(t, "bo", "1").Connect(t)
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		putRoom(t, s, "elsewhere", nil)
		for _, room := range []string{"r", "elsewhere"} { // she has never been in the second
			do(t, s, "room/participants/data/set", obj{"xcRoomID": room, "xcUserID": "ana", "data": obj{"note": "kept in " + room}})
		}
		room := ask[struct{ Room struct{ RoomID string } }](t, s, "room/get", obj{"xcRoomID": "r"}).Room.RoomID
		leaveTraces(t, ana, bo, room)
		send(t, s, "bo", "r", "not hers")
		fillColumns(t, s, ana.Device, room)

		e, files := exportUser(t, s, "ana")
		all := fmt.Sprint(files)
		if strings.Contains(all, "not hers") || strings.Contains(all, "I answer") {
			t.Error("the archive has what somebody else has written")
		}
		for name, want := range map[string]struct {
			lines int
			with  string
		}{
			"profile.json":    {1, `"email":"ana@example.org"`},
			"rooms.jsonl":     {3, `"data":"{\"note\":\"kept in elsewhere\"}"`},
			"messages.jsonl":  {7, `"quote":{"title":"Bo","content":"mark","imageURL":"https://img.example.com/1","fileID":"f-mark","fileType":"film","videoURL":"https://img.example.com/2"}`},
			"starred.jsonl":   {1, `"messageID":"`},
			"hidden.jsonl":    {1, `"hidden":`},
			"scheduled.jsonl": {1, `"body":"later mark"`},
			"contacts.jsonl":  {1, `"xcUserID":"bo"`},
			"blocked.jsonl":   {1, `"xcUserID":"cy"`},
			"reports.jsonl":   {1, `"reason":"mark"`},
			"devices.jsonl":   {1, `"deviceID":"phone-7"`},
			"files.jsonl":     {2, `"fileName":"mark.txt"`},
		} {
			if got := jsonLines(t, files[name]); len(got) != want.lines || !strings.Contains(files[name], want.with) {
				t.Errorf("%s has %d lines, want %d and %s in it:\n%s", name, len(got), want.lines, want.with, files[name])
			}
		}
		checkExportedColumns(t, s, files)
		if e.Messages != 7 || e.Files != 2 {
			t.Errorf("counted are %d messages and %d files", e.Messages, e.Files)
		}
		for _, f := range jsonLines(t, files["files.jsonl"]) {
			path, _ := f["path"].(string)
			if f["fileName"] == "mark.txt" && (files[path] != "text" || !strings.HasSuffix(path, ".txt")) {
				t.Errorf("the content of %s is %q", path, files[path])
			}
		}
		if !strings.Contains(files["profile.json"], "I <am> Ana") || files["README.txt"] == "" {
			t.Errorf("profile: %s", files["profile.json"])
		}

		// An archive is not in the next one, and an erasure takes it away.
		if e, _ := exportUser(t, s, "ana"); e.Files != 2 {
			t.Errorf("the second archive has %d files", e.Files)
		}
		if e := erase(t, s, "ana"); e.Erased["archives"] != 2 || e.Erased["files"] != 2 || e.Erased["photos"] != 1 {
			t.Errorf("erased are %v", e.Erased)
		}
		if e := ask[struct{ Export exported }](t, s, "user/export/get", obj{"exportID": e.ExportID}).Export; e.State != "expired" || e.Archive != nil {
			t.Errorf("after the erasure the archive is %+v", e)
		}
		if got, _ := s.Fetch(t, http.MethodGet, e.Archive.URL[strings.Index(e.Archive.URL, "/files/"):], nil, ""); got.StatusCode != 404 {
			t.Errorf("after the erasure the archive is answered with %d", got.StatusCode)
		}
		refuse(t, s, "user/export", obj{"xcUserID": "ana"}, userNotFound)
		refuse(t, s, "user/export/get", obj{"exportID": strings.Repeat("0", 32)}, failure{"40401", "Export is not found", ""})
	})
	servertest.EmbeddedApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		id := ask[struct{ Export exported }](t, s, "user/export", obj{"xcUserID": "a"}).Export.ExportID
		servertest.EmbeddedApp(t, func(t *testing.T, other *servertest.App) {
			refuse(t, other, "user/export/get", obj{"exportID": id}, failure{"40401", "Export is not found", ""})
			refuse(t, other, "user/export", obj{"xcUserID": "a"}, userNotFound)
		})
	})
}
