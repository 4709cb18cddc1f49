package client

import (
	"cmp"
	"context"
	"iter"
)

// Profile is what a backend says of a user. A nil field keeps what is stored; one that is set replaces
// it, new("") included.
type Profile struct {
	XCID         string  `json:"xcUserID"` // your id
	Fullname     string  `json:"fullName"`
	Email        *string `json:"email,omitzero"`
	Phone        *string `json:"phone,omitzero"`
	Username     *string `json:"username,omitzero"` // unique in the app
	ThumbnailURL *string `json:"photoThumbnailURL,omitzero"`
	FullsizeURL  *string `json:"photoFullsizeURL,omitzero"`
	RoleCode     *string `json:"userRoleCode,omitzero"` // the user enters and leaves rooms with it

	CountryID     *int64  `json:"countryID,omitzero"`          // a number of yours
	CallingCode   *string `json:"countryCallingCode,omitzero"` // digits, without a plus
	PhoneWithCode *string `json:"phoneWithCode,omitzero"`      // address books find the user by it
	PhoneVerified *bool   `json:"isPhoneVerified,omitzero"`
	Bio           *string `json:"bio,omitzero"`
}

// PutUser makes the user of this XCID, or changes them, and brings back one who was deleted.
func (b *Backend) PutUser(ctx context.Context, p Profile) (UserID, error) {
	var answer struct{ UserID UserID }
	err := b.do(ctx, "user/update", p, &answer)
	return answer.UserID, err
}

// DeleteUser deletes a user: their devices are signed out and their personal rooms closed. It reports
// whether there was something to do.
func (b *Backend) DeleteUser(ctx context.Context, xcUserID string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "user/delete", struct {
		XCID string `json:"xcUserID"`
	}{xcUserID}, &answer)
	return answer.Success, err
}

// Ticket lets one device sign in as a user, once, within an hour. Give its Text to the app.
type Ticket struct {
	Text   string `json:"ticket"`
	UserID UserID `json:"userID"`
}

// RequestTicket makes or changes a user, as PutUser does, and returns a ticket for them. Know who is there
// before you hand it out. The call is not repeated when its outcome is unknown: call again, and the first
// ticket expires.
func (b *Backend) RequestTicket(ctx context.Context, p Profile) (t Ticket, err error) {
	return t, b.server.do(ctx, call{path: "server/auth_ticket/request", in: p, once: true}.keyed(ctx), &t)
}

// ContactChange adds a contact or deletes it. Contacts go one way.
type ContactChange struct {
	Owner   string `json:"ownerXCUserID"`
	Contact string `json:"contactXCUserID"`
	Delete  bool   `json:"isDeleted"`
}

// SyncContacts adds and deletes contacts, 10,000 at most, and counts what has really changed. Users who
// do not exist are skipped.
func (b *Backend) SyncContacts(ctx context.Context, changes []ContactChange) (added, deleted int, err error) {
	var answer struct{ CountInserted, CountDeleted int }
	err = b.do(ctx, "contact/sync", struct {
		Contacts []ContactChange `json:"contacts"`
	}{changes}, &answer)
	return answer.CountInserted, answer.CountDeleted, err
}

// RoleSettings describe a role. A nil field keeps what is stored.
type RoleSettings struct {
	Code    string  `json:"code"`
	Name    *string `json:"name,omitzero"`
	IconURL *string `json:"iconURL,omitzero"`
}

// PutRole gives a role a name and an icon.
func (b *Backend) PutRole(ctx context.Context, r RoleSettings) (Role, error) {
	var answer struct{ Role Role }
	err := b.do(ctx, "role/create_or_update", r, &answer)
	return answer.Role, err
}

// Roles lists the roles that were described, by their codes, and says whether there are more behind. It
// begins after a code, "" for the first; limit 0 means 1,000.
func (b *Backend) Roles(ctx context.Context, afterCode string, limit int) (roles []Role, more bool, err error) {
	var answer struct {
		Roles   []Role
		HasMore bool
	}
	err = b.do(ctx, "role/list", struct {
		After string `json:"afterCode,omitzero"`
		Limit int    `json:"limit,omitzero"`
	}{afterCode, limit}, &answer)
	return answer.Roles, answer.HasMore, err
}

// DeleteRole forgets a role. Where users have it they are given another one, however many there are; without
// a replacement, or while rooms take in its users, it fails. It reports whether the role was described.
func (b *Backend) DeleteRole(ctx context.Context, code, replacementCode string) (deleted bool, err error) {
	for n, more := 0, true; more && err == nil; n++ {
		var answer struct{ Success, HasMore bool }
		err = b.do(nthCall(ctx, n), "role/delete", map[string]string{"code": code, "replacementCode": replacementCode}, &answer)
		deleted, more = answer.Success, answer.HasMore
	}
	return deleted, err
}

// Report is what a user has reported: another user, or a message.
type Report struct {
	ID            string   `json:"reportID"`
	Category      string   `json:"category"`
	OtherCategory bool     `json:"isOtherCategory"` // it is none of the app's options
	Reason        string   `json:"reason"`
	Created       Time     `json:"created"`
	Resolved      Time     `json:"resolved"` // zero while it is open
	ResolvedBy    string   `json:"resolvedBy"`
	Note          string   `json:"note"`
	Reporter      User     `json:"reporter"`
	User          User     `json:"user"`    // who is reported; of a message its sender
	Message       *Message `json:"message"` // as it is now, nil where it is a user, and where it is no longer kept
}

// Reports lists what users have reported, the oldest first, page by page while it is ranged over: all for "", or
// those that are open or resolved. It begins after an id, "" for the first, and ends with the first error.
func (b *Backend) Reports(ctx context.Context, state, afterReportID string) iter.Seq2[Report, error] {
	return pages(func(cursor string) (list []Report, next string, err error) {
		var page struct {
			Reports []Report
			HasMore bool
		}
		err = b.do(ctx, "report/list", map[string]string{"state": state, "afterReportID": cmp.Or(cursor, afterReportID)}, &page)
		if n := len(page.Reports); page.HasMore && n > 0 {
			next = page.Reports[n-1].ID
		}
		return page.Reports, next, err
	})
}

// ResolveReport notes that something was made of a report, by whom and what, in words of yours. It reports
// whether the report was open.
func (b *Backend) ResolveReport(ctx context.Context, reportID, resolvedBy, note string) (changed bool, err error) {
	var answer struct{ Success bool }
	err = b.do(ctx, "report/resolve", map[string]string{"reportID": reportID, "resolvedBy": resolvedBy, "note": note}, &answer)
	return answer.Success, err
}
