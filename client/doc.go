// Package client talks to a Parlor server: as a backend, as a signed-in user, and over a socket.
//
// A backend has a server key. It makes users and rooms, and lets its users sign in:
//
//	backend, err := client.NewBackend(client.Config{URL: "https://chat.example.com", Key: serverKey})
//	room, err := backend.PutRoom(ctx, client.RoomSettings{
//		XCID: "ORD-1001", Type: client.Group, Name: "Order 1001", Participants: []string{"cust-7"},
//	})
//	ticket, err := backend.RequestTicket(ctx, client.Profile{XCID: "cust-7", Fullname: "Ana"})
//
// An app has an app key, which is no secret. Whoever holds a ticket signs in on it, as a device:
//
//	app, err := client.NewApp(client.Config{URL: "https://chat.example.com", Key: appKey})
//	device, err := app.SignIn(ctx, ticket.Text, client.DeviceOptions{ID: "laptop-1", Platform: "web"})
//
// A device reads, writes and marks messages by calls. What happens comes over its stream, which reconnects by
// itself and asks for what was missed:
//
//	stream, err := device.Connect(ctx, client.StreamOptions{})
//	defer stream.Close()
//	for event, err := range stream.Events(ctx) {
//		if err != nil {
//			return err // signed out, or ctx has ended
//		}
//		switch e := event.(type) {
//		case client.MessageSent:
//			text, err := e.Message.Text()
//		case client.MessageChanged:
//			// edited, deleted, read
//		}
//	}
//
// # Errors
//
// What the server refuses is an [*Error] with a code: errors.As finds it, [CodeOf] returns the code. Every other
// error means that no answer came, or none that can be read.
//
// # Repeating
//
// Calls that fail for want of the network, or because the server is busy or away, are repeated a few times with
// growing pauses, unless a second time could do harm. Messages have a LocalID, made by the sender, so that one
// that is sent again is stored once. Whoever has to be sure beyond one call makes it with [NewLocalID], keeps it,
// and sends the message with it until that succeeds.
//
// # Texts
//
// PowerTalk's wire enciphers what messages say. This package does so by itself in both directions:
// [Message.Text] reads what came, and drafts are plain. It is no secrecy; use https.
package client
