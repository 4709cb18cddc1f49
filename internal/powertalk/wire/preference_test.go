package wire_test

import (
	"encoding/json"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
)

// TestPreferenceEvent: each preference has an event that SDKs know, and only a mute says when
// it ends.
func TestPreferenceEvent(t *testing.T) {
	tests := []struct {
		pref    chat.Preference
		event   string // "" for none
		expires bool
	}{
		{pref: chat.Preference{Kind: chat.PreferUnread, On: true}, event: "room/markAsUnread"},
		{pref: chat.Preference{Kind: chat.PreferUnread}, event: "room/markAsRead"},
		{pref: chat.Preference{Kind: chat.PreferMuted, On: true}, event: "room/mute", expires: true},
		{pref: chat.Preference{Kind: chat.PreferMuted, On: true, Until: 7}, event: "room/mute", expires: true},
		{pref: chat.Preference{Kind: chat.PreferMuted}, event: "room/unmute"},
		{pref: chat.Preference{Kind: chat.PreferPinned, On: true}, event: "room/pin"},
		{pref: chat.Preference{Kind: chat.PreferPinned}, event: "room/unpin"},
		{pref: chat.Preference{Kind: chat.PreferCleared, On: true}, event: "room/clearChat"},
		{pref: chat.Preference{Kind: chat.PreferCleared}},
		{pref: chat.Preference{Kind: "a kind of tomorrow", On: true}},
	}
	for _, tt := range tests {
		frame := wire.PreferenceEvent(tt.pref, &chat.Room{ID: 2}, nil)
		if tt.event == "" {
			if frame != nil {
				t.Errorf("%+v is told of by %s", tt.pref, frame)
			}
			continue
		}
		var got struct {
			EventName string
			Data      struct{ ExpiredAt *int64 }
		}
		if err := json.Unmarshal(frame, &got); err != nil {
			t.Errorf("%+v: %v: %s", tt.pref, err, frame)
			continue
		}
		until := got.Data.ExpiredAt
		if got.EventName != tt.event || (until != nil) != tt.expires || until != nil && *until != tt.pref.Until {
			t.Errorf("%+v is told of by %s; want %s, with expiredAt: %t", tt.pref, frame, tt.event, tt.expires)
		}
	}
}
