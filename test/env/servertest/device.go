package servertest

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"parlor/client"
	"parlor/internal/powertalk/cipher"
)

// waitTime is how long a device waits for what it expects. It is reached only by tests
// that fail.
const waitTime = 20 * time.Second

// Device is one device of a user, as an SDK would be. Its calls and frames are what is on the wire, so that a
// test can look at all of that.
type Device struct {
	App          *App
	UserID       string
	Access       string
	AccessExpiry int64
	Refresh      string
	Name         string // Device-Identifier
	socket       *websocket.Conn
	frames       chan []byte
	closed       chan struct{}
}

// SignIn makes sure that there is a user with the customer's id xc, and signs a new
// device in as him.
func (a *App) SignIn(t testing.TB, xc, device string) *Device {
	t.Helper()
	ticket, err := a.Backend(t).RequestTicket(t.Context(), client.Profile{XCID: xc, Fullname: "Name of " + xc})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.NewApp(a.config(a.AppKey))
	if err != nil {
		t.Fatal(err)
	}
	in, err := app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: device, Platform: "web"})
	if err != nil {
		t.Fatal(err)
	}
	tokens := in.Tokens()
	return &Device{
		App: a, UserID: string(tokens.UserID), Name: device,
		Access: tokens.Access, AccessExpiry: tokens.AccessExpiry.UnixMilli(), Refresh: tokens.Refresh,
	}
}

func decode(t testing.TB, path string, body any, answer Answer, out any) {
	t.Helper()
	if answer.Status != http.StatusOK || answer.Error.Code != "" {
		t.Fatalf("%s %v: %s", path, body, answer.Body)
	}
	if out != nil {
		if err := json.Unmarshal(answer.Data, out); err != nil {
			t.Fatal(err)
		}
	}
}

func (d *Device) take(t testing.TB, a Answer) {
	t.Helper()
	var tokens struct {
		AccessToken, RefreshToken string
		AccessTokenExpiry         int64
	}
	decode(t, "token", nil, a, &tokens)
	d.Access, d.Refresh, d.AccessExpiry = tokens.AccessToken, tokens.RefreshToken, tokens.AccessTokenExpiry
}

// Headers are those of an SDK, with a bearer token.
func (d *Device) Headers(token string) http.Header {
	h := http.Header{}
	h.Set("App-Key", base64.StdEncoding.EncodeToString([]byte(d.App.AppKey)))
	h.Set("Device-Identifier", d.Name)
	h.Set("Device-Platform", "web")
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	return h
}

func (d *Device) call(t testing.TB, path, token string, body any) Answer {
	t.Helper()
	return d.App.Do(t, http.MethodPost, path, d.Headers(token), body)
}

// Try calls a path below /v1 with the device's access token.
func (d *Device) Try(t testing.TB, path string, body any) Answer {
	t.Helper()
	return d.call(t, "/v1/"+path, d.Access, body)
}

// Call is Try for a call that must succeed.
func (d *Device) Call(t testing.TB, path string, body, out any) {
	t.Helper()
	decode(t, path, body, d.Try(t, path, body), out)
}

// RefreshTokens exchanges the refresh token.
func (d *Device) RefreshTokens(t testing.TB) {
	t.Helper()
	d.take(t, d.call(t, "/v1/auth/access_token/refresh", d.Refresh, ""))
}

// Connect opens the device's socket.
func (d *Device) Connect(t testing.TB) *Device {
	t.Helper()
	socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(d.App.URL, "http")+"/connect", d.Headers(d.Access))
	if err != nil {
		t.Fatalf("connect: %v (%v)", err, resp)
	}
	resp.Body.Close()
	d.socket, d.frames, d.closed = socket, make(chan []byte, 10_000), make(chan struct{})
	t.Cleanup(d.Disconnect)
	go d.read(socket, d.frames, d.closed) // ends with the socket
	return d
}

func (d *Device) read(socket *websocket.Conn, frames chan<- []byte, closed chan<- struct{}) {
	defer close(closed)
	for {
		kind, data, err := socket.ReadMessage()
		if err != nil {
			return
		}
		if kind != websocket.BinaryMessage {
			data = []byte(`{"eventName":"a text frame"}`)
		}
		for line := range strings.SplitSeq(string(data), "\n") {
			frames <- []byte(line)
		}
	}
}

// ConnectDeaf opens a socket that nobody reads.
func (d *Device) ConnectDeaf(t testing.TB) {
	t.Helper()
	socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(d.App.URL, "http")+"/connect", d.Headers(d.Access))
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	resp.Body.Close()
	t.Cleanup(func() { _ = socket.Close() })
}

// Disconnect closes the socket.
func (d *Device) Disconnect() {
	if d.socket != nil {
		_ = d.socket.Close()
		<-d.closed
		d.socket = nil
	}
}

// Closed is closed when the server, or the device, has closed the socket.
func (d *Device) Closed() <-chan struct{} { return d.closed }

// Event is a frame of the server.
type Event struct {
	EventName   string
	IsScheduled bool
	Data        json.RawMessage
	Message     Message // Data, for events that bring one
}

// Message is what tests look at of a message object.
type Message struct {
	MessageID, LocalID, Body, Data, Action, RecipientID, FilterID        string
	Type                                                                 int
	IsSending, IsDelivered, IsRead, IsDeleted, IsHidden, IsMessageEdited bool
	Created, Updated, Deleted                                            int64
	Room                                                                 struct {
		RoomID, Name, XCRoomID string
		IsLocked, IsDeleted    bool
	}
	User struct {
		UserID, XCUserID, Fullname string
		Deleted                    int64
	}
	Target struct{ TargetID string }
	Quote  struct{ Title, Content string }
}

// Text is the message's plain body.
func (m Message) Text(t testing.TB) string {
	t.Helper()
	plain, err := cipher.Decrypt(m.Body, m.LocalID)
	if err != nil {
		t.Errorf("body %q: %v", m.Body, err)
	}
	return plain
}

// Rest returns what had come over a socket that is closed and was not looked at.
func (d *Device) Rest(t testing.TB) (events []Event) {
	t.Helper()
	for {
		select {
		case frame := <-d.frames:
			events = append(events, eventOf(t, frame))
		default:
			return events
		}
	}
}

func eventOf(t testing.TB, frame []byte) (e Event) {
	t.Helper()
	if err := json.Unmarshal(frame, &e); err != nil {
		t.Fatalf("a frame of the server: %v: %q", err, frame)
	}
	if strings.HasPrefix(e.EventName, "chat/") && strings.HasSuffix(e.EventName, "Message") {
		if err := json.Unmarshal(e.Data, &e.Message); err != nil {
			t.Fatalf("a message of the server: %v: %s", err, e.Data)
		}
	}
	return e
}

// Next returns the next event for which want holds, passing over others.
func (d *Device) Next(t testing.TB, what string, want func(Event) bool) Event {
	t.Helper()
	timeout := time.After(waitTime)
	var seen []string
	for {
		select {
		case frame := <-d.frames:
			e := eventOf(t, frame)
			if want(e) {
				return e
			}
			seen = append(seen, e.EventName+" "+e.Message.Action)
		case <-timeout:
			t.Fatalf("%s did not come; there were %v", what, seen)
		}
	}
}

// NextMessage returns the next message that is no system message.
func (d *Device) NextMessage(t testing.TB) Message {
	t.Helper()
	return d.Next(t, "a message", func(e Event) bool {
		return e.EventName == "chat/sendMessage" && e.Message.Type != 9001
	}).Message
}

// NextUpdate returns the next change of a message.
func (d *Device) NextUpdate(t testing.TB) Message {
	t.Helper()
	return d.Next(t, "an update", func(e Event) bool { return e.EventName == "chat/updateMessage" }).Message
}

// Emit sends an event over the socket as text.
func (d *Device) Emit(t testing.TB, event string, data any) {
	t.Helper()
	frame, err := json.Marshal(map[string]any{"eventName": event, "data": data})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.socket.WriteMessage(websocket.TextMessage, frame); err != nil {
		t.Fatalf("emit: %v", err)
	}
}

// EmitRaw sends a frame as it is; that the connection is gone is no failure.
func (d *Device) EmitRaw(t testing.TB, frame string) {
	t.Helper()
	_ = d.socket.WriteMessage(websocket.BinaryMessage, []byte(frame))
}

// Send sends a text to a room and returns its localID.
func (d *Device) Send(t testing.TB, room, text string) (localID string) {
	t.Helper()
	localID = cipher.NewLocalID()
	d.Emit(t, "chat/sendMessage", Draft(t, room, localID, text))
	return localID
}

// Draft is a message object as SDKs send it, with nothing in it that the server need not have.
func Draft(t testing.TB, room, localID, text string) map[string]any {
	t.Helper()
	body, err := cipher.Seal(text, localID)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]any{
		"messageID": "0", "localID": localID, "type": 1001, "body": body, "data": "", "isSending": true,
		"room": map[string]any{"roomID": room, "type": 2}, "quote": nil, "replyTo": nil, "target": nil,
	}
}
