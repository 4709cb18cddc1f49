package client_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestLeave: a user's data is exported and the user erased, and the audit log says by whom.
func TestLeave(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	if _, err := b.PutUser(ctx, client.Profile{XCID: "ana", Fullname: "Ana"}); err != nil {
		t.Fatal(err)
	}
	x, err := b.ExportUser(ctx, "ana")
	for err == nil && x.State == "running" {
		x, err = b.Export(ctx, x.ID)
	}
	if err != nil || x.State != "finished" || x.Archive == nil || !strings.Contains(x.Archive.URL, "/files/") || x.Archive.Size == 0 {
		t.Errorf("export: %+v, %v", x, err)
	}
	e, err := b.EraseUser(ctx, "ana")
	for err == nil && !e.Done() {
		e, err = b.Erasure(ctx, e.ID)
	}
	if err != nil || e.Receipt == "" || e.ReceiptKey == nil || e.ReceiptKey.Curve != "Ed25519" {
		t.Errorf("erasure: %+v, %v", e, err)
	}
	if _, err := b.EraseUser(ctx, "ana"); client.CodeOf(err) != client.CodeNotFound {
		t.Errorf("erase again: %v", err)
	}
	var actions []string
	for entry, err := range b.Audit(ctx, client.AuditFilter{ObjectType: "user", ObjectID: "ana"}) {
		if err != nil {
			t.Fatal(err)
		}
		actions = append(actions, entry.Action+" "+entry.Result)
	}
	want := "[/server/user/erase not_found /server/user/erase ok /server/user/export ok /server/user/update ok]"
	if got := fmt.Sprint(actions); got != want {
		t.Errorf("the audit log has\n%s, want\n%s", got, want)
	}
}

// TestAuditPages: the whole log is ranged over, however long it is, and only what was asked for.
func TestAuditPages(t *testing.T) {
	b, ctx := backendOf(t, servertest.Start(t, servertest.SQLite(t), nil)), t.Context()
	const users = 230 // more than two pages
	for i := range users {
		if _, err := b.PutUser(ctx, client.Profile{XCID: fmt.Sprint("u", i), Fullname: "U"}); err != nil {
			t.Fatal(err)
		}
	}
	count := func(f client.AuditFilter) (n int) {
		seen := map[string]bool{}
		for entry, err := range b.Audit(ctx, f) {
			if err != nil || seen[entry.ID] {
				t.Fatalf("%+v, %v", entry, err)
			}
			seen[entry.ID] = true
			n++
		}
		return n
	}
	for want, f := range map[int]client.AuditFilter{
		users: {Action: "/server/user/update"}, 1: {ObjectType: "user", ObjectID: "u7"}, 0: {From: time.Now().Add(time.Hour)},
	} {
		if got := count(f); got != want {
			t.Errorf("%+v: %d entries, want %d", f, got, want)
		}
	}
}

func TestBeforeHookCalls(t *testing.T) {
	cfg := servertest.SQLite(t)
	cfg.WebhookPrivateNetwork = true
	b, ctx := backendOf(t, servertest.Start(t, cfg, nil)), t.Context()
	if _, ok, err := b.BeforeHook(ctx); ok || err != nil {
		t.Errorf("before one is set: %v, %v", ok, err)
	}
	set, err := b.SetBeforeHook(ctx, client.BeforeHook{URL: "http://127.0.0.1:9/ask", Timeout: 300 * time.Millisecond, Refuse: true})
	if err != nil || !strings.HasPrefix(set.Secret, "whsec_") || !set.Refuse {
		t.Fatalf("%+v, %v", set, err)
	}
	got, ok, err := b.BeforeHook(ctx)
	if set.Secret = ""; err != nil || !ok || got != set {
		t.Errorf("%+v, %v, %v; want %+v", got, ok, err, set)
	}
	if err := b.DeleteBeforeHook(ctx); err != nil {
		t.Error(err)
	}
	if _, ok, err := b.BeforeHook(ctx); ok || err != nil {
		t.Errorf("after its end: %v, %v", ok, err)
	}
}
