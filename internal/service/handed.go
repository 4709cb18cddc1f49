package service

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"

	"parlor/internal/chat"
)

// maxRemembered bounds what is remembered of one device.
const maxRemembered = 2000

// What was handed to a device lately is kept as the state of each message (see
// chat.MessageView.State), so that nothing comes twice by catching up.

// decodeHanded reads what encodeHanded has written. What cannot be read is forgotten:
// some of it then comes twice.
func decodeHanded(text string) map[chat.MessageID]int64 {
	known := map[chat.MessageID]int64{}
	if text != "" && json.Unmarshal([]byte(text), &known) != nil {
		return map[chat.MessageID]int64{}
	}
	return known
}

// encodeHanded writes the latest of known, at most maxRemembered.
func encodeHanded(known map[chat.MessageID]int64) (string, error) {
	if len(known) == 0 {
		return "", nil
	}
	if len(known) > maxRemembered {
		states := slices.Sorted(maps.Values(known))
		oldest := states[len(states)-maxRemembered]
		known = maps.Clone(known)
		maps.DeleteFunc(known, func(_ chat.MessageID, state int64) bool { return cmp.Less(state, oldest) })
	}
	b, err := json.Marshal(known)
	return string(b), err
}

// merge takes over what more knows. Of two states of a message the later is the larger.
func merge(known, more map[chat.MessageID]int64) {
	for id, state := range more {
		known[id] = max(known[id], state)
	}
}
