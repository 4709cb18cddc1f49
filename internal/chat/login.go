package chat

// LoginID names a Login.
type LoginID int64

// Login is one sign-in of a user on one device, from the ticket that it was bought with
// to its logout.
type Login struct {
	ID       LoginID
	App      AppID
	User     UserID
	Device   string // the device's own id, "" when it gave none
	Platform string
	// AccessExpiry is when the access token in use expires, in Unix ms. Clients sign with it.
	AccessExpiry int64
}

// TokenInvalid says that a token, or the login that it belongs to, is not known, or not
// any more.
func TokenInvalid() error {
	return Errorf(CodeTokenInvalid, "The token is invalid; sign in again")
}

// Tokens is what a device gets for a ticket or for a refresh token. The secrets are in no
// other place.
type Tokens struct {
	Access        string
	AccessExpiry  int64 // Unix ms
	Refresh       string
	RefreshExpiry int64 // Unix ms
	Login         Login
}

// Device says on which machine a user signs in.
type Device struct {
	ID       string
	Platform string
}

// Sizes of what devices say of themselves.
const (
	MaxDeviceID = 255
	MaxPlatform = 20
	MaxToken    = 200 // bytes
	// MaxLogins is how many sign-ins of one user stand at a time; a further one ends the oldest.
	MaxLogins = 100
)
