package bench

import (
	"context"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/jackc/pgx/v5"
)

// What an old database is filled with is the same in each, so that it can be filled further
// and be measured again later: so many rooms of ten, and as many users.
const (
	OldRooms = 1000

	oldNames  = "aged" // begins all ids
	oldPeople = 10     // of each room
	oldSchema = "parlor_bench_aged"
)

// OldUser is the id of a user in an old database, from 0 to the number of rooms less one.
func OldUser(i int) string { return oldNames + "-user-" + strconv.Itoa(i) }

// OldRoom is the id of a room in an old database.
func OldRoom(i int) string { return oldNames + "-room-" + strconv.Itoa(i) }

// OldRoomName is its name.
func OldRoomName(i int) string { return roomName(i) }

// OldPeople are the users who are in a room of an old database that has so many rooms.
func OldPeople(room, rooms int) (users []int) {
	for k := range oldPeople {
		users = append(users, (room+k*(rooms/oldPeople))%rooms)
	}
	return users
}

// oldRoomsOf are the rooms that a user is in: the reverse of OldPeople.
func oldRoomsOf(user, rooms int) (list []int) {
	step := rooms / oldPeople
	for r := user % step; r < rooms; r += step {
		list = append(list, r)
	}
	return list
}

// OldDatabase is one that is filled once and measured often.
type OldDatabase struct {
	Folder string // of an embedded one
	DSN    string // of one in PostgreSQL, with the schema
}

// OpenOld names the database in a folder, or that at a postgres:// address: there in a schema
// of its own, which is made when missing, unless the address names one.
func OpenOld(ctx context.Context, where string) (OldDatabase, error) {
	if !isPostgres(where) {
		folder, err := filepath.Abs(where)
		return OldDatabase{Folder: folder}, err
	}
	u, err := url.Parse(where)
	if err != nil {
		return OldDatabase{}, fmt.Errorf("database address: %w", err)
	}
	q := u.Query()
	if q.Get("search_path") != "" {
		return OldDatabase{DSN: where}, nil
	}
	q.Set("search_path", oldSchema)
	u.RawQuery = q.Encode()
	err = postgres(ctx, where, "CREATE SCHEMA IF NOT EXISTS "+pgx.Identifier{oldSchema}.Sanitize())
	return OldDatabase{DSN: u.String()}, err
}

// File is where an embedded database is, "" of another.
func (o OldDatabase) File() string {
	if o.DSN != "" {
		return ""
	}
	return o.database().file()
}

// Settle does after a filling what would have been done many times while a database grew.
func (o OldDatabase) Settle(ctx context.Context) error {
	if o.DSN == "" {
		return nil
	}
	return postgres(ctx, o.DSN, analyse)
}

func (o OldDatabase) database() database { return database{folder: o.Folder, dsn: o.DSN} }
