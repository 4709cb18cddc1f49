package store

import (
	"context"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// appTable is a table in which there are rows of Apps, and how those of one owner are found in it.
type appTable struct {
	name string
	key  string // the columns of its primary key
	of   string // the column, with an index, that says what its rows belong to: an App, or what appPart names
	via  string // where that is a column of another table: a condition, with %s for the one about that

	postgresOnly bool
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
		{name: "keyed_calls", key: "app_id, call_key", of: "app_id"},
		{name: "feed_events", key: "app_id, number, id", of: "app_id"},
		{name: "scheduled_messages", key: "id", of: "app_id"},
		{name: "broadcast_rooms", key: "app_id, broadcast_id, place", of: "app_id"},
		{name: "broadcasts", key: "app_id, id", of: "app_id"},
		{name: "deletions", key: "app_id, id", of: "app_id"},
		{name: "reports", key: "id", of: "app_id"},
		{name: "erasures", key: "id", of: "app_id"},
		{name: "retention_rules", key: "app_id, tag", of: "app_id"},
	}},
	{owners: "webhooks", tables: []appTable{
		{name: "webhook_parked", key: "webhook_id, number, event_id", of: "webhook_id"},
	}},
	{owners: "rooms", tables: []appTable{
		{name: "message_pins", key: "room_id, message_id", of: "room_id"},
		{name: "message_stars", key: "user_id, room_id, message_id", of: "room_id"},
		{name: "messages", key: "id", of: "room_id"},
		{name: "room_receipts", key: "room_id", of: "room_id"},
		{name: "room_roles", key: "app_id, role_code, room_id", of: "room_id"},
		{name: "room_tags", key: "app_id, tag, room_id", of: "room_id"},
		{name: "room_data", key: "room_id", of: "room_id"},
		{name: "room_photos", key: "room_id", of: "room_id"},
		{name: "participant_data", key: "room_id, user_id", of: "room_id"},
		{name: "participants", key: "user_id, room_id", of: "room_id"},
	}},
	{owners: "users", app: "(app_id + 0)", tables: []appTable{
		{name: "tokens", key: "hash", of: "l.user_id", via: "login_id IN (SELECT l.id FROM logins l WHERE %s)"},
		{name: "push_targets", key: "login_id", of: "user_id"},
		{name: "logins", key: "id", of: "user_id"},
		{name: "auth_tickets", key: "hash", of: "user_id"},
		{name: "devices", key: "user_id, device_id", of: "user_id"},
		{name: "phone_lookups", key: "user_id", of: "user_id"},
		{name: "presence", key: "user_id, node", of: "user_id"},
		{name: "hidden_messages", key: "user_id, room_id, created_at", of: "user_id"},
		{name: "user_task_rooms", key: "user_id, room_id", of: "user_id"},
		{name: "user_tasks", key: "user_id", of: "user_id"},
		{name: "user_photos", key: "id", of: "user_id"},
		{name: "user_words", key: "app_id, word, user_id", of: "user_id"},
		{name: "user_data", key: "user_id", of: "user_id"},
		{name: "exports", key: "id", of: "user_id"},
		{name: "contacts", key: "owner_id, contact_id", of: "owner_id"},
		{name: "contacts", key: "owner_id, contact_id", of: "contact_id"},
		{name: "blocks", key: "owner_id, blocked_id", of: "owner_id"},
		{name: "blocks", key: "owner_id, blocked_id", of: "blocked_id"},
	}},
	{tables: []appTable{
		{name: "roles", key: "app_id, code", of: "app_id"},
		{name: "file_usage", key: "app_id, user_id", of: "app_id"},
		{name: "receipt_keys", key: "app_id", of: "app_id"},
		{name: "before_hooks", key: "app_id", of: "app_id"},
		{name: "search_places", key: "app_id", of: "app_id", postgresOnly: true},
		{name: "keys", key: "id", of: "app_id"},
		{name: "audit", key: "id", of: "app_id"},
	}},
}

// fileTables are those whose rows name a file.
var fileTables = []appTable{
	{name: "file_messages", key: "file_id, room_id, message_id", of: "file_id"},
	{name: "user_photos", key: "id", of: "file_id"},
	{name: "room_photos", key: "room_id", of: "file_id"},
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
	part, owners := appParts[p.Part], []int64{int64(p.App)}
	if part.owners != "" {
		if owners, err = tx.owners(ctx, part, p); err != nil || len(owners) == 0 {
			return p, err == nil, err
		}
	}
	n := int64(0)
	for _, t := range part.tables {
		got, err := tx.purgeOf(ctx, t, owners, p.Limit-int(n))
		if n += got; err != nil {
			return p, false, err
		}
		if int(n) >= p.Limit { // there may be more of it
			return p, false, tx.countRemoved(ctx, p.App, n)
		}
	}
	if part.owners != "" {
		got, err := tx.purgeOwners(ctx, part, owners)
		if n += got; err != nil {
			return p, false, err
		}
		p.After = owners[len(owners)-1]
	}
	return p, len(owners) < ownersAtOnce, tx.countRemoved(ctx, p.App, n)
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

// purgeOwners takes away what nothing belongs to any more.
func (tx *Tx) purgeOwners(ctx context.Context, part appPart, owners []int64) (int64, error) {
	for _, id := range owners { // of the two that it may be one is meant
		touch(tx, roomRow{chat.RoomID(id)})
		touch(tx, userRow{chat.UserID(id)})
	}
	eng := tx.store.eng
	return tx.conn.Exec(ctx, `DELETE FROM `+part.owners+` WHERE `+eng.IDInList("id", "$1")+tx.notLast(part.owners), eng.IDListArg(owners))
}

// purgeOf takes away up to limit rows of a table that belong to owners. Fewer are all.
func (tx *Tx) purgeOf(ctx context.Context, t appTable, owners []int64, limit int) (int64, error) {
	eng := tx.store.eng
	if t.postgresOnly && eng.SoleWriter() {
		return 0, nil
	}
	on := eng.IDInList(t.of, "$1")
	if t.via != "" {
		on = fmt.Sprintf(t.via, on)
	}
	return tx.purge(ctx, t, on, eng.IDListArg(owners), limit)
}

// purge takes away up to limit rows of a table for which a condition holds, whose parameter is $1.
func (tx *Tx) purge(ctx context.Context, t appTable, on string, arg any, limit int) (int64, error) {
	return tx.conn.Exec(ctx, `DELETE FROM `+t.name+` WHERE `+
		tx.store.eng.Some(t.name, t.key, on+tx.notLast(t.name), "$2"), arg, limit)
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
