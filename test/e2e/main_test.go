// These tests call a whole server over HTTP, as a customer's backend does, on SQLite and
// on PostgreSQL. Every answer that call sees is held to the API's description, so each
// test is one of the description as well.
package e2e

import (
	"encoding/json"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m) }

// obj is a JSON object, most often the parameters of a call.
type obj = map[string]any

// list is a JSON list.
type list = []any

// call posts body to /v1/server/path with the App's server key.
func call(t testing.TB, s *servertest.App, path string, body any) servertest.Answer {
	t.Helper()
	return callKey(t, s, s.ServerKey, path, body)
}

// callKey is call with another key.
func callKey(t testing.TB, s *servertest.App, key, path string, body any) servertest.Answer {
	t.Helper()
	a := s.CallKey(t, key, path, body)
	checkContract(t, path, a)
	return a
}

// ask is call for a call that must succeed, and returns its data.
func ask[T any](t testing.TB, s *servertest.App, path string, body any) T {
	t.Helper()
	return askKey[T](t, s, s.ServerKey, path, body)
}

// askKey is ask with another key.
func askKey[T any](t testing.TB, s *servertest.App, key, path string, body any) T {
	t.Helper()
	a := callKey(t, s, key, path, body)
	if a.Status != 200 {
		t.Fatalf("%s %v: %s", path, body, a.Body)
	}
	var data T
	if err := json.Unmarshal(a.Data, &data); err != nil {
		t.Fatalf("%s: %v: %s", path, err, a.Data)
	}
	return data
}

// do is ask for a call whose data does not matter.
func do(t testing.TB, s *servertest.App, path string, body any) {
	t.Helper()
	ask[obj](t, s, path, body)
}

// failure is what a failed call answers.
type failure struct{ Code, Message, Field string }

var (
	roomNotFound = failure{"40401", "Room is not found", ""}
	userNotFound = failure{"40401", "User is not found", ""}
	noHeader     = failure{"40001", "Request headers are required (Server-Key)", ""}
)

// required is the failure of a parameter that is absent; field is what error.field says.
func required(name, field string) failure { return invalid(name, field, "is required") }

func invalid(name, field, reason string) failure {
	return failure{"40002", "Param '" + name + "' " + reason, field}
}

// refuse is call for a call that must fail in this very way.
func refuse(t testing.TB, s *servertest.App, path string, body any, want failure) {
	t.Helper()
	checkFailure(t, call(t, s, path, body), want)
}

func checkFailure(t testing.TB, a servertest.Answer, want failure) {
	t.Helper()
	got := failure{a.Error.Code, a.Error.Message, a.Error.Field}
	if got != want || string(a.Data) != "{}" {
		t.Errorf("answer %s, want %+v", a.Body, want)
	}
	if a.HTTP.StatusCode != 200 {
		t.Errorf("HTTP status %d", a.HTTP.StatusCode)
	}
}

// putUser makes or changes a user and returns the userID. The fields go over the name.
func putUser(t testing.TB, s *servertest.App, xc string, fields obj) string {
	t.Helper()
	body := obj{"xcUserID": xc, "fullName": "User " + xc}
	for k, v := range fields {
		body[k] = v
	}
	return ask[struct{ UserID string }](t, s, "user/update", body).UserID
}

// putUsers makes users who have nothing but a name.
func putUsers(t testing.TB, s *servertest.App, xcs ...string) {
	t.Helper()
	for _, xc := range xcs {
		putUser(t, s, xc, nil)
	}
}

// putRoom makes or changes a group. The fields go over its name.
func putRoom(t testing.TB, s *servertest.App, xc string, fields obj) roomData {
	t.Helper()
	body := obj{"xcRoomID": xc, "type": 2, "name": "Room " + xc}
	for k, v := range fields {
		body[k] = v
	}
	return ask[roomData](t, s, "room/create_or_update", body)
}

func getRoom(t testing.TB, s *servertest.App, xc string) roomData {
	t.Helper()
	return ask[roomData](t, s, "room/get", obj{"xcRoomID": xc})
}

// listRooms is the whole list of a user's rooms.
func listRooms(t testing.TB, s *servertest.App, xcUser string) []summary {
	t.Helper()
	return ask[roomList](t, s, "room/get_list_by_user", obj{"xcUserID": xcUser}).Rooms
}

// inList finds a room in a user's list.
func inList(t testing.TB, s *servertest.App, xcUser, xcRoom string) (summary, bool) {
	t.Helper()
	for _, sum := range listRooms(t, s, xcUser) {
		if sum.LastMessage.Room.XCRoomID == xcRoom {
			return sum, true
		}
	}
	return summary{}, false
}

// last is the newest message of a room in a user's list, which must be there.
func last(t testing.TB, s *servertest.App, xcUser, xcRoom string) message {
	t.Helper()
	sum, ok := inList(t, s, xcUser, xcRoom)
	if !ok {
		t.Fatalf("%s has no room %s", xcUser, xcRoom)
	}
	return sum.LastMessage
}

// send sends a text into a room and returns its localID.
func send(t testing.TB, s *servertest.App, xcSender, xcRoom, text string) string {
	t.Helper()
	return sendBody(t, s, textMessage(xcSender, xcRoom, text, nil))
}

// sendBody sends a message and returns its localID.
func sendBody(t testing.TB, s *servertest.App, body obj) string {
	t.Helper()
	return ask[sent](t, s, "message/send/custom", body).LocalID
}

// textMessage is the body of a call that sends a text. The fields go over the rest.
func textMessage(xcSender, xcRoom, text string, fields obj) obj {
	body := obj{"messageType": 1001, "body": text, "senderXCUserID": xcSender, "xcRoomID": xcRoom}
	maps.Copy(body, fields)
	return body
}

// plain deciphers one of m's texts.
func plain(t testing.TB, m message, text string) string {
	t.Helper()
	s, err := cipher.Decrypt(text, m.LocalID)
	if err != nil {
		t.Errorf("message %s: %v", m.MessageID, err)
	}
	return s
}

// clock is a server's clock that stands still until it is set.
type clock struct{ ms atomic.Int64 }

// newClock shows some time of no importance.
func newClock() *clock {
	c := &clock{}
	c.ms.Store(1_700_000_000_000)
	return c
}

func (c *clock) now() time.Time { return time.UnixMilli(c.ms.Load()) }

// each runs test on a server of its own, on each engine, for tests that restart it or look
// at the whole of it.
func each(t *testing.T, test func(t *testing.T, s *servertest.App)) {
	t.Helper()
	servertest.Each(t, func(t *testing.T, s *servertest.Server) { test(t, s.Default()) })
}

// eachWithClock is each with a clock.
func eachWithClock(t *testing.T, test func(t *testing.T, s *servertest.App, c *clock)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		c := newClock()
		test(t, servertest.Start(t, servertest.SQLite(t), c.now).Default(), c)
	})
	t.Run("postgres", func(t *testing.T) {
		c := newClock()
		test(t, servertest.Start(t, servertest.Postgres(t), c.now).Default(), c)
	})
}
