package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestListedUsers(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	var last client.UserID
	for i := range 120 { // more than a page
		id, err := b.PutUser(ctx, client.Profile{XCID: fmt.Sprint("u", i), Fullname: fmt.Sprint("Ana ", i), RoleCode: new("agent")})
		if err != nil {
			t.Fatal(err)
		}
		last = id
	}
	if _, err := b.DeleteUser(ctx, "u7"); err != nil {
		t.Fatal(err)
	}
	count := func(f client.UserFilter) (n int) {
		for u, err := range b.Users(ctx, f) {
			if err != nil || u.Role.Code != "agent" || string(u.Data) != "{}" {
				t.Fatalf("%+v, %v", u, err)
			}
			n++
		}
		return n
	}
	for want, f := range map[int]client.UserFilter{
		119: {}, 1: {State: client.UserDeleted}, 11: {Text: "an 11", State: client.UserActive},
		0: {UpdatedSince: time.Now().Add(time.Hour)},
	} {
		if got := count(f); got != want {
			t.Errorf("%+v: %d users, want %d", f, got, want)
		}
	}
	if err := b.SetUserData(ctx, "u8", map[string]int{"seats": 3}); err != nil {
		t.Error(err)
	}
	if n, err := b.SignOut(ctx, "u8"); err != nil || n != 0 {
		t.Errorf("SignOut: %d, %v", n, err)
	}
	if changed, err := b.DeactivateUser(ctx, "u9"); err != nil || !changed {
		t.Errorf("DeactivateUser: %v, %v", changed, err)
	}
	if _, err := b.RequestTicket(ctx, client.Profile{XCID: "u9", Fullname: "Ana 9"}); err == nil {
		t.Error("a ticket for a deactivated user")
	}
	if got := count(client.UserFilter{State: client.UserDeactivated}); got != 1 {
		t.Errorf("%d deactivated users", got)
	}
	if changed, err := b.ReactivateUser(ctx, "u9"); err != nil || !changed {
		t.Errorf("ReactivateUser: %v, %v", changed, err)
	}
	users, unknown, err := b.UsersByXCID(ctx, "u7", "nobody", "u8")
	if err != nil || len(users) != 2 || users[0].State != client.UserDeleted || users[0].Deleted.IsZero() ||
		string(users[1].Data) != `{"seats":3}` || !slices.Equal(unknown, []string{"nobody"}) {
		t.Errorf("UsersByXCID: %+v, %q, %v", users, unknown, err)
	}
	byID, none, err := b.UsersByID(ctx, last, "0")
	if err != nil || len(byID) != 1 || byID[0].XCID != "u119" || !slices.Equal(none, []client.UserID{"0"}) {
		t.Errorf("UsersByID: %+v, %q, %v", byID, none, err)
	}
}
