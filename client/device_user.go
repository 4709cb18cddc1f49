package client

import "context"

// User returns a user of the app, also one who was deleted.
func (d *Device) User(ctx context.Context, id UserID) (User, error) {
	return d.user(ctx, "client/user/get_by_id", struct {
		ID UserID `json:"id"`
	}{id})
}

// UserByXCID returns the user of your id.
func (d *Device) UserByXCID(ctx context.Context, xcUserID string) (User, error) {
	return d.user(ctx, "client/user/get_by_xcuserid", struct {
		XCID string `json:"xcUserID"`
	}{xcUserID})
}

// UserByUsername returns the user of a username, in whatever case.
func (d *Device) UserByUsername(ctx context.Context, username string) (User, error) {
	return d.user(ctx, "client/user/get_by_username", struct {
		Username   string `json:"username"`
		IgnoreCase bool   `json:"ignoreCase"`
	}{username, true})
}

func (d *Device) user(ctx context.Context, path string, in any) (User, error) {
	var answer struct{ User User }
	err := d.do(ctx, path, in, &answer)
	return answer.User, err
}

// Users returns those of the users that exist, in the order asked for.
func (d *Device) Users(ctx context.Context, ids ...UserID) ([]User, error) {
	var answer struct{ Users []User }
	err := d.do(ctx, "client/user/get_all_by_ids", struct {
		IDs []UserID `json:"ids"`
	}{ids}, &answer)
	return answer.Users, err
}

// Contacts returns the user's contacts, by name.
func (d *Device) Contacts(ctx context.Context) ([]User, error) {
	var answer struct{ Contacts []struct{ User User } }
	err := d.do(ctx, "client/contact/list", nil, &answer)
	users := make([]User, 0, len(answer.Contacts))
	for _, c := range answer.Contacts {
		users = append(users, c.User)
	}
	return users, err
}

type oneUser struct {
	UserID UserID `json:"userID"`
}

// AddContact puts a user into the contacts.
func (d *Device) AddContact(ctx context.Context, id UserID) error {
	return d.do(ctx, "client/contact/add", oneUser{id}, nil)
}

// RemoveContact takes a user out of the contacts.
func (d *Device) RemoveContact(ctx context.Context, id UserID) error {
	return d.do(ctx, "client/contact/remove", oneUser{id}, nil)
}
