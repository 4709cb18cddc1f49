package service

import (
	"context"

	"parlor/internal/device"
)

// NoteDevice notes how far the member's device is with what comes over its socket, and
// returns its cursor.
func (me Member) NoteDevice(ctx context.Context, state device.State) (cursor int64, err error) {
	return me.devices.Note(ctx, me.Caller, state)
}

// Feed sends over a socket of the member's device what the device lacks.
func (me Member) Feed(ctx context.Context, line device.Line) error {
	return me.devices.Feed(ctx, me.Caller, line)
}
