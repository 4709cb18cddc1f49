package wire_test

import (
	"encoding/json"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
)

// TestEmptyAnswers: what there is none of is [], "" or "0", never null and never absent.
func TestEmptyAnswers(t *testing.T) {
	tests := []struct {
		name   string
		answer appender
		want   string
	}{
		{
			"room",
			wire.Room{Details: chat.RoomDetails{Room: chat.Room{ID: 1, Type: chat.Group}}},
			`{"room":{"roomID":"g1","xcRoomID":"","name":"","type":2,"imageURL":{"thumbnail":"","fullsize":""},"color":"",` +
				`"isLocked":false,"lockedTime":0,"deleted":0,"isDeleted":false},"participants":[],"adminUserIDs":[],"participantsTotal":0}`,
		},
		{"list", wire.RoomList{}, `{"rooms":[],"hasMore":false}`},
		{"user", wire.User{ID: 6}, `{"userID":"6"}`},
		{"role", wire.Role{}, `{"role":{"code":"","name":"","iconURL":""}}`},
		{"roles", wire.Roles{}, `{"roles":[],"hasMore":false}`},
		{"contacts", wire.Contacts{Inserted: 2, Deleted: 1}, `{"countInserted":2,"countDeleted":1}`},
		{"result", wire.Result{Message: "m"}, `{"success":false,"message":"m"}`},
		{"sent", wire.Sent{LocalID: "l"}, `{"success":true,"message":"","localID":"l","repeated":false,"contentDiffers":false}`},
		{"sent again", wire.Sent{LocalID: "l", Repeated: true, Differs: true}, `{"success":true,"message":"","localID":"l","repeated":true,"contentDiffers":true}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := string(tt.answer.AppendJSON(nil)); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			// Answers are put behind the envelope's beginning.
			if got := string(tt.answer.AppendJSON([]byte(`{"data":`))); got != `{"data":`+tt.want {
				t.Errorf("behind something: %s", got)
			}
		})
	}
}

func TestSkipped(t *testing.T) {
	details := chat.RoomDetails{Room: chat.Room{ID: 1, Type: chat.Group}}
	for want, answer := range map[string]wire.Room{
		`,"skippedXCUserIDs":[],"participantsIgnored":false}`:        {Details: details, Changed: true},
		`,"skippedXCUserIDs":["a","b"],"participantsIgnored":false}`: {Details: details, Changed: true, Skipped: []string{"a", "b"}},
		`,"participantsTotal":0}`:                                    {Details: details, Skipped: []string{"a"}},
	} {
		if got := string(answer.AppendJSON(nil)); !strings.HasSuffix(got, want) {
			t.Errorf("%s does not end with %s", got, want)
		}
	}
}

// TestViewer looks at the parts of a list that are others' for everybody.
func TestViewer(t *testing.T) {
	personal := func(a, b, sender chat.UserID) chat.RoomSummary {
		return chat.RoomSummary{Last: chat.MessageView{
			Room:    &chat.Room{ID: 1, Type: chat.Personal, Pair: chat.NewPair(a, b), Name: "no name of its own"},
			Message: &chat.Message{Sender: sender},
			Sender:  &chat.User{},
			Partner: &chat.User{Fullname: "Partner", Photo: chat.Image{Thumbnail: "pt", Fullsize: "pf"}},
		}}
	}
	group := func(m chat.Message) chat.RoomSummary {
		return chat.RoomSummary{Last: chat.MessageView{
			Sender: &chat.User{}, Room: &chat.Room{Type: chat.Group, Name: "G"}, Message: &m, Read: m.ID == 1, Delivered: m.ID == 1,
		}}
	}
	tests := []struct {
		name                    string
		sum                     chat.RoomSummary
		room, recipient, target string
		read                    bool
	}{
		{"own message", personal(6, 19, 6), "Partner", "19", "", false},
		{"partner's message", personal(6, 19, 19), "Partner", "6", "", false},
		{"to oneself", personal(6, 6, 6), "Partner", "6", "", false},
		{"group", group(chat.Message{Sender: 6}), "G", "0", "", false},
		{"read", group(chat.Message{ID: 1, Sender: 6}), "G", "0", "", true},
		{"target", group(chat.Message{Target: chat.Target{User: 5}}), "G", "0", "user", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got struct {
				Rooms []struct {
					LastMessage struct {
						Room                struct{ Name string }
						RecipientID         string
						Target              struct{ TargetType string }
						IsRead, IsDelivered bool
					}
				}
			}
			text := wire.RoomList{Rooms: []chat.RoomSummary{tt.sum}}.AppendJSON(nil)
			if err := json.Unmarshal(text, &got); err != nil {
				t.Fatal(err)
			}
			m := got.Rooms[0].LastMessage
			if m.Room.Name != tt.room || m.RecipientID != tt.recipient || m.Target.TargetType != tt.target ||
				m.IsRead != tt.read || m.IsDelivered != tt.read {
				t.Errorf("%+v", m)
			}
		})
	}
}
