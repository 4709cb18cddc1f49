package serverapi

import (
	"context"
	"slices"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// subject says what a call is about, for the audit log: an object, and users besides.
type subject func(p *httpapi.Params) (o chat.Object, users []string, count int)

// aRoom is a room, and those users whom the parameter of a name lists.
func aRoom(users string) subject {
	return func(p *httpapi.Params) (chat.Object, []string, int) {
		list, count := p.PeekTexts(users, chat.MaxAuditUsers)
		return chat.Object{Kind: "room", ID: p.Peek("xcRoomID")}, list, count
	}
}

// aNamedRoom is a room that is named by one of its two ids.
func aNamedRoom(p *httpapi.Params) (chat.Object, []string, int) {
	o := chat.Object{Kind: "room", ID: p.Peek("xcRoomID")}
	if o.ID == "" {
		o.ID = p.Peek("roomID")
	}
	return o, nil, 0
}

// aNamedRoomOf is such a room, and those users whom the parameter of a name lists.
func aNamedRoomOf(users string) subject {
	return func(p *httpapi.Params) (chat.Object, []string, int) {
		o, _, _ := aNamedRoom(p)
		list, count := p.PeekTexts(users, chat.MaxAuditUsers)
		return o, list, count
	}
}

// aNamedRoomFor is such a room, and one user.
func aNamedRoomFor(p *httpapi.Params) (chat.Object, []string, int) {
	o, _, _ := aNamedRoom(p)
	return o, []string{p.Peek("xcUserID")}, 1
}

// roomsOfBatch is a room, where a batch is about one, and else rooms.
func roomsOfBatch(p *httpapi.Params) (chat.Object, []string, int) {
	rooms, count := p.PeekObjects("rooms", "xcRoomID", 1)
	o := chat.Object{Kind: "room"}
	if count == 1 && len(rooms) == 1 {
		o.ID = rooms[0]
	}
	return o, nil, 0
}

func aUser(p *httpapi.Params) (chat.Object, []string, int) {
	return chat.Object{Kind: "user", ID: p.Peek("xcUserID")}, nil, 0
}

func aRole(p *httpapi.Params) (chat.Object, []string, int) {
	return chat.Object{Kind: "role", ID: p.Peek("code")}, nil, 0
}

func aReport(p *httpapi.Params) (chat.Object, []string, int) {
	return chat.Object{Kind: "report", ID: p.Peek("reportID")}, nil, 0
}

func aWebhook(p *httpapi.Params) (chat.Object, []string, int) {
	return chat.Object{Kind: "webhook", ID: p.Peek("webhookID")}, nil, 0
}

// someRooms are rooms that are named by one of their two ids: the room, where it is one.
func someRooms(p *httpapi.Params) (chat.Object, []string, int) {
	o := chat.Object{Kind: "room"}
	for _, name := range []string{"xcRoomIDs", "roomIDs"} {
		if ids, count := p.PeekTexts(name, 1); count == 1 && len(ids) == 1 {
			o.ID = ids[0]
		}
	}
	return o, nil, 0
}

// messagesOf are all messages of a room, or of the App, and of a user.
func messagesOf(p *httpapi.Params) (chat.Object, []string, int) {
	o, _, _ := aNamedRoom(p)
	if o.ID == "" {
		o.Kind = "message"
	}
	if user := p.Peek("xcUserID"); user != "" {
		return o, []string{user}, 1
	}
	return o, nil, 0
}

// aMessage is a message that is named by one of its two ids.
func aMessage(p *httpapi.Params) (chat.Object, []string, int) {
	o := chat.Object{Kind: "message", ID: p.Peek("messageID")}
	if o.ID == "" {
		o.ID = p.Peek("localID")
	}
	return o, nil, 0
}

// someMessages is a message, where a call is about one, and else messages.
func someMessages(p *httpapi.Params) (chat.Object, []string, int) {
	ids, count := p.PeekTexts("messageIDs", 1)
	o := chat.Object{Kind: "message"}
	if count == 1 && len(ids) == 1 {
		o.ID = ids[0]
	}
	return o, nil, 0
}

// aRetentionRule is the rule of a tag, or the App's own.
func aRetentionRule(p *httpapi.Params) (chat.Object, []string, int) {
	o := chat.Object{Kind: "retention", ID: "app"}
	if tag := p.Peek("tag"); tag != "" {
		o.ID = "tag:" + tag
	}
	return o, nil, 0
}

// theBeforeHook is the App's only one.
func theBeforeHook(*httpapi.Params) (chat.Object, []string, int) {
	return chat.Object{Kind: "before_hook", ID: "message"}, nil, 0
}

// contactsOf is the contacts of their owner, where that is one user, and else those of several.
func contactsOf(p *httpapi.Params) (chat.Object, []string, int) {
	owners, count := p.PeekObjects("contacts", "ownerXCUserID", chat.MaxAuditUsers)
	o := chat.Object{Kind: "contacts"}
	owners = chat.Unique(owners)
	if len(owners) == 1 && count <= chat.MaxAuditUsers {
		o.ID = owners[0]
	}
	return o, owners, count
}

// audited is a call that leaves an entry in the audit log.
func audited(svc *service.Service, path string, about subject, do call) func(
	ctx context.Context, c chat.Caller, p *httpapi.Params,
) (httpapi.Answer, error) {
	return func(ctx context.Context, c chat.Caller, p *httpapi.Params) (answer httpapi.Answer, err error) {
		e := chat.AuditEntry{
			App: c.App.ID, Actor: chat.Actor{Kind: chat.ActorServerKey, Name: c.KeyID}, Action: path,
			Origin: httpapi.OriginOf(ctx),
		}
		e.Object, e.Users, e.UserCount = about(p)
		err = svc.Audited(ctx, e, func(ctx context.Context) error {
			answer, err = do(ctx, svc.Backend(c.App), p)
			return err
		})
		return answer, err
	}
}

// maxAudit bounds one page of audit/list.
const maxAudit = 100

func auditLog(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	f := chat.AuditFilter{
		From:   timeOr(p, "from"),
		Until:  timeOr(p, "until"),
		Action: p.TextOr("action", chat.MaxAuditText),
		Object: chat.Object{Kind: p.TextOr("objectType", chat.MaxAuditText), ID: p.TextOr("objectID", chat.MaxAuditText)},
		Limit:  p.IntOr("limit", maxAudit, 1, maxAudit),
		Before: auditPlace(p, "before"),
	}
	switch {
	case f.Object.ID != "" && f.Object.Kind == "":
		p.Fail(chat.Required("objectType"))
	case f.Object.ID == "" && f.Object.Kind != "":
		p.Fail(chat.Required("objectID"))
	}
	if f.Object.Kind != "" && !slices.Contains(auditObjects, f.Object.Kind) {
		p.Fail(chat.Invalid("objectType", "must be app, before_hook, contacts, job, key, message, report, retention, role, room, user or webhook"))
	}
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, more, err := b.AuditLog(ctx, f)
	return wire.Audit{Entries: list, More: more}, err
}

// auditObjects are the kinds of objects in the audit log.
var auditObjects = []string{"app", "before_hook", "contacts", "job", "key", "message", "report", "retention", "role", "room", "user", "webhook"}

// timeOr reads a time, 0 where there is none.
func timeOr(p *httpapi.Params, name string) int64 {
	if t := p.OptionalInt(name, 0, maxTime); t != nil {
		return *t
	}
	return 0
}

// maxTime is beyond all times that mean something, in Unix ms.
const maxTime = 1 << 53

// auditPlace reads a place in the list, as an entry before it has said it.
func auditPlace(p *httpapi.Params, name string) chat.AuditPlace {
	text := p.TextOr(name, maxPublicID)
	if text == "" {
		return chat.AuditPlace{}
	}
	place, ok := wire.ParseAuditPlace(text)
	if !ok {
		p.Fail(chat.Invalid(name, "must be the entryID of an entry"))
	}
	return place
}
