package chat

// User is a person, or the App itself, as it appears in rooms and messages.
type User struct {
	ID             UserID
	App            AppID
	XCID           string // the customer's own id; "" for the App's system user
	Fullname       string
	Email          string
	Phone          string // as the customer gave it; nothing is derived from it
	CountryID      int64  // the customer's own number of a country, 0 for none
	CallingCode    string // of that country, digits without a plus
	PhoneWithCode  string
	PhoneVerified  bool
	Username       string
	Bio            string // what the user says of themselves
	Photo          Image
	Role           Role // Name and IconURL are empty when the role was never described
	LastLoginAt    int64
	LastActivityAt int64
	CreatedAt      int64
	UpdatedAt      int64
	DeletedAt      int64 // Unix ms, 0 for a live user
	DeactivatedAt  int64 // likewise: since when the user may not sign in
	Online         bool
}

// UserUpdate creates or changes a User. A nil field keeps what is stored.
type UserUpdate struct {
	XCID           string
	Fullname       string
	Email          *string
	Phone          *string
	CountryID      *int64
	CallingCode    *string
	PhoneWithCode  *string
	PhoneVerified  *bool
	Username       *string
	Bio            *string
	PhotoThumbnail *string
	PhotoFullsize  *string
	RoleCode       *string
}

// Apply returns u with the update's fields in place.
func (up UserUpdate) Apply(u User) User {
	u.XCID, u.Fullname = up.XCID, up.Fullname
	set(&u.Email, up.Email)
	set(&u.Phone, up.Phone)
	set(&u.CountryID, up.CountryID)
	set(&u.CallingCode, up.CallingCode)
	set(&u.PhoneWithCode, up.PhoneWithCode)
	set(&u.PhoneVerified, up.PhoneVerified)
	set(&u.Username, up.Username)
	set(&u.Bio, up.Bio)
	set(&u.Photo.Thumbnail, up.PhotoThumbnail)
	set(&u.Photo.Fullsize, up.PhotoFullsize)
	set(&u.Role.Code, up.RoleCode)
	return u
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

// Role groups Users. Rooms can take in everybody of a role, now and later.
type Role struct {
	Code    string
	Name    string
	IconURL string
}

// RoleUpdate creates or changes a Role. A nil field keeps what is stored.
type RoleUpdate struct {
	Code    string
	Name    *string
	IconURL *string
}

// Apply returns r with the update's fields in place.
func (up RoleUpdate) Apply(r Role) Role {
	r.Code = up.Code
	set(&r.Name, up.Name)
	set(&r.IconURL, up.IconURL)
	return r
}

// ContactChange adds or deletes one one-way contact, named by the customer's ids.
type ContactChange struct {
	Owner   string
	Contact string
	Deleted bool
}
