// Package socket is the SDKs' WebSocket, /connect: it opens sessions, hands their frames to
// the service, and writes to them what the hub has for them (docs/protocol.md, "Socket").
package socket

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/hub"
	"parlor/internal/powertalk"
	"parlor/internal/service"
)

const (
	handshakeTimeout = 10 * time.Second
	// MaxFrame bounds a frame of a client, in bytes.
	MaxFrame = 1 << 20
	// keptBuffer is what a connection reads into, in bytes; idle ones hold it all the time.
	keptBuffer = 1 << 10
	// maxNotes bounds the writes about devices at a time: many may go at once, and messages
	// must find their place beside them.
	maxNotes = 256
	// checkTimeout bounds what is asked of the database for one connection.
	checkTimeout = 10 * time.Second
)

// Metrics counts what happens on sockets.
type Metrics interface {
	// FrameIgnored counts a client's frame that had no effect, by reason.
	FrameIgnored(reason string)
	// FrameTaken counts one that had, by event.
	FrameTaken(event string)
}

// Options are what a Handler is given.
type Options struct {
	Service *service.Service
	Hub     *hub.Hub
	Shares  *budget.Budget
	Log     *slog.Logger
	Metrics Metrics
	Now     func() time.Time // nil means time.Now
	// Origins lists the origins whose pages may connect; empty means all.
	Origins []string
}

// Handler serves /connect.
type Handler struct {
	o        Options
	upgrader websocket.Upgrader
	notes    chan struct{} // one for each device that is being noted
	joined   chan struct{} // one for each frame of several events that is being written
	stopping context.Context
	cut      context.CancelFunc

	mu       sync.Mutex
	waiting  bool           // no more sessions begin
	sessions sync.WaitGroup // added to with mu held
}

// New returns a Handler. Its sessions live until they end or Wait's context does.
func New(o Options) *Handler {
	if o.Now == nil {
		o.Now = time.Now
	}
	h := &Handler{o: o, notes: make(chan struct{}, maxNotes), joined: make(chan struct{}, maxJoined)}
	h.stopping, h.cut = context.WithCancel(context.Background())
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout, ReadBufferSize: keptBuffer, WriteBufferSize: hub.MaxTogether,
		WriteBufferPool: &sync.Pool{}, CheckOrigin: h.allowed,
	}
	return h
}

// allowed: a page of any origin may try, since its user's token must come with it.
func (h *Handler) allowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || len(h.o.Origins) == 0 {
		return true
	}
	for _, o := range h.o.Origins {
		if strings.EqualFold(o, origin) {
			return true
		}
	}
	return false
}

// ServeHTTP opens a socket or, for a plain GET, tells whether it could.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		sendError(w, http.StatusMethodNotAllowed, &chat.Error{Code: httpapi.CodeWrongMethod, Message: "Use GET"})
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), checkTimeout)
	defer cancel()
	cred := credentialsOf(r)
	shown := budget.Credentials{"", cred.appKey, cred.authorization} // as in headers
	caller, err := h.o.Shares.Identify(shown, r.RemoteAddr, func() (chat.Caller, error) {
		return powertalk.AuthenticateDevice(ctx, h.o.Service, cred.appKey, cred.authorization)
	})
	if !websocket.IsWebSocketUpgrade(r) {
		// SDKs read this under HTTP 200 only, whatever it says.
		if err != nil {
			h.logInternal(err)
			sendError(w, http.StatusOK, err)
			return
		}
		httpapi.SendAnswer(w, powertalk.Dialect{}, success{})
		return
	}
	if err != nil {
		h.refuse(w, err)
		return
	}
	done, err := h.o.Shares.Handshake(ctx, budget.OwnerOf(caller, r.RemoteAddr))
	if err != nil {
		sendError(w, upgradeStatus(err), err)
		return
	}
	defer done()
	h.open(ctx, w, r, caller)
}

// open upgrades the connection and starts its session.
func (h *Handler) open(ctx context.Context, w http.ResponseWriter, r *http.Request, caller chat.Caller) {
	if !h.allowed(r) {
		sendError(w, http.StatusForbidden, chat.Errorf(chat.CodeForbidden, "This origin may not connect"))
		return
	}
	c := &conn{handler: h, me: h.o.Service.Member(caller)}
	s := hub.NewSession(c, caller)
	c.session = s
	// Reachable before the client hears of success: what is committed from then on comes.
	// Nothing is written before the connection is there.
	c.opening.Lock()
	if err := h.o.Hub.Join(ctx, s); err != nil {
		c.opening.Unlock()
		s.Stop(hub.StopOverload, "")
		h.logInternal(err)
		sendError(w, http.StatusServiceUnavailable, err)
		return
	}
	// From here on, ending the login finds the session; it may have ended a moment before.
	if err := c.me.CheckLogin(ctx); err != nil {
		c.opening.Unlock()
		h.o.Hub.Leave(s)
		s.Stop(hub.StopToken, "")
		h.refuse(w, err)
		return
	}
	socket, err := h.upgrader.Upgrade(w, r, nil)
	c.socket = socket
	c.opening.Unlock()
	if err != nil {
		h.o.Hub.Leave(s) // the upgrader has answered
		return
	}
	// The handler returns and frees what a request needs: an idle session should be small.
	if !h.start(c) {
		h.o.Hub.Leave(s)
		s.Stop(hub.StopAway, "the server is going away")
	}
}

// start runs a session, unless the server waits for the last ones to end.
func (h *Handler) start(c *conn) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !h.waiting {
		h.sessions.Go(c.run) // ends when the socket does
	}
	return !h.waiting
}

// Wait returns when all sessions have ended, which it brings about at the end of ctx.
func (h *Handler) Wait(ctx context.Context) {
	h.mu.Lock()
	h.waiting = true
	h.mu.Unlock()
	done := make(chan struct{})
	go func() { // ends with the sessions
		h.sessions.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		h.o.Hub.StopAll(0)
		h.cut()
		<-done
	}
}

// credentials of a client come as headers or, from browsers, in the address.
type credentials struct{ appKey, authorization string }

func credentialsOf(r *http.Request) credentials {
	cred := credentials{r.Header.Get("App-Key"), r.Header.Get("Authorization")}
	if cred.appKey != "" && cred.authorization != "" {
		return cred
	}
	query := queryOf(r.URL.RawQuery)
	if cred.appKey == "" {
		cred.appKey = query["app_key"]
	}
	if cred.authorization == "" {
		cred.authorization = strings.Replace(query["authorization"], "+", " ", 1)
	}
	return cred
}

// queryOf reads an address's parameters. A plus stays one: keys in base64 have some, and
// not every client escapes them.
func queryOf(raw string) map[string]string {
	values := map[string]string{}
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		if plain, err := url.PathUnescape(value); err == nil {
			values[name] = plain
		}
	}
	return values
}
