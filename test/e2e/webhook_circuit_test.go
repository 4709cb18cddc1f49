package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/server"
	"parlor/internal/store"
	"parlor/test/env/servertest"
)

func aboutText(text string) func(feedEvent) bool {
	return func(e feedEvent) bool { return e.Data.Message.Body == text }
}

func write(t *testing.T, a *servertest.App, room, text string) {
	t.Helper()
	a.Must(t, "message/send/custom", obj{"xcRoomID": room, "senderXCUserID": "ana", "messageType": 1001, "body": text}, nil)
}

// TestPoisonedEvents: events that a target cannot digest, one or one in each of many rooms, hold up
// nothing but their rooms, however often they have failed and whatever else there is to tell.
func TestPoisonedEvents(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"one": 1, "many": 8} {
		t.Run(name, func(t *testing.T) {
			eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
				r := newReceiver(t)
				r.answers(http.StatusInternalServerError, aboutText("poison"))
				rooms := []string{"good", "fine"}
				for i := range n {
					rooms = append(rooms, strconv.Itoa(i))
				}
				id := hooked(t, a, r, nil, rooms...)
				for _, room := range rooms[2:] {
					write(t, a, room, "poison")
				}
				// As often as would end a target that takes nothing.
				eventually(t, "they fail", func() bool { c.ms.Add(1000); return webhookState(t, a, id).Webhook.Failures >= 8 })
				for i := range 3 {
					for _, room := range rooms[:2] { // while the clock stands, so that nothing comes of waiting
						write(t, a, room, strconv.Itoa(i))
						eventually(t, room+" is told of", func() bool { return len(r.bodies(room)) == i+1 })
					}
					before := r.count()
					eventually(t, "they are tried again", func() bool { c.ms.Add(1000); return r.count() > before })
				}
				for _, room := range rooms[2:] {
					write(t, a, room, "behind")
				}
				r.answers(http.StatusOK, nil)
				eventually(t, "they are taken", func() bool {
					c.ms.Add(10_000)
					return !slices.ContainsFunc(rooms[2:], func(room string) bool { return !slices.Equal(r.bodies(room), []string{"poison", "behind"}) })
				})
			})
		})
	}
}

// TestReplayIntoQuiet: a dead letter is told again, once, also where nothing else is parked, and its room
// goes on behind it.
func TestReplayIntoQuiet(t *testing.T) {
	t.Parallel()
	eachClockOf(t, func(t *testing.T, a *servertest.App, c *clock, cfg config.Config) {
		r := newReceiver(t)
		r.answers(http.StatusInternalServerError, aboutText("poison"))
		id := hooked(t, a, r, nil, "bad", "good")
		write(t, a, "bad", "poison")
		eventually(t, "it is parked", func() bool { return webhookState(t, a, id).Webhook.ParkedEvents >= 1 })
		eventually(t, "it is given up", func() bool {
			c.ms.Add((73 * time.Hour).Milliseconds())
			return webhookState(t, a, id).Webhook.DeadEvents == 1
		})
		r.answers(http.StatusOK, nil)
		leasedTo := leaseOfWebhook(t, cfg) // the clock's leap has ended the lease
		eventually(t, "it is leased again", func() bool { return leasedTo() > c.ms.Load() })
		want := writeAll(t, a, "bad", 0, 2)
		eventually(t, "its room goes on", func() bool { return slices.Equal(r.bodies("bad"), want) })
		eventually(t, "its place is stored", func() bool { return webhookState(t, a, id).Webhook.LastSuccessTime >= c.ms.Load() })
		a.Must(t, "webhook/dead/replay", obj{"webhookID": id, "since": 0}, nil)
		eventually(t, "it is told", func() bool { return slices.Contains(r.bodies("bad"), "poison") })
		write(t, a, "bad", "last")
		eventually(t, "what follows is told", func() bool { return slices.Equal(r.bodies("bad"), append(want, "poison", "last")) })
		if r.toldAgain("poison") || r.toldAgain("last") {
			t.Errorf("%q came twice, of %q", r.again, r.bodies("bad"))
		}
	})
}

// TestRetryAfter: neither what is taken nor what fails without saying so makes a target be called before
// the latest time that it has asked for.
func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"others are taken": http.StatusOK, "others fail": http.StatusInternalServerError} {
		t.Run(name, func(t *testing.T) {
			eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
				r := newReceiver(t)
				asked := make(chan struct{})
				r.hold = func(e feedEvent) {
					if e.Data.Message.Body == "slow" {
						<-asked
					}
				}
				limit, failing := http.Header{"Retry-After": {"3600"}}, status
				r.answer = func(e feedEvent) (int, http.Header) {
					if e.Data.Message.Body == "limit" {
						return http.StatusTooManyRequests, limit
					}
					return failing, nil
				}
				rooms := []string{"0", "1", "2", "3", "4", "5", "6"}
				id := hooked(t, a, r, nil, rooms...)
				for _, room := range rooms[1:] {
					write(t, a, room, "slow")
				}
				eventually(t, "they are under way", func() bool { return r.count() == 6 })
				write(t, a, "0", "limit")
				until := func() int64 { return webhookState(t, a, id).Webhook.RetryTime }
				eventually(t, "it has asked", func() bool { return until() > c.ms.Load()+3_000_000 })
				close(asked)
				eventually(t, "the others have ended", func() bool {
					w := webhookState(t, a, id).Webhook
					return w.ParkedEvents >= 7 || w.LastSuccessTime > 0 && len(r.bodies("6")) == 1
				})
				before := r.count()
				write(t, a, "1", "next")
				for range 50 {
					c.ms.Add(60_000)
					webhookState(t, a, id)
				}
				if n := r.count() - before; n > 0 || until() < c.ms.Load() {
					t.Errorf("it was called %d times in an hour in which it wanted to be left alone, and will be in %d ms", n, until()-c.ms.Load())
				}
				r.answers(http.StatusOK, nil)
				eventually(t, "all is told", func() bool {
					c.ms.Add(60_000)
					return slices.Equal(r.bodies("0"), []string{"limit"}) && slices.Equal(r.bodies("1"), []string{"slow", "next"})
				})
			})
		})
	}
}

// TestBatchesAfterOutage: with batches there is one call at a time, also of what has waited, and that
// comes in batches.
func TestBatchesAfterOutage(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		r := newReceiver(t)
		r.answers(http.StatusInternalServerError, nil)
		rooms := []string{"0", "1", "2", "3", "4", "5", "6", "7"}
		id := hooked(t, a, r, obj{"batch": 50}, rooms...)
		var want []string
		for _, room := range rooms {
			want = writeAll(t, a, room, 0, 6)
		}
		eventually(t, "all is parked", func() bool { return webhookState(t, a, id).Webhook.ParkedEvents >= 48 })
		r.answers(http.StatusOK, nil)
		before := r.count()
		eventually(t, "all is told", func() bool {
			c.ms.Add(1000)
			return !slices.ContainsFunc(rooms, func(room string) bool { return len(r.bodies(room)) < len(want) })
		})
		for _, room := range rooms {
			if got := r.bodies(room); !slices.Equal(got, want) {
				t.Errorf("room %s was told of as %q", room, got)
			}
		}
		if n, most := r.count()-before, r.atOnce(); n > 20 || most > 1 {
			t.Errorf("after the outage there were %d calls, %d at once", n, most)
		}
	})
}

// leaseOfWebhook returns how it is found out until when (Unix ms) the only webhook of a server is leased.
func leaseOfWebhook(t *testing.T, cfg config.Config) (leasedTo func() int64) {
	t.Helper()
	st, err := store.Open(t.Context(), server.StoreOptions(cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	app, err := st.App(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	return func() int64 {
		list, err := st.Webhooks(t.Context(), app.ID)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0].LeasedTo
	}
}

// TestPauseLetsCallsEnd: a call that is under way when a webhook is paused is not cut off, so its event
// is not told again, nor are those that were told before their turn in the feed.
func TestPauseLetsCallsEnd(t *testing.T) {
	t.Parallel()
	eachClockOf(t, func(t *testing.T, a *servertest.App, c *clock, cfg config.Config) {
		leasedTo := leaseOfWebhook(t, cfg)
		r, answer := newReceiver(t), make(chan struct{})
		r.hold = func(e feedEvent) {
			if aboutRoom("slow")(e) {
				<-answer
			}
		}
		id := hooked(t, a, r, nil, "slow", "quick")
		slow := writeAll(t, a, "slow", 0, 2)
		quick := writeAll(t, a, "quick", 0, 2) // behind what waits
		eventually(t, "it is called", func() bool { return len(r.bodies("quick")) == 2 && r.count() == 3 })
		a.Must(t, "webhook/update", obj{"webhookID": id, "paused": true}, nil)
		c.ms.Add(1000)
		paused := c.ms.Load()
		eventually(t, "the pause is noticed", func() bool { to := leasedTo(); return to == 0 || to > paused+14_500 })
		close(answer)
		eventually(t, "it is let go", func() bool { return leasedTo() == 0 })
		a.Must(t, "webhook/update", obj{"webhookID": id, "paused": false}, nil)
		slow = append(slow, writeAll(t, a, "slow", 2, 3)...)
		eventually(t, "it goes on", func() bool { return slices.Equal(r.bodies("slow"), slow) })
		if n := r.count(); n != 5 || !slices.Equal(r.bodies("quick"), quick) {
			t.Errorf("for five events it was called %d times", n)
		}
	})
}

// TestDeadTarget: of a target that takes nothing for 72 hours all is given up that has waited for so long, also what
// waits behind others in its room.
func TestDeadTarget(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		r := newReceiver(t)
		r.answers(http.StatusInternalServerError, nil)
		rooms := []string{"0", "1", "2", "3", "4", "5", "6"}
		id := hooked(t, a, r, nil, rooms...)
		for _, room := range rooms {
			writeAll(t, a, room, 0, 4)
		}
		eventually(t, "all is parked", func() bool { c.ms.Add(1000); return webhookState(t, a, id).Webhook.ParkedEvents >= 28 })
		c.ms.Add((74 * time.Hour).Milliseconds())
		eventually(t, "all is given up", func() bool { c.ms.Add(2000); return webhookState(t, a, id).Webhook.DeadEvents >= 28 })
		r.answers(http.StatusOK, nil)
		a.Must(t, "webhook/dead/replay", obj{"webhookID": id, "since": 0}, nil)
		want := []string{"0", "1", "2", "3"}
		eventually(t, "all is told", func() bool {
			c.ms.Add(1000)
			return !slices.ContainsFunc(rooms, func(room string) bool { return !slices.Equal(r.bodies(room), want) })
		})
	})
}

// TestLongPause: what happens in a pause is told after it, however long that was.
func TestLongPause(t *testing.T) {
	t.Parallel()
	eachClock(t, func(t *testing.T, a *servertest.App, c *clock) {
		r := newReceiver(t)
		id := hooked(t, a, r, obj{"paused": true}, "0", "1")
		want := writeAll(t, a, "0", 0, 3)
		writeAll(t, a, "1", 0, 3)
		c.ms.Add((80 * time.Hour).Milliseconds())
		a.Must(t, "webhook/update", obj{"webhookID": id, "paused": false}, nil)
		eventually(t, "all is told", func() bool {
			return slices.Equal(r.bodies("0"), want) && slices.Equal(r.bodies("1"), want)
		})
		if w := webhookState(t, a, id).Webhook; w.DeadEvents > 0 {
			t.Errorf("%d events are given up", w.DeadEvents)
		}
	})
}
