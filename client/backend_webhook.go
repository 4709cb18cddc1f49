package client

import "context"

// WebhookID is the id of a webhook.
type WebhookID string

// WebhookState says whether a webhook is called.
type WebhookState string

// The states of a webhook.
const (
	WebhookActive WebhookState = "active"
	WebhookPaused WebhookState = "paused" // by you
	WebhookGone   WebhookState = "gone"   // it has answered 410
)

// Webhook is an address that is called about events.
type Webhook struct {
	ID        WebhookID    `json:"webhookID"`
	URL       string       `json:"url"`
	Types     []FeedType   `json:"types"` // none for all
	RoomTags  []string     `json:"roomTags"`
	RoomTypes []RoomType   `json:"roomTypes"`
	Batch     int          `json:"batch"` // events of one call, at most
	Sealed    bool         `json:"sealed"`
	State     WebhookState `json:"state"`

	Failures    int    `json:"failures"`      // in a row
	RetryAt     Time   `json:"retryTime"`     // when it is probed, zero while it does not rest
	LastError   string `json:"lastError"`     // why a call has failed last
	LastErrorAt Time   `json:"lastErrorTime"` // when that was
	LastSuccess Time   `json:"lastSuccessTime"`
	Created     Time   `json:"created"`
	Updated     Time   `json:"updated"`

	Secret string `json:"secret"`       // of CreateWebhook and RotateWebhookSecret only
	Parked int64  `json:"parkedEvents"` // of Webhook only: events that wait to be tried again
	Dead   int64  `json:"deadEvents"`   // of Webhook only: events that were given up
}

// WebhookSettings are what is set of a webhook. A nil field keeps what is stored; an empty list is no
// condition.
type WebhookSettings struct {
	URL       string     `json:"url,omitzero"` // needed by CreateWebhook; "" keeps it
	Types     []FeedType `json:"types,omitzero"`
	RoomTags  []string   `json:"roomTags,omitzero"`
	RoomTypes []RoomType `json:"roomTypes,omitzero"`
	Batch     int        `json:"batch,omitzero"` // 1 to 100; 0 keeps it, at first 1
	Sealed    *bool      `json:"sealed,omitzero"`
	Paused    *bool      `json:"paused,omitzero"`
}

type webhookAnswer struct{ Webhook Webhook }

// CreateWebhook has an address called about what happens from now on. Keep the Secret, with which its calls are
// verified: it is not shown again.
func (b *Backend) CreateWebhook(ctx context.Context, s WebhookSettings) (Webhook, error) {
	var answer webhookAnswer
	err := b.doOnce(ctx, "webhook/create", s, &answer)
	return answer.Webhook, err
}

// Webhooks lists the app's webhooks, the oldest first.
func (b *Backend) Webhooks(ctx context.Context) ([]Webhook, error) {
	var answer struct{ Webhooks []Webhook }
	err := b.do(ctx, "webhook/list", nil, &answer)
	return answer.Webhooks, err
}

// webhookRef names a webhook.
type webhookRef struct {
	ID WebhookID `json:"webhookID"`
}

// Webhook returns a webhook, and how many events it has not taken.
func (b *Backend) Webhook(ctx context.Context, id WebhookID) (Webhook, error) {
	var answer webhookAnswer
	err := b.do(ctx, "webhook/get", webhookRef{id}, &answer)
	return answer.Webhook, err
}

// UpdateWebhook changes a webhook, within seconds.
func (b *Backend) UpdateWebhook(ctx context.Context, id WebhookID, s WebhookSettings) (Webhook, error) {
	var answer webhookAnswer
	err := b.do(ctx, "webhook/update", struct {
		webhookRef
		WebhookSettings
	}{webhookRef{id}, s}, &answer)
	return answer.Webhook, err
}

// DeleteWebhook has a webhook not be called any more, and forgets what it has not taken.
func (b *Backend) DeleteWebhook(ctx context.Context, id WebhookID) error {
	return b.doOnce(ctx, "webhook/delete", webhookRef{id}, nil)
}

// RotateWebhookSecret gives a webhook a new Secret. For a day calls have signatures of both. Where it has failed and is
// called again, the second may be a secret that nobody saw, and the one in use ends at once: [WithIdempotencyKey] has
// the answer of the first.
func (b *Backend) RotateWebhookSecret(ctx context.Context, id WebhookID) (Webhook, error) {
	var answer webhookAnswer
	err := b.doOnce(ctx, "webhook/rotate_secret", webhookRef{id}, &answer)
	return answer.Webhook, err
}

// DeadEvent is an event that a webhook has not taken and that was given up.
type DeadEvent struct {
	Event     FeedEvent `json:"event"`
	Attempts  int       `json:"attempts"`
	FirstAt   Time      `json:"firstAttempt"`
	GivenUpAt Time      `json:"givenUp"`
	LastError string    `json:"lastError"`
}

// DeadEvents lists events that a webhook has not taken, the latest given up first, 100 at a time. Pass "" and
// then the cursor of the call before, as long as there are more.
func (b *Backend) DeadEvents(ctx context.Context, id WebhookID, cursor string) (list []DeadEvent, next string, more bool, err error) {
	var answer struct {
		Events  []DeadEvent
		Cursor  string
		HasMore bool
	}
	err = b.do(ctx, "webhook/dead/list", struct {
		webhookRef
		Cursor string `json:"cursor"`
	}{webhookRef{id}, cursor}, &answer)
	return answer.Events, answer.Cursor, answer.HasMore, err
}

// ReplayDead has a webhook told again of one event that was given up, and reports whether there was such a one.
func (b *Backend) ReplayDead(ctx context.Context, id WebhookID, event string) (bool, error) {
	n, err := b.replay(ctx, struct {
		webhookRef
		Event string `json:"eventID"`
	}{webhookRef{id}, event})
	return n > 0, err
}

// ReplayDeadSince is ReplayDead for all events that have happened since a time; zero is for all. It returns how
// many.
func (b *Backend) ReplayDeadSince(ctx context.Context, id WebhookID, since Time) (int64, error) {
	return b.replay(ctx, struct {
		webhookRef
		Since Time `json:"since"`
	}{webhookRef{id}, since})
}

func (b *Backend) replay(ctx context.Context, in any) (int64, error) {
	var answer struct{ CountReplayed int64 }
	err := b.doOnce(ctx, "webhook/dead/replay", in, &answer)
	return answer.CountReplayed, err
}
