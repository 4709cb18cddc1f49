package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"
)

const (
	envelopeOK  = `{"status":200,`
	callTimeout = 30 * time.Second
	maxAnswer   = 256 << 20 // bytes; a longer answer is a mistake
	headBuffer  = 16 << 10  // bytes; bounds a header line
)

// conn is one kept-alive HTTP/1.1 connection that posts to one path at a time. It shares the
// processor with the server that it measures, so it does little: one write per request,
// buffers used again, no goroutine. It reads a status line, headers and a body of
// Content-Length bytes; whatever else an answer may look like is an error, not a guess.
// One goroutine may use it.
type conn struct {
	tcp     net.Conn
	in      *bufio.Reader
	host    string
	head    []byte // the request up to the value of Content-Length
	out     []byte
	answer  []byte
	unwatch func() bool
}

// dial connects to t's path. The connection breaks when ctx ends.
func dial(ctx context.Context, t target) (*conn, error) {
	u, err := url.Parse(t.url)
	if err != nil {
		return nil, err
	}
	addr := u.Host
	if u.Port() == "" {
		addr = net.JoinHostPort(u.Hostname(), "80")
	}
	tcp, err := (&net.Dialer{Timeout: callTimeout}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &conn{
		tcp: tcp, in: bufio.NewReaderSize(tcp, headBuffer), host: u.Host,
		unwatch: context.AfterFunc(ctx, func() { _ = tcp.Close() }),
	}
	c.call(t)
	return c, nil
}

// call makes the next posts a call of the server API, that of t.
func (c *conn) call(t target) { c.address(t.path, "Server-Key: "+t.key) }

// address makes the next posts go to path, with headers, lines between which stand their
// ends.
func (c *conn) address(path, headers string) { c.addressAs(path, headers, "application/json") }

// addressAs is address for bodies of another content type.
func (c *conn) addressAs(path, headers, contentType string) {
	c.head = []byte("POST " + path + " HTTP/1.1\r\nHost: " + c.host + "\r\n" + headers +
		"\r\nContent-Type: " + contentType + "\r\nContent-Length: ")
}

func (c *conn) close() {
	c.unwatch()
	_ = c.tcp.Close() // nothing is under way
}

// post sends body and returns the answer, which is valid until the next call. An answer
// that is no success is an error with its text.
func (c *conn) post(body []byte) ([]byte, error) {
	status, answer, err := c.exchange(body)
	if err == nil && (status != 200 || !bytes.HasPrefix(answer, []byte(envelopeOK))) {
		err = fmt.Errorf("HTTP %d: %.500s", status, answer)
	}
	return answer, err
}

// exchange sends body and returns the answer, whatever it is. It is valid until the next call.
func (c *conn) exchange(body []byte) (status int, answer []byte, err error) {
	c.out = strconv.AppendInt(append(c.out[:0], c.head...), int64(len(body)), 10)
	c.out = append(append(c.out, "\r\n\r\n"...), body...)
	if err := c.tcp.SetDeadline(time.Now().Add(callTimeout)); err != nil {
		return 0, nil, err
	}
	if _, err := c.tcp.Write(c.out); err != nil {
		return 0, nil, fmt.Errorf("send: %w", err)
	}
	status, length, err := c.readHead()
	if err != nil {
		return 0, nil, fmt.Errorf("read the answer's head: %w", err)
	}
	if cap(c.answer) < length {
		c.answer = make([]byte, length+length/4)
	}
	c.answer = c.answer[:length]
	if _, err := io.ReadFull(c.in, c.answer); err != nil {
		return 0, nil, fmt.Errorf("read an answer of %d bytes: %w", length, err)
	}
	return status, c.answer, nil
}

// readHead reads up to the answer's body.
func (c *conn) readHead() (status, length int, err error) {
	line, err := headLine(c.in)
	if err != nil {
		return 0, 0, err
	}
	rest, ok := bytes.CutPrefix(line, []byte("HTTP/1.1 "))
	if !ok || len(rest) < 3 {
		return 0, 0, fmt.Errorf("status line %q", line)
	}
	if status, err = strconv.Atoi(string(rest[:3])); err != nil {
		return 0, 0, fmt.Errorf("status line %q", line)
	}
	length = -1
	for {
		if line, err = headLine(c.in); err != nil {
			return 0, 0, err
		}
		if len(line) == 0 {
			break
		}
		if length, err = headerLine(line, length); err != nil {
			return 0, 0, err
		}
	}
	if length < 0 {
		return 0, 0, errors.New("there is no Content-Length")
	}
	return status, length, nil
}

// headerLine takes what bears on the body's length from one header.
func headerLine(line []byte, length int) (int, error) {
	name, value, ok := bytes.Cut(line, []byte{':'})
	if !ok {
		return 0, fmt.Errorf("header line %q", line)
	}
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("Transfer-Encoding")):
		return 0, fmt.Errorf("want a Content-Length, not Transfer-Encoding: %s", value)
	case bytes.EqualFold(name, []byte("Content-Length")):
		n, err := strconv.Atoi(string(value))
		if err != nil || n < 0 || n > maxAnswer || length >= 0 {
			return 0, fmt.Errorf("header line %q", line)
		}
		return n, nil
	}
	return length, nil
}

// headLine reads a line of an answer's head, without its end.
func headLine(in *bufio.Reader) ([]byte, error) {
	line, err := in.ReadSlice('\n')
	if err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(line[:len(line)-1], []byte{'\r'}), nil
}
