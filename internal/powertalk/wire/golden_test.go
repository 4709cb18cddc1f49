package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/powertalk/wire"
)

var update = flag.Bool("update", false, "write the golden files anew")

// appender is any answer.
type appender interface{ AppendJSON(b []byte) []byte }

// TestGolden holds answers to the bytes in testdata, so that no change of a key, its
// place or a number's form goes unnoticed. The files are indented for people; answers
// themselves have no white space.
func TestGolden(t *testing.T) {
	tests := []struct {
		file   string
		answer appender
	}{
		{"room_get.json", wire.Room{Details: room()}},
		{"scheduled_create.json", wire.Scheduled{Item: scheduled()[0]}},
		{"scheduled_list.json", wire.ScheduledList{Items: scheduled()}},
		{"scheduled_list_empty.json", wire.ScheduledList{}},
		{"scheduled_send_now.json", wire.ScheduledIDs{Name: "sentIDs", IDs: []int64{7, 2147483647}}},
		{"file_upload.json", wire.UploadedFile{File: file(), URL: "https://chat.example.com/files/0f1e2d3c4b5a69788796a5b4c3d2e1f0", Caption: "On the \"sea\" <&> 😀\u2028"}},
		{"file_upload_without_address.json", wire.UploadedFile{File: chat.File{ID: file().ID, MediaType: "text/plain", Size: 1}}},
		{"photo_get_list.json", wire.Photos{Photos: photos()}},
		{"photo_get_list_empty.json", wire.Photos{}},
		{"room_get_list_by_user.json", wire.RoomList{Rooms: list(), More: true}},
	}
	for _, tt := range tests {
		t.Run(tt.file, func(t *testing.T) {
			text := tt.answer.AppendJSON(nil)
			var compact, indented bytes.Buffer
			if err := json.Compact(&compact, text); err != nil {
				t.Fatalf("%v: %s", err, text)
			}
			if !bytes.Equal(text, compact.Bytes()) {
				t.Errorf("white space in %s", text)
			}
			if err := json.Indent(&indented, text, "", "  "); err != nil {
				t.Fatal(err)
			}
			indented.WriteByte('\n')
			golden(t, tt.file, indented.Bytes())
		})
	}
}

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	name := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(name, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (go test -update, then look at the diff); got\n%s", name, got)
	}
}

func ana() *chat.User {
	return &chat.User{
		ID: 19, App: 1, XCID: "cust-19", Fullname: "Ana \"Putri\" <&> 😀\u2028", Email: "ana@example.org",
		Phone: "6281200000019", Username: "ana",
		Photo: chat.Image{Thumbnail: "https://img.example.org/t/19.png", Fullsize: "https://img.example.org/f/19.png"},
		Role:  chat.Role{Code: "seller:3", Name: "Seller", IconURL: "https://img.example.org/seller.png"},
		// Bigger than 2^31, as all times are.
		LastLoginAt: 1700000000000, LastActivityAt: 1700000360000, CreatedAt: 1690000000000, UpdatedAt: 1700000000001,
		Online: true,
	}
}

// bo has nothing but what every user has.
func bo() *chat.User {
	return &chat.User{ID: 2147483647, App: 1, XCID: "界\\\t\u0001", Fullname: "Bo", CreatedAt: 1, UpdatedAt: 2}
}

func room() chat.RoomDetails {
	return chat.RoomDetails{
		Room: chat.Room{
			ID: 7, App: 1, XCID: "ORD-7781", Type: chat.Transaction, Name: "Order 7781", Color: "#00ff00",
			Photo:    chat.Image{Thumbnail: "https://img.example.org/t/7781.png", Fullsize: "https://img.example.org/f/7781.png"},
			Tags:     []string{"kept to the server"},
			LockedAt: 1700000300000, DeletedAt: 1700000400000, UpdatedAt: 3, CreatedAt: 4,
		},
		Participants: chat.Participants{Users: []*chat.User{ana(), bo()}, Total: 12345, Admin: []chat.UserID{19, 2147483647}},
	}
}

// file is a picture with all that is known of it.
func file() chat.File {
	return chat.File{
		ID: "a0b1c2d3e4f5061728394a5b6c7d8e9f", App: 1, Owner: 19, Address: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		Name: "kept to the server.png", MediaType: "image/png", Size: 26214400, Thumbnail: 4711, Width: 4032, Height: 3024,
		Checksum: "kept to the server", CreatedAt: 1700000300000,
	}
}

func photos() []chat.Photo {
	return []chat.Photo{
		{ID: 2147483647, Image: chat.Image{Thumbnail: "https://chat.example.com/files/2/thumbnail", Fullsize: "https://chat.example.com/files/2"}, CreatedAt: 1700000300000},
		{ID: 7, Image: chat.Image{Thumbnail: "https://chat.example.com/files/1/thumbnail", Fullsize: "https://chat.example.com/files/1"}, CreatedAt: 1},
	}
}

// scheduled is a message that waits, and one that was refused.
func scheduled() []chat.ScheduledView {
	waits, refused := list()[0].Last, list()[1].Last
	for _, v := range []*chat.MessageView{&waits, &refused} {
		m := *v.Message
		m.ID, m.Seq, m.CreatedAt, m.UpdatedAt = 0, 0, 1700000600000, 1700000500001
		v.Message, v.ChangedAt = &m, 0
	}
	return []chat.ScheduledView{
		{View: waits, Scheduled: chat.Scheduled{
			ID: 7, At: 1700000600000, CreatedAt: 1700000500000, UpdatedAt: 1700000500001,
		}},
		{View: refused, Scheduled: chat.Scheduled{
			ID: 2147483647, At: 1700000600000, CreatedAt: 1700000500000, UpdatedAt: 1700000600002, Failure: "The room is locked",
		}},
	}
}

// list is a group with a message of every kind of content, and a personal room with the
// little that a system message has.
func list() []chat.RoomSummary {
	group := &chat.Room{ID: 8, App: 1, XCID: "g", Type: chat.Group, Name: "Group"}
	personal := &chat.Room{ID: 9, App: 1, Type: chat.Personal, Pair: chat.NewPair(19, bo().ID)}
	deleted := ana()
	deleted.DeletedAt = 1700000500000
	return []chat.RoomSummary{
		{
			Unread: 3,
			Last: chat.MessageView{Room: group, Sender: deleted, Message: &chat.Message{
				ID: 1<<53 - 1, App: 1, Room: 8, Seq: 5, LocalID: "Qk7TzR1bMw3XcV9pLd5NsG2hJf8YtA0e", Sender: 19,
				Type: 3999, Body: "5k9rrvusrbkiC42WMbeI/rjg==", Data: "data", FilterID: "filter", Hidden: true,
				Quote:     chat.Quote{Title: "t", Content: "c", ImageURL: "i", FileID: "f", FileType: "ft"},
				Action:    chat.ActionAddParticipant,
				Target:    chat.Target{User: 5, XCID: "cust-5", Name: "Cy"},
				CreatedAt: 1700000300000, UpdatedAt: 1700000300001, DeletedAt: 1700000300002,
			}},
		},
		{
			Last: chat.MessageView{
				Room: personal, Sender: ana(), Partner: ana(),
				Message: &chat.Message{ID: 1, App: 1, Room: 9, Seq: 1, LocalID: "l", Sender: 19, Type: chat.TextMessage, CreatedAt: 5, UpdatedAt: 5},
			},
		},
	}
}
