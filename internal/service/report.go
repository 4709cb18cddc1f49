package service

import (
	"context"
	"strconv"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// MaxReports is how much one user can report within a day.
const MaxReports = 100

// Complaint is what a report says, in the reporter's words.
type Complaint struct {
	Category string
	Other    bool // the category is not one of the app's list
	Reason   string
}

// ReportUser tells whoever runs the App of another user.
func (me Member) ReportUser(ctx context.Context, id string, c Complaint) error {
	other, err := me.resolveUser(ctx, me.App.ID, UserName{ID: id})
	if err != nil {
		return err
	}
	if other == me.User {
		return chat.Invalid("userID", "must be another user")
	}
	return me.report(ctx, chat.Report{User: other}, c)
}

// ReportMessage tells whoever runs the App of a message that somebody else has written in a room,
// and that the member may see.
func (me Member) ReportMessage(ctx context.Context, roomID string, id int64, c Complaint) error {
	room, _, err := me.roomOf(ctx, roomID)
	if err != nil {
		return err
	}
	m, err := me.readable(ctx, id)
	switch {
	case err != nil:
		return err
	case m.Room != room.ID:
		return messageNotFound()
	case m.Type == chat.SystemMessage || m.Sender == me.User:
		return chat.Invalid("messageID", "must be another user's message")
	}
	return me.report(ctx, chat.Report{User: m.Sender, Room: m.Room, Message: m.ID}, c)
}

func (me Member) report(ctx context.Context, r chat.Report, c Complaint) error {
	r.App, r.Reporter = me.App.ID, me.User
	r.Category, r.Other, r.Reason = c.Category, c.Other, c.Reason
	about, err := me.store.User(ctx, me.App.ID, r.User)
	if err != nil {
		return err
	}
	return me.write(ctx, shardOf(me.App.ID, "reports", ""), func(ctx context.Context, tx *store.Tx) error {
		if err := tx.HoldNamed(ctx, namedUsers([]*chat.User{about})); err != nil {
			return err
		}
		n, err := tx.ReportCount(ctx, me.User, tx.Now()-24*time.Hour.Milliseconds())
		if err != nil {
			return err
		}
		if n >= MaxReports {
			return chat.Errorf(chat.CodeTooMany, "You have reported %d times within a day; try again later", MaxReports)
		}
		return tx.AddReport(ctx, r)
	})
}

// Reports lists up to limit reports in a state, "" for all, behind the one of a number, the oldest first, each
// with what it is about as that is now. more says that there are others.
func (b Backend) Reports(
	ctx context.Context, state chat.ReportState, after chat.ReportID, limit int,
) (views []chat.ReportView, more bool, err error) {
	list, err := b.store.Reports(ctx, b.app.ID, state, after, limit+1)
	if err != nil {
		return nil, false, err
	}
	if more = len(list) > limit; more {
		list = list[:limit]
	}
	people := make([]chat.UserID, 0, 2*len(list))
	for _, r := range list {
		people = append(people, r.Reporter, r.User)
	}
	users, err := b.store.Users(ctx, b.app.ID, people)
	if err != nil {
		return nil, false, err
	}
	views = make([]chat.ReportView, len(list))
	for i, r := range list {
		views[i] = chat.ReportView{Report: r, By: users[2*i], About: users[2*i+1]}
	}
	bytes := 0
	for done := 0; done < len(views); done += reportsAtOnce {
		if bytes > reportBytes {
			return views[:done], true, nil
		}
		part, err := b.showReported(ctx, views[done:min(done+reportsAtOnce, len(views))])
		if err != nil {
			return nil, false, err
		}
		bytes += part
	}
	return views, more, nil
}

// ResolveReport notes who has resolved a report, in the backend's words, and what they say of it. changed is
// false for one that was resolved before, which stays as it is.
func (b Backend) ResolveReport(ctx context.Context, id chat.ReportID, by, note string) (changed bool, err error) {
	err = b.store.WriteOnce(ctx, shardOf(b.app.ID, "reports", ""), func(ctx context.Context, tx *store.Tx) (err error) {
		changed, err = tx.ResolveReport(ctx, b.app.ID, id, by, note)
		return err
	}, &changed)
	return changed, chat.Missing(err, strconv.FormatInt(int64(id), 10))
}

const (
	// reportsAtOnce is how many reported messages are read at a time.
	reportsAtOnce = 10
	// reportBytes ends a page of reports whose messages have more bytes than that.
	reportBytes = 1 << 20
)

// showReported puts the messages into reports of messages, and returns how large they are.
func (b Backend) showReported(ctx context.Context, views []chat.ReportView) (bytes int, err error) {
	var ids []int64
	for _, v := range views {
		if v.Message != 0 {
			ids = append(ids, int64(v.Message))
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	list, err := b.store.MessagesByID(ctx, b.app.ID, ids)
	if err != nil {
		return 0, err
	}
	messages := make(map[chat.MessageID]*chat.Message, len(list))
	for i := range list {
		messages[list[i].ID] = &list[i]
	}
	for i := range views {
		v := &views[i]
		m := messages[v.Message]
		if m == nil {
			continue
		}
		room, err := b.store.RoomByID(ctx, b.app.ID, m.Room)
		if err != nil {
			return 0, err
		}
		v.Of = &chat.MessageView{Message: m, Room: &room, Sender: v.About, ChangedAt: m.UpdatedAt}
		if room.Type == chat.Personal {
			v.Of.Partner = v.About // the room is shown as the reporter sees it
		}
		bytes += len(m.Body) + len(m.Data) + len(m.Quote.Content)
	}
	return bytes, nil
}
