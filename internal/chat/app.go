package chat

import (
	"math"
	"strings"
)

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
	// Rates bound the calls of its callers, on each node.
	Rates Rates
	// FileQuota is how many bytes its files may take together; 0 is as many as the server's settings say, and
	// NoQuota any number.
	FileQuota int64
}

// NoQuota is the FileQuota of an App whose files have no bound, whatever the server's settings say.
const NoQuota = math.MaxInt64

// AppUsage is what an App's files take together.
type AppUsage struct {
	App   App
	Files int64
	Bytes int64
}

// Rates are how many calls an App's callers may make in a minute; 0 is as many as they like.
type Rates struct {
	Backend int // each server key
	User    int // each signed-in user, on all devices together
}

// MaxRate is the highest of Rates.
const MaxRate = 10_000_000

// Validate says whether the numbers can be Rates.
func (r Rates) Validate() error {
	for name, n := range map[string]int{"backend calls": r.Backend, "user calls": r.User} {
		if n < 0 || n > MaxRate {
			return Invalid(name, "must be 0 to %d", MaxRate)
		}
	}
	return nil
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
	Strict    bool   // of a server key: its calls have parameters refused that they do not know
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
	Strict  bool    // the key's
	User    UserID  // 0 for the backend
	Login   Login   // the user's sign-in
}

// Rate is how many calls the caller may make in a minute, 0 for as many as they like. Who only shows an
// app key is nobody whose calls could be counted.
func (c Caller) Rate() int {
	switch {
	case c.User != 0:
		return c.App.Rates.User
	case c.KeyKind == ServerKey:
		return c.App.Rates.Backend
	}
	return 0
}

// IsBackend reports whether the App's backend asks.
func (c Caller) IsBackend() bool { return c.User == 0 }
