package e2e

import (
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// TestSplit: a long body becomes several messages. Only the last is in a list, so the
// number of parts is what they add to the unread count.
func TestSplit(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		a := strings.Repeat("a", 4000)
		tests := []struct {
			name, body string
			parts      int
			last       string
		}{
			{"as long as may be", a, 1, a},
			{"one more", a + "b", 2, "b"},
			{"two full parts", a + a, 2, a},
			{"an emoji that just fits", a[2:] + "😀", 1, a[2:] + "😀"},
			{"an emoji across the cut", a[1:] + "😀", 2, "😀"},
			{"an emoji after the cut", a + "😀", 2, "😀"},
			{"emoji only", strings.Repeat("😀", 4001), 3, "😀"},
			{"three bytes each", strings.Repeat("界", 4001), 2, "界"},
			{"the longest", strings.Repeat(a, 100), 100, a},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				putRoom(t, s, tt.name, obj{"participantXCUserIDs": list{"b"}})
				localID := send(t, s, "a", tt.name, tt.body)
				sum, _ := inList(t, s, "b", tt.name)
				m := sum.LastMessage
				if got := plain(t, m, m.Body); got != tt.last || m.LocalID != localID {
					t.Errorf("the last part has %d bytes and localID %s, want %d and %s", len(got), m.LocalID, len(tt.last), localID)
				}
				if got := sum.UnreadCount - 1; got != tt.parts {
					t.Errorf("%d parts, want %d", got, tt.parts)
				}
			})
		}
	})
}

// TestSplitExtras: data and quote go with the last part, and a filterID hides all others.
func TestSplitExtras(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		body := strings.Repeat("a", 4000) + strings.Repeat("b", 4000) + "c"
		tests := []struct {
			name   string
			fields obj
			unread int    // messages that show
			last   string // the last that shows
		}{
			{"plain", obj{}, 3, "c"},
			{"with filterID", obj{"filterID": "f"}, 1, "c"},
			{"hidden", obj{"isHidden": true}, 0, ""},
			{"hidden with filterID", obj{"isHidden": true, "filterID": "f"}, 0, ""},
			{"with data and quote", obj{"messageType": 3000, "data": "[1]", "quote": obj{"content": "q"}}, 3, "c"},
		}
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				putRoom(t, s, tt.name, obj{"participantXCUserIDs": list{"b"}})
				sendBody(t, s, textMessage("a", tt.name, body, tt.fields))
				sum, ok := inList(t, s, "b", tt.name)
				m := sum.LastMessage
				if !ok || sum.UnreadCount != 1+tt.unread {
					t.Fatalf("%d unread, want room/create and %d", sum.UnreadCount, tt.unread)
				}
				if tt.unread == 0 {
					if m.Action != "room/create" {
						t.Errorf("a hidden message is the last: %+v", m)
					}
					return
				}
				filter, _ := tt.fields["filterID"].(string)
				if plain(t, m, m.Body) != tt.last || m.FilterID != filter || m.IsHidden {
					t.Errorf("last message %+v", m)
				}
				if tt.fields["data"] != nil && (plain(t, m, m.Data) != "[1]" || plain(t, m, m.Quote.Content) != "q") {
					t.Errorf("data %q, quote %+v", m.Data, m.Quote)
				}
			})
		}
	})
}

// TestSplitIsWholeOrNothing: when one part cannot be stored, none is.
func TestSplitIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		putUsers(t, s, "a", "b")
		putRoom(t, s, "r", obj{"participantXCUserIDs": list{"b"}})
		const localID = "0123456789012345678901234567890X"
		sendBody(t, s, textMessage("b", "r", "in the way", obj{"localID": cipher.DeriveLocalID(localID, 1)}))
		before := call(t, s, "room/get_list_by_user", obj{"xcUserID": "b"}).Data
		a := call(t, s, "message/send/custom", obj{
			"messageType": 1001, "body": strings.Repeat("a", 8001), "senderXCUserID": "a", "xcRoomID": "r", "localID": localID,
		})
		if a.Status == 200 {
			t.Fatalf("the second part's localID was taken: %s", a.Body)
		}
		if after := call(t, s, "room/get_list_by_user", obj{"xcUserID": "b"}).Data; string(after) != string(before) {
			t.Errorf("something is left of it:\n%s\n%s", before, after)
		}
	})
}
