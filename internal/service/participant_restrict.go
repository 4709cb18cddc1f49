package service

import (
	"context"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/job"
	"parlor/internal/store"
)

// mayWrite refuses who is in a room that is not locked, and yet may not write into it now (Unix ms).
// The statement that stores a message looks for itself; this tells why.
func mayWrite(room chat.Room, m chat.Membership, now int64) error {
	switch {
	case m.SilencedUntil > now:
		return chat.Errorf(chat.CodeForbidden, "You have been muted in this room")
	case room.Frozen() && !m.Admin:
		return chat.Errorf(chat.CodeForbidden, "Only admins may write in this room")
	}
	return nil
}

func errBanned() error { return chat.Errorf(chat.CodeForbidden, "You have been banned from this room") }

// Mute keeps users from writing into a room until a time (Unix ms, chat.Forever for no end), also
// those who come later; 0 lets them write again. skipped names the ids that nobody has.
func (b Backend) Mute(
	ctx context.Context, name RoomName, xcUsers []string, until int64,
) (changed, skipped []string, err error) {
	return b.restrict(ctx, name, xcUsers, until, func(
		ctx context.Context, tx *store.Tx, room chat.Room, users []*chat.User,
	) ([]chat.UserID, error) {
		changed, err := tx.Silence(ctx, room.ID, idsOf(users), until)
		if err != nil {
			return nil, err
		}
		kind := chat.FeedParticipantMuted
		if until == 0 {
			kind = chat.FeedParticipantUnmuted
		}
		return changed, recordUntil(ctx, tx, kind, room, changed, until)
	})
}

// Ban takes users out of a room and keeps them out, whatever they would be in it by, until a time
// (Unix ms, chat.Forever for no end). 0 ends that: by name they can be added again, and a role holds
// them in the room again at once. skipped names the ids that nobody has.
func (b Backend) Ban(
	ctx context.Context, name RoomName, xcUsers []string, until int64,
) (changed, skipped []string, err error) {
	return b.restrict(ctx, name, xcUsers, until, func(
		ctx context.Context, tx *store.Tx, room chat.Room, users []*chat.User,
	) ([]chat.UserID, error) {
		if until == 0 {
			changed, err := tx.Ban(ctx, room.ID, idsOf(users), 0)
			if err != nil {
				return nil, err
			}
			return changed, recordUntil(ctx, tx, chat.FeedParticipantUnbanned, room, changed, 0)
		}
		changed, err := b.ban(ctx, tx, room, users, until)
		if err != nil {
			return nil, err
		}
		return changed, recordUntil(ctx, tx, chat.FeedParticipantBanned, room, changed, until)
	})
}

// restrict finds room and users, and names those whom do returns.
func (b Backend) restrict(ctx context.Context, name RoomName, xcUsers []string, until int64,
	do func(context.Context, *store.Tx, chat.Room, []*chat.User) ([]chat.UserID, error),
) (changed, skipped []string, err error) {
	if until != 0 && until <= b.now().UnixMilli() {
		return nil, nil, chat.Invalid("until", "must be in the future")
	}
	users, skipped, err := b.findPeople(ctx, b.app.ID, xcUsers)
	if err != nil {
		return nil, nil, err
	}
	err = b.changeRoom(ctx, name, func(ctx context.Context, tx *store.Tx, room chat.Room) error {
		ids, err := do(ctx, tx, room, users)
		changed = xcIDsOf(users, ids)
		return err
	}, &changed)
	return changed, skipped, err
}

// xcIDsOf are the customer's ids of those of users who are among ids.
func xcIDsOf(users []*chat.User, ids []chat.UserID) (xcs []string) {
	among := make(map[chat.UserID]bool, len(ids))
	for _, id := range ids {
		among[id] = true
	}
	for _, u := range users {
		if among[u.ID] {
			xcs = append(xcs, u.XCID)
		}
	}
	return xcs
}

// ban takes users out of a room that is held for update, and tells the room of those who were in it.
func (b Backend) ban(
	ctx context.Context, tx *store.Tx, room chat.Room, users []*chat.User, until int64,
) ([]chat.UserID, error) {
	if err := tx.HoldNamed(ctx, namedUsers(users)); err != nil {
		return nil, err
	}
	held, err := tx.InByRole(ctx, room.ID, idsOf(users))
	if err != nil {
		return nil, err
	}
	named, err := tx.RemoveParticipants(ctx, room.ID, idsOf(users))
	if err != nil {
		return nil, err
	}
	changed, err := tx.Ban(ctx, room.ID, idsOf(users), until)
	if err != nil {
		return nil, err
	}
	if until != chat.Forever && len(changed) > 0 {
		if err := endBanLater(ctx, tx, room, changed, until); err != nil {
			return nil, err
		}
	}
	for _, id := range named {
		held[id] = true
	}
	var gone []*chat.User
	for _, u := range users {
		if held[u.ID] {
			gone = append(gone, u)
		}
	}
	if len(gone) == 0 {
		return changed, nil
	}
	last, err := leaving.announce(ctx, tx, b.speaker(), room, gone)
	if err != nil {
		return nil, err
	}
	if err := recordPeople(ctx, tx, chat.FeedParticipantRemoved, room, 0, idsOf(gone)); err != nil {
		return nil, err
	}
	return changed, leave(ctx, tx, room, idsOf(gone), last)
}

// bansAtOnce is how many bans one job ends.
const bansAtOnce = 1000

// endBanLater has bans end when they are over. Until then it is the row that keeps users out.
func endBanLater(ctx context.Context, tx *store.Tx, room chat.Room, users []chat.UserID, until int64) error {
	for len(users) > 0 {
		n := min(len(users), bansAtOnce)
		payload, err := json.Marshal(users[:n])
		if err != nil {
			return err
		}
		j := chat.Job{Kind: chat.JobEndBans, App: room.App, Subject: int64(room.ID), Payload: string(payload), DueAt: until}
		if _, err := tx.AddJob(ctx, j); err != nil {
			return err
		}
		users = users[n:]
	}
	return nil
}

// EndBansKind is what is done about bans that are over.
func (s *Service) EndBansKind() job.Kind {
	return job.Kind{Name: chat.JobEndBans, Do: s.endBans, EndsItself: true}
}

// endBans ends those of a job's bans that are over. One that was given another end meanwhile has a
// job of its own, or none.
func (s *Service) endBans(ctx context.Context, j chat.Job) error {
	var users []chat.UserID
	if err := json.Unmarshal([]byte(j.Payload), &users); err != nil {
		return job.GiveUp(err)
	}
	shard, err := s.shardOfRoomID(ctx, j.App, chat.RoomID(j.Subject))
	if err != nil {
		return err
	}
	return s.store.Write(ctx, shard, func(ctx context.Context, tx *store.Tx) error {
		if ok, err := tx.EndJob(ctx, j); err != nil || !ok {
			return err
		}
		room := chat.Room{ID: chat.RoomID(j.Subject), App: j.App}
		ended, err := tx.EndBans(ctx, room.ID, users)
		if err != nil {
			return err
		}
		return recordUntil(ctx, tx, chat.FeedParticipantUnbanned, room, ended, 0)
	})
}
