package service

import "parlor/internal/chat"

// DeleteChecksum is deleteChecksum of a group.
func (me Member) DeleteChecksum(roomID string) string { return me.deleteChecksum(roomID, chat.Group) }
