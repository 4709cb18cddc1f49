package service

import (
	"context"
	"hash/fnv"
	"math"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/device"
	"parlor/internal/picture"
	"parlor/internal/store"
)

// core is what lies behind all doors. New sets its fields and nothing changes them.
type core struct {
	store     *store.Store
	now       func() time.Time
	dialect   Dialect
	lifetimes Lifetimes
	live      Live
	devices   *device.Devices
	receipts  *shares // that a user may have waiting to be added
	webPush   string  // the key that browsers subscribe with
	files     Files
	pictures  *picture.Workshop
	feed      *feedWatch
	freed     func(chat.Freed) // is told of what rules of retention have removed
	search    *searcher

	moderator *moderator

	webhookPrivate bool // webhooks may be in private networks
}

// shardOf spreads writes over the store's lanes by what they change. It is the same on
// every node.
func shardOf(app chat.AppID, kind, key string) int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(strconv.FormatInt(int64(app), 10) + ":" + kind + ":" + key)) // a hash's Write never fails
	return int64(h.Sum64() >> 1)
}

// userShard keeps the writes of one user's profile in one lane.
func userShard(app chat.AppID, xcUser string) int64 { return shardOf(app, "user", xcUser) }

// loginShard is the shard of writes that begin or end a user's logins, or make tickets. It is below zero: they
// share no commit with others that hold the user, and come in the same order of users as those.
func loginShard(app chat.AppID, xcUser string) int64 { return math.MinInt64 + userShard(app, xcUser) }

// roomShard keeps all writes of one room in one lane, from its creation on.
func roomShard(app chat.AppID, xcRoom string) int64 { return shardOf(app, "room", xcRoom) }

// pairShard is roomShard for a pair's personal room.
func pairShard(app chat.AppID, pair chat.Pair) int64 { return shardOf(app, "pair", pair.String()) }

// shardOfRoom is roomShard for a room of any type.
func shardOfRoom(r chat.Room) int64 {
	switch {
	case r.Type == chat.Personal:
		return pairShard(r.App, r.Pair)
	case r.XCID == "":
		return shardOf(r.App, "group", r.PublicID()) // made by an SDK
	}
	return roomShard(r.App, r.XCID)
}

// shardOfRef is the shard of a room, not a personal one, that an SDK names.
func (c *core) shardOfRef(ctx context.Context, app chat.AppID, ref chat.RoomRef) (int64, error) {
	room, err := c.store.FixedRoom(ctx, app, ref.ID)
	if err == nil && room.Type != ref.Type {
		err = chat.RoomNotFound()
	}
	return shardOfRoom(room), err
}

// shardOfRoomID is the shard of a room that is known by its id alone.
func (c *core) shardOfRoomID(ctx context.Context, app chat.AppID, id chat.RoomID) (int64, error) {
	room, err := c.store.FixedRoom(ctx, app, id)
	return shardOfRoom(room), err
}
