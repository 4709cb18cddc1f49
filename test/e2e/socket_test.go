package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"parlor/internal/config"
	"parlor/test/env/servertest"
)

// dial opens a socket by hand. status is that of the handshake, and code the error's of
// one that was refused.
func dial(
	t testing.TB, a *servertest.App, query string, header http.Header,
) (socket *websocket.Conn, status int, code string) {
	t.Helper()
	address := "ws" + strings.TrimPrefix(a.URL, "http") + "/connect"
	if query != "" {
		address += "?" + query
	}
	socket, resp, err := websocket.DefaultDialer.DialContext(t.Context(), address, header)
	if err != nil && !errors.Is(err, websocket.ErrBadHandshake) {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if err == nil {
		t.Cleanup(func() { _ = socket.Close() })
		if err := socket.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		return socket, resp.StatusCode, ""
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer servertest.Answer
	if err := json.Unmarshal(body, &answer); err != nil {
		t.Fatalf("the handshake is refused with %q", body)
	}
	return nil, resp.StatusCode, answer.Error.Code
}

// closeCode reads a socket to its end.
func closeCode(t testing.TB, socket *websocket.Conn) int {
	t.Helper()
	for {
		if _, _, err := socket.ReadMessage(); err != nil {
			var closed *websocket.CloseError
			if !errors.As(err, &closed) {
				t.Fatalf("the socket ends without a close frame: %v", err)
			}
			return closed.Code
		}
	}
}

// TestFrameKinds: clients send text or binary, and all get binary without a newline at
// the end, which is what SDKs read.
func TestFrameKinds(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		socket, _, _ := dial(t, a, "", ana.Headers(ana.Access))
		for _, kind := range []int{websocket.TextMessage, websocket.BinaryMessage} {
			local := localID(t)
			draft := servertest.Draft(t, pairOf(ana, ana), local, "line\nand line\r\n\u2028 😀")
			frame, err := json.Marshal(obj{"eventName": "chat/sendMessage", "data": draft})
			if err != nil {
				t.Fatal(err)
			}
			if err := socket.WriteMessage(kind, frame); err != nil {
				t.Fatal(err)
			}
			got, data, err := socket.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			var e struct {
				EventName string
				Data      servertest.Message
			}
			if err := json.Unmarshal(data, &e); err != nil {
				t.Errorf("the echo is no single object: %v: %q", err, data)
			}
			if got != websocket.BinaryMessage || strings.ContainsAny(string(data), "\n\r") || !utf8.Valid(data) ||
				e.EventName != "chat/sendMessage" || e.Data.LocalID != local {
				t.Errorf("the echo of kind %d is of kind %d: %q", kind, got, data)
			}
		}
	})
}

// TestIgnoredFrames: what a server cannot take is counted and passed over; the socket
// stays, and so does its order.
func TestIgnoredFrames(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1").Connect(t)
		pair := pairOf(ana, bo)
		message := func(change func(d obj)) string {
			d := servertest.Draft(t, pair, localID(t), "text")
			change(d)
			frame, err := json.Marshal(obj{"eventName": "chat/sendMessage", "data": d})
			if err != nil {
				t.Fatal(err)
			}
			return string(frame)
		}
		deep := strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)
		lists := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
		frames := []struct{ reason, frame string }{
			{"unknown_event", ""},
			{"unknown_event", "null"},
			{"not_json", "{"},
			{"not_json", "7"},
			{"not_json", `{"eventName":"chat/sendMessage"} {}`},
			{"not_json", "{\"eventName\":\"chat/sendMessage\",\"data\":{\"localID\":\"\xff\xfe\"}}"},
			{"not_json", `{"eventName":"chat/sendMessage","data":` + deep + `}`},
			{"not_json", `{"eventName":"chat/sendMessage","data":{"room":` + lists + `}}`},
			{"unknown_event", `{}`},
			{"unknown_event", `{"eventName":null,"data":null}`},
			{"unknown_event", `{"eventName":["chat/sendMessage"]}`},
			{"unknown_event", `{"eventName":"user/authentication","data":{}}`},
			{"unknown_event", `{"eventName":"chat/deleteMessage","data":{}}`},
			{"unknown_event", `{"EVENTNAME":"chat/sendMessage"}`},
			{"unknown_event", `{"eventName":"` + strings.Repeat("x", 100_000) + `"}`},
			{"invalid", `{"eventName":"chat/sendMessage"}`},
			{"invalid", `{"eventName":"chat/sendMessage","data":[]}`},
			{"invalid", `{"eventName":"chat/updateMessage","data":7}`},
			{"invalid", message(func(d obj) { d["type"] = json.Number("1e400") })},
			{"invalid", message(func(d obj) { d["type"] = json.Number(strings.Repeat("9", 5000)) })},
			{"invalid", message(func(d obj) { d["type"] = -1 })},
			{"invalid", message(func(d obj) { d["type"] = 9002 })},
			{"invalid", message(func(d obj) { d["localID"] = 5 })},
			{"invalid", message(func(d obj) { d["body"] = 5 })},
			{"invalid", message(func(d obj) { d["data"] = "5" })},
			{"invalid", message(func(d obj) { d["quote"] = obj{"content": "plain"} })},
			{"not_found", message(func(d obj) { d["room"] = pair })},
			{"not_found", message(func(d obj) { d["room"] = obj{"roomID": 5} })},
			{"not_found", message(func(d obj) { d["room"] = obj{"roomID": strings.Repeat("9", 5000)} })},
			{"typing", `{"eventName":"chat/startTyping","data":{"roomID":null}}`},
			{"typing", `{"eventName":"chat/stopTyping","data":"` + pair + `"}`},
		}
		want := map[string]int{}
		for _, f := range frames {
			before := ignored(t, a)
			ana.EmitRaw(t, f.frame)
			local := ana.Send(t, pair, "all the same")
			for _, d := range []*servertest.Device{ana, bo} {
				if m := d.NextMessage(t); m.LocalID != local {
					t.Fatalf("after %.100q comes %+v", f.frame, m)
				}
			}
			want[f.reason]++
			after := ignored(t, a)
			for reason, n := range after {
				if added := n - before[reason]; added != map[bool]int{true: 1}[reason == f.reason] {
					t.Errorf("%.100q counts %d as %s, and is %s", f.frame, added, reason, f.reason)
				}
			}
			if after[f.reason] == 0 {
				t.Errorf("%.100q is not counted", f.frame)
			}
		}
		line := fmt.Sprintf("\nparlor_frames_total{event=\"chat/sendMessage\"} %d\n", len(frames))
		if !strings.Contains(getPage(t, a, "/metrics").body, line) {
			t.Errorf("no line %s", line)
		}
	})
}

// ignored is how many frames the server has passed over, by reason.
func ignored(t testing.TB, a *servertest.App) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for line := range strings.Lines(getPage(t, a, "/metrics").body) {
		var n int
		rest, ok := strings.CutPrefix(line, `parlor_frames_ignored_total{reason="`)
		if reason, number, found := strings.Cut(rest, `"} `); ok && found {
			if _, err := fmt.Sscan(number, &n); err != nil {
				t.Fatal(err)
			}
			counts[reason] = n
		}
	}
	return counts
}

// TestWrongUTF8: bytes that are no text do not reach others, whose SDKs would stop at them.
func TestWrongUTF8(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		socket, _, _ := dial(t, a, "", bo.Headers(bo.Access))
		for _, key := range []string{"filterID", "title", "fullname"} {
			local := localID(t)
			draft := servertest.Draft(t, pairOf(ana, bo), local, "text")
			draft["filterID"], draft["quote"], draft["replyTo"] = "filterID?", obj{"title": "title?"},
				obj{"fullname": "fullname?"}
			frame, err := json.Marshal(obj{"eventName": "chat/sendMessage", "data": draft})
			if err != nil {
				t.Fatal(err)
			}
			for _, bad := range []string{"\xff", "\xc0\x80", "\xed\xa0\x80", `\ud800`, `\u0000`} {
				ana.EmitRaw(t, strings.ReplaceAll(string(frame), key+"?", bad))
			}
		}
		last := ana.Send(t, pairOf(ana, bo), "all the same")
		for {
			_, data, err := socket.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			for event := range bytes.SplitSeq(data, []byte{'\n'}) {
				if !utf8.Valid(event) || !json.Valid(event) || strings.Contains(string(event), `\ud800`) {
					t.Errorf("bo gets %q", event)
				}
			}
			if strings.Contains(string(data), last) {
				return
			}
		}
	})
}

// TestCredentials: they come as headers or in the address, with and without the escapes
// that their plus and equals signs ask for.
func TestCredentials(t *testing.T) {
	t.Parallel()
	const appKey = "app:~~~>>>???"
	configs := map[string]func(testing.TB) config.Config{"sqlite": servertest.SQLite, "postgres": servertest.Postgres}
	for engine, newConfig := range configs {
		t.Run(engine, func(t *testing.T) {
			cfg := newConfig(t)
			cfg.AppKey = appKey
			a := servertest.Start(t, cfg, nil).Default()
			a.AppKey = appKey
			ana := a.SignIn(t, "ana", "1")
			key := base64.StdEncoding.EncodeToString([]byte(appKey))
			if !strings.Contains(key, "+") || !strings.HasSuffix(key, "=") || !strings.Contains(key, "/") {
				t.Fatalf("the key %s needs no escapes", key)
			}
			headers := func(key, authorization string) http.Header {
				h := http.Header{}
				if key != "" {
					h.Set("App-Key", key)
				}
				if authorization != "" {
					h.Set("Authorization", authorization)
				}
				return h
			}
			token := "Bearer " + ana.Access
			escaped := url.PathEscape(token)
			extras := "&device_identifier=x&device_platform=web&content_type=undefined"
			tests := []struct {
				name, query string
				header      http.Header
				code        string // "" means it opens
			}{
				{"headers", "", headers(key, token), ""},
				{"headers in small letters", "", http.Header{"app-key": {key}, "authorization": {token}}, ""},
				{"another case of the scheme", "", headers(key, "bearer "+ana.Access), ""},
				{"the address", "app_key=" + url.QueryEscape(key) + "&authorization=" + escaped + extras, nil, ""},
				{"a plus for the space", "app_key=" + url.QueryEscape(key) + "&authorization=" + url.QueryEscape(token) +
					extras, nil, ""},
				{"nothing escaped but the space", "app_key=" + key + "&authorization=" + escaped, nil, ""},
				{"half in each", "authorization=" + escaped, headers(key, ""), ""},
				{"the other half", "app_key=" + url.QueryEscape(key), headers("", token), ""},
				{"headers come first", "app_key=nonsense&authorization=nonsense", headers(key, token), ""},
				{
					"even wrong ones", "app_key=" + url.QueryEscape(key) + "&authorization=" + escaped,
					headers(key, "Bearer nonsense"), "40103",
				},
				{"none", "", nil, "40001"},
				{"no key", "", headers("", token), "40001"},
				{"no token", "", headers(key, ""), "40101"},
				{"an empty token", "", headers(key, "Bearer "), "40102"},
				{"another scheme", "", headers(key, "Basic "+ana.Access), "40102"},
				{"an unknown token", "", headers(key, "Bearer nonsense"), "40103"},
				{"a refresh token", "", headers(key, "Bearer "+ana.Refresh), "40103"},
				{"a token that is too long", "", headers(key, "Bearer "+strings.Repeat("x", 5000)), "40103"},
				{"a key that is no base64", "", headers("nonsense!", token), "49102"},
				{"an unknown key", "", headers(base64.StdEncoding.EncodeToString([]byte("no:key")), token), "49103"},
				{"a wrong secret", "", headers(base64.StdEncoding.EncodeToString([]byte("app:no")), token), "49102"},
				{"a server key", "", headers(base64.StdEncoding.EncodeToString([]byte(a.ServerKey)), token), "49104"},
			}
			for _, tt := range tests {
				_, status, code := dial(t, a, tt.query, tt.header)
				want := map[bool]int{true: http.StatusSwitchingProtocols, false: http.StatusUnauthorized}[tt.code == ""]
				if status != want || code != tt.code {
					t.Errorf("%s: HTTP %d, code %q; want %d and %q", tt.name, status, code, want, tt.code)
				}
				query := "check=1"
				if tt.query != "" {
					query += "&" + tt.query
				}
				answer := a.Do(t, http.MethodGet, "/connect?"+query, tt.header, "")
				if answer.HTTP.StatusCode != http.StatusOK || answer.Error.Code != tt.code {
					t.Errorf("%s, asking before: HTTP %d, %s", tt.name, answer.HTTP.StatusCode, answer.Body)
				}
			}
		})
	}
}

// TestForeignToken: a token of one app is worth nothing with the key of another.
func TestForeignToken(t *testing.T) {
	t.Parallel()
	var mine, other *servertest.App
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		mine = a
		servertest.EachApp(t, func(_ *testing.T, a *servertest.App) {
			if a.Server == mine.Server {
				other = a
			}
		})
		ana := mine.SignIn(t, "ana", "1")
		h := ana.Headers(ana.Access)
		h.Set("App-Key", base64.StdEncoding.EncodeToString([]byte(other.AppKey)))
		if _, status, code := dial(t, other, "", h); status != http.StatusUnauthorized || code != "40105" {
			t.Errorf("HTTP %d, code %q", status, code)
		}
	})
}
