package client

import "context"

// Backend calls the server API, with a server key, in the name of your own server. It can do everything
// in its app, so keep the key away from browsers and apps. Its methods may be used concurrently.
//
// Calls that may have failed halfway are repeated, except RequestTicket. Those that would do something twice are made
// under a key of their own, as by [WithIdempotencyKey]. Every error of the server's is an [*Error].
type Backend struct {
	server   *endpoint
	byRoomID bool
}

// NewBackend returns a Backend. It calls nobody yet; the error is a fault in the Config.
func NewBackend(c Config) (*Backend, error) {
	e, err := newEndpoint(c, "Server-Key")
	if err != nil {
		return nil, err
	}
	return &Backend{server: e}, nil
}

// ByRoomID returns a Backend whose methods take Parlor's ids of rooms in place of yours, which rooms that apps have
// made do not have: backend.ByRoomID().FreezeRoom(ctx, "g7"). RoomsOfUser takes yours all the same, since its call knows
// no other.
func (b *Backend) ByRoomID() *Backend { return &Backend{server: b.server, byRoomID: true} }

// roomName says which room is meant.
type roomName struct {
	XCRoomID string `json:"xcRoomID,omitzero"`
	RoomID   string `json:"roomID,omitzero"`
}

func (b *Backend) room(id string) roomName {
	if b.byRoomID {
		return roomName{RoomID: id}
	}
	return roomName{XCRoomID: id}
}

// Call makes a call that this package has no method for, such as "room/get", and decodes the answer's data
// into out, unless out is nil. It is not repeated, except where the server has done nothing.
func (b *Backend) Call(ctx context.Context, path string, in, out any) error {
	return b.server.do(ctx, call{path: "server/" + path, in: in, once: true}.keyed(ctx), out)
}

// do makes a call of which a second time changes nothing.
func (b *Backend) do(ctx context.Context, path string, in, out any) error {
	return b.server.do(ctx, call{path: "server/" + path, in: in}.keyed(ctx), out)
}

// doOnce makes a call that would do something twice, or be answered otherwise a second time.
func (b *Backend) doOnce(ctx context.Context, path string, in, out any) error {
	return b.do(withOwnKey(ctx), path, in, out)
}
