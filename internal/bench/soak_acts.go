package bench

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// acts is what people do, as often as they do it.
func (s *soaker) acts() []func(context.Context) error {
	send, look, read := s.send, s.lookAtRoom, s.read
	return []func(context.Context) error{
		send, send, send, send, send, send, send, send, look, look, look, read, read, read,
		s.typing, s.typing, s.list, s.listByServer, s.reconnect, s.manageRoom,
	}
}

// room is one of theirs, another each turn.
func (s *soaker) room() string {
	n := len(s.rooms)
	return s.rooms[(s.number-s.turn%min(n, soakRoom)+n)%n]
}

func (s *soaker) send(ctx context.Context) error {
	localID, frame, err := message(s.room(), plainBody())
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.waits = localID
	s.mu.Unlock()
	if err := s.socket.write(textFrame, frame); err != nil {
		return err
	}
	late := time.NewTimer(callTimeout)
	defer late.Stop()
	select {
	case <-s.echo:
		s.counts.messages.Add(1)
		return nil
	case <-s.ended:
		return s.lost()
	case <-late.C:
		return errors.New("a message did not come back")
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *soaker) typing(context.Context) error {
	for _, event := range []string{"chat/startTyping", "chat/stopTyping"} {
		if err := s.socket.write(textFrame,
			[]byte(`{"eventName":"`+event+`","data":{"roomID":"`+s.room()+`"}}`)); err != nil {
			return err
		}
	}
	return nil
}

// reconnect catches up, as a device does that was away.
func (s *soaker) reconnect(ctx context.Context) error {
	s.hangUp()
	if err := s.open(ctx); err != nil {
		return err
	}
	s.counts.reconnects.Add(1)
	return s.client("chat/message/new_and_updated", nil)
}

// client is a call of the device.
func (s *soaker) client(path string, body map[string]any) error {
	s.api.address("/v1/"+path, bearer(s.device.access))
	return s.call(path, body)
}

// server is a call of the customer's backend.
func (s *soaker) server(path string, body map[string]any) error {
	s.api.address("/v1/server/"+path, "Server-Key: "+s.t.key)
	return s.call(path, body)
}

func (s *soaker) call(path string, body map[string]any) error {
	s.counts.calls.Add(1)
	if _, err := s.api.post(jsonBody(nil, body)); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

func (s *soaker) list(context.Context) error {
	return s.client("chat/message/room_list_and_unread", nil)
}

func (s *soaker) listByServer(context.Context) error {
	return s.server("room/get_list_by_user", map[string]any{"xcUserID": s.rig.xc("user", s.number)})
}

// lookAtRoom asks for what is new in a room, or for what was before.
func (s *soaker) lookAtRoom(context.Context) error {
	s.mu.Lock()
	created := s.created
	s.mu.Unlock()
	if s.turn%2 == 0 {
		return s.client("chat/message/list_by_room/before", map[string]any{"roomID": s.room()})
	}
	return s.client("chat/message/list_by_room/after", map[string]any{
		"roomID": s.room(), "minCreated": created, "lastUpdated": created,
	})
}

// read reads what has come, of which the senders are told.
func (s *soaker) read(context.Context) error {
	s.mu.Lock()
	ids := s.unread
	s.unread = nil
	s.mu.Unlock()
	if len(ids) == 0 {
		return nil // nobody has written
	}
	return s.client("chat/message/feedback/read", map[string]any{"messageIDs": ids})
}

// manageRoom is the life of a room, as a customer's backend has it. In the end nobody is in
// it, so that lists do not grow: what is done must cost the same all the time.
func (s *soaker) manageRoom(context.Context) error {
	xc, me := s.rig.xc("own", s.turn*len(s.rooms)+s.number), s.rig.xc("user", s.number)
	other := s.rig.xc("user", (s.number+1)%len(s.rooms))
	steps := []struct {
		path string
		body map[string]any
	}{
		{"room/create_or_update", map[string]any{"type": 2, "name": "Order", "participantXCUserIDs": []string{me}}},
		{"room/get", map[string]any{}},
		{"room/create_or_update", map[string]any{"type": 2, "name": "Order, on its way"}},
		{"room/participants/add", map[string]any{"participantXCUserIDs": []string{other}}},
		{"room/participants/remove", map[string]any{"participantXCUserIDs": []string{other, me}}},
	}
	for _, step := range steps {
		step.body["xcRoomID"] = xc
		if err := s.server(step.path, step.body); err != nil {
			return err
		}
	}
	return nil
}
