package wire

import "parlor/internal/chat"

// Tokens is the answer of the calls that sign in.
type Tokens struct {
	Tokens chat.Tokens
	User   *chat.User
}

// AppendJSON appends the answer's data object.
func (a Tokens) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("accessToken", a.Tokens.Access)
	w.num("accessTokenExpiry", a.Tokens.AccessExpiry)
	w.str("refreshToken", a.Tokens.Refresh)
	w.num("refreshTokenExpiry", a.Tokens.RefreshExpiry)
	w.open("user")
	w.deviceUser(a.User)
	w.end()
	w.end()
	return w.b
}

// Ticket is the answer of auth_ticket/request.
type Ticket struct {
	Ticket string
	User   chat.UserID
}

// AppendJSON appends the answer's data object.
func (a Ticket) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("ticket", a.Ticket)
	w.id("userID", int64(a.User))
	w.end()
	return w.b
}

// Pair is a name and its value.
type Pair struct{ Name, Value string }

// Configs is the answer of project_configs. SDKs want every value as text.
type Configs struct{ Core, Project, Custom []Pair }

// AppendJSON appends the answer's data object.
func (a Configs) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	for _, group := range []struct {
		name  string
		pairs []Pair
	}{{"core", a.Core}, {"project", a.Project}, {"custom", a.Custom}} {
		w.open(group.name)
		for _, p := range group.pairs {
			w.str(p.Name, p.Value)
		}
		w.end()
	}
	w.end()
	return w.b
}
