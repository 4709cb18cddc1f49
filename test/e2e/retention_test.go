package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"parlor/test/env/servertest"
)

type freed struct{ Messages, Files, Bytes int64 }

type retentionRule struct {
	Tag                              string
	Days                             int
	Created, Updated                 int64
	NextRunTime                      int64
	IsRunning                        bool
	LastRunTime, LastRunFinishedTime int64
	LastRun, Total                   freed
}

func retentionRules(t testing.TB, s *servertest.App) []retentionRule {
	t.Helper()
	return ask[struct{ Rules []retentionRule }](t, s, "retention/list", obj{}).Rules
}

func setRetention(t testing.TB, s *servertest.App, body obj) retentionRule {
	t.Helper()
	return ask[struct{ Rule retentionRule }](t, s, "retention/set", body).Rule
}

// TestRetentionRules: rules are the App's own, and each change of one has all of them rest for an hour.
func TestRetentionRules(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		const hour = 3_600_000
		now := c.ms.Load()
		first := setRetention(t, s, obj{"days": 30})
		want := retentionRule{Days: 30, Created: now, Updated: now, NextRunTime: now + hour}
		if first != want {
			t.Errorf("set: %+v, want %+v", first, want)
		}
		c.ms.Add(1000)
		if again := setRetention(t, s, obj{"days": 30, "tag": ""}); again != first {
			t.Errorf("the same again: %+v", again)
		}
		changed := setRetention(t, s, obj{"days": 29})
		want.Days, want.Updated, want.NextRunTime = 29, now+1000, now+1000+hour
		if changed != want {
			t.Errorf("changed: %+v, want %+v", changed, want)
		}
		c.ms.Add(1000)
		setRetention(t, s, obj{"days": 365, "tag": "legal"})
		if all := retentionRules(t, s); len(all) != 2 || all[0].Tag != "" || all[1].Tag != "legal" || all[0].NextRunTime != now+2000+hour {
			t.Errorf("listed: %+v", all)
		}
		c.ms.Add(1000)
		type result struct {
			Success bool
			Message string
		}
		if got := ask[result](t, s, "retention/delete", obj{}); got != (result{true, "The rule has been deleted"}) {
			t.Errorf("deleted: %+v", got)
		}
		if got := ask[result](t, s, "retention/delete", obj{}); got != (result{false, "There is no such rule"}) {
			t.Errorf("deleted again: %+v", got)
		}
		if all := retentionRules(t, s); len(all) != 1 || all[0].Tag != "legal" || all[0].NextRunTime != now+3000+hour {
			t.Errorf("left: %+v", all)
		}
		for _, days := range []any{0, -1, 36_501} {
			refuse(t, s, "retention/set", obj{"days": days}, invalid("days", "days", "must be 1 to 36500"))
		}
		refuse(t, s, "retention/set", obj{"tag": "x"}, required("days", "days"))
		refuse(t, s, "retention/set", obj{"days": 1, "tag": strings.Repeat("x", 256)},
			invalid("tag", "tag", "must be 0 to 255 characters"))
		once := keyed(t, s, "retention", "retention/set", obj{"days": 7, "tag": "keyed"})
		checkRepeat(t, "retention/set", once, keyed(t, s, "retention", "retention/set", obj{"days": 7, "tag": "keyed"}))
		for i := range 98 {
			setRetention(t, s, obj{"days": 1, "tag": fmt.Sprint("t", i)})
		}
		refuse(t, s, "retention/set", obj{"days": 1, "tag": "one more"}, failure{"40301", "An App has at most 100 retention rules", ""})
		setRetention(t, s, obj{"days": 2, "tag": "t1"}) // is there already
	})
}

// keptRooms is a world in which rules remove something.
type keptRooms struct {
	*servertest.App
	clock   *clock
	ana, bo *servertest.Device
	read    map[string][]string // by users, what they have read
}

// unread counts message by message what somebody has not read in a room.
func (w *keptRooms) unread(t testing.TB, xcUser, room string) (n int) {
	t.Helper()
	for _, m := range listed(t, w.App, obj{"xcRoomID": room}, 100) {
		if !m.IsDeleted && !m.IsHidden && m.User.XCUserID != xcUser && !slices.Contains(w.read[xcUser], m.MessageID) {
			n++
		}
	}
	return n
}

func (w *keptRooms) acknowledge(t testing.TB, who *servertest.Device, xcUser string, messages ...toldMessage) {
	t.Helper()
	var ids list
	for _, m := range messages {
		ids = append(ids, m.MessageID)
		w.read[xcUser] = append(w.read[xcUser], m.MessageID)
	}
	who.Call(t, "chat/message/feedback/read", obj{"messageIDs": ids}, nil)
}

// wait lets time pass.
func (w *keptRooms) wait(t *testing.T, later time.Duration) {
	t.Helper()
	w.clock.ms.Add(later.Milliseconds())
	w.ana.RefreshTokens(t)
	w.bo.RefreshTokens(t)
}

// run lets time pass and waits for the end of what is due then.
func (w *keptRooms) run(t *testing.T, later time.Duration, rules int) (all []retentionRule) {
	t.Helper()
	w.wait(t, later)
	now := w.clock.ms.Load()
	eventually(t, "the rules have run", func() bool {
		all = retentionRules(t, w.App)
		return len(all) == rules && !slices.ContainsFunc(all, func(r retentionRule) bool {
			return r.IsRunning || r.LastRunFinishedTime < now-1
		})
	})
	return all
}

// check compares unread counts with what is there to be read.
func (w *keptRooms) check(t *testing.T, when string, rooms ...string) {
	t.Helper()
	for _, xc := range []string{"ana", "bo"} {
		for _, room := range rooms {
			sum, ok := inList(t, w.App, xc, room)
			if want := w.unread(t, xc, room); !ok || sum.UnreadCount != want {
				t.Errorf("%s: %s has %d unread in %s (listed: %v), want %d", when, xc, sum.UnreadCount, room, ok, want)
			}
		}
	}
}

// TestRetention: what is older than its room's rule goes for good, with its files, pins and stars; unread counts
// are those of what is left; everything else stays.
func TestRetention(t *testing.T) {
	t.Parallel()
	eachWithClock(t, func(t *testing.T, s *servertest.App, c *clock) {
		const day = 24 * time.Hour
		w := &keptRooms{App: s, clock: c, read: map[string][]string{}}
		w.ana, w.bo = s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1")
		people := list{"ana", "bo"}
		rooms := []string{"plain", "quiet", "support", "legal", "both"}
		for room, tags := range map[string]list{"plain": {}, "quiet": {"other"}, "support": {"support"}, "legal": {"legal"}, "both": {"support", "legal"}} {
			putRoom(t, s, room, obj{"participantXCUserIDs": people, "tags": tags})
		}
		text := func(user, room string, i int, more obj) {
			sendBody(t, s, textMessage(user, room, fmt.Sprint(i), more))
		}
		for i := range 70 { // more than one step
			text([]string{"ana", "bo", "ana"}[i%3], "plain", i, obj{"isHidden": i%10 == 9})
		}
		for _, room := range rooms[1:] {
			text("ana", room, 0, nil)
			text("bo", room, 1, nil)
		}
		repeated := textMessage("ana", "quiet", "again", obj{"localID": localID(t)})
		sendBody(t, s, repeated)
		text("ana", "quiet", 2, nil)
		plain := listed(t, s, obj{"xcRoomID": "plain", "order": "oldest", "types": list{1001}}, 100)
		group := plain[0].Room.RoomID
		file := w.ana.MustUpload(t, group, "f.txt", []byte("content"))
		sendBody(t, s, obj{
			"xcRoomID": "plain", "senderXCUserID": "ana", "messageType": 3001, "body": "file", "data": `{"fileID":"` + file.FileID + `"}`,
		})
		w.ana.Call(t, "chat/message/pin", obj{"roomID": group, "messageIDs": list{plain[3].MessageID}}, nil)
		w.bo.Call(t, "chat/message/star", obj{"roomID": group, "messageIDs": list{plain[4].MessageID}}, nil)
		// bo reads with holes, ana nothing.
		w.acknowledge(t, w.bo, "bo", plain[2], plain[5], plain[6], plain[30])
		w.wait(t, 5*day)
		for i := range 3 {
			text("ana", "plain", 1000+i, nil)
		}
		newer := listed(t, s, obj{"xcRoomID": "plain"}, 100)[:3]
		w.acknowledge(t, w.bo, "bo", newer[1]) // behind a hole
		w.check(t, "before", rooms...)
		cursor := feedNow(t, s)

		setRetention(t, s, obj{"days": 3})
		setRetention(t, s, obj{"days": 2, "tag": "support"})
		setRetention(t, s, obj{"days": 365, "tag": "legal"})
		all := w.run(t, time.Hour, 3)
		w.check(t, "after", rooms...)
		if got := bodiesOf(listed(t, s, obj{"xcRoomID": "plain", "order": "oldest"}, 100)); got != "1000 1001 1002" {
			t.Errorf("left in plain: %q", got)
		}
		for room, want := range map[string]string{"quiet": "-", "support": "-", "legal": "0 1", "both": "0 1"} {
			if got := bodiesOf(listed(t, s, obj{"xcRoomID": room, "order": "oldest", "types": list{1001}}, 100)); got != want {
				t.Errorf("left in %s: %q, want %q", room, got, want)
			}
		}
		// 70 texts, the file and two notices in plain, and all but the newest of the five in quiet.
		if r := all[0]; r.LastRun.Files != 1 || r.LastRun.Messages != 77 || r.LastRun.Bytes <= 70 || r.Total != r.LastRun {
			t.Errorf("the App's rule: %+v", r)
		}
		if r := all[1]; r.Tag != "legal" || r.Total != (freed{}) || r.LastRunTime == 0 {
			t.Errorf("the rule that keeps: %+v", r)
		}
		if r := all[2]; r.Tag != "support" || r.Total.Messages != 2 || r.NextRunTime != r.LastRunTime+day.Milliseconds() {
			t.Errorf("the rule of a tag: %+v", r)
		}
		expired := map[string]int{}
		for _, e := range eventsSince(t, s, cursor) {
			if e.Type == "message.expired" {
				expired[e.Data.Room.XcRoomID]++
				if min := c.ms.Load() - 3*day.Milliseconds() - 60_000; e.Data.Until < min {
					t.Errorf("%s until %d, before %d", e.Data.Room.XcRoomID, e.Data.Until, min)
				}
			}
		}
		if len(expired) != 3 || expired["plain"] != 1 || expired["quiet"] != 1 || expired["support"] != 1 {
			t.Errorf("told of %v", expired)
		}
		if got := w.bo.Try(t, "chat/file/download", obj{"roomID": group, "fileID": file.FileID}); got.Status == 200 {
			t.Errorf("bo still has the file")
		}
		refuse(t, s, "message/send/custom", repeated, failure{"40901", "This localID belongs to a message that is no longer kept", ""})
		if shown := history(t, w.ana, group); len(shown) != 3 {
			t.Errorf("a device finds %d messages", len(shown))
		}

		// Reading goes on, and what was emptied goes once there is something newer.
		w.acknowledge(t, w.ana, "ana", newer[2])
		text("bo", "quiet", 7, nil)
		w.check(t, "read on", rooms...)
		w.run(t, day, 3)
		w.check(t, "a day later", rooms...)
		if got := listed(t, s, obj{"xcRoomID": "quiet"}, 100); len(got) != 1 || got[0].Body != "7" {
			t.Errorf("quiet has %q", bodiesOf(got))
		}
		w.run(t, 3*day, 3)
		w.check(t, "in the end", rooms...)
		if got := listed(t, s, obj{"xcRoomID": "plain"}, 100); len(got) != 1 || !got[0].IsDeleted {
			t.Errorf("plain has %q", bodiesOf(got))
		}
	})
}
