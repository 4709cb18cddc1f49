package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/test/env/servertest"
)

// receiver is a webhook's target that answers as a test says, and keeps each event once.
type receiver struct {
	*httptest.Server

	hold func(feedEvent) // if set, returns when a call about an event is to be answered

	mu     sync.Mutex
	answer func(feedEvent) (status int, header http.Header)
	took   []feedEvent
	again  []string // the texts of those that were told again
	calls  int
	busy   int // calls under way
	most   int // and how many were at once
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.answers(http.StatusOK, nil)
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return
	}
	var batch struct{ Events []feedEvent }
	var one feedEvent
	if json.Unmarshal(body, &batch) != nil || json.Unmarshal(body, &one) != nil {
		w.WriteHeader(http.StatusTeapot)
		return
	}
	if one.ID != "" {
		batch.Events = []feedEvent{one}
	}
	// What was committed just before the webhook was made may be told, too.
	batch.Events = slices.DeleteFunc(batch.Events, func(e feedEvent) bool {
		return e.Data.Message != nil && e.Data.Message.TypeName == "system_message"
	})
	if len(batch.Events) == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.busy++
	r.most = max(r.most, r.busy)
	defer func() { r.busy-- }()
	if r.hold != nil {
		r.mu.Unlock()
		r.hold(batch.Events[0])
		r.mu.Lock()
	}
	for _, e := range batch.Events {
		if status, header := r.answer(e); status != http.StatusOK {
			for name, values := range header {
				w.Header()[name] = values
			}
			w.WriteHeader(status)
			return
		}
	}
	for _, e := range batch.Events {
		if !slices.ContainsFunc(r.took, func(had feedEvent) bool { return had.ID == e.ID }) { // it may be told again
			r.took = append(r.took, e)
		} else if e.Data.Message != nil {
			r.again = append(r.again, e.Data.Message.Body)
		}
	}
}

// answers has the receiver answer with a status to events for which bad holds, nil for all.
func (r *receiver) answers(status int, bad func(feedEvent) bool, header ...string) {
	h := http.Header{}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = func(e feedEvent) (int, http.Header) {
		if bad == nil || bad(e) {
			return status, h
		}
		return http.StatusOK, nil
	}
}

// bodies are the texts of the messages that the receiver took, in their order.
func (r *receiver) bodies(room string) (list []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, e := range r.took {
		if e.Type == "message.created" && e.Data.Room.XcRoomID == room && e.Data.Message.TypeName == "text" {
			list = append(list, e.Data.Message.Body)
		}
	}
	return list
}

// toldAgain reports whether a message with a text was told again after it was taken.
func (r *receiver) toldAgain(text string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Contains(r.again, text)
}

// atOnce is how many calls there were at the same time, at most.
func (r *receiver) atOnce() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.most
}

func (r *receiver) count() (calls int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

type webhookAnswer struct {
	Webhook struct {
		WebhookID, State, LastError    string
		Failures                       int
		RetryTime                      int64
		ParkedEvents, DeadEvents       int
		LastErrorTime, LastSuccessTime int64
	}
}

func webhookState(t testing.TB, a *servertest.App, id string) (w webhookAnswer) {
	t.Helper()
	a.Must(t, "webhook/get", obj{"webhookID": id}, &w)
	return w
}

// hooked is an App with a webhook, and rooms in which ana writes.
func hooked(t *testing.T, a *servertest.App, r *receiver, more obj, rooms ...string) (id string) {
	t.Helper()
	a.Must(t, "user/update", obj{"xcUserID": "ana", "fullName": "Ana"}, nil)
	for _, room := range rooms {
		a.Must(t, "room/create_or_update", obj{"xcRoomID": room, "type": 2, "name": room, "participantXCUserIDs": list{"ana"}}, nil)
	}
	body := obj{"url": r.URL, "types": list{"message.created"}}
	for name, value := range more {
		body[name] = value
	}
	var made webhookAnswer
	a.Must(t, "webhook/create", body, &made)
	return made.Webhook.WebhookID
}

func aboutRoom(xc string) func(feedEvent) bool {
	return func(e feedEvent) bool { return e.Data.Room != nil && e.Data.Room.XcRoomID == xc }
}

func writeAll(t *testing.T, a *servertest.App, room string, from, to int) (said []string) {
	t.Helper()
	for i := from; i < to; i++ {
		text := strconv.Itoa(i)
		a.Must(t, "message/send/custom", obj{"xcRoomID": room, "senderXCUserID": "ana", "messageType": 1001, "body": text}, nil)
		said = append(said, text)
	}
	return said
}

// eachClock runs a test with a server of its own, whose clock it moves, on each engine.
func eachClock(t *testing.T, test func(t *testing.T, a *servertest.App, c *clock)) {
	t.Helper()
	eachClockOf(t, func(t *testing.T, a *servertest.App, c *clock, _ config.Config) { test(t, a, c) })
}

// eachClockOf is eachClock, and says how the server is set up.
func eachClockOf(t *testing.T, test func(t *testing.T, a *servertest.App, c *clock, cfg config.Config)) {
	t.Helper()
	for name, newConfig := range map[string]func(testing.TB) config.Config{"sqlite": servertest.SQLite, "postgres": servertest.Postgres} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			c.ms.Store(time.Now().UnixMilli())
			cfg := newConfig(t)
			cfg.WebhookPrivateNetwork = true
			test(t, servertest.Start(t, cfg, c.now).Default(), c, cfg)
		})
	}
}

// TestPoisonedRoom: while a target takes nothing of one room, it is told of the others; then it is told
// of that one, in its order.
func TestPoisonedRoom(t *testing.T) {
	t.Parallel()
	for name, more := range map[string]obj{"one by one": nil, "batches": {"batch": 10}} {
		t.Run(name, func(t *testing.T) {
			eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
				r := newReceiver(t)
				r.answers(http.StatusInternalServerError, aboutRoom("bad"))
				id := hooked(t, a, r, more, "bad", "good")
				bad := writeAll(t, a, "bad", 0, 20)
				good := writeAll(t, a, "good", 0, 20)
				eventually(t, "the good room is told of", func() bool {
					c.ms.Add(5) // a batch may have held both rooms
					return slices.Equal(r.bodies("good"), good)
				})
				eventually(t, "the bad room is parked", func() bool { return webhookState(t, a, id).Webhook.ParkedEvents >= 20 })
				if got := r.bodies("bad"); len(got) > 0 {
					t.Errorf("of the bad room %q were taken", got)
				}
				r.answers(http.StatusOK, nil)
				bad = append(bad, writeAll(t, a, "bad", 20, 25)...)
				eventually(t, "the bad room is told of", func() bool {
					c.ms.Add(1000)
					return len(r.bodies("bad")) >= len(bad)
				})
				if got := r.bodies("bad"); !slices.Equal(got, bad) {
					t.Errorf("the bad room was told of as %q, want %q", got, bad)
				}
				eventually(t, "nothing is parked", func() bool { return webhookState(t, a, id).Webhook.ParkedEvents == 0 })
			})
		})
	}
}

// TestDeadLetters: what a target has not taken for 72 hours is given up, and can be looked at and told
// once more: one, or all.
func TestDeadLetters(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		r := newReceiver(t)
		r.answers(http.StatusBadRequest, aboutRoom("bad"), "Content-Type", "text/plain")
		id := hooked(t, a, r, nil, "bad", "good")
		said := writeAll(t, a, "bad", 0, 3)
		eventually(t, "they are parked", func() bool { return webhookState(t, a, id).Webhook.ParkedEvents == 3 })
		shown := func(what string, waiting, oldest, dead int) {
			t.Helper()
			metrics := getPage(t, a, "/metrics").body
			for name, n := range map[string]int{"waiting": waiting, "oldest_seconds": oldest, "dead": dead} {
				if line := fmt.Sprintf("\nparlor_webhook_%s{webhook=%q} %d\n", name, id, n); !strings.Contains(metrics, line) {
					t.Errorf("%s: the metrics lack %s", what, line)
				}
			}
		}
		c.ms.Add(10_000)
		shown("parked", 3, 10, 0)
		c.ms.Add((73 * time.Hour).Milliseconds()) // for which all of them have waited
		eventually(t, "they are given up", func() bool { return webhookState(t, a, id).Webhook.DeadEvents == 3 })
		shown("given up", 0, 0, 3)
		var page struct {
			Events []struct {
				Attempts              int
				FirstAttempt, GivenUp int64
				LastError             string
				Event                 feedEvent
			}
			Cursor  string
			HasMore bool
		}
		a.Must(t, "webhook/dead/list", obj{"webhookID": id, "limit": 2}, &page)
		if len(page.Events) != 2 || !page.HasMore || page.Events[0].Event.Data.Message.Body != said[2] ||
			page.Events[0].LastError == "" || page.Events[0].GivenUp == 0 {
			t.Fatalf("%+v", page)
		}
		one := page.Events[1].Event.ID
		a.Must(t, "webhook/dead/list", obj{"webhookID": id, "limit": 2, "cursor": page.Cursor}, &page)
		if len(page.Events) != 1 || page.HasMore || page.Events[0].Event.Data.Message.Body != said[0] {
			t.Fatalf("%+v", page)
		}
		r.answers(http.StatusOK, nil)
		var replayed struct{ CountReplayed int }
		a.Must(t, "webhook/dead/replay", obj{"webhookID": id, "eventID": one}, &replayed)
		eventually(t, "the one is told", func() bool { c.ms.Add(1000); return slices.Equal(r.bodies("bad"), said[1:2]) })
		if replayed.CountReplayed != 1 {
			t.Errorf("%d were replayed", replayed.CountReplayed)
		}
		a.Must(t, "webhook/dead/replay", obj{"webhookID": id, "since": 0}, &replayed)
		want := []string{said[1], said[0], said[2]}
		eventually(t, "all are told", func() bool { c.ms.Add(1000); return slices.Equal(r.bodies("bad"), want) })
		eventually(t, "none is left", func() bool {
			w := webhookState(t, a, id).Webhook
			return w.DeadEvents+w.ParkedEvents == 0
		})
	})
}

// TestTargetRests: a target that fails again and again is only probed. One that asks to be left alone
// is. When it answers, it is told everything. One that answers 410 is not called any more.
func TestTargetRests(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		r := newReceiver(t)
		r.answers(http.StatusInternalServerError, nil)
		var rooms []string
		for i := range 10 {
			rooms = append(rooms, strconv.Itoa(i))
		}
		id := hooked(t, a, r, nil, rooms...)
		var want []string
		for _, room := range rooms {
			writeAll(t, a, room, 0, 5)
			want = append(want, "0", "1", "2", "3", "4")
		}
		eventually(t, "it rests", func() bool { return webhookState(t, a, id).Webhook.RetryTime > 0 })
		// 10 rooms have failed at most once each, and then nothing happens while the clock stands.
		if n := r.count(); n > 20 {
			t.Errorf("it was called %d times", n)
		}
		r.answers(http.StatusServiceUnavailable, nil, "Retry-After", "3600")
		eventually(t, "it is asked to wait", func() bool {
			c.ms.Add(1000)
			return webhookState(t, a, id).Webhook.RetryTime > c.ms.Load()+3000_000
		})
		before := r.count()
		for range 50 {
			c.ms.Add(60_000)
			webhookState(t, a, id)
		}
		if n := r.count(); n != before {
			t.Errorf("it was called %d times in an hour in which it wanted to be left alone", n-before)
		}
		r.answers(http.StatusOK, nil)
		c.ms.Add(3600_000)
		eventually(t, "everything is told", func() bool {
			c.ms.Add(100)
			var got []string
			for _, room := range rooms {
				got = append(got, r.bodies(room)...)
			}
			return slices.Equal(got, want)
		})
		r.answers(http.StatusGone, nil)
		writeAll(t, a, "0", 5, 6)
		eventually(t, "it is gone", func() bool { return webhookState(t, a, id).Webhook.State == "gone" })
		before = r.count()
		writeAll(t, a, "1", 5, 6)
		if n := r.count(); n != before {
			t.Errorf("it was called %d times after it had said that it is gone", n-before)
		}
		r.answers(http.StatusOK, nil)
		a.Must(t, "webhook/update", obj{"webhookID": id, "paused": false}, nil)
		eventually(t, "it is called again", func() bool {
			c.ms.Add(1000)
			return len(r.bodies("0")) == 6 && len(r.bodies("1")) == 6
		})
	})
}
