package e2e

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/internal/powertalk/cipher"
	"parlor/internal/server"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// erasure is how a user is erased, as backends read it.
type erasure struct {
	ErasureID, State, UserID, Receipt string
	Requested, Finished               int64
	Progress                          struct{ Position, End int64 }
	Erased                            map[string]int64
	ReceiptKey                        struct{ Kty, Crv, Kid, X string }
}

// erase erases a user and waits for the end.
func erase(t *testing.T, s *servertest.App, xc string) (e erasure) {
	t.Helper()
	e = ask[struct{ Erasure erasure }](t, s, "user/erase", obj{"xcUserID": xc}).Erasure
	return awaitErasure(t, s, e.ErasureID)
}

func awaitErasure(t *testing.T, s *servertest.App, id string) (e erasure) {
	t.Helper()
	eventually(t, "the erasure is finished", func() bool {
		e = ask[struct{ Erasure erasure }](t, s, "user/erase/get", obj{"erasureID": id}).Erasure
		return e.State == "finished"
	})
	return e
}

// person is somebody who leaves traces everywhere. Each text of theirs has the mark in it.
type person struct {
	*servertest.Device
	mark, xc string
}

// TestErase: nothing that a user has written, or was known by, is found in any column of any table, but in
// those that the documents name; what others have written stays.
func TestErase(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		mark := "mk" + strings.ToLower(localID(t)[:12])
		mark = strings.NewReplacer("_", "x", "-", "y").Replace(mark)
		ana := person{mark: mark, xc: "id-" + mark}
		putUser(t, s, ana.xc, obj{
			"fullName": "Ana " + mark, "email": mark + "@example.org", "username": mark, "bio": "I am " + mark,
			"photoThumbnailURL": "https://img.example.com/" + mark, "phone": "+49 151 23456789",
		})
		do(t, s, "auth_ticket/request", obj{"xcUserID": ana.xc, "fullName": "Ana " + mark})
		ana.Device = s.SignIn(t, ana.xc, "device-"+mark).Connect(t)
		do(t, s, "user/update", obj{"xcUserID": ana.xc, "fullName": "Ana " + mark}) // SignIn has named her anew
		bo := s.SignIn(t, "bo", "1").Connect(t)
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"bo"}})
		do(t, s, "room/participants/add", obj{"xcRoomID": "r", "participantXCUserIDs": list{ana.xc}})
		do(t, s, "room/participants/data/set", obj{"xcRoomID": "r", "xcUserID": ana.xc, "data": obj{"note": mark}})
		do(t, s, "user/data/set", obj{"xcUserID": ana.xc, "data": obj{"note": mark}})
		putRoom(t, s, "elsewhere", nil) // where she has never been, and which comes behind all of hers
		do(t, s, "room/participants/data/set", obj{"xcRoomID": "elsewhere", "xcUserID": ana.xc, "data": obj{"note": mark}})
		room := ask[struct{ Room struct{ RoomID string } }](t, s, "room/get", obj{"xcRoomID": "r"}).Room.RoomID
		leaveTraces(t, ana, bo, room)
		send(t, s, "bo", "r", "the last word")
		do(t, s, "message/send_to_rooms", obj{"senderXCUserID": ana.xc, "messageType": 1001, "body": mark, "xcRoomIDs": list{"r"}})
		eventually(t, "it is in the room", func() bool { return texts(t, history(t, bo, room))[0] == mark })

		finds(t, s, obj{"query": "last word"}, "the last word")
		eventually(t, "the user's words are in the search index", func() bool { return inSearchIndex(t, s, mark) })
		if found := findEverywhere(t, s, mark); len(found) < 15 {
			t.Fatalf("too few traces for a test: %q", found)
		}
		if found := findSealed(t, s, mark); len(found) < 12 {
			t.Fatalf("too few sealed traces for a test: %q", found)
		}
		kept := referring(t, ana, room, hers(t, ana, room))
		e := erase(t, s, ana.xc)
		for kind, n := range map[string]int64{
			"messages": 5, "references": 12, "files": 1, "fileBytes": 4, "contacts": 1, "blocks": 1, "reports": 2,
			"stars": 1, "hiddenMessages": 1, "participantData": 2, "logins": 1, "tickets": 1, "pushTokens": 1, "devices": 1,
			"userData": 1, "scheduledMessages": 1, "broadcasts": 1, "archives": 0, "preferences": 0, "photos": 0, "keptFiles": 0,
		} {
			if e.Erased[kind] != n {
				t.Errorf("%d %s are gone, want %d", e.Erased[kind], kind, n)
			}
		}
		if found := findEverywhere(t, s, mark, "audit.object", "audit.users"); len(found) > 0 {
			t.Errorf("found after the erasure: %q", found)
		}
		if inSearchIndex(t, s, mark) {
			t.Error("the search index has words of the user's after the erasure")
		}
		if found := findSealed(t, s, mark); len(found) > 0 {
			t.Errorf("sealed after the erasure is: %q", found)
		}
		for _, m := range history(t, bo, room) {
			shown := m.Text(t) + m.Quote.Title
			for _, sealed := range []string{m.Quote.Content, m.Data} {
				if sealed != "" {
					shown += servertest.Message{LocalID: m.LocalID, Body: sealed}.Text(t)
				}
			}
			if strings.Contains(shown, mark) {
				t.Errorf("bo still reads %q", shown)
			}
		}
		if got := texts(t, history(t, bo, room)); !slices.Contains(got, "the last word") || !slices.Contains(got, "I answer") {
			t.Errorf("what others wrote is gone: %q", got)
		}
		sayLater(t, bo, room, kept)
		if found := append(findSealed(t, s, mark), findEverywhere(t, s, mark, "audit.object", "audit.users")...); len(found) > 0 {
			t.Errorf("found after others have sent what they had of the user: %q", found)
		}
		checkReceipt(t, e, ana.xc)
		awaitEvent(t, s, "user.erased", "erased-"+e.ErasureID)
		refuse(t, s, "user/erase", obj{"xcUserID": ana.xc}, userNotFound)
		refuse(t, s, "user/erase", obj{"xcUserID": "erased-" + e.ErasureID}, userNotFound)
		for _, path := range []string{"user/update", "auth_ticket/request"} {
			refuse(t, s, path, obj{"xcUserID": "erased-" + e.ErasureID, "fullName": "Ana"},
				invalid("xcUserID", "105", "is one of those that users have who were erased"))
		}
		if id := putUser(t, s, ana.xc, nil); id == ana.UserID {
			t.Error("who is named by the id later is the same user")
		}
	})
}

// leaveTraces has ana and bo do in a room whatever writes something down.
func leaveTraces(t *testing.T, ana person, bo *servertest.Device, room string) {
	t.Helper()
	until(t, ana.Device, ana.Send(t, room, "I am "+ana.mark))
	first := history(t, bo, room)[0]
	until(t, ana.Device, ana.Send(t, room, "goodbye "+ana.mark))
	hidden := history(t, ana.Device, room)[0]
	ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{hidden.MessageID}, "isForEveryone": false}, nil)
	ana.Call(t, "chat/message/star", obj{"roomID": room, "messageIDs": list{first.MessageID}}, nil)
	bo.Call(t, "chat/message/pin", obj{"roomID": room, "messageIDs": list{first.MessageID}}, nil)
	ana.Call(t, "client/push_notification/update", obj{"fcmToken": ana.mark}, nil)
	deviceRooms(t, ana.Device)
	up := ana.MustUpload(t, room, ana.mark+".txt", []byte("text"))
	ana.Call(t, "chat/message/send/custom", obj{
		"roomID": room, "localID": localID(t), "messageType": 1004, "body": ana.mark + ".txt",
		"data": fmt.Sprintf(`{"fileID":%q,"fileName":%q}`, up.FileID, ana.mark),
	}, nil)
	own := servertest.Draft(t, room, localID(t), "an answer of "+ana.mark)
	own["quote"] = obj{
		"title": "Bo", "content": sealed(t, ana.mark, own["localID"].(string)), "fileID": "f-" + ana.mark, "fileType": "film",
		"imageURL": "https://img.example.com/1", "videoURL": "https://img.example.com/2",
	}
	own["filterID"], own["isHidden"] = ana.mark, true
	own["replyTo"] = obj{"userID": bo.UserID, "fullname": "of " + ana.mark, "localID": localID(t), "messageType": 1001}
	own["forwardFrom"] = own["replyTo"]
	own["type"], own["data"] = 3001, sealed(t, `{"of":"`+ana.mark+`"}`, own["localID"].(string))
	ana.Emit(t, "chat/sendMessage", own)
	until(t, ana.Device, own["localID"].(string))
	later := maps.Clone(own)
	later["localID"] = localID(t)
	for key, text := range map[string]string{"body": "later " + ana.mark, "data": `{"of":"` + ana.mark + `"}`} {
		later[key] = sealed(t, text, later["localID"].(string))
	}
	later["quote"] = obj{"title": "Bo", "content": sealed(t, ana.mark, later["localID"].(string))}
	checkDevice(t, "chat/scheduled_message/create",
		ana.Try(t, "chat/scheduled_message/create", obj{"scheduledTime": inAWhile(), "message": later}))

	for _, draft := range referring(t, ana, room, first) {
		bo.Emit(t, "chat/sendMessage", draft)
		until(t, bo, draft["localID"].(string))
	}
	for _, draft := range referring(t, ana, room, first) {
		a := bo.Try(t, "chat/scheduled_message/create", obj{"scheduledTime": inAWhile(), "message": draft})
		checkDevice(t, "chat/scheduled_message/create", a)
	}

	ana.Call(t, "client/contact/add", obj{"userID": bo.UserID}, nil)
	bo.Call(t, "client/contact/add", obj{"userID": ana.UserID}, nil)
	ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID, "category": "Spam", "isOtherCategory": false, "reason": ana.mark}, nil)
	bo.Call(t, "client/chat_report/submit_user", obj{"userID": ana.UserID, "category": "Spam", "isOtherCategory": false, "reason": ana.mark}, nil)
	bo.Call(t, "client/contact/block", obj{"userID": ana.UserID}, nil)
}

// hers is a message of ana's that devices have not deleted.
func hers(t *testing.T, ana person, room string) servertest.Message {
	t.Helper()
	for _, m := range history(t, ana.Device, room) {
		if m.User.UserID == ana.UserID && m.Text(t) == "I am "+ana.mark {
			return m
		}
	}
	t.Fatal("she has said nothing")
	return servertest.Message{}
}

// sayLater has a device that knows nothing of an erasure send what it has: what is scheduled, and drafts, now and
// later.
func sayLater(t *testing.T, bo *servertest.Device, room string, drafts []obj) {
	t.Helper()
	items := scheduled(t, bo, room)
	ids := make(list, len(items))
	for i, item := range items {
		ids[i] = item.ID
	}
	bo.Call(t, "chat/scheduled_message/send_now", obj{"ids": ids}, nil)
	if got := scheduled(t, bo, room); len(items) == 0 || len(got) != 0 {
		t.Errorf("of %d that were scheduled there are still %d", len(items), len(got))
	}
	for _, draft := range drafts {
		bo.Emit(t, "chat/sendMessage", draft)
		until(t, bo, draft["localID"].(string))
		again := maps.Clone(draft)
		again["localID"] = localID(t)
		again["body"] = sealed(t, "I answer", again["localID"].(string))
		if quote, ok := draft["quote"].(obj); ok {
			plain, err := cipher.Decrypt(quote["content"].(string), draft["localID"].(string))
			if err != nil {
				t.Fatal(err)
			}
			again["quote"] = obj{"title": quote["title"], "content": sealed(t, plain, again["localID"].(string))}
		}
		a := bo.Try(t, "chat/scheduled_message/create", obj{"scheduledTime": inAWhile(), "message": again})
		checkDevice(t, "chat/scheduled_message/create", a)
	}
}

// referring are messages that somebody else can send: answers to ana's message, and a copy of it, which say in
// each of the ways in which devices do whose it was.
func referring(t *testing.T, ana person, room string, m servertest.Message) (drafts []obj) {
	t.Helper()
	for key, refs := range map[string][]obj{
		"replyTo": {
			{"userID": ana.UserID, "xcUserID": ana.xc, "messageID": m.MessageID, "localID": m.LocalID},
			{"messageID": m.MessageID},
			{"messageID": "0", "localID": m.LocalID}, // as a device says that has not heard yet that it is stored
		},
		"forwardFrom": {{"userID": ana.UserID, "xcUserID": ana.xc, "messageID": "0"}, {"messageID": "0", "localID": m.LocalID}},
	} {
		for _, ref := range refs {
			draft := servertest.Draft(t, room, localID(t), "I answer")
			ref["fullname"], ref["messageType"] = "Ana "+ana.mark, 1001
			draft[key] = ref
			if key == "replyTo" {
				draft["quote"] = obj{"title": "Ana " + ana.mark, "content": sealed(t, "I am "+ana.mark, draft["localID"].(string))}
			}
			drafts = append(drafts, draft)
		}
	}
	return drafts
}

// findSealed looks for a text in what is sealed in the database, and returns where it is.
func findSealed(t *testing.T, s *servertest.App, mark string) (found []string) {
	t.Helper()
	for table, localID := range map[string]string{"messages": "local_id", "scheduled_messages": "local_id", "broadcasts": "id"} {
		rows := storetest.Query(t, server.StoreOptions(s.Config),
			fmt.Sprintf(`SELECT %s || '|' || body || '|' || data || '|' || quote FROM %s`, localID, table))
		for _, row := range rows {
			parts := strings.SplitN(row, "|", 4)
			var quote struct{ Content string }
			if parts[3] != "" {
				if err := json.Unmarshal([]byte(parts[3]), &quote); err != nil {
					t.Fatal(err)
				}
			}
			for _, text := range []string{parts[1], parts[2], quote.Content} {
				if plain := opened(t, parts[0], text); strings.Contains(plain, mark) {
					found = append(found, table+": "+plain)
				}
			}
		}
	}
	return found
}

// opened is a text that is sealed under a localID, with the body of the message that it tells of.
func opened(t *testing.T, localID, text string) string {
	t.Helper()
	if text == "" {
		return ""
	}
	plain, err := cipher.Decrypt(text, localID)
	if err != nil {
		t.Fatalf("%q under %q: %v", text, localID, err)
	}
	var pinned struct{ LocalID, Body string }
	if json.Unmarshal([]byte(plain), &pinned) == nil && pinned.Body != "" {
		plain += opened(t, pinned.LocalID, pinned.Body)
	}
	return plain
}

// findEverywhere looks for a text in every column of every table and returns where it is, but for places
// where it may be.
func findEverywhere(t *testing.T, s *servertest.App, mark string, but ...string) (found []string) {
	t.Helper()
	o := server.StoreOptions(s.Config)
	for _, c := range allColumns(t, s) {
		table, column, _ := strings.Cut(c, ".")
		n := storetest.Query(t, o, fmt.Sprintf(`SELECT COUNT(*) || '' FROM %s WHERE CAST(%q AS TEXT) LIKE '%%%s%%'`, table, column, mark))
		if n[0] != "0" && !slices.Contains(but, c) {
			found = append(found, c+": "+n[0])
		}
	}
	return found
}

// inSearchIndex reports whether a word is in the search index: in the bytes of its file, or in its table.
func inSearchIndex(t *testing.T, s *servertest.App, word string) bool {
	t.Helper()
	if o := server.StoreOptions(s.Config); o.DSN != "" {
		return storetest.Query(t, o, `SELECT COUNT(*) || '' FROM message_search WHERE CAST(words AS TEXT) LIKE '%`+word+`%'`)[0] != "0"
	}
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(filepath.Join(s.Config.Data, "search.db"+suffix))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, []byte(word)) {
			return true
		}
	}
	return false
}

// allColumns are the columns of all tables, with those.
func allColumns(t *testing.T, s *servertest.App) []string {
	t.Helper()
	o := server.StoreOptions(s.Config)
	if o.DSN != "" {
		return storetest.Query(t, o, `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'`)
	}
	return storetest.Query(t, o, `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`)
}

// checkReceipt holds a receipt to be signed, and to be of the user.
func checkReceipt(t *testing.T, e erasure, xc string) {
	t.Helper()
	parts := strings.Split(e.Receipt, ".")
	key, err := base64.RawURLEncoding.DecodeString(e.ReceiptKey.X)
	if len(parts) != 3 || err != nil || e.ReceiptKey.Kty != "OKP" || e.ReceiptKey.Crv != "Ed25519" {
		t.Fatalf("receipt %q, key %+v", e.Receipt, e.ReceiptKey)
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !ed25519.Verify(key, []byte(parts[0]+"."+parts[1]), signature) {
		t.Errorf("the signature does not fit: %v", err)
	}
	var header struct{ Alg, Kid string }
	var payload struct {
		ErasureID, UserID, Subject string
		Requested, Finished        int64
		Erased                     map[string]int64
		Kept                       map[string]string
	}
	for i, into := range []any{&header, &payload} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		if err == nil {
			err = json.Unmarshal(text, into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := sha256.Sum256([]byte(e.ErasureID + ":" + xc))
	if header.Alg != "EdDSA" || header.Kid != e.ReceiptKey.Kid || payload.ErasureID != e.ErasureID || payload.UserID != e.UserID ||
		payload.Subject != hex.EncodeToString(sum[:]) || payload.Finished < payload.Requested ||
		fmt.Sprint(payload.Erased) != fmt.Sprint(e.Erased) || len(payload.Kept) == 0 ||
		time.Since(time.UnixMilli(payload.Finished)) > time.Hour {
		t.Errorf("receipt %+v %+v, of %+v", header, payload, e)
	}
}

// TestEraseOnce: of calls that come at once one erases, and a call under a key is repeated with its answer.
// Other Apps know nothing of it.
func TestEraseOnce(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		answers := make(chan servertest.Answer, 5)
		for range cap(answers) {
			go func() { answers <- s.Call(t, "user/erase", obj{"xcUserID": "a"}) }()
		}
		began := 0
		for range cap(answers) {
			switch a := <-answers; a.Status {
			case 200:
				began++
			case 404:
			default:
				t.Errorf("%s", a.Body)
			}
		}
		if began != 1 {
			t.Errorf("%d calls have begun an erasure", began)
		}
		first := keyed(t, s, "forget-b", "user/erase", obj{"xcUserID": "b"})
		checkRepeat(t, "user/erase", first, keyed(t, s, "forget-b", "user/erase", obj{"xcUserID": "b"}))
		var e struct{ Data struct{ Erasure erasure } }
		if err := json.Unmarshal(first.Body, &e); err != nil {
			t.Fatal(err)
		}
		id := e.Data.Erasure.ErasureID
		awaitErasure(t, s, id)
		checkRepeat(t, "user/erase", first, keyed(t, s, "forget-b", "user/erase", obj{"xcUserID": "b"}))
		if page := audit(t, s, obj{"objectType": "user", "objectID": "b", "action": "/server/user/erase"}); len(page.Entries) != 1 {
			t.Errorf("the audit log has %+v", page)
		}
		refuse(t, s, "user/erase/get", obj{"erasureID": strings.Repeat("0", 32)}, failure{"40401", "Erasure is not found", ""})
		refuse(t, s, "user/erase/get", obj{"erasureID": "x"},
			failure{"40002", "Param 'erasureID' must be what user/erase has answered", "erasureID"})
	})
	servertest.EmbeddedApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a")
		id := erase(t, s, "a").ErasureID
		servertest.EmbeddedApp(t, func(t *testing.T, other *servertest.App) {
			refuse(t, other, "user/erase/get", obj{"erasureID": id}, failure{"40401", "Erasure is not found", ""})
			refuse(t, other, "user/erase", obj{"xcUserID": "a"}, userNotFound)
		})
	})
}
