package chat

// BeforeHook is an address that is asked before a device's message is stored (docs/protocol.md,
// "Moderation").
type BeforeHook struct {
	App       AppID
	URL       string
	Secret    string // with which it is signed: whsec_ and base64
	Timeout   int    // ms
	Strict    bool   // without an answer in time nothing is stored; otherwise it is
	UpdatedAt int64  // Unix ms
}

// Limits of a BeforeHook's Timeout, in ms.
const (
	MinHookTimeout = 100
	MaxHookTimeout = 5000
)
