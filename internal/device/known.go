package device

import (
	"encoding/json"
	"maps"
	"slices"

	"parlor/internal/chat"
)

// maxKnown bounds what is remembered of one device. What is forgotten may be sent once more.
const maxKnown = 2000

// Seen is how a device has a message: in which state (chat.MessageView.State), and as of
// which change.
type Seen struct {
	State  int64 `json:"state"`
	Number int64 `json:"number"`
}

// Known is what a device has of messages whose changes its cursor has not reached.
type Known map[chat.MessageID]Seen

// Shows notes that the device is given these views.
func (k Known) Shows(views []chat.MessageView, viewer chat.UserID) {
	for i := range views {
		v := &views[i]
		k.Note(v.ID, Seen{v.State(viewer), v.Number})
	}
}

// Note records that the device has a message in a state. Of two states the later counts.
func (k Known) Note(id chat.MessageID, s Seen) {
	if old, ok := k[id]; !ok || s.State >= old.State {
		k[id] = s
	}
}

// Add records everything in more.
func (k Known) Add(more Known) {
	for id, s := range more {
		k.Note(id, s)
	}
}

// Has reports whether the device has the message as this view shows it.
func (k Known) Has(v *chat.MessageView, viewer chat.UserID) bool {
	s, ok := k[v.ID]
	return ok && s.State == v.State(viewer)
}

// Forget drops the messages that the cursor has passed.
func (k Known) Forget(cursor int64) {
	maps.DeleteFunc(k, func(_ chat.MessageID, s Seen) bool { return s.Number < cursor })
}

// encode writes the latest of k, at most maxKnown.
func (k Known) encode() (string, error) {
	if len(k) == 0 {
		return "", nil
	}
	if len(k) > maxKnown {
		numbers := make([]int64, 0, len(k))
		for _, s := range k {
			numbers = append(numbers, s.Number)
		}
		slices.Sort(numbers)
		k = maps.Clone(k)
		k.Forget(numbers[len(numbers)-maxKnown])
	}
	packed := make(map[chat.MessageID][2]int64, len(k))
	for id, s := range k {
		packed[id] = [2]int64{s.State, s.Number}
	}
	b, err := json.Marshal(packed)
	return string(b), err
}

// decodeKnown reads what encode has written. If it cannot be read, it counts as empty.
func decodeKnown(text string) Known {
	var packed map[chat.MessageID][2]int64
	if text == "" || json.Unmarshal([]byte(text), &packed) != nil {
		return Known{}
	}
	k := make(Known, len(packed))
	for id, s := range packed {
		k[id] = Seen{s[0], s[1]}
	}
	return k
}
