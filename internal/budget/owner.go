package budget

import (
	"net/netip"

	"parlor/internal/chat"
)

// Kind is what sort of caller an Owner is. Each kind has shares of its own.
type Kind uint8

// The kinds of callers.
const (
	Backend Kind = iota // a server key
	Person              // a signed-in user, on all devices together
	Guest               // by address: callers who show only an app key, which is public, or nothing
	kinds   int  = iota
)

// String is the kind as metrics name it.
func (k Kind) String() string { return [...]string{"server_key", "user", "address"}[k] }

// said is the kind in texts for callers.
func (k Kind) said() string { return [...]string{"server key", "user", "address"}[k] }

// Owner is who holds part of a resource. Two calls of the same caller have equal Owners.
type Owner struct {
	kind Kind
	app  chat.AppID
	user chat.UserID
	key  string
	addr netip.Addr
}

// OwnerOf is the owner of a caller's calls. remote is the address that the call came from,
// host:port; it identifies callers who are not known by anything better.
func OwnerOf(c chat.Caller, remote string) Owner {
	switch {
	case c.User != 0:
		return Owner{kind: Person, app: c.App.ID, user: c.User}
	case c.KeyKind == chat.ServerKey:
		return Owner{kind: Backend, app: c.App.ID, key: c.KeyID}
	}
	return Stranger(remote)
}

// Stranger is the owner of calls from an address. An IPv6 address counts by its /64, since its
// holder has all of that.
func Stranger(remote string) Owner {
	at, err := netip.ParseAddrPort(remote)
	if err != nil {
		return Owner{kind: Guest}
	}
	addr := at.Addr().Unmap().WithZone("")
	if addr.Is6() {
		net, _ := addr.Prefix(64) // 64 bits are there
		addr = net.Addr()
	}
	return Owner{kind: Guest, addr: addr}
}
