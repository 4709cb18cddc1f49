package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"log"
	"net/http"

	"parlor/client"
)

// told takes a call of the webhook. What the answer says is stored is never told again, so it comes last; what
// fails is told again later.
func (s *shop) told(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err == nil {
		err = client.VerifyWebhook(s.secret, r.Header, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	events, err := client.DecodeWebhook(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	for _, event := range events {
		if err := s.answer(r.Context(), event); err != nil {
			log.Printf("event %s: %v", event.ID, err)
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// answer says to a customer that what they have written has come. An event may be told twice: the answer's
// LocalID comes from the event, so it is stored once.
func (s *shop) answer(ctx context.Context, event client.FeedEvent) error {
	data := event.Data
	if data.Message == nil || data.Room == nil || data.Room.XCID == "" || data.By == nil ||
		data.By.XCID == staff || data.Message.Type == client.SystemMessage {
		return nil // the shop's own, or gone by now
	}
	log.Printf("%s, %s: %s", data.Room.XCID, data.By.Fullname, data.Message.Body)
	_, err := s.parlor.Send(ctx, client.BackendMessage{
		LocalID: localID("answer", event.ID), SenderXCID: staff, XCRoomID: data.Room.XCID,
		Text: "We have got your message, " + data.By.Fullname + ", and will be with you soon.",
	})
	if client.CodeOf(err) == client.CodeNotFound {
		return nil // the room is deleted by now, and to be told again would not bring it back
	}
	return err
}

// localID is the name of the one message that is sent for a reason.
func localID(why, id string) string {
	sum := sha256.Sum256([]byte(why + " " + id))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
