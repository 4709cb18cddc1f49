package client

import (
	"context"
	"fmt"
	"time"
)

// ScheduledID names a message that was scheduled. The message gets an ID of its own when it is sent.
type ScheduledID int64

// Scheduled is a message that is to be sent later.
type Scheduled struct {
	ID      ScheduledID `json:"id"`
	At      Time        `json:"scheduledTime"` // when it is due
	Created Time        `json:"createdTime"`
	Updated Time        `json:"updatedTime"`
	// Failure is why the message was not sent when it was due, "" where it was not due yet. It waits for
	// another time, other words or SendScheduled.
	Failure string  `json:"failureReason"`
	Message Message `json:"message"` // as if it were sent when it is due; it has no ID yet
}

// Schedule stores a message to be sent at a time, within a year, and returns it. The rules of sending are looked at
// now, and again when it is due. A LocalID that is scheduled already is answered with what is scheduled.
func (d *Device) Schedule(ctx context.Context, at time.Time, m Draft) (s Scheduled, err error) {
	const path = "chat/scheduled_message/create"
	sealed, err := m.withDefaults().seal()
	if err != nil {
		return s, fmt.Errorf("client: %s: %w", path, err)
	}
	answer := struct{ CreatedItem *Scheduled }{&s}
	return s, d.do(ctx, path, struct {
		Message *sealedDraft `json:"message"`
		At      Time         `json:"scheduledTime"`
	}{sealed, Time{at}}, &answer)
}

// Scheduled returns what the user has scheduled for a room, in the order of when it is due, with what was refused
// when it was.
func (d *Device) Scheduled(ctx context.Context, room RoomID) ([]Scheduled, error) {
	var answer struct{ Items []Scheduled }
	err := d.do(ctx, "chat/scheduled_message/get_scheduled_list", oneRoom{room}, &answer)
	return answer.Items, err
}

// Reschedule has a scheduled message sent at another time.
func (d *Device) Reschedule(ctx context.Context, id ScheduledID, at time.Time) error {
	return d.do(ctx, "chat/scheduled_message/edit_scheduled_time", struct {
		ID ScheduledID `json:"id"`
		At Time        `json:"scheduledTime"`
	}{id, Time{at}}, nil)
}

// EditScheduled has another message sent in place of a scheduled one, at the same time and in the same room.
// Give it the LocalID of the one before, unless it is to have one of its own.
func (d *Device) EditScheduled(ctx context.Context, id ScheduledID, m Draft) error {
	const path = "chat/scheduled_message/edit_content"
	sealed, err := m.withDefaults().seal()
	if err != nil {
		return fmt.Errorf("client: %s: %w", path, err)
	}
	return d.do(ctx, path, struct {
		ID      ScheduledID  `json:"id"`
		Message *sealedDraft `json:"message"`
	}{id, sealed}, nil)
}

type scheduledIDs struct {
	IDs []ScheduledID `json:"ids"`
}

// SendScheduled sends scheduled messages at once, and returns those that were. Others were sent before, dropped, or
// refused, and then are listed with the reason; where none could be sent, the error says why. A call that had
// to be repeated does not return what an earlier attempt has sent.
func (d *Device) SendScheduled(ctx context.Context, ids ...ScheduledID) ([]ScheduledID, error) {
	var answer scheduledIDs
	err := d.do(ctx, "chat/scheduled_message/send_now", scheduledIDs{ids}, &answer)
	return answer.IDs, err
}

// Unschedule has scheduled messages not be sent, and returns those that will not be. Others were sent, or dropped
// before, maybe by an earlier attempt of this call.
func (d *Device) Unschedule(ctx context.Context, ids ...ScheduledID) ([]ScheduledID, error) {
	var answer scheduledIDs
	err := d.do(ctx, "chat/scheduled_message/delete", scheduledIDs{ids}, &answer)
	return answer.IDs, err
}
