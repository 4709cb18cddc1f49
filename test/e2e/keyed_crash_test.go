package e2e

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"parlor/internal/server"
	"parlor/internal/store/storetest"
	"parlor/test/env/servertest"
)

// answeredAnew are the calls whose answer, where it was lost, is made anew: of another ticket, which is as good, and of
// how many rooms are now.
var answeredAnew = map[string]bool{"auth_ticket/request": true, "room/batch/create_or_update": true}

// TestAnswerIsLost: the process dies between the change of a call and its answer. The repeat is answered as the
// call was and changes nothing more, whatever the call.
func TestAnswerIsLost(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		keepOutcomes(t, s)
		populate(t, s)
		ana, bo := s.SignIn(t, "ana", "1"), s.SignIn(t, "bo", "1")
		ana.Call(t, "client/chat_report/submit_user", obj{"userID": bo.UserID, "category": "c"}, nil)
		report := ask[reportPage](t, s, "report/list", obj{}).Reports[0].ReportID
		resolve := reportEndpoints[0]
		resolve.good = obj{"reportID": report}
		fresh := []endpoint{ // which do something that endpoints do not, since it is done
			{path: "room/create_or_update", good: obj{"xcRoomID": "new", "type": 2, "name": "N", "participantXCUserIDs": list{"a", "b", "nobody"}}},
			{path: "room/create_or_update", good: obj{"xcRoomID": "roles", "type": 4, "name": "N", "participantUserRoles": list{"agent"}}},
			{path: "room/participants/add", good: obj{"xcRoomID": "new", "participantXCUserIDs": list{"stranger", "nobody"}}},
			{path: "room/lock", good: obj{"xcRoomID": "new", "xcUserID": "a"}},
			{path: "room/admins/set", good: obj{"xcRoomID": "new", "adminXCUserIDs": list{"a", "nobody"}}},
			{path: "room/batch/create_or_update", good: obj{"rooms": list{
				obj{"xcRoomID": "of many", "type": 2, "name": "N", "participantXCUserIDs": list{"a"}}, obj{"xcRoomID": "new", "type": 2, "name": "M"},
			}}},
			{path: "user/update", good: obj{"xcUserID": "new", "fullName": "New"}},
			{path: "message/edit", good: obj{"localID": sentBefore, "body": "another"}},
		}
		for i, e := range slices.Concat(fresh, endpoints, onWebhook(makeWebhook(t, s)), []endpoint{resolve}, leavingEndpoints) {
			if readOnly[e.path] {
				continue
			}
			k := fmt.Sprint("lost-", i)
			first := keyed(t, s, k, e.path, e.good)
			if first.Status != 200 {
				t.Errorf("%s: %s", e.path, first.Body)
				continue
			}
			before := rows(t, s)
			loseAnswer(t, s, k)
			again := keyed(t, s, k, e.path, e.good)
			if isRepeat(again) {
				t.Errorf("%s: the answer was not lost", e.path)
			}
			if !bytes.Equal(first.Body, again.Body) && !answeredAnew[e.path] {
				t.Errorf("%s: first\n%s\nand then\n%s", e.path, first.Body, again.Body)
			}
			if after := rows(t, s); after != before {
				t.Errorf("%s: %s\nthen %s", e.path, before, after)
			}
			checkRepeat(t, e.path, again, keyed(t, s, k, e.path, e.good))
		}
	})
}

// keepOutcomes has the database keep what calls have come to when their answers take its place.
func keepOutcomes(t *testing.T, s *servertest.App) {
	t.Helper()
	o := server.StoreOptions(s.Config)
	storetest.Exec(t, o, `CREATE TABLE outcomes AS SELECT call_key, outcome FROM keyed_calls WHERE 1 = 0`)
	const keep = `INSERT INTO outcomes VALUES (OLD.call_key, OLD.outcome);`
	if o.DSN == "" {
		storetest.Exec(t, o, `CREATE TRIGGER keep BEFORE UPDATE OF answered_at ON keyed_calls WHEN NEW.answered_at > 0 BEGIN `+keep+` END`)
		return
	}
	storetest.Exec(t, o, `CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN `+keep+` RETURN NEW; END $$`)
	storetest.Exec(t, o, `CREATE TRIGGER keep BEFORE UPDATE ON keyed_calls FOR EACH ROW WHEN (NEW.answered_at > 0) EXECUTE FUNCTION keep()`)
}

// loseAnswer leaves a call as a process does that dies before it has stored the answer.
func loseAnswer(t *testing.T, s *servertest.App, k string) {
	t.Helper()
	storetest.Exec(t, server.StoreOptions(s.Config), fmt.Sprintf(`UPDATE keyed_calls SET answered_at = 0, lease_until = 0,
		outcome = (SELECT o.outcome FROM outcomes o WHERE o.call_key = '%s') WHERE call_key = '%[1]s'`, k))
	storetest.Exec(t, server.StoreOptions(s.Config), `DELETE FROM outcomes`)
}

// rows counts what there is once all work is done: of everything that calls make, and the events.
func rows(t *testing.T, s *servertest.App) string {
	t.Helper()
	o := server.StoreOptions(s.Config)
	eventually(t, "work is done", func() bool {
		return storetest.Query(t, o, "SELECT COUNT(*) || '' FROM jobs WHERE dead_at = 0")[0] == "0"
	})
	var counts bytes.Buffer
	for _, table := range []string{
		"messages", "rooms", "users", "participants", "roles", "contacts", "reports", "webhooks", "before_hooks", "feed_events",
		"broadcasts", "deletions", "exports", "erasures", "audit",
	} {
		fmt.Fprintf(&counts, "%s %s ", table, storetest.Query(t, o, "SELECT COUNT(*) || '' FROM "+table)[0])
	}
	return counts.String()
}
