package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"parlor/client"
)

// staff is who speaks for the shop.
const staff = "shop"

// shop opens a chat for each order.
type shop struct {
	parlor *client.Backend
	secret string // of the webhook
}

// open makes what the shop needs on its server: somebody to speak for it, and the webhook by which it is told
// what customers write. url is where the server reaches it.
func open(ctx context.Context, parlor *client.Backend, url string) (*shop, error) {
	if _, err := parlor.PutUser(ctx, client.Profile{XCID: staff, Fullname: "Corner Shop"}); err != nil {
		return nil, err
	}
	webhook, err := register(ctx, parlor, url+"/parlor")
	return &shop{parlor: parlor, secret: webhook.Secret}, err
}

// register has an address called about messages. One that is registered already gets a new secret, since nobody
// shows the old one again; calls have signatures of both for a day. A shop with several processes would make
// the secret once, and keep it where all of them find it.
func register(ctx context.Context, parlor *client.Backend, url string) (client.Webhook, error) {
	known, err := parlor.Webhooks(ctx)
	if err != nil {
		return client.Webhook{}, err
	}
	for _, webhook := range known {
		if webhook.URL == url {
			return parlor.RotateWebhookSecret(ctx, webhook.ID)
		}
	}
	return parlor.CreateWebhook(ctx, client.WebhookSettings{URL: url, Types: []client.FeedType{client.FeedMessageCreated}})
}

func (s *shop) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /orders", asked(s.order))
	mux.HandleFunc("POST /tickets", asked(s.ticket))
	mux.HandleFunc("POST /parlor", s.told)
	return mux
}

// order is what the shop's own pages ask for: who has ordered what.
type order struct {
	Order    string `json:"order"`
	Customer string `json:"customer"` // the shop's own id
	Name     string `json:"name"`
}

// order opens the chat of an order, with its customer and the shop in it. It can be asked for again: there is
// one room for each order.
func (s *shop) order(ctx context.Context, o order) (any, error) {
	if _, err := s.parlor.PutUser(ctx, client.Profile{XCID: o.Customer, Fullname: o.Name}); err != nil {
		return nil, err
	}
	xc := "ORD-" + o.Order
	if _, err := s.parlor.PutRoom(ctx, client.RoomSettings{
		XCID: xc, Type: client.Transaction, Name: "Order " + o.Order, Participants: []string{staff},
	}); err != nil {
		return nil, err
	}
	// Participants of PutRoom count for a new room only.
	room, err := s.parlor.AddParticipants(ctx, xc, o.Customer)
	if err != nil {
		return nil, err
	}
	_, err = s.parlor.Send(ctx, client.BackendMessage{
		LocalID: localID("welcome", xc), SenderXCID: staff, XCRoomID: xc,
		Text: fmt.Sprintf("Thank you for order %s, %s.", o.Order, o.Name),
	})
	return map[string]any{"roomID": room.Room.ID}, err
}

// ticket lets a customer's app sign in. A real shop knows from its own login who is asking.
func (s *shop) ticket(ctx context.Context, o order) (any, error) {
	ticket, err := s.parlor.RequestTicket(ctx, client.Profile{XCID: o.Customer, Fullname: o.Name})
	return map[string]any{"ticket": ticket.Text}, err
}

// asked is a handler of what pages ask for, in JSON.
func asked(do func(context.Context, order) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var o order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&o); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer, err := do(r.Context(), o)
		if err != nil {
			status := http.StatusBadGateway
			if client.CodeOf(err) == client.CodeInvalid {
				status = http.StatusBadRequest
			}
			http.Error(w, err.Error(), status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}
}
