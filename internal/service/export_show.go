package service

import (
	"context"
	"path"
	"regexp"
	"strings"

	"parlor/internal/chat"
)

// What is in an archive, with the names of the wire.
type (
	exportedUser struct {
		UserID        string `json:"userID"`
		XCUserID      string `json:"xcUserID"`
		Fullname      string `json:"fullname"`
		Username      string `json:"username"`
		Email         string `json:"email"`
		Phone         string `json:"phone"`
		PhoneWithCode string `json:"phoneWithCode"`
		Bio           string `json:"bio"`
		Photo         string `json:"photo"`
		Role          string `json:"userRoleCode"`
		LastLogin     int64  `json:"lastLogin"`
		LastActivity  int64  `json:"lastActivity"`
		Created       int64  `json:"created"`
		Updated       int64  `json:"updated"`
		Data          string `json:"data,omitempty"` // that the backend keeps about the user
	}

	exportedMessage struct {
		MessageID string           `json:"messageID"`
		LocalID   string           `json:"localID"`
		RoomID    string           `json:"roomID"`
		XCRoomID  string           `json:"xcRoomID,omitempty"`
		Type      chat.MessageType `json:"type"`
		Body      chat.Sealed      `json:"body"` // opened
		Data      chat.Sealed      `json:"data,omitempty"`
		Quote     *exportedQuote   `json:"quote,omitempty"`
		ReplyTo   string           `json:"replyToMessageID,omitempty"`
		Edited    bool             `json:"isMessageEdited,omitempty"`
		Created   int64            `json:"created"`
		Updated   int64            `json:"updated"`
		Deleted   int64            `json:"deleted,omitempty"`
	}

	exportedQuote struct {
		Title   string      `json:"title"`
		Content chat.Sealed `json:"content"` // opened
	}

	exportedScheduled struct {
		RoomID    string           `json:"roomID"`
		LocalID   string           `json:"localID"`
		Type      chat.MessageType `json:"type"`
		Body      chat.Sealed      `json:"body"` // opened
		Data      chat.Sealed      `json:"data,omitempty"`
		Scheduled int64            `json:"scheduledTime"`
		Created   int64            `json:"created"`
		Failure   string           `json:"failure,omitempty"`
	}

	exportedFile struct {
		FileID    string `json:"fileID"`
		Name      string `json:"fileName"`
		MediaType string `json:"mediaType"`
		Size      int64  `json:"size"`
		Checksum  string `json:"checksum"` // SHA-256
		Created   int64  `json:"created"`
		Path      string `json:"path"` // within the archive, "" where the content is gone
	}
)

func newExportedUser(u *chat.User) exportedUser {
	return exportedUser{
		UserID: u.ID.String(), XCUserID: u.XCID, Fullname: u.Fullname, Username: u.Username, Email: u.Email,
		Phone: u.Phone, PhoneWithCode: u.PhoneWithCode, Bio: u.Bio, Photo: u.Photo.Fullsize, Role: u.Role.Code,
		LastLogin: u.LastLoginAt, LastActivity: u.LastActivityAt, Created: u.CreatedAt, Updated: u.UpdatedAt,
	}
}

func newExportedFile(f *chat.File) exportedFile {
	return exportedFile{
		FileID: string(f.ID), Name: f.Name, MediaType: f.MediaType, Size: f.Size, Checksum: f.Checksum, Created: f.CreatedAt,
		Path: "files/" + string(f.ID) + extension(f.Name),
	}
}

// extension is what a file's name ends in. The name is the user's own: what is no plain ending is left out.
func extension(name string) string {
	if ext := path.Ext(name); plainExtension.MatchString(ext) {
		return strings.ToLower(ext)
	}
	return ""
}

var plainExtension = regexp.MustCompile(`^\.[A-Za-z0-9]{1,10}$`)

// roomNames are the ids of a room.
type roomNames struct{ public, xc string }

// shownMessages are messages as an archive has them. names keeps the rooms that were looked up.
func (a *archive) shownMessages(
	ctx context.Context, page []chat.Message, names map[chat.RoomID]roomNames,
) ([]exportedMessage, error) {
	list := make([]exportedMessage, len(page))
	for i := range page {
		m := page[i]
		room, known := names[m.Room]
		if !known {
			r, err := a.store.RoomByID(ctx, a.e.App, m.Room)
			if err != nil && chat.CodeOf(err) != chat.CodeNotFound {
				return nil, err
			}
			if room = (roomNames{r.PublicID(), r.XCID}); err != nil {
				room = roomNames{}
			}
			if len(names) >= exportPage {
				clear(names)
			}
			names[m.Room] = room
		}
		if err := openTexts(a.dialect, &m); err != nil {
			return nil, err
		}
		list[i] = exportedMessage{
			MessageID: m.ID.String(), LocalID: m.LocalID, RoomID: room.public, XCRoomID: room.xc, Type: m.Type,
			Body: m.Body, Data: m.Data, ReplyTo: m.ReplyTo.Message, Edited: m.Edited,
			Created: m.CreatedAt, Updated: m.UpdatedAt, Deleted: m.DeletedAt,
		}
		if m.Quote != (chat.Quote{}) {
			list[i].Quote = &exportedQuote{m.Quote.Title, m.Quote.Content}
		}
	}
	return list, nil
}

func (a *archive) shownScheduled(list []chat.Scheduled) ([]exportedScheduled, error) {
	shown := make([]exportedScheduled, len(list))
	for i := range list {
		m := list[i].Message
		if err := openTexts(a.dialect, &m); err != nil {
			return nil, err
		}
		shown[i] = exportedScheduled{
			RoomID: list[i].Room, LocalID: m.LocalID, Type: m.Type, Body: m.Body, Data: m.Data,
			Scheduled: list[i].At, Created: list[i].CreatedAt, Failure: list[i].Failure,
		}
	}
	return shown, nil
}
