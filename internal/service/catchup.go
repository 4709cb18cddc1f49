package service

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/device"
)

// News is what was found for a device.
type News = device.News

// RoomsAndUnread lists, over all rooms of the caller, the newest visible message of each
// and the unread ones, the newest first. Once the device has them it counts as caught up.
func (s *Service) RoomsAndUnread(ctx context.Context, c chat.Caller) (News, error) {
	return s.devices.List(ctx, c, func(ctx context.Context) ([]chat.MessageView, error) { return s.roomsAndUnread(ctx, c) })
}

// NewAndUpdated lists what is new to the caller's device or has changed, over all rooms, the
// oldest first. What does not go into one answer follows over the device's socket. A device
// that was never seen gets what RoomsAndUnread gives.
func (s *Service) NewAndUpdated(ctx context.Context, c chat.Caller) (News, error) {
	return s.devices.CatchUp(ctx, c, func(ctx context.Context) ([]chat.MessageView, error) { return s.roomsAndUnread(ctx, c) })
}

// NoteDevice notes how far the caller's device is with what comes over its socket, and
// returns its cursor.
func (s *Service) NoteDevice(ctx context.Context, c chat.Caller, state device.State) (cursor int64, err error) {
	return s.devices.Note(ctx, c, state)
}

// Feed sends over a socket of the caller's device what the device lacks.
func (s *Service) Feed(ctx context.Context, c chat.Caller, line device.Line) error {
	return s.devices.Feed(ctx, c, line)
}
