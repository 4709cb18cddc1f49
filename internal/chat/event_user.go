package chat

// UserUpdated says that a user has another profile, or was deleted. Recorded, delivered as it comes.
type UserUpdated struct {
	Change
	App  AppID  `json:"app"`
	User UserID `json:"user"`
}

// Kind is "user.updated".
func (*UserUpdated) Kind() string { return "user.updated" }

// RolesChanged says that others hold a role of an App than before, and with that who is in
// which room.
// Recorded, delivered as it comes.
type RolesChanged struct {
	Change
	App   AppID    `json:"app"`
	Users []UserID `json:"users,omitempty"` // who hold another role
}

// Kind is "roles.changed".
func (*RolesChanged) Kind() string { return "roles.changed" }

// LoginsEnded says that sign-ins are over, and their sessions are to be closed. Recorded, delivered
// as it comes, ahead of what waits in the order of rooms.
type LoginsEnded struct {
	Change
	App    AppID     `json:"app"`
	Logins []LoginID `json:"logins,omitempty"`
}

// Kind is "logins.ended".
func (*LoginsEnded) Kind() string { return "logins.ended" }

// DeviceBehind says that a device has missed more than one answer holds and is to be fed the rest,
// on whichever node it is connected. Of the moment, delivered as it comes.
type DeviceBehind struct {
	App    AppID  `json:"app"`
	User   UserID `json:"user"`
	Device string `json:"device"`
}

// Kind is "device.behind".
func (*DeviceBehind) Kind() string { return "device.behind" }

// PresenceChanged says that a user has come online, or gone. Of the moment, delivered as it comes.
type PresenceChanged struct {
	App      AppID    `json:"app"`
	User     UserID   `json:"user"`
	Online   bool     `json:"online"`
	At       int64    `json:"at,omitempty"` // Unix ms
	Node     string   `json:"node"`         // which saw it
	Audience []UserID `json:"audience,omitempty"`
}

// Kind is "presence.changed".
func (*PresenceChanged) Kind() string { return "presence.changed" }
