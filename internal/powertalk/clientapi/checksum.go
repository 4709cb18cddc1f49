package clientapi

import (
	"crypto/md5" //nolint:gosec // G501: a checksum against slips, not against anybody
	"encoding/hex"
	"fmt"
	"strconv"

	"parlor/internal/chat"
)

// confirmed keeps a room from being deleted by a slip: checksum is to be what SDKs make of
// the room, the user and the token in use. Some take every room for a group.
func confirmed(c chat.Caller, roomID string, t chat.RoomType, checksum string) error {
	if checksum != deleteChecksum(c, roomID, chat.Group) && checksum != deleteChecksum(c, roomID, t) {
		return chat.Errorf(chat.CodeForbidden, "The checksum is wrong")
	}
	return nil
}

func deleteChecksum(c chat.Caller, roomID string, t chat.RoomType) string {
	text := fmt.Sprintf("%s:%d:%s:%s", roomID, t, c.User, strconv.FormatInt(c.Login.AccessExpiry, 10))
	sum := md5.Sum([]byte(text)) //nolint:gosec // G401: see the import
	return hex.EncodeToString(sum[:])
}
