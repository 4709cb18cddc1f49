package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"net"

	"parlor/internal/powertalk/cipher"
)

// device is somebody who is signed in, with one device.
type device struct{ access string }

// bearer is what devices show with a ticket or a token, as lines of a head.
func bearer(token string) string {
	return "App-Key: " + header(appKey) +
		"\r\nDevice-Identifier: bench\r\nDevice-Platform: web\r\nAuthorization: Bearer " + token
}

// signIn makes users and signs them in with a device each.
func (g *rig) signIn(ctx context.Context, t target, kind string, n int) ([]device, error) {
	devices := make([]device, n)
	t = t.call("auth_ticket/request")
	err := g.callAll(ctx, t, setUpWork("users signed in", n), func(c *conn, i int) error {
		c.call(t)
		answer, err := c.post(jsonBody(nil, map[string]any{"xcUserID": g.xc(kind, i), "fullName": userName(i)}))
		if err != nil {
			return err
		}
		var data struct{ Ticket, AccessToken string }
		if err := decodeData(answer, &data); err != nil {
			return err
		}
		c.address("/v1/auth/access_token/request", bearer(data.Ticket))
		if answer, err = c.post([]byte("{}")); err != nil {
			return err
		}
		err = decodeData(answer, &data)
		devices[i].access = data.AccessToken
		return err
	})
	return devices, err
}

// decodeData reads an answer's data.
func decodeData(answer []byte, data any) error {
	return json.Unmarshal(answer, &struct {
		Data any `json:"data"`
	}{data})
}

// connect opens a socket for each device, many at a time. They are closed with the rig, if
// not before.
func (g *rig) connect(ctx context.Context, t target, devices []device) ([]*socket, error) {
	sockets := make([]*socket, len(devices))
	g.closers = append(g.closers, func() error {
		closeAll(sockets)
		return nil
	})
	err := g.share(ctx, setUpWork("sockets", len(devices)), func(_ context.Context, next func() (int, bool)) error {
		for i, more := next(); more; i, more = next() {
			// Not with share's context, which ends.
			s, err := dialSocketFrom(ctx, sourceOf(i), t, bearer(devices[i].access))
			if err != nil {
				return t.fate(err)
			}
			sockets[i] = s
		}
		return nil
	})
	return sockets, err
}

// One address takes some 28,000 sockets, for each has a port of its own.
const (
	sourceSockets   = 20_000
	sourceAddresses = 250
)

// sourceOf is the address that the socket with this number comes from, nil for any: Linux has
// all of 127.0.0.0/8 on loopback, other systems one.
func sourceOf(i int) net.IP {
	if i < sourceSockets {
		return nil
	}
	return net.IPv4(127, 0, 0, byte(1+i/sourceSockets))
}

// closeAll closes the sockets that are there. It may be called again.
func closeAll(sockets []*socket) {
	for _, s := range sockets {
		if s != nil {
			s.close()
		}
	}
}

// putRoom makes a room and returns its roomID, by which devices know it.
func (g *rig) putRoom(c *conn, kind string, i int, people []string) (id string, err error) {
	answer, err := c.post(jsonBody(nil, map[string]any{
		"xcRoomID": g.xc(kind, i), "type": 2, "name": roomName(i), "participantXCUserIDs": people,
	}))
	if err != nil {
		return "", err
	}
	var data struct{ Room struct{ RoomID string } }
	if err := decodeData(answer, &data); err != nil {
		return "", err
	}
	if data.Room.RoomID == "" {
		return "", fmt.Errorf("no roomID in %.200s", answer)
	}
	return data.Room.RoomID, nil
}

// roomsOfDevices makes n rooms and returns their roomIDs.
func (g *rig) roomsOfDevices(
	ctx context.Context, t target, kind string, n int, people func(room int) []string,
) ([]string, error) {
	ids := make([]string, n)
	err := g.callAll(ctx, t.call("room/create_or_update"), setUpWork("rooms", n), func(c *conn, i int) (err error) {
		ids[i], err = g.putRoom(c, kind, i, people(i))
		return err
	})
	return ids, err
}

// message is what a device sends, in the cipher, with nothing that the server does not need.
func message(room, plain string) (localID string, frame []byte, err error) {
	localID, object, err := messageObject(room, plain)
	frame = []byte(`{"eventName":"chat/sendMessage","data":` + object + `}`)
	return localID, frame, err
}

// messageObject is the message itself.
func messageObject(room, plain string) (localID, object string, err error) {
	localID = cipher.NewLocalID()
	body, err := cipher.Seal(plain, localID)
	object = `{"localID":"` + localID + `","type":1001,"body":"` + body + `","room":{"roomID":"` + room + `","type":2}}`
	return localID, object, err
}
