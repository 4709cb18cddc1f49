package bench

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// attack is what a hostile neighbour does, on so many connections at once.
type attack struct {
	name, what  string
	connections int
	// once opens one connection and does its work until that breaks off or ctx ends.
	once func(ctx context.Context) error
	// ready, if set, is done before, and holds until ctx ends.
	ready func(ctx context.Context) error
}

// breather is how long to wait before reopening a connection that broke off or was refused.
const breather = 20 * time.Millisecond

// begin starts an attack; it goes on until stop, which waits for its end.
func (a attack) begin(ctx context.Context) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	if a.ready != nil {
		if err := a.ready(ctx); err != nil {
			cancel()
			return nil, fmt.Errorf("%s: %w", a.name, err)
		}
	}
	var group sync.WaitGroup
	for range a.connections {
		group.Go(func() { // ends with stop
			for ok := true; ok; ok = rested(ctx, breather) {
				_ = a.once(ctx) // to be refused is what it is there for
			}
		})
	}
	return func() { cancel(); group.Wait() }, nil
}

// hostile is those who attack, and what they attack with.
type hostile struct {
	g       *rig
	t       target
	persons []device // of users who are in all rooms; each attack has one of its own
	rooms   []string
	big     string // the messageID of a message in a room of many
}

// newHostile makes a user of many rooms, and one room of many users.
func (g *rig) newHostile(ctx context.Context, t target) (*hostile, error) {
	h := &hostile{g: g, t: t}
	const persons = 5
	var xcs []string
	for i := range persons {
		xcs = append(xcs, g.xc("hostile", i))
	}
	var err error
	if h.persons, err = g.signIn(ctx, t, "hostile", persons); err != nil {
		return nil, err
	}
	if err := g.putUsers(ctx, t, "crowd", g.sizes.crowd); err != nil {
		return nil, err
	}
	everybody := func(int) []string { return xcs }
	if h.rooms, err = g.roomsOfDevices(ctx, t, "hostile", g.sizes.listLong, everybody); err != nil {
		return nil, err
	}
	err = g.postAll(ctx, t.call("message/send/custom"), "messages", g.sizes.listLong, func(i int) map[string]any {
		return map[string]any{
			"messageType": 1001, "body": strings.Repeat("long ", 400), "senderXCUserID": g.xc("hostile", 0),
			"xcRoomID": g.xc("hostile", i),
		}
	})
	if err != nil {
		return nil, err
	}
	if err := g.join(ctx, t, g.xc("hostile", 0), usersOf{kind: "crowd", last: g.sizes.crowd}); err != nil {
		return nil, err
	}
	h.big, err = h.newestIn(ctx, h.rooms[0])
	return h, err
}

// newestIn is the messageID of a room's newest message.
func (h *hostile) newestIn(ctx context.Context, room string) (string, error) {
	c, err := dial(ctx, h.t)
	if err != nil {
		return "", err
	}
	defer c.close()
	c.address("/v1/chat/message/list_by_room/before", bearer(h.persons[0].access))
	answer, err := c.post([]byte(`{"roomID":"` + room + `","limit":1}`))
	if err != nil {
		return "", err
	}
	var data struct{ Messages []struct{ MessageID string } }
	if err := decodeData(answer, &data); err != nil {
		return "", err
	}
	if len(data.Messages) == 0 {
		return "", fmt.Errorf("no message in %.300s", answer)
	}
	return data.Messages[0].MessageID, nil
}

func (h *hostile) attacks() []attack {
	signedIn := func(person int) string { return bearer(h.persons[person].access) }
	many := h.g.sizes.loops
	holes := make([]string, 10_000)
	for i := range holes {
		holes[i] = strconv.Itoa(i + 1)
	}
	var keys strings.Builder
	for i := 0; keys.Len() < 4_000_000; i++ {
		keys.WriteString(`,"` + strconv.FormatInt(int64(i), 36) + `":1`)
	}
	guest := "App-Key: " + header(appKey)
	quarter := "POST /v1/client/project_configs HTTP/1.1\r\nHost: parlor\r\n" + guest +
		"\r\nContent-Length: 4194304\r\n\r\n" + strings.Repeat(" ", 1<<20+1)
	return []attack{
		{
			"stalled bodies", "66 bodies of 4 MiB, with the app key alone, stop after a quarter", 66,
			func(ctx context.Context) error { return h.stall(ctx, quarter) }, nil,
		},
		{
			"tiny keys", "6 connections send bodies of 4 MB in keys of a few bytes, with the app key alone", 6,
			h.loop("client/project_configs", guest, "{"+keys.String()[1:]+"}"), nil,
		},
		{
			"loops of new_and_updated", fmt.Sprintf("one user asks from %d connections, with a socket that says nothing",
				many), many,
			h.loop("chat/message/new_and_updated", signedIn(0), "{}"), h.silentSocket,
		},
		{
			"unread answers", "one user asks for the list of rooms from 16 connections and does not read it", 16,
			func(ctx context.Context) error {
				return h.ignore(ctx, "chat/message/room_list_and_unread", signedIn(1))
			}, nil,
		},
		{
			"feedback over holes", "one user reports 10,000 messages as read that are none of theirs, on 8 connections", 8,
			h.loop("chat/message/feedback/read", signedIn(2), `{"messageIDs":[`+strings.Join(holes, ",")+`]}`), nil,
		},
		{
			"details of a big room", fmt.Sprintf("one user asks who has read a message, in a room of %s, on 8 connections",
				thousands(int64(h.g.sizes.crowd))), 8,
			h.loop("chat/message/get_details", signedIn(3), `{"messageID":"`+h.big+`"}`), nil,
		},
		{"a flood of sends", "one socket sends 3,100 messages at once, again and again", 1, h.flood, nil},
	}
}

// loop makes a call again and again on a connection.
func (h *hostile) loop(path, headers, body string) func(context.Context) error {
	return func(ctx context.Context) error {
		c, err := dial(ctx, h.t)
		if err != nil {
			return err
		}
		defer c.close()
		c.address("/v1/"+path, headers)
		for err == nil {
			_, err = c.post([]byte(body))
		}
		return err
	}
}

// stall sends part of a call and waits until the server has had enough.
func (h *hostile) stall(ctx context.Context, part string) error {
	return h.raw(ctx, func(tcp net.Conn) error {
		_, err := io.WriteString(tcp, part)
		if err == nil {
			_, err = io.Copy(io.Discard, tcp)
		}
		return err
	})
}

// ignore makes a call and reads nothing of the answer.
func (h *hostile) ignore(ctx context.Context, path, headers string) error {
	return h.raw(ctx, func(tcp net.Conn) error {
		if c, ok := tcp.(*net.TCPConn); ok {
			_ = c.SetReadBuffer(4 << 10) // where it cannot be made smaller, more of the answer is gone
		}
		for {
			if _, err := io.WriteString(tcp,
				"POST /v1/"+path+" HTTP/1.1\r\nHost: parlor\r\n"+headers+"\r\nContent-Length: 2\r\n\r\n{}"); err != nil {
				return err
			}
			if !rested(ctx, breather) {
				return ctx.Err()
			}
		}
	})
}

// raw works on a connection, which breaks when ctx ends.
func (h *hostile) raw(ctx context.Context, work func(tcp net.Conn) error) error {
	tcp, err := (&net.Dialer{Timeout: callTimeout}).DialContext(ctx, "tcp", strings.TrimPrefix(h.t.url, "http://"))
	if err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = tcp.Close() })
	defer stop()
	defer func() { _ = tcp.Close() }()
	return work(tcp)
}

// silentSocket opens a socket that answers no ping, for the user who asks what is new.
func (h *hostile) silentSocket(ctx context.Context) error {
	_, err := dialSocket(ctx, h.t, bearer(h.persons[0].access)) // it breaks with ctx
	return err
}

// flood sends 3,100 messages as fast as the server takes them, while what comes is read.
func (h *hostile) flood(ctx context.Context) error {
	s, err := dialSocket(ctx, h.t, bearer(h.persons[4].access))
	if err != nil {
		return err
	}
	defer s.close()
	go func() { // ends with the socket
		for _, err := s.read(); err == nil; _, err = s.read() {
		}
	}()
	body := plainBody()
	for i := range 3100 {
		if err := s.tcp.SetWriteDeadline(time.Time{}); err != nil {
			return err
		}
		_, frame, err := message(h.rooms[1+i%(len(h.rooms)-1)], body)
		if err == nil {
			err = s.write(textFrame, bytes.Clone(frame))
		}
		if err != nil {
			return err
		}
	}
	return nil
}
