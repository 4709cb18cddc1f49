package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// appTable is a table in which there are rows of Apps, and how those of one owner are found in it.
type appTable struct {
	name string
	key  string // the columns of its primary key
	of   string // a condition, found by an index; $1 is the owner: an App, or what appPart names
}

// appPart is tables whose rows belong to the same thing.
type appPart struct {
	owners string // a table with the columns id and app_id, whose own rows go behind these; "" for the App itself
	app    string // how its index has app_id, where that is not the column alone
	tables []appTable
}

// appParts are all tables with rows of an App, but for apps, jobs and files, in an order in which nothing goes
// before what refers to it. TestAppDeletionKnowsAllTables asks whoever adds a table for a line.
var appParts = []appPart{
	{tables: []appTable{
		{"keyed_calls", "app_id, call_key", "app_id = $1"},
		{"feed_events", "app_id, number, id", "app_id = $1"},
		{"scheduled_messages", "id", "app_id = $1"},
		{"broadcast_rooms", "app_id, broadcast_id, place", "app_id = $1"},
		{"broadcasts", "app_id, id", "app_id = $1"},
		{"deletions", "app_id, id", "app_id = $1"},
		{"reports", "id", "app_id = $1"},
		{"erasures", "id", "app_id = $1"},
	}},
	{owners: "webhooks", tables: []appTable{
		{"webhook_parked", "webhook_id, number, event_id", "webhook_id = $1"},
	}},
	{owners: "rooms", tables: []appTable{
		{"message_pins", "room_id, message_id", "room_id = $1"},
		{"message_stars", "user_id, room_id, message_id", "room_id = $1"},
		{"messages", "id", "room_id = $1"},
		{"room_receipts", "room_id", "room_id = $1"},
		{"room_roles", "app_id, role_code, room_id", "room_id = $1"},
		{"room_tags", "app_id, tag, room_id", "room_id = $1"},
		{"room_data", "room_id", "room_id = $1"},
		{"room_photos", "room_id", "room_id = $1"},
		{"participant_data", "room_id, user_id", "room_id = $1"},
		{"participants", "user_id, room_id", "room_id = $1"},
	}},
	{owners: "users", app: "(app_id + 0)", tables: []appTable{
		{"tokens", "hash", "login_id IN (SELECT l.id FROM logins l WHERE l.user_id = $1)"},
		{"push_targets", "login_id", "user_id = $1"},
		{"logins", "id", "user_id = $1"},
		{"auth_tickets", "hash", "user_id = $1"},
		{"devices", "user_id, device_id", "user_id = $1"},
		{"phone_lookups", "user_id", "user_id = $1"},
		{"presence", "user_id, node", "user_id = $1"},
		{"hidden_messages", "user_id, room_id, created_at", "user_id = $1"},
		{"user_task_rooms", "user_id, room_id", "user_id = $1"},
		{"user_tasks", "user_id", "user_id = $1"},
		{"user_photos", "id", "user_id = $1"},
		{"user_words", "app_id, word, user_id", "user_id = $1"},
		{"user_data", "user_id", "user_id = $1"},
		{"exports", "id", "user_id = $1"},
		{"contacts", "owner_id, contact_id", "owner_id = $1"},
		{"contacts", "owner_id, contact_id", "contact_id = $1"},
		{"blocks", "owner_id, blocked_id", "owner_id = $1"},
		{"blocks", "owner_id, blocked_id", "blocked_id = $1"},
	}},
	{tables: []appTable{
		{"roles", "app_id, code", "app_id = $1"},
		{"file_usage", "app_id, user_id", "app_id = $1"},
		{"receipt_keys", "app_id", "app_id = $1"},
		{"before_hooks", "app_id", "app_id = $1"},
		{"keys", "id", "app_id = $1"},
		{"audit", "id", "app_id = $1"},
	}},
}

// fileTables are those whose rows name a file.
var fileTables = []appTable{
	{"file_messages", "file_id, room_id, message_id", "file_id = $1"},
	{"user_photos", "id", "file_id = $1"},
	{"room_photos", "room_id", "file_id = $1"},
}

// AppParts is how many parts PurgeApp does one after the other.
const AppParts = 5

// ownersAtOnce bounds those whose rows one transaction looks for.
const ownersAtOnce = 20

// AppPurge is how far a part of an App is that goes.
type AppPurge struct {
	App   chat.AppID
	Part  int   // from 0
	After int64 // the owners up to this one are done
	Limit int   // of the rows that one transaction takes away
}

// PurgeApp takes away up to p.Limit rows of a part of an App that was deleted, and counts them. done says that there
// are no more of the part; else next is how it goes on.
func (tx *Tx) PurgeApp(ctx context.Context, p AppPurge) (next AppPurge, done bool, err error) {
	part, n := appParts[p.Part], int64(0)
	owners := []int64{int64(p.App)}
	if part.owners != "" {
		if owners, err = tx.owners(ctx, part, p); err != nil {
			return p, false, err
		}
	}
	done = part.owners == "" || len(owners) < ownersAtOnce
	for _, owner := range owners {
		got, err := tx.purgeOwner(ctx, part, owner, p.Limit-int(n))
		if n += got; err != nil {
			return p, false, err
		}
		if int(n) >= p.Limit {
			done = false
			break
		}
		p.After = owner
	}
	if n > 0 {
		err = tx.countRemoved(ctx, p.App, n)
	}
	return p, done, err
}

// owners lists what has rows of a part.
func (tx *Tx) owners(ctx context.Context, part appPart, p AppPurge) (ids []int64, err error) {
	app := part.app
	if app == "" {
		app = "app_id"
	}
	err = engine.Each(ctx, tx.conn, func(r engine.Row) error {
		var id int64
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	}, `SELECT id FROM `+part.owners+` WHERE `+app+` = $1 AND id > $2 ORDER BY id LIMIT $3`, p.App, p.After, ownersAtOnce)
	return ids, err
}

// purgeOwner takes away up to limit rows of one owner, and then the owner itself. Fewer than limit are all.
func (tx *Tx) purgeOwner(ctx context.Context, part appPart, owner int64, limit int) (n int64, err error) {
	for _, t := range part.tables {
		got, err := tx.purge(ctx, t, owner, limit-int(n))
		if n += got; err != nil || int(n) >= limit {
			return n, err
		}
	}
	if part.owners == "" {
		return n, nil
	}
	touch(tx, roomRow{chat.RoomID(owner)}) // of the two that it may be one is meant
	touch(tx, userRow{chat.UserID(owner)})
	got, err := tx.conn.Exec(ctx, `DELETE FROM `+part.owners+` WHERE id = $1`+tx.notLast(part.owners), owner)
	return n + got, err
}

// purge takes away up to limit rows of a table that belong to an owner.
func (tx *Tx) purge(ctx context.Context, t appTable, owner any, limit int) (int64, error) {
	return tx.conn.Exec(ctx, `DELETE FROM `+t.name+` WHERE `+
		tx.store.eng.Some(t.name, t.key, t.of+tx.notLast(t.name), "$2"), owner, limit)
}

// notLast keeps the last row of a table whose ids would be given again on SQLite: in memory, and at devices, an id
// stands for one thing.
func (tx *Tx) notLast(table string) string {
	if tx.store.eng.SoleWriter() && (table == "users" || table == "rooms" || table == "messages") {
		return ` AND id < (SELECT MAX(l.id) FROM ` + table + ` l)`
	}
	return ""
}

// PurgeLastMessage removes the message that was kept, once there is a later one.
func (tx *Tx) PurgeLastMessage(ctx context.Context, app chat.AppID) error {
	n, err := tx.conn.Exec(ctx, `DELETE FROM messages WHERE app_id = $1
		AND id = (SELECT d.message_id FROM app_deletions d WHERE d.app_id = $1)`+tx.notLast("messages"), app)
	if err != nil || n == 0 {
		return err
	}
	return tx.countRemoved(ctx, app, n)
}
