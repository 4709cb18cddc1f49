package chat

import "math"

// WebhookID is the number of a webhook.
type WebhookID int64

// MaxWebhooks bounds the webhooks of an App.
const MaxWebhooks = 100

// WebhookState says whether a webhook is called.
type WebhookState string

// The states of a webhook.
const (
	WebhookActive WebhookState = "active"
	WebhookPaused WebhookState = "paused" // by the backend; what happens meanwhile comes later
	WebhookGone   WebhookState = "gone"   // it has answered 410
)

// Webhook is an address that is called about the events of an App (docs/protocol.md, "Webhooks").
type Webhook struct {
	ID        WebhookID
	App       AppID
	URL       string
	Kinds     []FeedKind // none for all
	RoomTags  []string   // one of which the event's room has; none for any
	RoomTypes []RoomType // likewise
	Batch     int        // events in one call, at most
	Sealed    bool       // texts stay as devices are sent them
	Secrets   []WebhookSecret
	State     WebhookState
	CreatedAt int64 // Unix ms
	UpdatedAt int64

	// How far it is.
	Place     FeedPlace // up to here events were taken, or are parked
	Owner     string    // the process that calls it
	Lease     int64     // how often that was taken
	LeasedTo  int64     // Unix ms
	Failures  int       // in a row
	RetryAt   int64     // Unix ms: when it is called again after those, 0 for as events come
	LastError string
	FailedAt  int64
	SuccessAt int64
}

// WebhookSecret is with what calls are signed.
type WebhookSecret struct {
	Secret    string `json:"secret"` // whsec_ and base64
	CreatedAt int64  `json:"created"`
	Until     int64  `json:"until,omitempty"` // Unix ms; 0 for the one that stays
}

// Parked is an event that a webhook has not taken, or that waits behind such a one in its lane.
type Parked struct {
	FeedEvent
	Attempts  int
	FirstAt   int64 // Unix ms: when it was tried first, or had to wait for another
	DueAt     int64 // ParkedBehind while another of its lane is before it
	LastError string
	DeadAt    int64 // when it was given up, 0 for not
}

// ParkedBehind is the DueAt of an event that waits for one before it.
const ParkedBehind = math.MaxInt64
