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
	for i := range 3 {
		xc := fmt.Sprint("r", i)
		if _, err := b.PutRoom(ctx, client.RoomSettings{XCID: xc, Type: client.Group, Name: xc, Participants: []string{"u1", "u2"}}); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := b.UnreadTotal(ctx, "u1"); err != nil || n != 3 {
		t.Errorf("UnreadTotal: %d, %v", n, err)
	}
	var unread []string
	for r, err := range b.UnreadRooms(ctx, "u1") {
		unread = append(unread, fmt.Sprint(r.XCID, r.Type, r.Unread, err))
	}
	for p, err := range b.UnreadOfParticipants(ctx, "r1") {
		unread = append(unread, fmt.Sprint(p.XCID, p.Unread, err))
	}
	if fmt.Sprint(unread) != "[r02 1 <nil> r12 1 <nil> r22 1 <nil> u11 <nil> u21 <nil>]" {
		t.Errorf("unread: %q", unread)
	}
	if list, err := b.Presences(ctx, "u1", "nobody"); err != nil || len(list) != 1 || list[0].XCID != "u1" || list[0].Online {
		t.Errorf("Presences: %+v, %v", list, err)
	}
	if _, err := b.PutRole(ctx, client.RoleSettings{Code: "agent", Name: new("Agent")}); err != nil {
		t.Error(err)
	}
	if _, err := b.DeleteRole(ctx, "agent", ""); err == nil {
		t.Error("a role that is in use was deleted")
	}
	if deleted, err := b.DeleteRole(ctx, "agent", "helper"); err != nil || !deleted {
		t.Errorf("DeleteRole: %v, %v", deleted, err)
	}
	moved := 0
	for u, err := range b.Users(ctx, client.UserFilter{RoleCode: "helper"}) {
		if moved++; err != nil || u.Role.Code != "helper" {
			t.Errorf("%+v, %v", u, err)
		}
	}
	if moved != 119 {
		t.Errorf("%d users have the other role", moved)
	}
	for r, err := range b.Reports(ctx, "open", "") {
		t.Errorf("a report of nobody: %+v, %v", r, err)
	}
	if _, err := b.ResolveReport(ctx, "1", "kim", "none"); err == nil {
		t.Error("a report that nobody made was resolved")
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
