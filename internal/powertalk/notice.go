package powertalk

import (
	"encoding/json"
	"fmt"
	"strings"

	"parlor/internal/chat"
	"parlor/internal/service"
)

// words are how devices see a notice: the action that they act on, and the text that
// they show. They replace the first {{sender}} and the first {{target}} by names, or by "You"
// and "you"; a verb says the notice's name or count.
var words = map[chat.NoticeKind]struct {
	action chat.Action
	text   string
}{
	chat.NoticeRoomCreated: {chat.ActionCreateRoom, "{{sender}} created group %s"},
	chat.NoticeRoomUpdated: {chat.ActionUpdateRoom, "{{sender}} updated the group details"},
	chat.NoticeRoomDeleted: {chat.ActionDeleteRoom, "{{sender}} deleted this group"},
	// There is no action for locks; this one makes devices read the room's new state.
	chat.NoticeRoomLocked:          {chat.ActionUpdateRoom, "{{sender}} locked this room"},
	chat.NoticeRoomUnlocked:        {chat.ActionUpdateRoom, "{{sender}} unlocked this room"},
	chat.NoticeRoomFrozen:          {chat.ActionUpdateRoom, "{{sender}} lets only admins write in this room"},
	chat.NoticeRoomUnfrozen:        {chat.ActionUpdateRoom, "{{sender}} lets everybody write in this room"},
	chat.NoticeRoomRestored:        {chat.ActionCreateRoom, "{{sender}} restored this group"},
	chat.NoticeParticipantAdded:    {chat.ActionAddParticipant, "{{sender}} added {{target}} to the group"},
	chat.NoticeParticipantRemoved:  {chat.ActionRemoveParticipant, "{{sender}} removed {{target}} from the group"},
	chat.NoticeParticipantsAdded:   {chat.ActionUpdateRoom, "{{sender}} added %d participants to the group"},
	chat.NoticeParticipantsRemoved: {chat.ActionUpdateRoom, "{{sender}} removed %d participants from the group"},
	chat.NoticeParticipantLeft:     {chat.ActionLeaveRoom, "{{sender}} left the group"},
	chat.NoticeAdminPromoted:       {chat.ActionPromoteAdmin, "{{sender}} promoted {{target}} to admin"},
	chat.NoticeAdminDemoted:        {chat.ActionDemoteAdmin, "{{sender}} demoted {{target}} from admin"},
	chat.NoticeMessagePinned:       {chat.ActionPinMessage, "{{sender}} pinned a message"},
	chat.NoticeMessageUnpinned:     {chat.ActionUnpinMessage, "{{sender}} unpinned a message"},
	// The action of the App's own words does nothing but have devices read the room's state.
	chat.NoticeText:        {chat.ActionUpdateRoom, ""},
	chat.NoticeUserUpdated: {chat.ActionUpdateUser, "{{sender}} updated the profile"},
	chat.NoticeUserDeleted: {chat.ActionDeleteUser, "{{sender}} deleted the account"},
}

// Notice returns the action and the texts of a system message.
func (Dialect) Notice(n chat.Notice) (service.NoticeText, error) {
	w, ok := words[n.Kind]
	if !ok {
		return service.NoticeText{}, fmt.Errorf("there are no words for a notice of kind %d", n.Kind)
	}
	t := service.NoticeText{Action: w.action, Body: w.text}
	switch n.Kind {
	case chat.NoticeText:
		text, err := ownWords(n.Text)
		t.Body = text
		return t, err
	case chat.NoticeRoomCreated:
		t.Body = fmt.Sprintf(w.text, withoutBraces(n.Name))
	case chat.NoticeParticipantsAdded, chat.NoticeParticipantsRemoved:
		t.Body = fmt.Sprintf(w.text, n.Count)
	case chat.NoticeMessagePinned, chat.NoticeMessageUnpinned:
		data, err := pinned(n.Message)
		t.Data = data
		return t, err
	}
	return t, nil
}

// ownWords is an App's text that all devices show as it is. Braces are placeholders to them, and Android
// puts names in the place of the first "sender" and "target", even within a word: an invisible character
// between the letters keeps it from finding these.
func ownWords(text string) (string, error) {
	if strings.ContainsAny(text, "{}") {
		return "", chat.Invalid("body", "must be without braces, which devices take for placeholders")
	}
	return strings.NewReplacer("sender", "s"+wordJoiner+"ender", "target", "t"+wordJoiner+"arget").Replace(text), nil
}

// wordJoiner has no width, and no line ends at it.
const wordJoiner = "\u2060"

// withoutBraces: devices would take braces for placeholders.
func withoutBraces(name string) string { return strings.NewReplacer("{", "", "}", "").Replace(name) }

// pinned is the data of a notice of a pin: the message itself in its cipher, which devices
// open under its own localID.
func pinned(m *chat.Message) (string, error) {
	data, err := json.Marshal(map[string]any{
		"messageID": m.ID.String(), "localID": m.LocalID, "body": m.Body, "data": m.Data,
		"createdTime": m.CreatedAt, "type": m.Type, "userID": m.Sender.String(),
	})
	return string(data), err
}
