package e2e

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// exportedColumns are the columns of tables about people, and where an archive has them: file and key. Below
// notExported are those that it has not.
func exportedColumns() map[string]string {
	return map[string]string{
		"users.id": "profile.json userID", "users.xc_user_id": "profile.json xcUserID", "users.fullname": "profile.json fullname",
		"users.email": "profile.json email", "users.phone": "profile.json phone", "users.username": "profile.json username",
		"users.photo_thumbnail": "profile.json photoThumbnail", "users.photo_fullsize": "profile.json photo",
		"users.role_code": "profile.json userRoleCode", "users.last_login_at": "profile.json lastLogin",
		"users.last_activity_at": "profile.json lastActivity", "users.created_at": "profile.json created",
		"users.updated_at": "profile.json updated", "users.bio": "profile.json bio", "users.country_id": "profile.json countryID",
		"users.calling_code": "profile.json countryCallingCode", "users.phone_with_code": "profile.json phoneWithCode",
		"users.phone_verified": "profile.json isPhoneVerified", "users.deactivated_at": "profile.json deactivated",
		"user_data.data":       "profile.json data",
		"user_photos.fullsize": "profile.json photos photo", "user_photos.thumbnail": "profile.json photos photoThumbnail",
		"user_photos.created_at": "profile.json photos created",

		"participants.room_id": "rooms.jsonl roomID", "participants.is_explicit": "rooms.jsonl isParticipant",
		"participants.is_admin": "rooms.jsonl isAdmin", "participants.sent_count": "rooms.jsonl sent",
		"participants.read_upto": "rooms.jsonl readUpTo", "participants.marked_at": "rooms.jsonl lastMarked",
		"participants.cleared_at": "rooms.jsonl cleared", "participants.left_at": "rooms.jsonl left",
		"participants.muted_until": "rooms.jsonl mutedUntil", "participants.pinned_at": "rooms.jsonl pinned",
		"participants.marked_unread": "rooms.jsonl isMarkedUnread", "participants.silenced_until": "rooms.jsonl silencedUntil",
		"participants.banned_until": "rooms.jsonl bannedUntil",
		"participant_data.room_id":  "rooms.jsonl roomID", "participant_data.data": "rooms.jsonl data",

		"messages.id": "messages.jsonl messageID", "messages.room_id": "messages.jsonl roomID",
		"messages.local_id": "messages.jsonl localID", "messages.type": "messages.jsonl type", "messages.body": "messages.jsonl body",
		"messages.data": "messages.jsonl data", "messages.filter_id": "messages.jsonl filterID",
		"messages.is_hidden": "messages.jsonl isHidden", "messages.quote": "messages.jsonl quote content",
		"messages.action": "messages.jsonl action", "messages.target_user_id": "messages.jsonl target userID",
		"messages.target_xc_id": "messages.jsonl target xcUserID", "messages.target_name": "messages.jsonl target fullname",
		"messages.created_at": "messages.jsonl created", "messages.updated_at": "messages.jsonl updated",
		"messages.deleted_at": "messages.jsonl deleted", "messages.reply_to": "messages.jsonl replyTo fullname",
		"messages.forward_from": "messages.jsonl forwardFrom fullname", "messages.is_edited": "messages.jsonl isMessageEdited",

		"message_stars.message_id": "starred.jsonl messageID", "message_stars.starred_at": "starred.jsonl starred",
		"hidden_messages.created_at": "hidden.jsonl messageID", "hidden_messages.hidden_at": "hidden.jsonl hidden",

		"scheduled_messages.room": "scheduled.jsonl roomID", "scheduled_messages.local_id": "scheduled.jsonl localID",
		"scheduled_messages.type": "scheduled.jsonl type", "scheduled_messages.body": "scheduled.jsonl body",
		"scheduled_messages.data": "scheduled.jsonl data", "scheduled_messages.filter_id": "scheduled.jsonl filterID",
		"scheduled_messages.is_hidden": "scheduled.jsonl isHidden", "scheduled_messages.quote": "scheduled.jsonl quote content",
		"scheduled_messages.reply_to": "scheduled.jsonl replyTo fullname", "scheduled_messages.forward_from": "scheduled.jsonl forwardFrom fullname",
		"scheduled_messages.scheduled_at": "scheduled.jsonl scheduledTime", "scheduled_messages.created_at": "scheduled.jsonl created",
		"scheduled_messages.updated_at": "scheduled.jsonl updated", "scheduled_messages.failure": "scheduled.jsonl failure",

		"contacts.contact_id": "contacts.jsonl userID", "contacts.created_at": "contacts.jsonl since",
		"blocks.blocked_id": "blocked.jsonl userID", "blocks.created_at": "blocked.jsonl since",
		"reports.user_id": "reports.jsonl userID", "reports.message_id": "reports.jsonl messageID",
		"reports.category": "reports.jsonl category", "reports.is_other": "reports.jsonl isOtherCategory",
		"reports.reason": "reports.jsonl reason", "reports.created_at": "reports.jsonl created",
		"reports.resolved_at": "reports.jsonl resolved",

		"logins.device_id": "devices.jsonl deviceID", "logins.platform": "devices.jsonl platform",
		"logins.created_at": "devices.jsonl since", "logins.expires_at": "devices.jsonl expires",
		"push_targets.kind": "devices.jsonl push", "push_targets.updated_at": "devices.jsonl pushUpdated",
		"devices.device_id": "devices.jsonl deviceID", "devices.synced_at": "devices.jsonl synced",

		"files.id": "files.jsonl fileID", "files.name": "files.jsonl fileName", "files.media_type": "files.jsonl mediaType",
		"files.size": "files.jsonl size", "files.width": "files.jsonl width", "files.height": "files.jsonl height",
		"files.checksum": "files.jsonl checksum", "files.created_at": "files.jsonl created",
	}
}

// notExported are tables, and columns, that say nothing of a person that the archive has not, or must not say it.
func notExported() map[string]string {
	const whose, inner, secret = "whose row it is", "the server's own order, or bookkeeping", "a secret"
	return map[string]string{
		"users.app_id": whose, "users.username_key": "made of the username", "users.deleted_at": "only who is not deleted has an archive",
		"users.phone_key":   "made of the phone number",
		"user_data.user_id": whose, "user_photos.id": inner, "user_photos.user_id": whose, "user_photos.file_id": "a file of the user's",
		"participants.user_id": whose, "participants.joined": inner, "participants.read_count": inner, "participants.sent_expired": inner, "participants.has_gaps": inner,
		"participants.hides": "hidden.jsonl", "participants.read_spans": inner, "participants.delivered_spans": inner,
		"participant_data.user_id": whose,
		"messages.app_id":          whose, "messages.sender_id": whose, "messages.seq": inner, "messages.added": inner, "messages.changed": inner,
		"messages.withheld":     "it would tell by whom the user is blocked",
		"message_stars.user_id": whose, "message_stars.room_id": "the message's",
		"hidden_messages.user_id": whose, "hidden_messages.room_id": "the message's", "hidden_messages.changed": inner,
		"scheduled_messages.id": inner, "scheduled_messages.app_id": whose, "scheduled_messages.owner_id": whose,
		"scheduled_messages.file_id": "in the data", "scheduled_messages.job_id": inner,
		"contacts.owner_id": whose, "blocks.owner_id": whose,
		"reports.id": inner, "reports.app_id": whose, "reports.reporter_id": whose, "reports.room_id": "the message's",
		"reports.resolved_by": "the backend's own words", "reports.note": "the backend's own words",
		"logins.id": inner, "logins.app_id": whose, "logins.user_id": whose,
		"push_targets.login_id": inner, "push_targets.app_id": whose, "push_targets.user_id": whose, "push_targets.token": secret,
		"push_targets.p256dh": secret, "push_targets.auth": secret, "push_targets.hash": secret,
		"devices.user_id": whose, "devices.handed_out": inner, "devices.cursor": inner, "devices.target": inner,
		"devices.walked_room": inner, "devices.walked_at": inner,
		"files.app_id": whose, "files.owner_id": whose, "files.address": secret, "files.thumbnail": "made of the file",
		"files.unused_since": inner,

		"apps": "the App's settings", "rooms": "the App's; rooms.jsonl names them", "audit": "the App's record of its own calls",
		"auth_tickets": secret, "broadcasts": "the App's; what was sent is in messages.jsonl", "deletions": "the App's own work",
		"erasures": "only who is not erased has an archive", "exports": "the App's own work",
		"feed_events": "what has happened to what is in the archive", "webhook_parked": "what has happened to what is in the archive",
		"file_usage": "the sum of files.jsonl", "jobs": inner, "keyed_calls": "the App's own calls", "webhooks": "the App's settings",
		"phone_lookups": "how many numbers were looked up today, against misuse", "presence": "whether the user is online now",
		"user_tasks": inner, "user_task_rooms": inner, "user_words": "made of the name",
	}
}

// checkExportedColumns asks whoever adds a column to a table about people whether an archive has it, and looks
// into one of a user who has something in each.
func checkExportedColumns(t *testing.T, s *servertest.App, files map[string]string) {
	t.Helper()
	columns := allColumns(t, s)
	about := regexp.MustCompile(`\..*(user|owner|sender|contact_id|blocked_id|reporter|target_)`)
	people := map[string]bool{}
	for _, c := range columns {
		table, _, _ := strings.Cut(c, ".")
		people[table] = people[table] || about.MatchString(c)
	}
	exported, not := exportedColumns(), notExported()
	for _, c := range columns {
		if table, _, _ := strings.Cut(c, "."); people[table] && exported[c] == "" && not[c] == "" && not[table] == "" {
			t.Errorf("has an archive of a user %s? Where not, why?", c)
		}
	}
	for c, where := range exported {
		name, path, _ := strings.Cut(where, " ")
		if !slices.Contains(columns, c) {
			t.Errorf("there is no column %s", c)
		}
		if !slices.ContainsFunc(jsonLines(t, files[name]), func(line obj) bool { return hasKey(line, strings.Fields(path)) }) {
			t.Errorf("no line of %s has the %s of %s", name, path, c)
		}
	}
	for c := range not {
		if !people[c] && !slices.Contains(columns, c) {
			t.Errorf("there is no table about people, or column, %s", c)
		}
	}
}

// hasKey reports whether an object has something under a path of keys, the elements of lists included.
func hasKey(in any, path []string) bool {
	if len(path) == 0 {
		return true
	}
	switch in := in.(type) {
	case obj:
		next, ok := in[path[0]]
		return ok && hasKey(next, path[1:])
	case []any:
		return slices.ContainsFunc(in, func(one any) bool { return hasKey(one, path) })
	}
	return false
}
