package wire

import (
	"crypto/ed25519"
	"encoding/base64"

	"parlor/internal/chat"
)

// Erasure is the answer of user/erase and user/erase/get.
type Erasure struct {
	Erasure chat.Erasure
	// Key checks the receipt; nil while there is none.
	Key   ed25519.PublicKey
	KeyID string
}

// AppendJSON appends the answer's data object.
func (a Erasure) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.open("erasure")
	w.erasure(&a.Erasure)
	if a.Key != nil {
		w.open("receiptKey")
		w.str("kty", "OKP")
		w.str("crv", "Ed25519")
		w.str("kid", a.KeyID)
		w.str("x", base64.RawURLEncoding.EncodeToString(a.Key))
		w.end()
	}
	w.end()
	w.end()
	return w.b
}

func (w *writer) erasure(e *chat.Erasure) {
	state := "running"
	if e.Finished() {
		state = "finished"
	}
	w.str("erasureID", string(e.ID))
	w.str("state", state)
	w.id("userID", int64(e.User))
	w.num("requested", e.CreatedAt)
	w.num("finished", e.FinishedAt)
	w.open("progress")
	w.num("position", int64(min(e.Position, e.Last)))
	w.num("end", int64(e.Last))
	w.end()
	w.open("erased")
	for _, c := range []struct {
		name string
		n    int64
	}{
		{"messages", e.Erased.Messages},
		{"references", e.Erased.References},
		{"scheduledMessages", e.Erased.Scheduled},
		{"broadcasts", e.Erased.Broadcasts},
		{"files", e.Erased.Files},
		{"fileBytes", e.Erased.FileBytes},
		{"archives", e.Erased.Archives},
		{"photos", e.Erased.Photos},
		{"contacts", e.Erased.Contacts},
		{"blocks", e.Erased.Blocks},
		{"reports", e.Erased.Reports},
		{"stars", e.Erased.Stars},
		{"hiddenMessages", e.Erased.Hidden},
		{"logins", e.Erased.Logins},
		{"tickets", e.Erased.Tickets},
		{"pushTokens", e.Erased.PushTokens},
		{"devices", e.Erased.Devices},
		{"userData", e.Erased.UserData},
		{"participantData", e.Erased.ParticipantData},
		{"preferences", e.Erased.Preferences},
		{"keptFiles", e.Erased.KeptFiles},
	} {
		w.num(c.name, c.n)
	}
	w.end()
	w.str("receipt", e.Receipt)
}
