package e2e

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// toldEvent is an event as a backend reads it.
type toldEvent struct {
	ID, Type, Timestamp string
	Created             int64
	Data                map[string]json.RawMessage
}

type toldPage struct {
	Events  []toldEvent
	Cursor  string
	HasMore bool
}

// into decodes what an event has under a key.
func (e toldEvent) into(t testing.TB, key string, out any) {
	t.Helper()
	if err := json.Unmarshal(e.Data[key], out); err != nil {
		t.Errorf("%s: %s is %s: %v", e.Type, key, e.Data[key], err)
	}
}

func pageOfEvents(t testing.TB, a *servertest.App, body obj) toldPage {
	t.Helper()
	return ask[toldPage](t, a, "events/list", body)
}

// markers counts the users that fromNow makes.
var markers atomic.Int64

// fromNow is a cursor behind all that has happened. PostgreSQL's other transactions delay what the feed shows, so it
// makes a user and waits for that.
func fromNow(t testing.TB, a *servertest.App) (cursor string) {
	t.Helper()
	xc := fmt.Sprint("marker-", markers.Add(1))
	putUser(t, a, xc, nil)
	for {
		page := pageOfEvents(t, a, obj{"cursor": cursor, "limit": 500, "wait": 5})
		cursor = page.Cursor
		for _, e := range page.Events {
			if e.Type == "user.created" && e.user(t) == xc {
				return cursor
			}
		}
	}
}

// user is whom an event is about, by their xcUserID.
func (e toldEvent) user(t testing.TB) string {
	t.Helper()
	var u struct{ XCUserID string }
	e.into(t, "user", &u)
	return u.XCUserID
}

// eventsFrom reads all that has happened behind a cursor, in pages of a limit, without what fromNow makes.
func eventsFrom(t testing.TB, a *servertest.App, cursor string, limit int, filter obj) (events []toldEvent) {
	t.Helper()
	fromNow(t, a)
	for {
		body := obj{"cursor": cursor, "limit": limit}
		maps.Copy(body, filter)
		page := pageOfEvents(t, a, body)
		if len(page.Events) > limit {
			t.Fatalf("%d events in a page of %d", len(page.Events), limit)
		}
		for _, e := range page.Events {
			if e.Type != "user.created" || !strings.HasPrefix(e.user(t), "marker-") {
				events = append(events, e)
			}
		}
		if cursor = page.Cursor; !page.HasMore {
			return events
		}
	}
}

func typesOf(events []toldEvent) (types []string) {
	for _, e := range events {
		types = append(types, e.Type)
	}
	return types
}

func idsOf(events []toldEvent) (ids []string) {
	for _, e := range events {
		ids = append(ids, e.ID)
	}
	return ids
}

// TestEventTypes does everything that there is an event of, and looks at what each holds.
func TestEventTypes(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		from := fromNow(t, a)
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		putUser(t, a, "ana", obj{"bio": "New"})
		putUsers(t, a, "cy")
		putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		putRoom(t, a, "r", obj{"name": "Other"})
		do(t, a, "room/lock", obj{"xcRoomID": "r", "xcUserID": "ana"})
		do(t, a, "room/unlock", obj{"xcRoomID": "r", "xcUserID": "ana"})
		do(t, a, "room/participants/remove", obj{"xcRoomID": "r", "participantXCUserIDs": list{"bo"}})
		do(t, a, "user/delete", obj{"xcUserID": "cy"})

		group := newGroup(t, ana, "Group", bo)
		ana.Call(t, "client/room/admins/promote", obj{"roomID": group, "userIDs": list{bo.UserID}}, nil)
		kept, gone := ana.Send(t, group, "kept"), ana.Send(t, group, "gone")
		var messages []servertest.Message
		for len(messages) < 2 {
			if m := bo.NextMessage(t); m.LocalID == kept || m.LocalID == gone {
				messages = append(messages, m)
			}
		}
		bo.Call(t, "chat/message/feedback/delivered", obj{"messageIDs": list{messages[0].MessageID}}, nil)
		bo.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{messages[0].MessageID}}, nil)
		edited := servertest.Draft(t, group, kept, "edited")
		edited["messageID"] = messages[0].MessageID
		ana.Emit(t, "chat/updateMessage", edited)
		bo.NextUpdate(t)
		ana.Call(t, "chat/message/delete", obj{"roomID": group, "messageIDs": list{messages[1].MessageID}, "forEveryone": true}, nil)
		up := ana.MustUpload(t, group, "a.txt", []byte("content"))
		bo.Call(t, "client/room/leave", obj{"roomID": group}, nil)
		ana.Call(t, "client/room/delete", obj{"roomID": group, "checksum": checksum(ana, group)}, nil)
		ana.Call(t, "client/contact/block", obj{"userID": bo.UserID}, nil)
		ana.Call(t, "client/contact/unblock", obj{"userID": bo.UserID}, nil)
		ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID, "category": "Spam", "reason": "boats"}, nil)

		byType := map[string][]toldEvent{}
		for _, e := range eventsFrom(t, a, from, 500, nil) {
			byType[e.Type] = append(byType[e.Type], e)
			if at, err := time.Parse(time.RFC3339, e.Timestamp); err != nil || at.UnixMilli() != e.Created || len(e.ID) > 40 {
				t.Errorf("an event %q of %q, %d: %v", e.ID, e.Timestamp, e.Created, err)
			}
		}
		for kind, keys := range map[string]string{
			"message.created": "by message room", "message.updated": "by message room", "message.deleted": "by message room",
			"message.delivered": "by messages room", "message.read": "by messages room",
			"room.created": "room", "room.updated": "room", "room.deleted": "by room", "room.locked": "by room", "room.unlocked": "by room",
			"participant.added": "room users", "participant.removed": "room users", "participant.updated": "by isAdmin room users",
			"user.created": "user", "user.updated": "user", "user.deleted": "user", "user.reported": "report user",
			"user.blocked": "user users", "user.unblocked": "user users", "file.uploaded": "by file",
		} {
			if len(byType[kind]) == 0 {
				t.Errorf("no %s", kind)
				continue
			}
			if got := strings.Join(slices.Sorted(maps.Keys(byType[kind][0].Data)), " "); got != keys {
				t.Errorf("%s has %q, want %q", kind, got, keys)
			}
		}
		if t.Failed() {
			return
		}
		// Everything is as it is by now.
		var seen struct {
			Body, TypeName             string
			IsMessageEdited, IsDeleted bool
		}
		byType["message.updated"][0].into(t, "message", &seen)
		if seen.Body != "edited" || !seen.IsMessageEdited || seen.TypeName != "text" {
			t.Errorf("message.updated has %+v", seen)
		}
		for _, e := range byType["message.created"] {
			var m struct{ LocalID, Body string }
			e.into(t, "message", &m)
			if want, ok := map[string]string{kept: "edited", gone: ""}[m.LocalID]; ok && m.Body != want {
				t.Errorf("message.created has the text %q, want %q", m.Body, want)
			}
		}
		byType["message.deleted"][0].into(t, "message", &seen)
		if seen.Body != "" || !seen.IsDeleted {
			t.Errorf("message.deleted has %+v", seen)
		}
		var refs []struct{ MessageID, LocalID string }
		byType["message.read"][len(byType["message.read"])-1].into(t, "messages", &refs)
		if len(refs) != 1 || refs[0].LocalID != kept || refs[0].MessageID != messages[0].MessageID {
			t.Errorf("message.read has %+v", refs)
		}
		var by struct{ UserID, XCUserID string }
		byType["message.created"][0].into(t, "by", &by) // the room was made by the backend
		if by.XCUserID != "" {
			t.Errorf("what the app writes is by %+v", by)
		}
		byType["room.deleted"][0].into(t, "by", &by)
		if by.XCUserID != "ana" || by.UserID != ana.UserID {
			t.Errorf("room.deleted is by %+v", by)
		}
		var report struct {
			ReportID, Category, Reason, MessageID string
			Reporter                              struct{ XCUserID string }
		}
		byType["user.reported"][0].into(t, "report", &report)
		if report.Category != "Spam" || report.Reason != "boats" || report.MessageID != "0" || report.Reporter.XCUserID != "ana" {
			t.Errorf("user.reported has %+v", report)
		}
		var file struct {
			FileID, FileName, URL string
			Size                  int64
		}
		byType["file.uploaded"][0].into(t, "file", &file)
		if file.FileID != up.ID || file.FileName != "a.txt" || file.Size != 7 || !strings.HasPrefix(file.URL, servertest.PublicURL) {
			t.Errorf("file.uploaded has %+v, of %+v", file, up)
		}
	})
}

// TestEventTexts are plain, or sealed where that is asked for.
func TestEventTexts(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		putUsers(t, a, "ana")
		putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}})
		from := fromNow(t, a)
		sendBody(t, a, textMessage("ana", "r", "hello 👍\n\"x\"", obj{"messageType": 3001, "data": `{"a":"ü"}`, "quote": obj{"title": "T", "content": "quoted"}}))
		for _, sealed := range []bool{false, true} {
			events := eventsFrom(t, a, from, 500, obj{"sealed": sealed})
			if len(events) != 1 {
				t.Fatalf("events %q", typesOf(events))
			}
			var m message
			events[0].into(t, "message", &m)
			got := []string{m.Body, m.Data, m.Quote.Content}
			if sealed {
				for i, s := range got {
					got[i] = plain(t, m, s)
				}
			}
			if want := []string{"hello 👍\n\"x\"", `{"a":"ü"}`, "quoted"}; !slices.Equal(got, want) {
				t.Errorf("sealed %v: %q, want %q", sealed, got, want)
			}
		}
	})
}

// TestEventFilters: by type, by tag and by type of the room, also together.
func TestEventFilters(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		putUsers(t, a, "ana")
		people, long := list{"ana"}, strings.Repeat("l", chat.MaxTag)
		putRoom(t, a, "plain", obj{"participantXCUserIDs": people})
		putRoom(t, a, "vip", obj{"participantXCUserIDs": people, "tags": list{"vip", "big", long}})
		putRoom(t, a, "deal", obj{"participantXCUserIDs": people, "type": 4, "tags": list{"vip"}})
		from := fromNow(t, a)
		putUser(t, a, "bo", nil)
		for _, room := range []string{"plain", "vip", "deal"} {
			send(t, a, "ana", room, room)
			do(t, a, "room/lock", obj{"xcRoomID": room, "xcUserID": "ana"})
		}
		lock := func(rooms ...string) (all []string) {
			for _, r := range rooms {
				all = append(all, "room.locked "+r)
			}
			return all
		}
		both := func(rooms ...string) (all []string) {
			for _, r := range rooms {
				all = append(all, "message.created "+r, "room.locked "+r)
			}
			return all
		}
		for _, tt := range []struct {
			filter obj
			want   []string
		}{
			{obj{}, append([]string{"user.created "}, both("plain", "vip", "deal")...)},
			{obj{"types": list{}, "roomTags": list{}, "roomTypes": list{}}, append([]string{"user.created "}, both("plain", "vip", "deal")...)},
			{obj{"types": list{"room.locked"}}, lock("plain", "vip", "deal")},
			{obj{"types": list{"room.locked", "user.created"}}, append([]string{"user.created "}, lock("plain", "vip", "deal")...)},
			{obj{"types": list{"user.deleted"}}, nil},
			{obj{"roomTags": list{"vip"}}, both("vip", "deal")},
			{obj{"roomTags": list{"big", "other"}}, both("vip")},
			{obj{"roomTags": list{"VIP"}}, nil},
			{obj{"roomTags": list{long}}, both("vip")},
			{obj{"roomTypes": list{2}}, both("plain", "vip")},
			{obj{"roomTypes": list{4, 1}}, both("deal")},
			{obj{"roomTypes": list{2}, "roomTags": list{"vip"}}, both("vip")},
			{obj{"roomTypes": list{2}, "roomTags": list{"vip"}, "types": list{"room.locked"}}, lock("vip")},
			{obj{"roomTypes": list{1}, "roomTags": list{"vip"}}, nil},
		} {
			for _, limit := range []int{1, 500} {
				var got []string
				for _, e := range eventsFrom(t, a, from, limit, tt.filter) {
					var room struct{ XCRoomID string }
					if e.Data["room"] != nil {
						e.into(t, "room", &room)
					}
					if e.Type == "message.created" {
						var m message
						if e.into(t, "message", &m); m.Type == 9001 { // what Parlor says of a lock
							continue
						}
					}
					got = append(got, e.Type+" "+room.XCRoomID)
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("%v, by %d: %q, want %q", tt.filter, limit, got, tt.want)
				}
			}
		}
	})
}

// TestEventPages: a page has as many events as asked for, fewer where they are large, and all pages together have
// each event once.
func TestEventPages(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		putUsers(t, a, "ana")
		putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana"}})
		from := fromNow(t, a)
		const n, size = 30, 200_000
		data := `{"x":"` + strings.Repeat("x", size) + `"}`
		for range n {
			sendBody(t, a, textMessage("ana", "r", "large", obj{"messageType": 3001, "data": data}))
		}
		fromNow(t, a)
		var all []string
		pages := 0
		for cursor, more := from, true; more; pages++ {
			answer := call(t, a, "events/list", obj{"cursor": cursor, "limit": 500, "types": list{"message.created"}})
			if len(answer.Body) > 3<<20 {
				t.Errorf("a page of %d bytes", len(answer.Body))
			}
			var page toldPage
			if err := json.Unmarshal(answer.Data, &page); err != nil {
				t.Fatal(err)
			}
			if len(page.Events) == 0 && page.HasMore {
				t.Error("an empty page before the end")
			}
			all, cursor, more = append(all, idsOf(page.Events)...), page.Cursor, page.HasMore
		}
		if pages < 3 {
			t.Errorf("%d bytes came in %d pages", n*size, pages)
		}
		one := idsOf(eventsFrom(t, a, from, 1, nil))
		if len(all) != n || !slices.Equal(all, one) {
			t.Errorf("%d events by bytes, %d one by one", len(all), len(one))
		}
		unique := slices.Clone(all)
		slices.Sort(unique)
		if len(slices.Compact(unique)) != n {
			t.Errorf("ids are not unique: %q", all)
		}
	})
}

// TestEventCursorSurvives: a cursor is good after what it is about was deleted, after a restart, and beside writers,
// and what comes behind it is neither less nor more.
func TestEventCursorSurvives(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, a *servertest.App) {
		from := fromNow(t, a)
		putUsers(t, a, "ana", "bo")
		putRoom(t, a, "r", obj{"participantXCUserIDs": list{"ana", "bo"}})
		for i := range 5 {
			send(t, a, "ana", "r", fmt.Sprint(i))
		}
		fromNow(t, a)
		page := pageOfEvents(t, a, obj{"cursor": from, "limit": 4})
		do(t, a, "user/delete", obj{"xcUserID": "bo"})
		a.Stop(t)
		a.StartAgain(t)
		const writers, perWriter = 8, 10
		together(writers, func(w int) {
			for i := range perWriter {
				send(t, a, "ana", "r", fmt.Sprint(w, " ", i))
			}
		})
		rest := eventsFrom(t, a, page.Cursor, 7, nil)
		whole := idsOf(eventsFrom(t, a, from, 500, nil))
		if got := append(idsOf(page.Events), idsOf(rest)...); !slices.Equal(got, whole) {
			t.Errorf("by pages %q, at once %q", got, whole)
		}
		var texts []string
		for _, e := range rest {
			if e.Type == "message.created" {
				var m message
				if e.into(t, "message", &m); m.Type == 1001 {
					texts = append(texts, m.Body)
				}
			}
		}
		for w := range writers { // those of one writer are in order
			at := -1
			for i := range perWriter {
				next := slices.Index(texts, fmt.Sprint(w, " ", i))
				if next <= at {
					t.Errorf("writer %d's message %d is at %d, behind %d", w, i, next, at)
				}
				at = next
			}
		}
	})
}

// TestEventWait: a call that waits is answered when there is an event that it wants, and at the end of its time
// without one.
func TestEventWait(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		from := fromNow(t, a)
		began := time.Now()
		page := pageOfEvents(t, a, obj{"cursor": from, "wait": 1})
		if took := time.Since(began); took < 900*time.Millisecond || len(page.Events) > 0 || page.HasMore || page.Cursor == "" {
			t.Errorf("after %v: %+v", took, page)
		}
		// It waits behind what it does not want, and what comes then wakes it.
		answers := make(chan toldPage, 1)
		began = time.Now()
		go func() { // ends with the call
			answers <- pageOfEvents(t, a, obj{"cursor": page.Cursor, "wait": 30, "types": list{"user.deleted"}})
		}()
		putUser(t, a, "ana", nil)
		do(t, a, "user/delete", obj{"xcUserID": "ana"})
		if got := <-answers; !slices.Equal(typesOf(got.Events), []string{"user.deleted"}) || time.Since(began) > 20*time.Second {
			t.Errorf("after %v: %+v", time.Since(began), got)
		}
		// What is there already is answered at once, and so is the cursor of now.
		began = time.Now()
		if got := pageOfEvents(t, a, obj{"cursor": from, "wait": 30}); len(got.Events) == 0 {
			t.Errorf("what is there already: %+v", got)
		}
		pageOfEvents(t, a, obj{"cursor": "now", "wait": 30})
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("without need it waits %v", took)
		}
	})
}

// TestEventWaits: many wait at once, take nobody's place, and are all woken; those beyond the limit are answered.
func TestEventWaits(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		from := fromNow(t, a)
		const n = 120 // more than may wait
		pages := make(chan toldPage, n)
		for range n {
			go func() { // ends with the call
				pages <- pageOfEvents(t, a, obj{"cursor": from, "wait": 30})
			}()
		}
		for range n - 100 {
			if page := <-pages; len(page.Events) > 0 || page.Cursor == "" {
				t.Errorf("one that found no place to wait: %+v", page)
			}
		}
		putUser(t, a, "ana", nil) // is served beside them
		for range 100 {
			if page := <-pages; !slices.Equal(typesOf(page.Events), []string{"user.created"}) {
				t.Errorf("one that has waited: %+v", page)
			}
		}
	})
}

// TestStopDoesNotWaitForEvents: calls that wait for events do not hold up a stop.
func TestStopDoesNotWaitForEvents(t *testing.T) {
	t.Parallel()
	a := servertest.Start(t, servertest.SQLite(t), nil).Default()
	from := fromNow(t, a)
	const n = 101 // one more than may wait: once it is answered, the others wait
	answers := make(chan servertest.Answer, n)
	for range n {
		go func() { // ends with the call
			answers <- a.Call(t, "events/list", obj{"cursor": from, "wait": 30})
		}()
	}
	<-answers
	began := time.Now()
	a.Stop(t)
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("the stop took %v", took)
	}
	for range n - 1 {
		if answer := <-answers; answer.Status != 200 && answer.Error.Code != "50301" {
			t.Errorf("one that waited got %s", answer.Body)
		}
	}
}

// TestCursorTooOld: a cursor whose next events are no longer kept is refused, and the oldest that are kept are there.
func TestCursorTooOld(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	a := servertest.Start(t, cfg, nil).Default()
	old := fromNow(t, a)
	putUsers(t, a, "ana", "bo", "cy")
	events := eventsFrom(t, a, old, 500, nil)
	kept := pageOfEvents(t, a, obj{"cursor": old, "limit": 2}).Cursor
	// As pruning leaves it: the first two are gone.
	storetest.Exec(t, store.Options{Path: filepath.Join(cfg.Data, "parlor.db")}, `
		UPDATE apps SET (feed_number, feed_id) = (SELECT number, id FROM feed_events ORDER BY number, id LIMIT 1 OFFSET
			(SELECT COUNT(*) - 3 FROM feed_events));
		DELETE FROM feed_events WHERE (number, id) <= (SELECT feed_number, feed_id FROM apps)`)
	refuse(t, a, "events/list", obj{"cursor": old}, failure{
		"40901", "The events behind this cursor are no longer kept; leave it out to begin with the oldest that are", "",
	})
	for what, cursor := range map[string]string{"without a cursor": "", "from where they are kept": kept} {
		if got := eventsFrom(t, a, cursor, 500, nil); !slices.Equal(idsOf(got), idsOf(events[2:])) {
			t.Errorf("%s: %q, want %q", what, idsOf(got), idsOf(events[2:]))
		}
	}
}
