package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// SendersOf finds who has sent the messages that references of the App name, by their ids or else by their
// localIDs: 0 where that is not known, as of a localID that was given longer than LocalIDWindow ago.
func (s *Store) SendersOf(ctx context.Context, app chat.AppID, refs []chat.Reference) ([]chat.UserID, error) {
	senders, ids := make([]chat.UserID, len(refs)), make([]int64, len(refs))
	for i := range refs {
		id, _ := chat.ParseMessageID(refs[i].Message)
		ids[i] = int64(id)
	}
	if err := s.sendersByID(ctx, app, ids, senders); err != nil {
		return nil, err
	}
	clear(ids)
	for i := range refs {
		if senders[i] != 0 || refs[i].LocalID == "" {
			continue
		}
		id, err := s.messageOf(ctx, s.eng, app, refs[i].LocalID)
		if err != nil {
			return nil, s.explain(err)
		}
		ids[i] = int64(id)
	}
	return senders, s.sendersByID(ctx, app, ids, senders)
}

// sendersByID sets the senders of those messages of the App that are there.
func (s *Store) sendersByID(ctx context.Context, app chat.AppID, ids []int64, senders []chat.UserID) error {
	places := make(map[int64][]int, len(ids))
	asked := make([]int64, 0, len(ids))
	for i, id := range ids {
		if id == 0 {
			continue
		}
		if places[id] == nil {
			asked = append(asked, id)
		}
		places[id] = append(places[id], i)
	}
	if len(asked) == 0 {
		return nil
	}
	return s.explain(engine.Each(ctx, s.eng, func(r engine.Row) error {
		var id int64
		var sender chat.UserID
		err := r.Scan(&id, (*int64)(&sender))
		for _, i := range places[id] {
			senders[i] = sender
		}
		return err
	}, `SELECT m.id, m.sender_id FROM messages m WHERE +m.app_id = $1 AND `+s.eng.IDInList("m.id", "$2"),
		app, s.eng.IDListArg(asked)))
}
