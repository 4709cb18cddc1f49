package spelling_test

import (
	"strings"
	"testing"

	"parlor/internal/spelling"
)

func TestClosest(t *testing.T) {
	known := []string{"xcRoomID", "xcUserID", "name", "type", "participantXCUserIDs", "PARLOR_LISTEN", "PARLOR_LOG_LEVEL"}
	tests := []struct{ word, want string }{
		{"xcRoomId", "xcRoomID"},
		{"xcroomid", "xcRoomID"},
		{"xc_room_id", "xcRoomID"},
		{"xcRoom", "xcRoomID"},
		{"xcRomID", "xcRoomID"},
		{"xcRomoID", "xcRoomID"},
		{"xcUserId", "xcUserID"},
		{"nane", "name"},
		{"names", "name"},
		{"tpye", "type"},
		{"participantsXCUserID", "participantXCUserIDs"},
		{"PARLOR_LISTNE", "PARLOR_LISTEN"},
		{"PARLOR_LOGLEVEL", "PARLOR_LOG_LEVEL"},
		{"roomID", "xcRoomID"},
		{"nmea", ""},
		{"n", ""},
		{"", ""},
		{"--", ""},
		{"PARLOR_URL", ""},
		{strings.Repeat("x", 100_000), ""},
	}
	for _, tt := range tests {
		if got := spelling.Closest(tt.word, known); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.word, got, tt.want)
		}
	}
}
