package store

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// MessageRefs finds what messages of the App are called; those that do not exist drop out.
func (s *Store) MessageRefs(
	ctx context.Context, app chat.AppID, keys []MessageKey,
) (map[MessageKey]chat.MessageRef, error) {
	refs := make(map[MessageKey]chat.MessageRef, len(keys))
	for part := range slices.Chunk(keys, keysAtOnce) {
		pairs := make([][2]int64, len(part))
		for i, k := range part {
			pairs[i] = [2]int64{int64(k.Room), k.CreatedAt}
		}
		err := engine.Each(ctx, s.eng, func(r engine.Row) error {
			var k MessageKey
			var ref chat.MessageRef
			err := r.Scan(&k.Room, &k.CreatedAt, &ref.ID, &ref.LocalID)
			ref.CreatedAt = k.CreatedAt
			refs[k] = ref
			return err
		}, `SELECT m.room_id, m.created_at, m.id, m.local_id`+s.eng.ForEach(s.eng.Pairs("$2"), "messages",
			"m.room_id = k.a AND m.created_at = k.b")+` WHERE +m.app_id = $1`, app, s.eng.PairsArg(pairs))
		if err != nil {
			return nil, s.explain(err)
		}
	}
	return refs, nil
}
