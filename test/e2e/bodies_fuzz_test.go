package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/clientapi"
	"parlor/internal/powertalk/serverapi"
	"parlor/test/env/servertest"
)

// FuzzBodies sends anything as the body of any call. Whatever it is, the answer is an
// envelope, never an internal error, and the next call is answered as well.
func FuzzBodies(f *testing.F) {
	a := servertest.Start(f, servertest.SQLite(f), nil).Default()
	ana, bo := a.SignIn(f, "ana", "1"), a.SignIn(f, "bo", "1")
	newGroup(f, ana, "Group", bo)
	a.Must(f, "room/create_or_update", obj{
		"xcRoomID": "r", "type": 2, "name": "R", "participantXCUserIDs": list{"ana"},
	}, nil)

	// These would end the login that all others need.
	endsLogins := []string{
		"/client/logout", "/server/user/delete", "/server/user/erase", "/server/user/logout", "/server/user/deactivate",
	}
	var paths []string
	for _, e := range append(clientapi.Endpoints(nil), serverapi.Endpoints(nil)...) {
		if !slices.Contains(endsLogins, e.Path) && e.Handle != nil {
			paths = append(paths, e.Path)
		}
	}
	everything, err := json.Marshal(obj{
		"roomID": "g1", "roomIDs": list{"g1", "1-2"}, "userID": "2", "userIDs": list{"2"}, "id": "2", "ids": list{"1"},
		"messageIDs": list{"1", 2}, "messageID": "1", "localID": strings.Repeat("l", 32), "body": "b", "type": 2, "name": "n",
		"xcRoomID": "r", "xcRoomIDs": list{"r"}, "xcUserID": "ana", "participantXCUserIDs": list{"bo"}, "limit": 1,
		"offset": 0, "maxCreated": 1, "minCreated": 1, "lastUpdated": 1, "pageNumber": 1, "pageSize": 1,
		"forEveryone": true, "fullName": "A",
		"messageType": 1001, "senderXCUserID": "ana", "contacts": list{obj{"ownerXCUserID": "ana", "contactXCUserID": "bo"}},
		"code": "role", "checksum": "c", "expiredAt": 0, "username": "ana", "sortOrder": "ASC",
	})
	if err != nil {
		f.Fatal(err)
	}
	for i := range paths {
		f.Add(uint16(i), everything)
	}
	f.Add(uint16(0), []byte(`{"a":`))
	f.Add(uint16(1), []byte("\xff\x00"))
	f.Add(uint16(2), bytes.Repeat([]byte("["), 10_000))

	headers := ana.Headers(ana.Access)
	headers.Set("Server-Key", base64.StdEncoding.EncodeToString([]byte(a.ServerKey)))
	f.Fuzz(func(t *testing.T, call uint16, body []byte) {
		path := paths[int(call)%len(paths)]
		req, err := http.NewRequest(http.MethodPost, a.URL+"/v1"+path, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header = headers.Clone()
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		var answer servertest.Answer
		if err := json.Unmarshal(text, &answer); err != nil {
			t.Fatalf("%s answers no envelope: %v: %s", path, err, text)
		}
		if code := answer.Error.Code; strings.HasPrefix(code, "5") || strings.HasPrefix(code, "401") ||
			code == "" && answer.Status != http.StatusOK {
			t.Errorf("%s: %s", path, text)
		}
	})
}
