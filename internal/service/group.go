package service

import (
	"context"
	"crypto/md5" //nolint:gosec // G501: the SDKs' checksum against slips, not against anybody
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxGroup is how many participants a group can have when users of SDKs fill it. The
// customer's own server may go beyond.
const MaxGroup = 1000

// CreateGroup makes a group of the member's with other users in it. The member is its
// admin. Ids that nobody has are passed over.
func (me Member) CreateGroup(ctx context.Context, name string, ids []chat.UserID) (chat.RoomDetails, error) {
	users, err := me.liveUsers(ctx, me.App.ID, append([]chat.UserID{me.User}, ids...))
	if err != nil {
		return chat.RoomDetails{}, err
	}
	if len(users) > MaxGroup {
		return chat.RoomDetails{}, chat.Invalid("userIDs", "must leave the group with at most %d participants", MaxGroup)
	}
	people := make([]chat.UserID, len(users))
	for i, u := range users {
		people[i] = u.ID
	}
	var room chat.Room
	err = me.write(ctx, shardOf(me.App.ID, "user", me.User.String()), func(ctx context.Context, tx *store.Tx) (err error) {
		if room, err = tx.CreateRoom(ctx, chat.Room{App: me.App.ID, Type: chat.Group, Name: name}); err != nil {
			return err
		}
		if _, err = tx.AddParticipants(ctx, room.ID, people); err != nil {
			return err
		}
		if _, err = tx.SetAdmins(ctx, room.ID, []chat.UserID{me.User}, true); err != nil {
			return err
		}
		return notify(ctx, tx, me.speaker(), room, notice{action: chat.ActionCreateRoom, body: chat.BodyCreatedRoom(name)})
	})
	return me.detailsAfter(ctx, room, err)
}

// changeGroup runs do on a group of which the member is an admin.
func (me Member) changeGroup(ctx context.Context, roomID string,
	do func(ctx context.Context, tx *store.Tx, room chat.Room) error,
) (chat.Room, error) {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return room, err
	}
	if room.Type == chat.Personal {
		return room, chat.Errorf(chat.CodeForbidden, "A personal room cannot be changed")
	}
	err = me.write(ctx, shardOfRoom(room), func(ctx context.Context, tx *store.Tx) error {
		var member chat.Membership
		var err error
		room, member, err = tx.RoomForUpdateFor(ctx, me.App.ID, room.ID, me.User)
		switch {
		case err != nil:
			return err
		case room.Deleted():
			return chat.RoomNotFound()
		case !member.In:
			return notParticipant()
		case !member.Admin:
			return chat.Errorf(chat.CodeForbidden, "Only an admin of the group may do this")
		}
		return do(ctx, tx, room)
	})
	return room, err
}

// RenameGroup gives a group another name.
func (me Member) RenameGroup(ctx context.Context, roomID, name string) (chat.Room, error) {
	var renamed chat.Room
	_, err := me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) (err error) {
		renamed = room
		if room.Name == name {
			return nil
		}
		renamed.Name = name
		if renamed, err = tx.UpdateRoom(ctx, renamed); err != nil {
			return err
		}
		return notify(ctx, tx, me.speaker(), renamed, notice{action: chat.ActionUpdateRoom, body: chat.BodyUpdatedRoom})
	})
	return renamed, err
}

// DeleteGroup deletes a group for everybody. checksum is what SDKs make of the room, the
// caller and the token in use. deleted is false where the room was deleted before.
func (me Member) DeleteGroup(ctx context.Context, roomID, checksum string) (deleted bool, err error) {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return false, err
	}
	if room.Deleted() {
		return false, nil
	}
	if !slices.Contains([]string{me.deleteChecksum(roomID, chat.Group), me.deleteChecksum(roomID, room.Type)}, checksum) {
		return false, chat.Errorf(chat.CodeForbidden, "The checksum is wrong")
	}
	_, err = me.changeGroup(ctx, roomID, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		if err := notify(ctx, tx, me.speaker(), room, notice{action: chat.ActionDeleteRoom, body: chat.BodyDeletedRoom}); err != nil {
			return err
		}
		room.DeletedAt = tx.Now()
		_, err := tx.UpdateRoom(ctx, room)
		return err
	})
	return err == nil, err
}

// deleteChecksum keeps a room from being deleted by a slip.
func (me Member) deleteChecksum(roomID string, t chat.RoomType) string {
	text := fmt.Sprintf("%s:%d:%s:%s", roomID, t, me.User, strconv.FormatInt(me.Login.AccessExpiry, 10))
	sum := md5.Sum([]byte(text)) //nolint:gosec // G401: see the import
	return hex.EncodeToString(sum[:])
}
