package serverapi

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func putUser(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	up := profile(p)
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := b.PutUser(ctx, up)
	return wire.User{ID: user.ID}, err
}

func deleteUser(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	xcUser := p.Text("xcUserID", chat.MaxXCID)
	if err := p.Err(); err != nil {
		return nil, err
	}
	changed, err := b.DeleteUser(ctx, xcUser)
	message := "The user has been deleted"
	if !changed {
		message = "The user is already deleted"
	}
	return wire.Result{Success: changed, Message: message}, err
}

// profile reads what a backend says of a user.
func profile(p *httpapi.Params) chat.UserUpdate {
	return chat.UserUpdate{
		XCID:           p.Text("xcUserID", chat.MaxXCID),
		Fullname:       p.Text("fullName", chat.MaxFullname),
		Email:          p.OptionalText("email", chat.MaxEmail),
		Phone:          p.OptionalText("phone", chat.MaxPhone),
		Username:       p.OptionalText("username", chat.MaxUsername),
		PhotoThumbnail: p.OptionalText("photoThumbnailURL", chat.MaxURL),
		PhotoFullsize:  p.OptionalText("photoFullsizeURL", chat.MaxURL),
		RoleCode:       p.OptionalText("userRoleCode", chat.MaxRoleCode),

		CountryID:     p.OptionalInt("countryID", 0, chat.MaxCountryID),
		CallingCode:   callingCode(p),
		PhoneWithCode: p.OptionalText("phoneWithCode", chat.MaxPhone),
		PhoneVerified: p.OptionalFlag("isPhoneVerified"),
		Bio:           p.OptionalText("bio", chat.MaxBio),
	}
}

func callingCode(p *httpapi.Params) *string {
	code := p.OptionalText("countryCallingCode", chat.MaxCallingCode)
	if code != nil && !chat.ValidCallingCode(*code) {
		p.Fail(chat.Invalid("countryCallingCode", "must be digits"))
	}
	return code
}

// maxClientText bounds what a backend says of the device that a ticket is for.
const maxClientText = 1000

func requestTicket(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	up := profile(p)
	// Where the user comes from is for the backend's own records; only what cannot be is refused.
	p.TextOr("userIPAddress", maxClientText)
	p.TextOr("userAgent", maxClientText)
	switch p.TextOr("userPlatform", maxClientText) {
	case "", "android", "ios", "web":
	default:
		p.Fail(chat.Invalid("userPlatform", "must be android, ios or web"))
	}
	p.TextOr("userDeviceID", maxClientText)
	if err := p.Err(); err != nil {
		return nil, err
	}
	ticket, user, err := b.RequestTicket(ctx, up)
	return wire.Ticket{Ticket: ticket, User: user.ID}, err
}

func putRole(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	up := chat.RoleUpdate{
		Code:    p.Text("code", chat.MaxRoleCode),
		Name:    p.OptionalText("name", chat.MaxRoleName),
		IconURL: p.OptionalText("iconURL", chat.MaxURL),
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	role, err := b.PutRole(ctx, up)
	return wire.Role{Role: role}, err
}

func deleteRole(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	code := p.Text("code", chat.MaxRoleCode)
	to := p.TextOr("replacementCode", chat.MaxRoleCode)
	if code != "" && code == to {
		p.Fail(chat.Invalid("replacementCode", "must be another role"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	found, moved, more, err := b.DeleteRole(ctx, code, to)
	a := wire.DeletedRole{Result: wire.Result{Success: true, Message: "The role has been deleted"}, Moved: moved, More: more}
	switch {
	case more:
		a.Result = wire.Result{Message: "More users may have the role; call again"}
	case !found:
		a.Result = wire.Result{Message: "There is no such role"}
	}
	return a, err
}

// maxRoles bounds one page of role/list.
const maxRoles = 1000

func roles(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	limit := p.IntOr("limit", maxRoles, 1, maxRoles)
	after := p.TextOr("afterCode", chat.MaxRoleCode)
	if err := p.Err(); err != nil {
		return nil, err
	}
	roles, more, err := b.Roles(ctx, after, limit)
	return wire.Roles{Roles: roles, More: more}, err
}

func syncContacts(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	var changes []chat.ContactChange
	p.Objects("contacts", chat.MaxIDs, func(row *httpapi.Params) {
		changes = append(changes, chat.ContactChange{
			Owner:   row.Text("ownerXCUserID", chat.MaxXCID),
			Contact: row.Text("contactXCUserID", chat.MaxXCID),
			Deleted: row.LooseFlag("isDeleted"),
		})
	})
	if err := p.Err(); err != nil {
		return nil, err
	}
	added, removed, err := b.SyncContacts(ctx, changes)
	return wire.Contacts{Inserted: added, Deleted: removed}, err
}
