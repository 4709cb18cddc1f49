package client

import "context"

// SetBio changes what the user says of themselves.
func (d *Device) SetBio(ctx context.Context, bio string) (User, error) {
	return d.user(ctx, "client/user/update_bio", struct {
		Bio string `json:"bio"`
	}{bio})
}

// Block has the user hear no more of another, who is not told: neither in their personal room nor
// whether the other is online.
func (d *Device) Block(ctx context.Context, id UserID) error {
	return d.do(ctx, "client/contact/block", oneUser{id}, nil)
}

// Unblock ends a block. What the other wrote meanwhile does not come.
func (d *Device) Unblock(ctx context.Context, id UserID) error {
	return d.do(ctx, "client/contact/unblock", oneUser{id}, nil)
}

// Blocked returns the users whom the user has blocked, by name.
func (d *Device) Blocked(ctx context.Context) ([]User, error) {
	var answer struct{ BlockedContacts []User }
	err := d.do(ctx, "client/contact/get_blocked_list", nil, &answer)
	return answer.BlockedContacts, err
}
