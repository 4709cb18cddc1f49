package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

func TestStream(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()
	ana, bo := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b")
	room := group(t, b, "room", "ana", "bo")
	from, to := connect(t, ana, client.StreamOptions{}), connect(t, bo, client.StreamOptions{})
	next[client.Connected](t, to, nil)

	sent, err := from.Send(ctx, client.Draft{
		RoomID: room, Text: "hello {{sender}}", Quote: &client.Quote{Title: "T", Content: "quoted"},
		ReplyTo: &client.Reference{MessageID: "7", UserID: bo.UserID()},
	})
	if err != nil || sent.ID == "" || sent.Created.IsZero() {
		t.Fatalf("Send: %+v, %v", sent, err)
	}
	got := next(t, to, func(e client.MessageSent) bool { return e.Message.ID == sent.ID }).Message
	text, _ := got.Text()
	quoted, _ := got.QuotedText()
	if text != "hello {{sender}}" || quoted != "quoted" || got.ReplyTo.MessageID != "7" || got.Sender.XCID != "ana" {
		t.Errorf("what came is %+v", got)
	}
	// Once more the same is stored once, and shown to the sender only.
	again, err := from.Send(ctx, client.Draft{RoomID: room, LocalID: sent.LocalID, Text: "hello {{sender}}"})
	if err != nil || again.ID != sent.ID {
		t.Errorf("Send of the same: %+v, %v", again, err)
	}
	edited, err := from.Edit(ctx, client.Draft{LocalID: sent.LocalID, Text: "good bye"})
	if err != nil || !edited.Edited {
		t.Errorf("Edit: %+v, %v", edited, err)
	}
	changed := next[client.MessageChanged](t, to, nil).Message
	if text, _ := changed.Text(); changed.ID != sent.ID || text != "good bye" {
		t.Errorf("the change is %q of %+v", text, changed)
	}
	if err := from.Typing(room, true); err != nil {
		t.Fatal(err)
	}
	if e := next[client.Typing](t, to, nil); !e.On || e.RoomID != room || e.User.ID != ana.UserID() {
		t.Errorf("typing: %+v", e)
	}
	if _, err := ana.DeleteMessages(ctx, room, sent.ID); err != nil {
		t.Fatal(err)
	}
	next(t, to, func(e client.MessageChanged) bool { return e.Message.ID == sent.ID && e.Message.Deleted })

	// A personal room shows who is there, and what is set on one device comes to the other.
	if _, err := from.Send(ctx, client.Draft{RoomID: ana.PersonalRoom(bo.UserID()), Text: "psst"}); err != nil {
		t.Fatal(err)
	}
	if text := nextText(t, to); text != "psst" {
		t.Errorf("the personal message is %q", text)
	}
	second := signIn(t, s, "bo", "b2")
	if _, err := second.MuteRooms(ctx, time.Time{}, room); err != nil {
		t.Fatal(err)
	}
	if e := next[client.RoomPreference](t, to, nil); e.Change != client.RoomMuted || e.Room.ID != room || !e.Until.IsZero() {
		t.Errorf("the preference: %+v", e)
	}
	from.Close()
	if e := next(t, to, func(e client.Presence) bool { return !e.Online }); e.User.ID != ana.UserID() {
		t.Errorf("presence: %+v", e)
	}
	if _, err := from.Send(ctx, client.Draft{RoomID: room, Text: "too late"}); !errors.Is(err, client.ErrClosed) {
		t.Errorf("Send after Close: %v", err)
	}
}

func TestLockedRoom(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()
	stream := connect(t, signIn(t, s, "ana", "a"), client.StreamOptions{})
	room, open := group(t, b, "locked", "ana"), group(t, b, "open", "ana")
	if _, err := b.LockRoom(ctx, "locked", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Send(ctx, client.Draft{RoomID: room, Text: "hello"}); !errors.Is(err, client.ErrRoomLocked) {
		t.Errorf("Send into a locked room: %v", err)
	}
	if _, err := stream.Send(ctx, client.Draft{RoomID: open, Text: "hello"}); err != nil {
		t.Errorf("Send into an open one: %v", err)
	}
	if _, err := b.UnlockRoom(ctx, "locked", "ana"); err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Send(ctx, client.Draft{RoomID: room, Text: "hello"}); err != nil {
		t.Errorf("Send into the room once it is open: %v", err)
	}
}

// TestNoEcho sends what the server refuses in silence.
func TestNoEcho(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	stream := connect(t, signIn(t, s, "ana", "a"), client.StreamOptions{EchoTimeout: 200 * time.Millisecond})
	room := group(t, backendOf(t, s), "of others")
	if _, err := stream.Send(t.Context(), client.Draft{RoomID: room, Text: "hello"}); !errors.Is(err, client.ErrNoEcho) {
		t.Errorf("Send into a room of others: %v", err)
	}
	if _, err := stream.Send(t.Context(), client.Draft{RoomID: room, LocalID: "short"}); !errors.Is(err, client.ErrLocalID) {
		t.Errorf("Send of a localID that is none: %v", err)
	}
}

func TestSignedOutElsewhere(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	d := signIn(t, s, "ana", "a")
	stream := connect(t, d, client.StreamOptions{})
	if err := d.SignOut(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for _, err := range stream.Events(ctx) {
		if err != nil && !client.IsSignedOut(err) {
			t.Errorf("the stream has ended with %v", err)
		}
	}
}

// TestExpiredWhileConnected has the server close a socket whose token has expired.
func TestExpiredWhileConnected(t *testing.T) {
	cfg := servertest.SQLite(t)
	cfg.AccessLifetime = 2 * time.Second
	s := servertest.Start(t, cfg, nil)
	b := backendOf(t, s)
	d := signIn(t, s, "ana", "a")
	group(t, b, "room", "ana")
	stream := connect(t, d, client.StreamOptions{})
	next(t, stream, func(e client.Connected) bool { return e.Again })
	if _, err := b.Send(t.Context(), client.BackendMessage{Text: "still there?", SenderXCID: "ana", XCRoomID: "room"}); err != nil {
		t.Fatal(err)
	}
	if text := nextText(t, stream); text != "still there?" {
		t.Errorf("the message is %q", text)
	}
}

// TestSlowConsumer has more come than a queue takes. All of it arrives, in order.
func TestSlowConsumer(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	b, ctx := backendOf(t, s), t.Context()
	bo := signIn(t, s, "bo", "b")
	group(t, b, "room", "ana", "bo")
	signIn(t, s, "ana", "a")
	if _, err := b.AddParticipants(ctx, "room", "ana"); err != nil {
		t.Fatal(err)
	}
	stream := connect(t, bo, client.StreamOptions{Queue: 8})
	next[client.Connected](t, stream, nil)
	const n = 100
	for i := range n {
		if _, err := b.Send(ctx, client.BackendMessage{Text: fmt.Sprint(i), SenderXCID: "ana", XCRoomID: "room"}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		if text := nextText(t, stream); text != fmt.Sprint(i) {
			t.Fatalf("message %d is %q", i, text)
		}
	}
}
