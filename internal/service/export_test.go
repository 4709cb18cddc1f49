package service

import "parlor/internal/chat"

// DeleteChecksum is deleteChecksum of a group.
func DeleteChecksum(c chat.Caller, roomID string) string {
	return deleteChecksum(c, roomID, chat.Group)
}
