package service

import (
	"context"
	"encoding/json"
	"strings"

	"parlor/internal/chat"
)

// maxShareRooms bounds in how many rooms is looked for the message from which a sender has a
// file.
const maxShareRooms = 50

// fileName is what the data of a message says of a file: its id, its address or both. The zero
// value names none.
type fileName struct{ id, address chat.FileID }

// fileNamed reads which file data names, plain. Types of the customer's own may name one, too.
func fileNamed(data string) (n fileName) {
	if !strings.Contains(data, `"fileID"`) && !strings.Contains(data, fileFolder) {
		return n // nearly all data
	}
	var fields struct {
		FileID  any `json:"fileID"`
		URL     any `json:"url"`
		FileURL any `json:"fileURL"`
	}
	if json.Unmarshal([]byte(data), &fields) != nil {
		return n
	}
	if text, ok := fields.FileID.(string); ok {
		n.id, _ = chat.ParseFileID(text)
	}
	for _, field := range []any{fields.URL, fields.FileURL} {
		if url, ok := field.(string); ok && n.address == "" {
			_, after, _ := strings.Cut(url, fileFolder)
			n.address, _ = chat.ParseFileID(strings.TrimSuffix(after, thumbnailSuffix))
		}
	}
	return n
}

// fileToShare is the file that a message of the member's names, if they may have it: their own,
// one of whose address they know, or one of a message that they may read. rooms, by their public
// ids, are where that is likely to be. "" is no error: such a message is stored, and gives
// nobody a file.
func (me Member) fileToShare(ctx context.Context, n fileName, rooms ...string) (chat.FileID, error) {
	f, err := me.findFile(ctx, me.App.ID, n)
	if err != nil || f.ID == "" || f.Owner == me.User || f.Address == n.address {
		return f.ID, err
	}
	for _, room := range rooms {
		if ok, err := me.reaches(ctx, f.ID, room); ok || err != nil {
			return f.ID, err
		}
	}
	others, err := me.store.FileRooms(ctx, f.ID, maxShareRooms)
	if err != nil {
		return "", err
	}
	members, err := me.store.RoomsFor(ctx, me.App.ID, others, me.User)
	if err != nil {
		return "", err
	}
	for _, in := range members {
		if ok, err := me.reachesIn(ctx, f.ID, in.Room.ID, in.Member); ok || err != nil {
			return f.ID, err
		}
	}
	return "", nil
}

// findFile finds a named file of the App. Its zero value is none: ids of other systems are no
// error.
func (c *core) findFile(ctx context.Context, app chat.AppID, n fileName) (f chat.File, err error) {
	if n.id != "" {
		f, err = c.store.File(ctx, app, n.id)
		if err == nil {
			return f, nil
		}
	}
	if n.address != "" && (err == nil || chat.CodeOf(err) == chat.CodeNotFound) {
		f, err = c.store.FileAt(ctx, n.address)
	}
	if chat.CodeOf(err) == chat.CodeNotFound || f.App != app {
		return chat.File{}, ignoreNotFound(err)
	}
	return f, err
}

func ignoreNotFound(err error) error {
	if chat.CodeOf(err) == chat.CodeNotFound {
		return nil
	}
	return err
}

// withAddress returns data in which a file of the App that it names has its address, and the
// file's id: devices that get a message which no device has made need the address.
func (b Backend) withAddress(ctx context.Context, data string) (string, chat.FileID, error) {
	n := fileNamed(data)
	f, err := b.findFile(ctx, b.app.ID, n)
	if err != nil || f.ID == "" {
		return data, "", err
	}
	url := b.FileURL(f)
	var fields map[string]json.RawMessage
	if url == "" || n.address != "" || json.Unmarshal([]byte(data), &fields) != nil || len(fields["url"]) > len(`""`) {
		return data, f.ID, nil
	}
	quoted, err := json.Marshal(url)
	if err != nil {
		return data, f.ID, err
	}
	fields["url"], fields["fileURL"] = quoted, quoted
	whole, err := json.Marshal(fields)
	return string(whole), f.ID, err
}
