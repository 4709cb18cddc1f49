package faults

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/cipher"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// TestSocketsSurviveKills has devices send over sockets while the program is killed again
// and again. Each sends a message until it is echoed. Afterwards every echoed message is
// in its room once, each sender's in the order of sending, all readers see one order, and
// what came over a socket came in that order, without doubles.
func TestSocketsSurviveKills(t *testing.T) {
	t.Parallel()
	eachEngine(t, func(t *testing.T, o store.Options) {
		rng := newRand(t)
		p := start(t, o)
		h := &history{acked: map[string][]string{}}
		h.url.Store(&p.url)
		people := []string{"ann", "bob", "cat", "dan"}
		var senders []*sender
		for _, xc := range people {
			senders = append(senders, h.signIn(t, p.client, xc))
		}
		var rooms []string
		for i := range 2 {
			var made struct{ Room struct{ RoomID string } }
			p.must(t, "room/create_or_update", fields{"xcRoomID": fmt.Sprint("h", i), "type": 2, "name": "H", "participantXCUserIDs": people}, &made)
			rooms = append(rooms, made.Room.RoomID)
		}
		rooms = append(rooms, senders[0].user+"-"+senders[1].user) // of two of them
		ctx, stop := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		for i, s := range senders {
			mine := rooms[:2]
			if i < 2 {
				mine = rooms
			}
			wait.Go(func() { s.run(ctx, mine) })
		}
		for range 4 {
			before := h.count.Load()
			enough := 20 + rng.Int64N(60)
			eventually(t, "messages are echoed", func() bool { return h.count.Load() >= before+enough })
			p.kill()
			p = start(t, o)
			h.url.Store(&p.url)
		}
		before := h.count.Load()
		eventually(t, "messages are echoed at the end", func() bool { return h.count.Load() >= before+20 })
		stop()
		wait.Wait()
		h.check(t, senders, rooms)
		p.kill()
		storetest.Audit(t, o)
	})
}

// history is what was echoed, by sender and room.
type history struct {
	url   atomic.Pointer[string]
	count atomic.Int64

	mu      sync.Mutex
	acked   map[string][]string // localIDs in the order of sending
	strange []string
}

// sender is a device that sends.
type sender struct {
	*history
	user, access, device string
	sent                 int
}

func (h *history) signIn(t *testing.T, c *client, xc string) *sender {
	t.Helper()
	var ticket struct{ Ticket, UserID string }
	c.must(t, "auth_ticket/request", fields{"xcUserID": xc, "fullName": xc}, &ticket)
	s := &sender{history: h, user: ticket.UserID, device: "device of " + xc}
	var tokens struct{ AccessToken string }
	s.post(t, "auth/access_token/request", ticket.Ticket, fields{}, &tokens)
	s.access = tokens.AccessToken
	return s
}

func (s *sender) headers(token string) http.Header {
	return http.Header{
		"App-Key":           {base64.StdEncoding.EncodeToString([]byte("app:another secret for tests"))},
		"Authorization":     {"Bearer " + token},
		"Device-Identifier": {s.device},
	}
}

func (s *sender) post(t *testing.T, path, token string, body, out any) {
	t.Helper()
	b, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, *s.url.Load()+"/v1/"+path, strings.NewReader(string(b)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = s.headers(token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var a answer
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil || !a.ok() {
		t.Fatalf("%s: %+v, %v", path, a, err)
	}
	if err := json.Unmarshal(a.Data, out); err != nil {
		t.Fatal(err)
	}
}

// run sends one message after the other, over as many sockets as it takes.
func (s *sender) run(ctx context.Context, rooms []string) {
	var local, room string
	for ctx.Err() == nil {
		socket, resp, err := websocket.DefaultDialer.DialContext(ctx, "ws"+strings.TrimPrefix(*s.url.Load(), "http")+"/connect", s.headers(s.access))
		if err != nil {
			continue // it is down; DialContext takes its time
		}
		_ = resp.Body.Close()
		newest := map[string]int64{} // of each room, over this socket
		for ctx.Err() == nil {
			if local == "" {
				local, room = cipher.NewLocalID(), rooms[s.sent%len(rooms)]
				s.sent++
			}
			if !s.send(socket, room, local) || !s.echoed(socket, local, newest) {
				break
			}
			s.mu.Lock()
			s.acked[s.user+" "+room] = append(s.acked[s.user+" "+room], local)
			s.mu.Unlock()
			s.count.Add(1)
			local = ""
		}
		_ = socket.Close()
	}
}

func (s *sender) send(socket *websocket.Conn, room, local string) bool {
	body, err := cipher.Seal("x", local)
	if err != nil {
		return false
	}
	return socket.WriteJSON(fields{"eventName": "chat/sendMessage", "data": fields{
		"localID": local, "type": 1001, "body": body, "data": "", "room": fields{"roomID": room},
	}}) == nil
}

// echoed reads until the echo comes, and looks at the order of what else does.
func (s *sender) echoed(socket *websocket.Conn, local string, newest map[string]int64) bool {
	for {
		_ = socket.SetReadDeadline(time.Now().Add(patience))
		_, frame, err := socket.ReadMessage()
		if err != nil {
			return false
		}
		var e struct {
			EventName string
			Data      struct {
				MessageID int64 `json:",string"`
				LocalID   string
				Room      struct{ RoomID string }
			}
		}
		if err := json.Unmarshal(frame, &e); err != nil {
			s.note("%v: %s", err, frame)
			return false
		}
		if e.EventName != "chat/sendMessage" {
			continue
		}
		if e.Data.MessageID > newest[e.Data.Room.RoomID] {
			newest[e.Data.Room.RoomID] = e.Data.MessageID
		} else if e.Data.LocalID != local { // the echo of a message sent twice may come late
			s.note("message %d came after %d", e.Data.MessageID, newest[e.Data.Room.RoomID])
		}
		if e.Data.LocalID == local {
			return true
		}
	}
}

func (h *history) note(format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.strange = append(h.strange, fmt.Sprintf(format, args...))
}

// check reads every room as every participant.
func (h *history) check(t *testing.T, senders []*sender, rooms []string) {
	t.Helper()
	for _, line := range h.strange {
		t.Error(line)
	}
	for _, room := range rooms {
		var first []string
		for i, s := range senders {
			if strings.Contains(room, "-") && i > 1 {
				continue
			}
			list := s.past(t, room)
			if first == nil {
				first = list
			}
			if !slices.Equal(list, first) {
				t.Errorf("%s reads another past of %s than others", s.user, room)
			}
		}
		place := map[string]int{}
		for i, local := range first {
			if _, twice := place[local]; twice {
				t.Errorf("%s is in %s twice", local, room)
			}
			place[local] = i
		}
		for _, s := range senders {
			last := -1
			for _, local := range h.acked[s.user+" "+room] {
				at, there := place[local]
				if !there || at < last {
					t.Errorf("%s in %s: there %t, place %d after %d", local, room, there, at, last)
				}
				last = at
			}
		}
	}
}

// past is the localIDs of a room's messages, the oldest first.
func (s *sender) past(t *testing.T, room string) (list []string) {
	t.Helper()
	for before := int64(0); ; {
		var page struct {
			Messages []struct {
				LocalID string
				Created int64
			}
			HasMore bool
		}
		s.post(t, "chat/message/list_by_room/before", s.access, fields{"roomID": room, "maxCreated": before, "limit": 50}, &page)
		for _, m := range page.Messages {
			list = append(list, m.LocalID)
			before = m.Created
		}
		if !page.HasMore {
			slices.Reverse(list)
			return list
		}
	}
}
