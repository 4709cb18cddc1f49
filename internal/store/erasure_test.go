package store

import (
	"regexp"
	"slices"
	"testing"

	"parlor/internal/store/engine"
)

// aboutPeople are the columns that say who somebody is, and what an erasure does about them. What is kept is a
// number that leads to an empty row; the receipt names it.
func aboutPeople() map[string]string {
	const emptied, deleted, number, passing = "emptied", "deleted", "a number is kept", "it passes by itself"
	return map[string]string{
		"users.xc_user_id": emptied, "users.username": emptied, "users.username_key": emptied,
		"apps.system_user_id": number,
		"contacts.owner_id":   deleted, "contacts.contact_id": deleted,
		"blocks.owner_id": deleted, "blocks.blocked_id": deleted,
		"rooms.user_a": number, "rooms.user_b": number, "participants.user_id": number,
		"messages.sender_id": number, "messages.target_user_id": number,
		"messages.target_xc_id": emptied, "messages.target_name": emptied,
		"auth_tickets.user_id": deleted, "logins.user_id": deleted, "push_targets.user_id": deleted,
		"devices.user_id": deleted, "phone_lookups.user_id": deleted,
		"hidden_messages.user_id": deleted, "message_stars.user_id": deleted, "participant_data.user_id": deleted,
		"reports.reporter_id": deleted, "reports.user_id": deleted, "scheduled_messages.owner_id": deleted,
		"files.owner_id": number, "file_usage.user_id": number, "user_photos.user_id": deleted,
		"user_tasks.user_id": passing, "user_task_rooms.user_id": passing, "presence.user_id": passing,
		"feed_events.user_id": passing, "webhook_parked.user_id": passing,
		"jobs.owner": "a process", "keyed_calls.owner": "a process", "webhooks.owner": "a process",
		"audit.users": "kept, as the receipt says", "audit.user_count": number,
		"broadcasts.sender_id": "a number is kept, the texts are emptied", "deletions.sender_id": number,
		"apps.user_rate":     "no user",
		"user_words.user_id": "those of the new name are kept, by a trigger", "user_data.user_id": deleted,
		"erasures.user_id": number, "exports.user_id": number,
	}
}

// TestErasureKnowsAllColumns: whoever adds a column that says who somebody is decides what an erasure does
// about it.
func TestErasureKnowsAllColumns(t *testing.T) {
	eachEngine(t, func(t *testing.T, o Options) {
		st, _ := openSpied(t, o, true)
		columns := `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c WHERE m.type = 'table'`
		if o.DSN != "" {
			columns = `SELECT table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'`
		}
		about, known := regexp.MustCompile(`\..*(user|owner|sender|contact_id|blocked_id|reporter|target_)`), aboutPeople()
		var got []string
		err := engine.Each(t.Context(), st.eng, func(r engine.Row) error {
			var name string
			err := r.Scan(&name)
			if about.MatchString(name) {
				got = append(got, name)
				if known[name] == "" {
					t.Errorf("%s says who somebody is; what does an erasure do about it?", name)
				}
			}
			return err
		}, columns)
		if err != nil {
			t.Fatal(err)
		}
		for name := range known {
			if !slices.Contains(got, name) {
				t.Errorf("there is no column %s", name)
			}
		}
	})
}
