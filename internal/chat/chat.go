// Package chat is Parlor's vocabulary: Apps and their keys, Users, Roles, Rooms,
// Participants and Messages, what makes each of them valid, and the errors a caller
// may see. It knows neither SQL nor HTTP and imports only the standard library.
package chat

import "strconv"

// AppID names an App, a customer's project. Everything else belongs to exactly one App.
type AppID int64

// UserID names a User. On the wire it is decimal text; it stays below 2^31, because
// mobile SDKs parse it as a 32-bit integer.
type UserID int64

// RoomID names a Room inside Parlor. What clients see is Room.PublicID.
type RoomID int64

// MessageID names a Message. It increases within a Room and stays below 2^53.
type MessageID int64

// String returns the wire form, "0" when there is no user.
func (id UserID) String() string { return strconv.FormatInt(int64(id), 10) }

// String returns the wire form, "0" when the message is not stored yet.
func (id MessageID) String() string { return strconv.FormatInt(int64(id), 10) }

// Image is a picture in two sizes, as absolute URLs that Parlor stores and never fetches.
type Image struct {
	Thumbnail string
	Fullsize  string
}
