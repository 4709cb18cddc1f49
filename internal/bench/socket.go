package bench

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"net"
	"strings"
	"sync"
	"time"
)

// What a frame is, as the first byte says.
const (
	textFrame   = 0x1
	binaryFrame = 0x2
	closeFrame  = 0x8
	pingFrame   = 0x9
	pongFrame   = 0xA

	finalFrame = 0x80 // goes with the kind: the message ends here
	masked     = 0x80 // goes with the length: four bytes of mask follow
)

const (
	// frameBuffer takes most frames in one read; an idle socket holds it all the time.
	frameBuffer = 4 << 10 // bytes
	maxFrame    = 1 << 20 // bytes; a longer frame is a mistake
)

// socket is one WebSocket, as a device has one. Like conn it does little, since it shares
// the processor with the server, and takes nothing for granted: frames come whole and
// unmasked, or there is an error. One goroutine may read while others write.
type socket struct {
	tcp     net.Conn
	in      *bufio.Reader
	frame   []byte // the last one that was read
	unwatch func() bool

	mu  sync.Mutex // the reader answers pings while others write
	out []byte
}

// dialSocket opens a socket at t's /connect with headers. It breaks when ctx ends.
func dialSocket(ctx context.Context, t target, headers string) (*socket, error) {
	return dialSocketFrom(ctx, nil, t, headers)
}

// dialSocketFrom is dialSocket from a local address; nil means any.
func dialSocketFrom(ctx context.Context, from net.IP, t target, headers string) (*socket, error) {
	host := strings.TrimPrefix(t.url, "http://")
	d := net.Dialer{Timeout: callTimeout}
	if from != nil {
		d.LocalAddr = &net.TCPAddr{IP: from}
	}
	tcp, err := d.DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	s := &socket{tcp: tcp, in: bufio.NewReaderSize(tcp, frameBuffer)}
	s.unwatch = context.AfterFunc(ctx, func() { _ = tcp.Close() })
	if err := s.shakeHands(host, headers); err != nil {
		s.close()
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	return s, nil
}

// shakeHands does not check the server's proof that it knows WebSockets: its frames show.
func (s *socket) shakeHands(host, headers string) error {
	if err := s.tcp.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return err
	}
	if _, err := io.WriteString(s.tcp,
		"GET /connect HTTP/1.1\r\nHost: "+host+"\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
			"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+headers+"\r\n\r\n"); err != nil {
		return err
	}
	line, err := headLine(s.in)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 101 ")) {
		return s.refusal(string(line))
	}
	for len(line) > 0 {
		if line, err = headLine(s.in); err != nil {
			return err
		}
	}
	return s.tcp.SetDeadline(time.Time{})
}

// refusal is an error of what the server says instead of opening the socket.
func (s *socket) refusal(status string) error {
	for {
		line, err := headLine(s.in)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			break
		}
	}
	said := make([]byte, 500)
	n, _ := s.in.Read(said) // the status alone says something, too
	return fmt.Errorf("%s: %s", status, said[:n])
}

func (s *socket) close() {
	s.unwatch()
	_ = s.tcp.Close() // nothing is under way
}

// read returns the next frame of events, which is valid until the next read. It answers pings.
func (s *socket) read() ([]byte, error) {
	for {
		kind, frame, err := s.readFrame()
		if err != nil {
			return nil, err
		}
		if kind == binaryFrame { // SDKs read no other
			return frame, nil
		}
	}
}

// eventsIn are the events of a frame: one or more, with a newline between them.
func eventsIn(frame []byte) iter.Seq[[]byte] { return bytes.SplitSeq(frame, []byte{'\n'}) }

// readFrame returns the next frame that is no ping.
func (s *socket) readFrame() (kind byte, frame []byte, err error) {
	for {
		if kind, frame, err = s.nextFrame(); err != nil {
			return 0, nil, err
		}
		switch kind {
		case pingFrame:
			if err := s.write(pongFrame, frame); err != nil {
				return 0, nil, err
			}
		case closeFrame:
			return 0, nil, closed(frame)
		default:
			return kind, frame, nil
		}
	}
}

// closed says in which words the server has closed the socket.
func closed(frame []byte) error {
	if len(frame) < 2 {
		return errors.New("the server closed the socket")
	}
	return fmt.Errorf("the server closed the socket: %d %s", binary.BigEndian.Uint16(frame), frame[2:])
}

func (s *socket) nextFrame() (kind byte, frame []byte, err error) {
	var head [8]byte
	if _, err := io.ReadFull(s.in, head[:2]); err != nil {
		return 0, nil, err
	}
	first, length := head[0], int(head[1])
	if first&^0xF != finalFrame || length&masked != 0 {
		return 0, nil, fmt.Errorf("a frame begins with % x", head[:2])
	}
	switch length {
	case 126:
		_, err = io.ReadFull(s.in, head[:2])
		length = int(binary.BigEndian.Uint16(head[:]))
	case 127:
		_, err = io.ReadFull(s.in, head[:])
		length = int(min(binary.BigEndian.Uint64(head[:]), maxFrame+1))
	}
	if err != nil {
		return 0, nil, err
	}
	if length > maxFrame {
		return 0, nil, errors.New("a frame is too long")
	}
	if cap(s.frame) < length {
		s.frame = make([]byte, length)
	}
	s.frame = s.frame[:length]
	_, err = io.ReadFull(s.in, s.frame)
	return first & 0xF, s.frame, err
}

// write sends a frame. Its mask is of zeros, which is a mask like any other.
func (s *socket) write(kind byte, frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.out = append(s.out[:0], finalFrame|kind)
	switch n := len(frame); {
	case n < 126:
		s.out = append(s.out, masked|byte(n))
	case n <= 0xFFFF:
		s.out = binary.BigEndian.AppendUint16(append(s.out, masked|126), uint16(n))
	default:
		s.out = binary.BigEndian.AppendUint64(append(s.out, masked|127), uint64(n))
	}
	s.out = append(append(s.out, 0, 0, 0, 0), frame...)
	_, err := s.tcp.Write(s.out)
	return err
}

// answers returns when the server has answered a ping.
func (s *socket) answers() error {
	if err := s.tcp.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return err
	}
	if err := s.write(pingFrame, nil); err != nil {
		return err
	}
	for {
		kind, _, err := s.readFrame()
		if err != nil {
			return err
		}
		if kind == pongFrame {
			return s.tcp.SetDeadline(time.Time{})
		}
	}
}
