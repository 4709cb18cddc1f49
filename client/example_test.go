package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"strings"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// A backend lets two users sign in, and one writes to the other.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	server := servertest.ForExamples() // yours is at an address such as https://chat.example.com
	backend, err := client.NewBackend(client.Config{URL: server.URL, Key: servertest.ServerKey})
	if err != nil {
		log.Fatal(err)
	}
	app, err := client.NewApp(client.Config{URL: server.URL, Key: servertest.AppKey})
	if err != nil {
		log.Fatal(err)
	}
	signIn := func(xcUserID, name string) *client.Device {
		ticket, err := backend.RequestTicket(ctx, client.Profile{XCID: xcUserID, Fullname: name})
		if err != nil {
			log.Fatal(err)
		}
		device, err := app.SignIn(ctx, ticket.Text, client.DeviceOptions{ID: "laptop of " + xcUserID, Platform: "web"})
		if err != nil {
			log.Fatal(err)
		}
		return device
	}
	ana, kim := signIn("cust-7", "Ana"), signIn("staff-2", "Kim")

	inbox, err := kim.Connect(ctx, client.StreamOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer inbox.Close()
	outbox, err := ana.Connect(ctx, client.StreamOptions{})
	if err != nil {
		log.Fatal(err)
	}
	defer outbox.Close()
	if _, err := outbox.Send(ctx, client.Draft{RoomID: ana.PersonalRoom(kim.UserID()), Text: "Where is my order?"}); err != nil {
		log.Fatal(err)
	}
	for event, err := range inbox.Events(ctx) {
		if err != nil {
			log.Fatal(err)
		}
		if e, ok := event.(client.MessageSent); ok {
			text, err := e.Message.Text()
			if err != nil {
				log.Fatal(err)
			}
			fmt.Printf("%s: %s\n", e.Message.Sender.Fullname, text)
			break
		}
	}
	// Output: Ana: Where is my order?
}

// A message with a LocalID of your own is stored once, however often it is sent.
func ExampleBackend_Send() {
	ctx := context.Background()
	backend, err := client.NewBackend(client.Config{URL: servertest.ForExamples().URL, Key: servertest.ServerKey})
	if err != nil {
		log.Fatal(err)
	}
	if _, err := backend.PutUser(ctx, client.Profile{XCID: "staff-3", Fullname: "Noor"}); err != nil {
		log.Fatal(err)
	}
	if _, err := backend.PutRoom(ctx, client.RoomSettings{XCID: "ORD-1001", Type: client.Group, Name: "Order 1001"}); err != nil {
		log.Fatal(err)
	}
	for range 2 {
		sent, err := backend.Send(ctx, client.BackendMessage{
			LocalID: "ORD-1001_shipped_notice_0001", Text: "Your order has shipped",
			SenderXCID: "staff-3", XCRoomID: "ORD-1001",
		})
		fmt.Println("stored before:", sent.Repeated, err)
	}
	// Output:
	// stored before: false <nil>
	// stored before: true <nil>
}

// A file is uploaded first, and then a message names it: from then on the room's participants may have it.
func ExampleDevice_Upload() {
	ctx := context.Background()
	config := client.Config{URL: servertest.ForExamples().URL, Key: servertest.ServerKey}
	backend, err := client.NewBackend(config)
	if err != nil {
		log.Fatal(err)
	}
	config.Key = servertest.AppKey
	app, err := client.NewApp(config)
	if err != nil {
		log.Fatal(err)
	}
	signIn := func(xcUserID, name string) *client.Device {
		ticket, err := backend.RequestTicket(ctx, client.Profile{XCID: xcUserID, Fullname: name})
		if err != nil {
			log.Fatal(err)
		}
		device, err := app.SignIn(ctx, ticket.Text, client.DeviceOptions{ID: "laptop"})
		if err != nil {
			log.Fatal(err)
		}
		return device
	}
	ana, noor := signIn("cust-21", "Ana"), signIn("staff-21", "Noor")

	room := ana.PersonalRoom(noor.UserID())
	file, err := ana.Upload(ctx, client.Upload{
		RoomID: room, Name: "order.txt", Type: "text/plain", Content: strings.NewReader("two chairs and a table"),
	})
	if err != nil {
		log.Fatal(err)
	}
	payload, err := json.Marshal(file)
	if err != nil {
		log.Fatal(err)
	}
	if _, err := ana.Send(ctx, client.Draft{
		RoomID: room, Type: client.FileMessage, Text: "📎 order.txt", Payload: string(payload),
	}); err != nil {
		log.Fatal(err)
	}

	content, err := noor.Download(ctx, room, file.ID)
	if err != nil {
		log.Fatal(err)
	}
	defer content.Close()
	text, err := io.ReadAll(content)
	fmt.Printf("%s, %d bytes: %s %v\n", content.Name, content.Size, text, err)
	// Output: order.txt, 22 bytes: two chairs and a table <nil>
}

// What the server refuses says why.
func ExampleError() {
	backend, err := client.NewBackend(client.Config{URL: servertest.ForExamples().URL, Key: servertest.ServerKey})
	if err != nil {
		log.Fatal(err)
	}
	_, err = backend.Room(context.Background(), "ORD-4711", client.Page{})
	var refusal *client.Error
	if errors.As(err, &refusal) && refusal.Code == client.CodeNotFound {
		fmt.Println("nobody has the id", refusal.NotFound)
	}
	// Output: nobody has the id ORD-4711
}

// Frames and calls of one's own have their texts enciphered by hand.
func ExampleOpen() {
	text, err := client.Open("5q1Qp6fCckkGL52iH/5ez6Y2E8duD1/XyXotRa+bvYzmE=", "Hn3_bW8sQz5LkXc1TfYr7VdMg2PjEu9A")
	fmt.Println(text, err)
	// Output: Your order has shipped <nil>
}
