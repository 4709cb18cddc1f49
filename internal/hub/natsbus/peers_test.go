package natsbus

import (
	"testing"
	"time"
)

// TestPeers plays what one node hears from another, second by second.
func TestPeers(t *testing.T) {
	start := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(sec int) time.Time { return start.Add(time.Duration(sec) * time.Second) }
	msg := func(seq uint64) func(*peers, time.Time) {
		return func(p *peers, now time.Time) { p.hear(header{kind: kindMessage, seq: seq}, now) }
	}
	beat := func(seq uint64) func(*peers, time.Time) {
		return func(p *peers, now time.Time) { p.hear(header{kind: kindBeat, seq: seq}, now) }
	}
	bye := func(p *peers, now time.Time) { p.hear(header{kind: kindBye, seq: 1}, now) }
	reconnect := func(fineAt int) func(*peers, time.Time) {
		return func(p *peers, now time.Time) { p.reconnected(at(fineAt), now) }
	}
	type step struct {
		at   int
		do   func(*peers, time.Time) // nil: only the check that follows each step
		lost int                     // since when; none is -1
	}
	const none = -1
	tests := []struct {
		name  string
		steps []step
	}{
		{"joined a node that was out of reach", []step{{1, beat(3), 0}, {2, msg(4), none}}},
		{"all is well", []step{
			{1, beat(0), none}, {2, msg(1), none}, {3, msg(2), none}, {4, beat(2), none}, {5, msg(3), none},
		}},
		{"joined a busy node", []step{{1, msg(77), 0}, {2, beat(77), none}, {3, msg(78), none}}},
		{"gap before a message", []step{{1, msg(1), none}, {2, msg(3), 1}, {3, msg(4), none}}},
		{"gap before a beat", []step{{1, msg(1), none}, {2, beat(1), none}, {3, beat(2), 2}, {4, beat(2), none}}},
		{"gap before the end", []step{{1, beat(0), none}, {2, bye, 1}, {60, nil, none}}},
		{"left", []step{{1, msg(1), none}, {2, bye, none}, {60, nil, none}}},
		{"died", []step{{1, msg(1), none}, {6, nil, none}, {7, nil, 1}, {8, nil, none}, {1000, nil, none}}},
		{"was out of reach, published nothing", []step{
			{1, msg(1), none}, {9, nil, 1}, {90, beat(1), none}, {91, msg(2), none},
		}},
		{"was out of reach, published", []step{{1, msg(1), none}, {9, nil, 1}, {90, beat(2), 1}, {91, msg(3), none}}},
		{"newcomer", []step{{100, beat(0), none}, {101, msg(1), none}}},
		{"newcomer at once", []step{{100, msg(1), none}}},
		{"newcomer whose first words were lost", []step{{100, beat(1), 40}, {101, msg(2), none}}},
		{"own connection broke", []step{{3, beat(0), none}, {9, reconnect(4), 3}, {10, msg(2), 9}, {11, msg(3), none}}},
		{"own connection broke, heard later", []step{{3, beat(0), none}, {9, reconnect(2), 2}}},
		{"own connection broke, silent long before", []step{
			{1, beat(0), none}, {20, nil, 1}, {31, reconnect(29), 29}, {32, beat(1), 1},
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPeers()
			p.begin(start)
			for _, s := range tt.steps {
				if s.do != nil {
					s.do(p, at(s.at))
				}
				p.check(at(s.at))
				since, lost := p.takeLoss()
				if lost != (s.lost != none) || lost && !since.Equal(at(s.lost)) {
					t.Fatalf("at %d: loss %v since %s, want %d", s.at, lost, since, s.lost)
				}
			}
			p.check(at(1000).Add(forgetAfter))
			if len(p.nodes) > 0 {
				t.Error("a node is never forgotten")
			}
		})
	}
}

func TestReconnectDelay(t *testing.T) {
	for n := 1; n < 1000; n++ {
		if d := reconnectDelay(n); d < 100*time.Millisecond || d > 2500*time.Millisecond {
			t.Fatalf("attempt %d waits %s", n, d)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte{})
	f.Add(header{kindMessage, nodeID{1}, 1 << 40}.encode([]byte("payload")))
	f.Fuzz(func(t *testing.T, frame []byte) {
		h, payload, ok := decode(frame)
		if ok != (len(frame) >= headerSize) {
			t.Fatalf("%d bytes: %v", len(frame), ok)
		}
		if ok && string(h.encode(payload)) != string(frame) {
			t.Errorf("%x becomes %x", frame, h.encode(payload))
		}
	})
}
