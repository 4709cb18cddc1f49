package chat

// AuditEntry says who has changed what: docs/protocol/server-api.md, "POST /v1/server/audit/list".
type AuditEntry struct {
	ID        AuditID
	App       AppID
	CreatedAt int64 // Unix ms
	Actor     Actor
	Action    string // the path of a call, such as /server/room/lock, or a command, such as key revoke
	Object    Object
	Users     []string // whom else it was about, by the customer's ids: the first MaxAuditUsers of them
	UserCount int      // how many those are in all
	Origin    Origin   // empty for what was not called
	Result    string   // AuditOK, or the code that it was refused with
}

// AuditID is the id of an entry.
type AuditID int64

// AuditOK is the result of what was done.
const AuditOK = "ok"

// Limits of the audit log.
const (
	// MaxAuditUsers bounds the users whom an entry names.
	MaxAuditUsers = 100
	// MaxAuditText bounds each text of an entry, in characters.
	MaxAuditText = 200
)

// ActorKind says what sort of actor has changed something.
type ActorKind string

// The kinds of actors.
const (
	ActorServerKey ActorKind = "server_key" // a backend, by its key
	ActorOperator  ActorKind = "operator"   // somebody who ran a command
	ActorServer    ActorKind = "server"     // a server at its start, by its settings
)

// Actor is who has changed something.
type Actor struct {
	Kind ActorKind
	Name string // the key's id, or the operator's account and machine
}

// Object is what was changed: a kind, such as room, and the id by which the caller knows it.
type Object struct{ Kind, ID string }

// AuditFilter says which entries are listed, the newest first.
type AuditFilter struct {
	From, Until int64  // Unix ms: not before From, and before Until; 0 is no bound
	Action      string // "" for all
	Object      Object // without a kind, all
	Before      AuditPlace
	OldestFirst bool // then Before is After
	Limit       int
}

// AuditPlace is a place in the list of entries; the zero value is its beginning.
type AuditPlace struct {
	CreatedAt int64
	ID        AuditID
}
