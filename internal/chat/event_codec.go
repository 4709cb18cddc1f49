package chat

import (
	"encoding/json"
	"errors"
	"fmt"
)

// eventVersion is the version of the form that EncodeEvent writes. It grows when a node of
// the former version would misread it, which adding a field or a kind does not make it do:
// fields that a node does not know it leaves out of account, and kinds it passes by.
const eventVersion = 1

// ErrUnknownEvent is the failure to decode an event of a kind or version that this build
// does not know: a newer node's.
var ErrUnknownEvent = errors.New("unknown event")

// packedEvent is an event between nodes and in the table announcements.
type packedEvent[T any] struct {
	Version int    `json:"v"`
	Kind    string `json:"kind"`
	Event   T      `json:"event"`
}

// messageEvent is an event with a message in it, which has a form of its own.
type messageEvent interface {
	packed() any
	unpack(b []byte) error
}

// EncodeEvent packs an event for other nodes and for the database. Nodes of two versions may
// run side by side, so its form is held to examples in testdata.
func EncodeEvent(e Event) ([]byte, error) {
	var body any = e
	if with, ok := e.(messageEvent); ok {
		body = with.packed()
	}
	b, err := json.Marshal(packedEvent[any]{eventVersion, e.Kind(), body})
	if err != nil {
		return nil, fmt.Errorf("pack %s: %w", e.Kind(), err)
	}
	return b, nil
}

// DecodeEvent unpacks what EncodeEvent has packed: an event of this package, or one that
// any of others makes. A kind that none of them has is ErrUnknownEvent.
func DecodeEvent(b []byte, others ...func() Event) (Event, error) {
	var packed packedEvent[json.RawMessage]
	if err := json.Unmarshal(b, &packed); err != nil {
		return nil, fmt.Errorf("unpack an event: %w", err)
	}
	if packed.Version != eventVersion {
		return nil, fmt.Errorf("%w: version %d", ErrUnknownEvent, packed.Version)
	}
	e := newEvent(packed.Kind, others)
	if e == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknownEvent, packed.Kind)
	}
	var err error
	if with, ok := e.(messageEvent); ok {
		err = with.unpack(packed.Event)
	} else {
		err = json.Unmarshal(packed.Event, e)
	}
	if err != nil {
		return nil, fmt.Errorf("unpack %s: %w", packed.Kind, err)
	}
	return e, nil
}

func newEvent(kind string, others []func() Event) Event {
	switch kind {
	case "message.sent":
		return &MessageSent{}
	case "message.changed":
		return &MessageChanged{}
	case "receipts.added":
		return &ReceiptsAdded{}
	case "messages.hidden":
		return &MessagesHidden{}
	case "participants.left":
		return &ParticipantsLeft{}
	case "preference.changed":
		return &PreferenceChanged{}
	case "block.changed":
		return &BlockChanged{}
	case "schedule.changed":
		return &ScheduleChanged{}
	case "typing":
		return &Typing{}
	case "user.updated":
		return &UserUpdated{}
	case "roles.changed":
		return &RolesChanged{}
	case "logins.ended":
		return &LoginsEnded{}
	case "app.deleted":
		return &AppDeleted{}
	case "device.behind":
		return &DeviceBehind{}
	case "presence.changed":
		return &PresenceChanged{}
	}
	for _, make := range others {
		if e := make(); e.Kind() == kind {
			return e
		}
	}
	return nil
}
