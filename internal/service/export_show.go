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
		UserID        string          `json:"userID"`
		XCUserID      string          `json:"xcUserID"`
		Fullname      string          `json:"fullname"`
		Username      string          `json:"username"`
		Email         string          `json:"email"`
		Phone         string          `json:"phone"`
		PhoneWithCode string          `json:"phoneWithCode"`
		PhoneVerified bool            `json:"isPhoneVerified"`
		CountryID     int64           `json:"countryID"`
		CallingCode   string          `json:"countryCallingCode"`
		Bio           string          `json:"bio"`
		Photo         string          `json:"photo"`
		Thumbnail     string          `json:"photoThumbnail"`
		Photos        []exportedPhoto `json:"photos"`
		Role          string          `json:"userRoleCode"`
		LastLogin     int64           `json:"lastLogin"`
		LastActivity  int64           `json:"lastActivity"`
		Created       int64           `json:"created"`
		Updated       int64           `json:"updated"`
		Deactivated   int64           `json:"deactivated"`
		Data          string          `json:"data"` // that the backend keeps about the user
	}

	// exportedPhoto is one of the photos that the user has uploaded for the profile.
	exportedPhoto struct {
		Photo     string `json:"photo"`
		Thumbnail string `json:"photoThumbnail"`
		Created   int64  `json:"created"`
	}

	// exportedContent is what a message says.
	exportedContent struct {
		LocalID  string             `json:"localID"`
		Type     chat.MessageType   `json:"type"`
		Body     chat.Sealed        `json:"body"` // opened
		Data     chat.Sealed        `json:"data,omitempty"`
		FilterID string             `json:"filterID,omitempty"`
		Hidden   bool               `json:"isHidden,omitempty"`
		Quote    *exportedQuote     `json:"quote,omitempty"`
		ReplyTo  *exportedReference `json:"replyTo,omitempty"`
		Forward  *exportedReference `json:"forwardFrom,omitempty"`
	}

	exportedMessage struct {
		MessageID string `json:"messageID"`
		RoomID    string `json:"roomID"`
		XCRoomID  string `json:"xcRoomID,omitempty"`
		exportedContent
		Action  chat.Action     `json:"action,omitempty"` // of a system message,
		Target  *exportedTarget `json:"target,omitempty"` // and whom it tells of
		Edited  bool            `json:"isMessageEdited,omitempty"`
		Created int64           `json:"created"`
		Updated int64           `json:"updated"`
		Deleted int64           `json:"deleted,omitempty"`
	}

	exportedQuote struct {
		Title    string      `json:"title"`
		Content  chat.Sealed `json:"content"` // opened
		ImageURL string      `json:"imageURL,omitempty"`
		FileID   string      `json:"fileID,omitempty"`
		FileType string      `json:"fileType,omitempty"`
		VideoURL string      `json:"videoURL,omitempty"`
	}

	exportedReference struct {
		User     string `json:"userID,omitempty"`
		XCUser   string `json:"xcUserID,omitempty"`
		Fullname string `json:"fullname,omitempty"`
		Message  string `json:"messageID,omitempty"`
		LocalID  string `json:"localID,omitempty"`
		Type     int64  `json:"messageType,omitempty"`
		RoomID   string `json:"roomID,omitempty"`
	}

	exportedTarget struct {
		User     string `json:"userID"`
		XCUser   string `json:"xcUserID"`
		Fullname string `json:"fullname"`
	}

	exportedScheduled struct {
		RoomID string `json:"roomID"`
		exportedContent
		Scheduled int64  `json:"scheduledTime"`
		Created   int64  `json:"created"`
		Updated   int64  `json:"updated"`
		Failure   string `json:"failure"`
	}

	exportedFile struct {
		FileID    string `json:"fileID"`
		Name      string `json:"fileName"`
		MediaType string `json:"mediaType"`
		Size      int64  `json:"size"`
		Width     int    `json:"width"` // in pixels, 0 for what is no picture
		Height    int    `json:"height"`
		Checksum  string `json:"checksum"` // SHA-256
		Created   int64  `json:"created"`
		Path      string `json:"path"` // within the archive, "" where the content is gone
	}
)

func newExportedUser(u *chat.User) exportedUser {
	return exportedUser{
		UserID: u.ID.String(), XCUserID: u.XCID, Fullname: u.Fullname, Username: u.Username, Email: u.Email,
		Phone: u.Phone, PhoneWithCode: u.PhoneWithCode, PhoneVerified: u.PhoneVerified, CountryID: u.CountryID,
		CallingCode: u.CallingCode, Bio: u.Bio, Photo: u.Photo.Fullsize, Thumbnail: u.Photo.Thumbnail, Role: u.Role.Code,
		LastLogin: u.LastLoginAt, LastActivity: u.LastActivityAt, Created: u.CreatedAt, Updated: u.UpdatedAt,
		Deactivated: u.DeactivatedAt,
	}
}

// newExportedContent shows a message whose texts are open.
func newExportedContent(m *chat.Message) exportedContent {
	c := exportedContent{
		LocalID: m.LocalID, Type: m.Type, Body: m.Body, Data: m.Data, FilterID: m.FilterID, Hidden: m.Hidden,
		ReplyTo: newExportedReference(m.ReplyTo), Forward: newExportedReference(m.Forward),
	}
	if m.Quote != (chat.Quote{}) {
		quote := exportedQuote(m.Quote)
		c.Quote = &quote
	}
	return c
}

func newExportedReference(r chat.Reference) *exportedReference {
	if r == (chat.Reference{}) {
		return nil
	}
	shown := exportedReference(r)
	return &shown
}

func newExportedFile(f *chat.File) exportedFile {
	return exportedFile{
		FileID: string(f.ID), Name: f.Name, MediaType: f.MediaType, Size: f.Size, Checksum: f.Checksum, Created: f.CreatedAt,
		Width: f.Width, Height: f.Height,
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
			MessageID: m.ID.String(), RoomID: room.public, XCRoomID: room.xc, exportedContent: newExportedContent(&m),
			Action: m.Action, Edited: m.Edited, Created: m.CreatedAt, Updated: m.UpdatedAt, Deleted: m.DeletedAt,
		}
		if m.Target != (chat.Target{}) {
			list[i].Target = &exportedTarget{m.Target.User.String(), m.Target.XCID, m.Target.Name}
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
			RoomID: list[i].Room, exportedContent: newExportedContent(&m), Scheduled: list[i].At,
			Created: list[i].CreatedAt, Updated: list[i].UpdatedAt, Failure: list[i].Failure,
		}
	}
	return shown, nil
}
