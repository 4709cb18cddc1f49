package client

import (
	"strconv"
	"time"
)

// The ids that Parlor gives. Those that you give, such as xcUserID, are plain texts.
type (
	// UserID is a user's id, such as "7".
	UserID string
	// RoomID is a room's id, such as "g12", or "6-19" for a personal room.
	RoomID string
	// MessageID is a message's id. Within a room ids rise as numbers.
	MessageID string
)

// number is the id as ids of a room rise, 0 for what is no number: then it is older than all.
func (id MessageID) number() int64 {
	n, _ := strconv.ParseInt(string(id), 10, 64)
	return n
}

// Time is a moment, zero for never. On the wire it is a number of milliseconds.
type Time struct{ time.Time }

// UnmarshalJSON reads Unix milliseconds, 0 for never.
func (t *Time) UnmarshalJSON(text []byte) error {
	ms, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return err
	}
	t.Time = time.Time{}
	if ms != 0 {
		t.Time = time.UnixMilli(ms)
	}
	return nil
}

// MarshalJSON writes Unix milliseconds, 0 for never.
func (t Time) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, t.millis(), 10), nil }

// millis is the time as the wire has it.
func (t Time) millis() int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// Image holds the addresses of a picture, "" for none.
type Image struct {
	Thumbnail string `json:"thumbnail"`
	Fullsize  string `json:"fullsize"`
}

// Role is what a user may be, at most one of them. Rooms can hold everybody of a role.
type Role struct {
	Code    string `json:"code"`
	Name    string `json:"name,omitzero"`
	IconURL string `json:"iconURL,omitzero"`
}

// User is a person, or in system messages the app itself.
type User struct {
	ID       UserID `json:"userID"`
	XCID     string `json:"xcUserID"` // your id; "" when the app itself speaks
	Fullname string `json:"fullname"`
	Email    string `json:"email"`
	Phone    string `json:"phone"`

	CountryID     int64  `json:"countryID"`
	CallingCode   string `json:"countryCallingCode"`
	PhoneWithCode string `json:"phoneWithCode"`
	PhoneVerified bool   `json:"isPhoneVerified"`

	Username     string `json:"username"`
	Bio          string `json:"bio"`
	Image        Image  `json:"imageURL"`
	Role         Role   `json:"userRole"` // its code is "" for none
	Online       bool   `json:"isOnline"` // what the client API says of users, contacts and participants, and lists of users
	LastLogin    Time   `json:"lastLogin"`
	LastActivity Time   `json:"lastActivity"`
	Created      Time   `json:"created"`
	Updated      Time   `json:"updated"`
	Deleted      Time   `json:"deleted"` // zero for a live account
}

// RoomType says what kind of room it is.
type RoomType int

// The types of rooms. A backend makes groups and transaction rooms, a signed-in user groups; a
// personal room comes with its first message.
const (
	Personal    RoomType = 1
	Group       RoomType = 2
	Channel     RoomType = 3
	Transaction RoomType = 4
)

// Room is a room. A personal one has the name and the picture of the other user.
type Room struct {
	ID        RoomID   `json:"roomID"`
	XCID      string   `json:"xcRoomID"` // your id; "" for one that a backend has not made
	Name      string   `json:"name"`
	Type      RoomType `json:"type"`
	Image     Image    `json:"imageURL"`
	Color     string   `json:"color"`    // hexadecimal digits, "" for none
	Locked    bool     `json:"isLocked"` // only a backend can write
	LockedAt  Time     `json:"lockedTime"`
	Deleted   bool     `json:"isDeleted"`
	DeletedAt Time     `json:"deleted"`
}
