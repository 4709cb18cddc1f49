package chat

import "strings"

// The App that is made at the first start.
const (
	DefaultApp      = "default"
	DefaultAppTitle = "Parlor"
)

// App is a customer's project: a world of its own, with its users, rooms and keys.
type App struct {
	ID        AppID
	Name      string // for operators
	Title     string // for people: who speaks when the App itself does
	CreatedAt int64  // Unix ms
	// SystemUser speaks for the App in system messages that name no acting user. Its
	// fullname is the title.
	SystemUser UserID
}

// ValidateAppName says whether name can name an App.
func ValidateAppName(name string) error {
	if err := Text("name", name, 1, MaxAppName); err != nil {
		return err
	}
	if strings.TrimSpace(name) != name {
		return Invalid("name", "must not begin or end with a space")
	}
	return nil
}

// AppTitle is the title of an App that was given none.
func AppTitle(name string) string {
	if name == DefaultApp {
		return DefaultAppTitle
	}
	return name
}

// ValidateAppTitle says whether title can be shown to people as an App's.
func ValidateAppTitle(title string) error {
	if err := Text("title", title, 1, MaxAppName); err != nil {
		return err
	}
	if strings.TrimSpace(title) != title {
		return Invalid("title", "must not begin or end with a space")
	}
	return nil
}

// KeyKind tells the customer's backend (server) from the apps that embed an SDK (app).
type KeyKind string

// The two kinds of keys.
const (
	ServerKey KeyKind = "server"
	AppKey    KeyKind = "app"
)

// Key lets a program speak for an App. The secret itself is shown once and never stored.
type Key struct {
	ID        string
	App       AppID
	Kind      KeyKind
	Label     string
	Salt      []byte
	Hash      []byte // SHA-256 of salt and secret
	CreatedAt int64  // Unix ms
	RevokedAt int64  // Unix ms, 0 while the key is valid
}

// ValidateKeyID says whether id can name a key: it travels before a colon.
func ValidateKeyID(id string) error {
	if err := Text("id", id, 1, MaxKeyID); err != nil {
		return err
	}
	if strings.ContainsAny(id, ": \t\r\n") {
		return Invalid("id", "must contain neither a colon nor white space")
	}
	return nil
}

// Caller is who asks: the App's backend, proven by a server key, or a
// user's device, proven by an app key and an access token.
type Caller struct {
	App     App
	KeyID   string  // the key that was shown
	KeyKind KeyKind // an app key alone proves nothing: it is in every app
	User    UserID  // 0 for the backend
	Login   Login   // the user's sign-in
}

// IsBackend reports whether the App's backend asks.
func (c Caller) IsBackend() bool { return c.User == 0 }
