package socket_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/powertalk/socket"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// FuzzQuery: an address is read without a panic, and what a browser puts into it comes
// out as it was.
func FuzzQuery(f *testing.F) {
	for _, s := range []string{"", "&", "=", "app_key=a%2Bb&authorization=Bearer+x", "app_key=a+b/c==", "%zz=1&app_key=%", "authorization=Bearer%20x&authorization=y"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		values := socket.Query(raw)
		if len(values) > strings.Count(raw, "&")+1 {
			t.Errorf("%d values in %q", len(values), raw)
		}
		for _, v := range values {
			if len(v) > len(raw) {
				t.Errorf("%q is longer than %q", v, raw)
			}
		}
		r := &http.Request{URL: &url.URL{RawQuery: raw}, Header: http.Header{}}
		socket.Credentials(r)
		r.Header.Set("App-Key", "key")
		r.Header.Set("Authorization", "Bearer token")
		if key, auth := socket.Credentials(r); key != "key" || auth != "Bearer token" {
			t.Errorf("headers gave way to the address %q: %q, %q", raw, key, auth)
		}
		r = &http.Request{URL: &url.URL{RawQuery: "x=" + raw + "&app_key=" + url.PathEscape(raw)}, Header: http.Header{}}
		if key, _ := socket.Credentials(r); !strings.Contains(raw, "app_key=") && !strings.ContainsAny(raw, "&") && key != raw {
			t.Errorf("the key %q came as %q", raw, key)
		}
	})
}

// FuzzDraft hands any frame to the service: that never fails for a reason of the
// server's own, and whatever is stored deciphers, since devices that cannot read one
// message stop at it.
func FuzzDraft(f *testing.F) {
	st, me, room := draftWorld(f)
	local := strings.Repeat("l", 32)
	seal := func(s string) string {
		text, err := cipher.Seal(s, local)
		if err != nil {
			f.Fatal(err)
		}
		return text
	}
	for _, frame := range []string{
		``, `{}`, `{"type":1001}`, `[]`,
		fmt.Sprintf(`{"room":{"roomID":%q},"localID":%q,"type":1001,"body":%q}`, room, local, seal("hi")),
		fmt.Sprintf(`{"room":{"roomID":%q},"localID":%q,"type":"1002","body":%q,"data":%q,"isHidden":1,"filterID":7}`, room, local, seal("hi"), seal(`{"a":1}`)),
		fmt.Sprintf(`{"localID":%q,"type":1004,"body":"","data":"{\"caption\":\"x\"}","quote":{"content":%q,"title":"t"},"replyTo":{"userID":"1","messageID":2,"messageType":-1},"forwardFrom":{"roomID":"g1"}}`, local, seal("q")),
		fmt.Sprintf(`{"localID":%q,"type":1001,"body":"plain"}`, local),
		"{\"localID\":\"" + local + "\",\"type\":1001,\"filterID\":\"\xff\",\"quote\":{\"title\":\"\\u0000\"}}",
	} {
		f.Add([]byte(frame))
	}
	last := int64(0)
	f.Fuzz(func(t *testing.T, frame []byte) {
		d := powertalk.DraftOf(httpapi.ParseParams(frame))
		for _, s := range []string{
			d.RoomID, d.LocalID, d.FilterID, d.Quote.Title, d.Quote.ImageURL, d.Quote.FileID, d.Quote.FileType, d.Quote.VideoURL,
			d.ReplyTo.Fullname, d.ReplyTo.XCUser, d.ReplyTo.RoomID, d.ReplyTo.LocalID, d.Forward.Fullname, d.Forward.RoomID,
		} {
			if !utf8.ValidString(s) || strings.Contains(s, "\x00") || len(s) > chat.MaxURL {
				t.Errorf("of %d bytes, which no column takes: %.100q", len(s), s)
			}
		}
		d.RoomID = room // nearly every frame would miss it
		_, repeat, err := me.Send(t.Context(), d)
		if code := chat.CodeOf(err); code == chat.CodeInternal || code == chat.CodeUnavailable {
			t.Fatalf("%+v: %v", d, err)
		}
		ref, _ := chat.ParseRoomID(room)
		fresh, err := st.MessagesAfter(t.Context(), ref.ID, last, math.MaxInt64, 10)
		if err != nil {
			t.Fatal(err)
		}
		if repeat && len(fresh) > 0 {
			t.Errorf("a repeat was stored: %+v", fresh)
		}
		for _, m := range fresh {
			last = m.CreatedAt
			if m.Action == chat.ActionNone { // not Parlor's own, with which the group begins
				wantReadable(t, m)
			}
		}
	})
}

func wantReadable(t *testing.T, m chat.Message) {
	t.Helper()
	for name, text := range map[string]chat.Sealed{"body": m.Body, "data": m.Data, "quote": m.Quote.Content} {
		if text == "" && name != "body" {
			continue
		}
		if plain, err := cipher.Decrypt(string(text), m.LocalID); err != nil || name == "body" && chat.UTF16Len(plain) > chat.BodyPart {
			t.Errorf("the %s of %s: %v", name, m.LocalID, err)
		}
	}
	if !m.Type.FromClient() {
		t.Errorf("type %d", m.Type)
	}
}

// draftWorld is a user in a group of their own.
func draftWorld(f *testing.F) (*store.Store, service.Member, string) {
	f.Helper()
	st := storetest.Open(f, storetest.SQLite(f))
	svc := service.New(st, powertalk.Dialect{}, service.Options{})
	app, err := svc.CreateApp(f.Context(), "a")
	if err != nil {
		f.Fatal(err)
	}
	user, err := svc.Backend(app).PutUser(f.Context(), chat.UserUpdate{XCID: "u", Fullname: "U"})
	if err != nil {
		f.Fatal(err)
	}
	me := svc.Member(chat.Caller{App: app, User: user.ID})
	details, err := me.CreateGroup(f.Context(), "g", nil)
	if err != nil {
		f.Fatal(err)
	}
	return st, me, details.Room.PublicID()
}
