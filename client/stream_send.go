package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"

	"parlor/internal/powertalk/cipher"
)

// maxText is how long a text may be, in UTF-16 units.
const maxText = 4000

// pendingKey is a message whose acknowledgement is awaited, or that of its edit.
type pendingKey struct {
	localID string
	edit    bool
}

// pending is a frame that was sent and not acknowledged. It goes out again with each new connection.
type pending struct {
	room   RoomID // of a message
	text   string // of an edit
	frame  []byte
	result chan result // takes one
}

type result struct {
	message Message
	err     error
}

// Send sends a message and returns it as the server has stored it. It goes on through reconnects; the message
// is stored once. The error is ErrRoomLocked, ErrNoEcho when the server has shown nothing in time, ErrLocalID,
// why the Stream has ended, or the cause of ctx. The message may be stored all the same; sending
// it again with the same localID is safe.
func (s *Stream) Send(ctx context.Context, m Draft) (Message, error) {
	m = m.withDefaults()
	frame, err := m.frame(frameSendMessage)
	if err != nil {
		return Message{}, err
	}
	return s.await(ctx, pendingKey{localID: m.LocalID}, &pending{room: m.RoomID, frame: frame})
}

// Edit changes what a message of the user's says, and returns it as the server has stored it. Of the Draft
// LocalID, Type, Text and Payload count. Errors are those of Send; to an edit that is not allowed the server
// says nothing, so that it is ErrNoEcho.
func (s *Stream) Edit(ctx context.Context, m Draft) (Message, error) {
	frame, err := m.withDefaults().frame(frameUpdateMessage)
	if err != nil {
		return Message{}, err
	}
	return s.await(ctx, pendingKey{localID: m.LocalID, edit: true}, &pending{text: m.Text, frame: frame})
}

// Typing tells the others in a room that the user has started to write, or has stopped. Nobody says whether it
// has come; between connections it is passed over.
func (s *Stream) Typing(room RoomID, on bool) error {
	name := frameStopTyping
	if on {
		name = frameStartTyping
	}
	frame, err := encodeFrame(name, oneRoom{room})
	if err != nil {
		return err
	}
	s.mu.Lock()
	c := s.conn
	s.mu.Unlock()
	if c == nil {
		return nil
	}
	return c.write(frame)
}

func encodeFrame(name string, data any) ([]byte, error) {
	frame, err := json.Marshal(struct {
		EventName string `json:"eventName"`
		Data      any    `json:"data"`
	}{name, data})
	if err == nil && len(frame) > maxFrameOut {
		err = fmt.Errorf("client: a frame of %d bytes is too large", len(frame))
	}
	return frame, err
}

// frame is the draft as it goes over a socket.
func (m Draft) frame(name string) ([]byte, error) {
	sealed, err := m.seal()
	if err != nil {
		return nil, err
	}
	return encodeFrame(name, sealed)
}

// sealedDraft is a draft as the server takes it.
type sealedDraft struct {
	LocalID     string      `json:"localID"`
	Type        MessageType `json:"type"`
	Body        string      `json:"body"`
	Data        string      `json:"data"`
	FilterID    string      `json:"filterID"`
	Hidden      bool        `json:"isHidden"`
	Quote       *Quote      `json:"quote"`
	ReplyTo     *Reference  `json:"replyTo"`
	ForwardFrom *Reference  `json:"forwardFrom"`
	Room        oneRoom     `json:"room"`
}

// seal enciphers what the draft says.
func (m Draft) seal() (*sealedDraft, error) {
	if n := len(utf16.Encode([]rune(m.Text))); n > maxText {
		return nil, fmt.Errorf("client: a text of %d UTF-16 units is too long: at most %d", n, maxText)
	}
	key, err := cipher.NewKey(m.LocalID)
	if err != nil {
		return nil, err
	}
	sealed := &sealedDraft{
		LocalID: m.LocalID, Type: m.Type, Body: key.Seal(m.Text), FilterID: m.FilterID, Hidden: m.Hidden,
		ReplyTo: m.ReplyTo, ForwardFrom: m.ForwardFrom, Room: oneRoom{m.RoomID},
	}
	if m.Payload != "" {
		sealed.Data = key.Seal(m.Payload)
	}
	if m.Quote != nil {
		q := *m.Quote
		if q.Content != "" {
			q.Content = key.Seal(q.Content)
		}
		sealed.Quote = &q
	}
	return sealed, nil
}

// await sends a frame until it is acknowledged.
func (s *Stream) await(ctx context.Context, key pendingKey, p *pending) (Message, error) {
	p.result = make(chan result, 1)
	s.mu.Lock()
	if s.pending[key] != nil {
		s.mu.Unlock()
		return Message{}, errors.New("client: a message of this localID is being sent")
	}
	s.pending[key] = p
	c := s.conn
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.pending, key)
	}()
	if c != nil {
		_ = c.write(p.frame) // what does not go out goes out with the next connection
	}
	timeout := time.NewTimer(s.o.EchoTimeout)
	defer timeout.Stop()
	select {
	case r := <-p.result:
		return r.message, r.err
	case <-timeout.C:
		return Message{}, ErrNoEcho
	case <-ctx.Done():
		return Message{}, context.Cause(ctx)
	case <-s.done:
		return Message{}, s.queue.reason()
	}
}

// begin makes c the connection that frames go over, and sends what was not acknowledged.
func (s *Stream) begin(c *conn) {
	s.mu.Lock()
	s.conn = c
	var frames [][]byte
	for _, p := range s.pending {
		frames = append(frames, p.frame)
	}
	s.mu.Unlock()
	for _, frame := range frames {
		if c.write(frame) != nil {
			return // the connection is over
		}
	}
}

// settle looks whether an event acknowledges, or refuses, what was sent.
func (s *Stream) settle(e Event) {
	var m Message
	changed := false
	switch e := e.(type) {
	case MessageSent:
		m = e.Message
	case MessageChanged:
		m, changed = e.Message, true
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if user := s.device.UserID(); user == "" || m.Sender.ID == user {
		if p := s.pending[pendingKey{localID: m.LocalID}]; p != nil {
			p.settle(result{message: m})
		}
		if p := s.pending[pendingKey{localID: m.LocalID, edit: true}]; p != nil && m.Edited {
			if text, err := m.Text(); err == nil && text == p.text {
				p.settle(result{message: m})
			}
		}
	}
	if !changed || !m.Room.Locked {
		return
	}
	// So the server refuses a message to a locked room: it shows the room as it is.
	for key, p := range s.pending {
		if !key.edit && p.room == m.Room.ID {
			p.settle(result{err: ErrRoomLocked})
		}
	}
}

// settle gives the result to whoever waits for it, unless they have one.
func (p *pending) settle(r result) {
	select {
	case p.result <- r:
	default:
	}
}
