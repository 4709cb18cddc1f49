package client

import (
	"context"
	"encoding/json"
	"iter"
	"time"
)

// UserState is whether a user can sign in.
type UserState string

// The states of users. A deleted user is not deactivated as well.
const (
	UserActive      UserState = "active"
	UserDeactivated UserState = "deactivated"
	UserDeleted     UserState = "deleted"
)

// ListedUser is a user, with what only backends see of them.
type ListedUser struct {
	User
	Deactivated Time            `json:"deactivated"`
	State       UserState       `json:"state"`
	Data        json.RawMessage `json:"data"` // what SetUserData has stored, an object
}

// UserFilter says which users Users lists. The zero value is all who are not deleted.
type UserFilter struct {
	Text         string    `json:"text,omitzero"` // each word begins one of the full name, or it is the XCID
	RoleCode     string    `json:"userRoleCode,omitzero"`
	State        UserState `json:"state,omitzero"`
	UpdatedSince time.Time `json:"-"`
}

// Users lists the users of the app who pass a filter, page by page while it is ranged over. It ends with
// the first error.
func (b *Backend) Users(ctx context.Context, f UserFilter) iter.Seq2[ListedUser, error] {
	return pages(func(cursor string) (list []ListedUser, next string, err error) {
		var page struct {
			Users      []ListedUser
			NextCursor string
		}
		err = b.do(ctx, "user/list", struct {
			UserFilter
			Since  int64  `json:"updatedSince,omitzero"`
			Cursor string `json:"cursor"`
		}{f, milliseconds(f.UpdatedSince), cursor}, &page)
		return page.Users, page.NextCursor, err
	})
}

// SignOut ends the logins of a user on all devices, and voids the user's tickets. It returns how many logins
// there were.
func (b *Backend) SignOut(ctx context.Context, xcUserID string) (logins int, err error) {
	return b.SignOutDevice(ctx, xcUserID, "")
}

// SignOutDevice is SignOut for one device, which has named itself so when it signed in, and leaves tickets as
// they are.
func (b *Backend) SignOutDevice(ctx context.Context, xcUserID, deviceID string) (logins int, err error) {
	var answer struct{ LoginsEnded int }
	err = b.do(ctx, "user/logout", map[string]string{"xcUserID": xcUserID, "deviceID": deviceID}, &answer)
	return answer.LoginsEnded, err
}

// DeactivateUser signs a user out and keeps them from signing in. It reports whether that is new.
func (b *Backend) DeactivateUser(ctx context.Context, xcUserID string) (changed bool, err error) {
	return b.setUser(ctx, "deactivate", xcUserID)
}

// ReactivateUser lets a user sign in again. It reports whether that is new.
func (b *Backend) ReactivateUser(ctx context.Context, xcUserID string) (changed bool, err error) {
	return b.setUser(ctx, "reactivate", xcUserID)
}

func (b *Backend) setUser(ctx context.Context, path, xcUserID string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "user/"+path, map[string]string{"xcUserID": xcUserID}, &answer)
	return answer.Success, err
}

// SetUserData keeps data, which must marshal to a JSON object, with a user.
func (b *Backend) SetUserData(ctx context.Context, xcUserID string, data any) error {
	return b.do(ctx, "user/data/set", map[string]any{"xcUserID": xcUserID, "data": data}, nil)
}

// UsersByXCID returns up to 100 users by your ids, deleted ones included, in the order of the ids. unknown
// are the ids that nobody has.
func (b *Backend) UsersByXCID(ctx context.Context, xcUserIDs ...string) (users []ListedUser, unknown []string, err error) {
	var answer struct {
		Users            []ListedUser
		UnknownXCUserIDs []string
	}
	err = b.do(ctx, "user/get", map[string]any{"xcUserIDs": xcUserIDs}, &answer)
	return answer.Users, answer.UnknownXCUserIDs, err
}

// UsersByID is UsersByXCID for Parlor's ids.
func (b *Backend) UsersByID(ctx context.Context, ids ...UserID) (users []ListedUser, unknown []UserID, err error) {
	var answer struct {
		Users          []ListedUser
		UnknownUserIDs []UserID
	}
	err = b.do(ctx, "user/get", map[string]any{"userIDs": ids}, &answer)
	return answer.Users, answer.UnknownUserIDs, err
}
