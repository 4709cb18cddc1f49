package e2e

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"

	"parlor/test/env/servertest"
)

// TestCommitWithoutAnswer: PostgreSQL commits, and the connection is lost before it can
// say so. Connected devices still get what was stored, once.
func TestCommitWithoutAnswer(t *testing.T) {
	cfg := servertest.Postgres(t)
	wire := newMute(t, cfg.Database)
	cfg.Database = wire.dsn
	a := servertest.Start(t, cfg, nil).Default()
	ana, bo := a.SignIn(t, "ana", "a1").Connect(t), a.SignIn(t, "bo", "b1").Connect(t)
	pair := ana.UserID + "-" + bo.UserID
	first := ana.Send(t, pair, "first")
	ana.NextMessage(t)
	got := bo.NextMessage(t)

	wire.swallowNextCommit()
	unanswered := ana.Send(t, pair, "nobody answers")
	if m := bo.NextMessage(t); m.LocalID != unanswered || m.Text(t) != "nobody answers" {
		t.Errorf("bo gets %+v", m)
	}
	if m := ana.NextMessage(t); m.LocalID != unanswered {
		t.Errorf("the echo is %+v", m)
	}

	wire.swallowNextCommit()
	bo.Try(t, "chat/message/feedback/read", map[string]any{"messageIDs": []string{got.MessageID}})
	if m := ana.NextUpdate(t); m.LocalID != first || !m.IsRead {
		t.Errorf("the receipt is %+v", m)
	}

	local := ana.Send(t, pair, "answered again")
	if m := bo.NextMessage(t); m.LocalID != local {
		t.Errorf("then bo gets %+v", m)
	}
}

// mute is a wire to PostgreSQL that can lose its answer to a commit.
type mute struct {
	dsn    string // PostgreSQL's address by way of the wire
	active atomic.Bool
}

func newMute(t *testing.T, dsn string) *mute {
	t.Helper()
	address, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	server := address.Host
	ln, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address.Host = ln.Addr().String()
	m := &mute{dsn: address.String()}
	var all sync.WaitGroup
	all.Go(func() { // ends with ln
		for {
			client, err := ln.Accept()
			if err != nil {
				return
			}
			all.Go(func() { m.join(client, server) }) // ends with the server's connections
		}
	})
	t.Cleanup(func() {
		_ = ln.Close()
		all.Wait()
	})
	return m
}

func (m *mute) swallowNextCommit() { m.active.Store(true) }

func (m *mute) join(client net.Conn, server string) {
	defer func() { _ = client.Close() }()
	postgres, err := net.Dial("tcp4", server)
	if err != nil {
		return
	}
	defer func() { _ = postgres.Close() }()
	var up sync.WaitGroup
	up.Go(func() {
		carry(client, postgres, func([]byte) bool { return true })
	})
	carry(postgres, client, func(part []byte) bool {
		return !bytes.Contains(part, []byte("COMMIT\x00")) || !m.active.CompareAndSwap(true, false)
	})
	_, _ = client.Close(), postgres.Close()
	up.Wait()
}

// carry moves bytes as long as may allows.
func carry(from, to net.Conn, may func([]byte) bool) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if !may(buf[:n]) {
			return
		}
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			_ = to.Close()
			return
		}
	}
}
