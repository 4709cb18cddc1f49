package e2e

import (
	"encoding/base64"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"parlor/internal/server"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// TestBackendHangsUp: what is due in a user's personal rooms is done, each once, though the
// backend hangs up right after its call.
func TestBackendHangsUp(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		const rooms, rounds = 40, 4
		putUsers(t, a, "ana")
		for i := range rooms {
			partner := fmt.Sprint("p", i)
			putUsers(t, a, partner)
			do(t, a, "message/send/custom", obj{
				"messageType": 1001, "body": "hi", "senderXCUserID": "ana", "recipientXCUserID": partner,
			})
		}
		ana := appUser{a, "ana"}
		for round := 1; round <= rounds; round++ {
			ana.becomes(t, "user/delete", `{"xcUserID":"ana"}`, "u.deleted_at > 0")
			eventually(t, "all rooms are closed", func() bool { return ana.roomsWith(t, "r.locked_at > 0") == rooms })
			ana.becomes(t, "user/update", `{"xcUserID":"ana","fullName":"Back"}`, "u.deleted_at = 0")
			eventually(t, "all rooms are open", func() bool { return ana.roomsWith(t, "r.locked_at = 0") == rooms })
			for _, action := range []string{"user/delete", "user/update"} {
				told := fmt.Sprintf("(SELECT COUNT(*) FROM messages m WHERE m.room_id = r.id AND m.action = '%s') = %d",
					action, round)
				if n := ana.roomsWith(t, told); n != rooms {
					t.Fatalf("after %d rounds %d of %d rooms have as many %s", round, n, rooms, action)
				}
			}
		}
	})
}

// appUser is a user of an App, as the database has them.
type appUser struct {
	*servertest.App
	xc string
}

// becomes makes a call and hangs up, again and again, until the user is as the condition says:
// a call that is dropped before it has begun does nothing, so each waits for its answer a little
// longer than the one before.
func (u appUser) becomes(t *testing.T, path, body, condition string) {
	t.Helper()
	patience := time.Duration(0)
	eventually(t, path, func() bool {
		if u.count(t, condition, "") == 1 {
			return true
		}
		conn, err := net.Dial("tcp", strings.TrimPrefix(u.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		key := base64.StdEncoding.EncodeToString([]byte(u.ServerKey))
		_, err = fmt.Fprintf(conn,
			"POST /v1/server/%s HTTP/1.1\r\nHost: parlor\r\nServer-Key: %s\r\n"+
				"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			path, key, len(body), body)
		if err != nil {
			t.Fatal(err)
		}
		if patience > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			_, _ = conn.Read(make([]byte, 1)) // an answer or none: both are well
		}
		_ = conn.Close()
		patience += time.Millisecond
		return u.count(t, condition, "") == 1
	})
}

// roomsWith counts the user's personal rooms for which a condition holds.
func (u appUser) roomsWith(t *testing.T, condition string) int {
	t.Helper()
	return u.count(t, condition, "JOIN rooms r ON r.app_id = u.app_id AND r.type = 1 AND u.id IN (r.user_a, r.user_b)")
}

func (u appUser) count(t *testing.T, condition, join string) int {
	t.Helper()
	answer := storetest.Query(t, server.StoreOptions(u.Config), fmt.Sprintf(
		"SELECT COUNT(*) || '' FROM apps a JOIN users u ON u.app_id = a.id %s "+
			"WHERE a.name = '%s' AND u.xc_user_id = '%s' AND %s",
		join, u.Name, u.xc, condition))
	n, err := strconv.Atoi(answer[0])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// eventually waits until cond holds.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	for deadline := time.Now().Add(30 * time.Second); !cond(); <-poll.C {
		if time.Now().After(deadline) {
			t.Fatalf("it never came about: %s", what)
		}
	}
}
