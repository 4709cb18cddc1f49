package client

import (
	"fmt"
	"testing"
	"time"
)

func TestSeen(t *testing.T) {
	message := func(id, updated int) Message {
		return Message{ID: MessageID(fmt.Sprint(id)), Room: Room{ID: "g1"}, Updated: Time{time.UnixMilli(int64(updated))}}
	}
	sent := func(id, updated int) Event { return MessageSent{message(id, updated)} }
	changed := func(id, updated int) Event { return MessageChanged{message(id, updated)} }
	steps := []struct {
		name     string
		came     Event
		caughtUp bool
		want     Event
	}{
		{"a new one", sent(10, 100), false, sent(10, 100)},
		{"the same again", sent(10, 100), false, nil},
		{"the same in an answer", sent(10, 100), true, nil},
		{"an older state of it", changed(10, 90), false, nil},
		{"a change", changed(10, 110), false, changed(10, 110)},
		{"a change in an answer", sent(10, 120), true, changed(10, 120)},
		{"an old one that has changed, in an answer", sent(9, 130), true, changed(9, 130)},
		{"a new one in an answer", sent(11, 140), true, sent(11, 140)},
		{"an older one that is sent after all", sent(8, 150), false, sent(8, 150)},
		{"a change of one never shown", changed(7, 160), false, changed(7, 160)},
		{"no message", Typing{RoomID: "g1"}, false, Typing{RoomID: "g1"}},
	}
	var s seen
	for _, step := range steps {
		if got := s.filter(step.came, step.caughtUp); fmt.Sprint(got) != fmt.Sprint(step.want) || fmt.Sprintf("%T", got) != fmt.Sprintf("%T", step.want) {
			t.Errorf("%s: %T %v, want %T %v", step.name, got, got, step.want, step.want)
		}
	}
}

// TestSeenForgets makes sure that what is remembered is bounded, and the newest of it kept.
func TestSeenForgets(t *testing.T) {
	var s seen
	for i := range 3 * seenSize {
		s.filter(MessageSent{Message{ID: MessageID(fmt.Sprint(i)), Updated: Time{time.UnixMilli(1)}}}, false)
	}
	if n := len(s.newer) + len(s.older); n > 2*seenSize {
		t.Errorf("%d messages are remembered", n)
	}
	for i := 2 * seenSize; i < 3*seenSize; i++ {
		if e := s.filter(MessageSent{Message{ID: MessageID(fmt.Sprint(i)), Updated: Time{time.UnixMilli(1)}}}, false); e != nil {
			t.Fatalf("message %d is shown again", i)
		}
	}
}
