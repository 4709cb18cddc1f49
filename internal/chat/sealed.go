package chat

// Sealed is a text in the SDKs' cipher (docs/protocol.md, "Message encryption"). Messages
// travel and are stored like this; whoever needs the plain text opens it with the message's
// localID. "" is no text at all.
type Sealed string
