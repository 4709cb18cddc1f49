package upgrade

import (
	"encoding/json"
	"testing"

	"parlor/test/env/servertest"
)

// logins are the credentials in a database, which keeps only their hashes.
type logins struct {
	Ticket    string // was not exchanged
	Revoked   string // a server key, id:secret
	Other     keys   // of the second App
	Devices   map[string]login
	SignedOut login
	OfDeleted login // its user was deleted
}

type keys struct{ Server, App string }

// login is what a device has stored of its own.
type login struct {
	UserID, Name, Access, Refresh string
}

func loginOf(d *servertest.Device) login {
	return login{UserID: d.UserID, Name: d.Name, Access: d.Access, Refresh: d.Refresh}
}

// device is a login in use.
func (l login) device(a *servertest.App) *servertest.Device {
	return &servertest.Device{App: a, UserID: l.UserID, Name: l.Name, Access: l.Access, Refresh: l.Refresh}
}

func (l logins) encode(t *testing.T) []byte {
	t.Helper()
	text, err := json.MarshalIndent(l, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return append(text, '\n')
}
