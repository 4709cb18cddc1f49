package client

import "context"

// Erasure is how a user is taken out of the server for good (docs/protocol/server-api.md, "Receipts of erasures").
type Erasure struct {
	ID        string `json:"erasureID"`
	State     string `json:"state"` // running or finished
	UserID    UserID `json:"userID"`
	Requested Time   `json:"requested"`
	Finished  Time   `json:"finished"`
	Progress  struct {
		Position, End int64 // ids of messages
	} `json:"progress"`
	Erased     Erased      `json:"erased"`
	Receipt    string      `json:"receipt"`    // a JWS, once it is finished
	ReceiptKey *ReceiptKey `json:"receiptKey"` // what checks it; nil while it is running
}

// Done reports whether all is gone.
func (e *Erasure) Done() bool { return e.State == "finished" }

// Erased counts what an erasure has taken away.
type Erased struct {
	Messages        int64 `json:"messages"`
	References      int64 `json:"references"` // messages of others that named or quoted the user
	Scheduled       int64 `json:"scheduledMessages"`
	Broadcasts      int64 `json:"broadcasts"` // messages to many rooms in the user's name
	Files           int64 `json:"files"`
	FileBytes       int64 `json:"fileBytes"`
	Archives        int64 `json:"archives"` // that exports had made
	Photos          int64 `json:"photos"`
	Contacts        int64 `json:"contacts"`
	Blocks          int64 `json:"blocks"`
	Reports         int64 `json:"reports"`
	Stars           int64 `json:"stars"`
	HiddenMessages  int64 `json:"hiddenMessages"`
	Logins          int64 `json:"logins"`
	Tickets         int64 `json:"tickets"`
	PushTokens      int64 `json:"pushTokens"`
	Devices         int64 `json:"devices"`
	UserData        int64 `json:"userData"`
	ParticipantData int64 `json:"participantData"`
	Preferences     int64 `json:"preferences"`
	KeptFiles       int64 `json:"keptFiles"` // uploads that messages of others, or rooms, show
}

// ReceiptKey is an Ed25519 key as a JWK.
type ReceiptKey struct {
	KeyType string `json:"kty"`
	Curve   string `json:"crv"`
	ID      string `json:"kid"`
	X       string `json:"x"` // base64url
}

type erasureAnswer struct {
	Erasure Erasure `json:"erasure"`
}

// EraseUser deletes a user and begins to take everything away that they have written, uploaded, set or were
// known by. It cannot be undone. Erasure shows how far that is.
func (b *Backend) EraseUser(ctx context.Context, xcUserID string) (Erasure, error) {
	var answer erasureAnswer
	err := b.doOnce(ctx, "user/erase", struct {
		XCID string `json:"xcUserID"`
	}{xcUserID}, &answer)
	return answer.Erasure, err
}

// Erasure finds an erasure of the app by its ID.
func (b *Backend) Erasure(ctx context.Context, id string) (Erasure, error) {
	var answer erasureAnswer
	err := b.do(ctx, "user/erase/get", struct {
		ID string `json:"erasureID"`
	}{id}, &answer)
	return answer.Erasure, err
}
