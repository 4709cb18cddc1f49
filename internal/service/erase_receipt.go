package service

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// erasureReceipt is what an App can show as proof of an erasure (docs/protocol.md, "Receipts of erasures").
type erasureReceipt struct {
	Erasure   chat.ErasureID    `json:"erasureID"`
	User      string            `json:"userID"`
	Subject   string            `json:"subject"`
	Requested int64             `json:"requested"`
	Finished  int64             `json:"finished"`
	Erased    chat.Erased       `json:"erased"`
	Kept      map[string]string `json:"kept"`
}

// keptOfErased is what an erasure leaves, and why.
func keptOfErased() map[string]string {
	return map[string]string{
		"user":         "an empty row under Parlor's own id, so that the rooms of others stay whole",
		"messages":     "empty rows with their times, ids and order: unread counts and replies of others rest on them",
		"participants": "in which rooms Parlor's id was, and how far it has read there, for the same reason",
		"files":        "uploads that messages of others, or rooms, show: they are theirs now (erased.keptFiles)",
		"forwards":     "copies that others have made of messages, without the name",
		"quotes":       "what others have written of the user in their own words, or quoted without saying whose message it is",
		"events":       "that something has happened, by Parlor's ids, until the time set for events is over",
		"audit":        "who has called for what about the customer's id, until the time set for the audit log is over",
		"answers":      "stored answers to calls with an Idempotency-Key, for 7 days at most",
		"nodes":        "where several nodes run, what they have told each other of messages that were edited, for 10 minutes at most",
		"space":        "bytes that the database no longer uses and has not written over yet",
		"backups":      "what was copied out of this server before",
	}
}

// jwsHeader is the protected header of a receipt (RFC 7515, with EdDSA of RFC 8037).
type jwsHeader struct {
	Algorithm string `json:"alg"`
	Key       string `json:"kid"`
	Type      string `json:"typ"`
}

// ReceiptKeyID names a key by the beginning of its hash.
func ReceiptKeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// signReceipt is a receipt as a JWS in compact form.
func signReceipt(key ed25519.PrivateKey, r erasureReceipt) (string, error) {
	public, _ := key.Public().(ed25519.PublicKey)
	header, err := json.Marshal(jwsHeader{"EdDSA", ReceiptKeyID(public), "parlor-erasure+jws"})
	if err != nil {
		return "", err
	}
	payload, err := json.Marshal(r)
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	return text + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(key, []byte(text))), nil
}

// finish signs the receipt and ends the job, in one transaction.
func (w *eraser) finish(ctx context.Context) error {
	return w.step(ctx, int64(w.e.User), func(ctx context.Context, tx *store.Tx, e *chat.Erasure) error {
		if ok, err := tx.EndJob(ctx, w.job); err != nil || !ok || e.Finished() {
			return err
		}
		key, err := tx.ReceiptKey(ctx, e.App)
		if err != nil {
			return err
		}
		e.FinishedAt = tx.Now()
		e.Receipt, err = signReceipt(key, erasureReceipt{
			Erasure: e.ID, User: e.User.String(), Subject: e.Subject, Requested: e.CreatedAt, Finished: e.FinishedAt,
			Erased: e.Erased, Kept: keptOfErased(),
		})
		if err != nil {
			return err
		}
		return tx.Record(ctx, chat.FeedEvent{App: e.App, Kind: chat.FeedUserErased, User: e.User, Data: chat.FeedData{Erasure: e.ID}})
	})
}

// ReceiptKey is the key by which the App's receipts can be checked, of which there must have been one.
func (b Backend) ReceiptKey(ctx context.Context) (ed25519.PublicKey, error) {
	private, err := b.store.ReceiptKey(ctx, b.app.ID)
	if err != nil {
		return nil, err
	}
	public, _ := private.Public().(ed25519.PublicKey)
	return public, nil
}
