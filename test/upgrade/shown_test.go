package upgrade

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/cipher"
	"parlor/test/env/servertest"
)

// shown is what everybody sees of a database, as text: a heading for each call and below it
// a line for each object that it answered.
type shown struct {
	t *testing.T
	b bytes.Buffer
}

// show asks a server for all that its users and backends see.
func show(t *testing.T, s *servertest.Server, l logins) string {
	v := &shown{t: t}
	def := s.Default()
	names := slices.Sorted(maps.Keys(l.Devices))
	devices := map[string]*servertest.Device{}
	for _, name := range names {
		devices[name] = l.Devices[name].device(def)
	}
	// Before anything else moves their cursors.
	for _, name := range names {
		v.ask(devices[name], "chat/message/new_and_updated", obj{})
		v.ask(devices[name], "chat/message/new_and_updated", obj{})
	}
	seen := map[string]bool{}
	for _, name := range names {
		v.device(devices[name], !seen[devices[name].UserID])
		seen[devices[name].UserID] = true
	}
	v.backend(def, "", "ana", "bo", "cy", "dee", "gil", "hal", "eve")
	other := &servertest.App{Server: s, Name: "other", ServerKey: l.Other.Server, AppKey: l.Other.App}
	v.backend(other, "other ", "ana")
	return v.b.String()
}

// device asks for what one device sees. Rooms look the same on each of a user's devices.
func (v *shown) device(d *servertest.Device, rooms bool) {
	list := v.ask(d, "chat/message/room_list_and_unread", obj{})
	if !rooms {
		return
	}
	for _, room := range roomsIn(list) {
		v.ask(d, "client/room/get", obj{"roomID": room})
		messages := v.ask(d, "chat/message/list_by_room/before", obj{"roomID": room, "limit": 100})
		v.ask(d, "chat/message/get_starred_list", obj{"roomID": room, "pageNumber": 1, "pageSize": 50})
		v.ask(d, "chat/message/get_pinned_list", obj{"roomID": room, "pageNumber": 1, "pageSize": 50})
		for _, m := range items(messages, "messages") {
			if sender, _ := m["user"].(obj); sender["userID"] == d.UserID && m["type"] != 9001.0 {
				v.ask(d, "chat/message/get_details", obj{"messageID": m["messageID"]})
			}
		}
	}
	v.ask(d, "client/room/get_room_ids_with_state", obj{})
	v.ask(d, "client/contact/list", obj{})
}

// backend asks for what a backend sees.
func (v *shown) backend(a *servertest.App, name string, users ...string) {
	ask := func(path string, body obj) {
		v.write(name+"backend", path, body, a.Call(v.t, path, body))
	}
	ask("role/list", obj{})
	for _, room := range []string{"group", "sale", "locked", "empty"} {
		ask("room/get", obj{"xcRoomID": room})
	}
	for _, user := range users {
		ask("room/get_list_by_user", obj{"xcUserID": user})
	}
}

// ask calls in a device's name and writes the answer down.
func (v *shown) ask(d *servertest.Device, path string, body obj) (data obj) {
	v.t.Helper()
	return v.write(d.Name, path, body, d.Try(v.t, path, body))
}

func (v *shown) write(who, path string, body obj, a servertest.Answer) (data obj) {
	v.t.Helper()
	if err := json.Unmarshal(a.Data, &data); err != nil {
		v.t.Fatalf("%s %s: %v: %s", who, path, err, a.Body)
	}
	raw := obj{}
	_ = json.Unmarshal(a.Data, &raw)
	fmt.Fprintf(&v.b, "# %s: %s %s\n", who, path, line(body))
	if a.Error.Code != "" {
		fmt.Fprintf(&v.b, "%s %s\n", a.Error.Code, a.Error.Message)
	}
	plain(v.t, data)
	for _, name := range slices.Sorted(maps.Keys(data)) {
		all, isList := data[name].([]any)
		if !isList {
			fmt.Fprintf(&v.b, "%s: %s\n", name, line(data[name]))
		}
		for _, one := range all {
			fmt.Fprintf(&v.b, "%s: %s\n", name, line(one))
		}
	}
	return raw
}

func line(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// plain makes what an answer holds readable, in place: it deciphers what messages say, takes
// out what is made at random and what is empty, and names people and rooms by their ids.
func plain(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			plain(t, e)
		}
	case obj:
		if _, isMessage := v["body"]; isMessage {
			plainMessage(t, v)
		}
		if local, _ := v["localID"].(string); local != "" && !strings.HasPrefix(local, "frozen-") {
			v["localID"] = "made by the server"
		}
		for name, e := range v {
			plain(t, e)
			if e == nil || e == "" || e == 0.0 || e == "0" || e == false || isEmpty(e) {
				delete(v, name)
			}
		}
	}
}

func isEmpty(v any) bool {
	o, ok := v.(obj)
	return ok && len(o) == 0
}

func plainMessage(t *testing.T, m obj) {
	t.Helper()
	local, _ := m["localID"].(string)
	open(t, m, "body", local)
	open(t, m, "data", local)
	if quote, ok := m["quote"].(obj); ok {
		open(t, quote, "content", local)
	}
	var inner obj // a message in a message's data
	if text, _ := m["data"].(string); json.Unmarshal([]byte(text), &inner) == nil {
		m["data"] = inner
	}
	if text, _ := m["body"].(string); len(text) > 200 {
		m["body"] = fmt.Sprintf("%.30s... (%d)", text, len(text))
	}
	for name, id := range map[string]string{"user": "userID", "room": "roomID"} {
		if of, ok := m[name].(obj); ok {
			m[name] = of[id]
		}
	}
}

func open(t *testing.T, of obj, name, local string) {
	t.Helper()
	text, _ := of[name].(string)
	if text == "" {
		return
	}
	clear, err := cipher.Decrypt(text, local)
	if err != nil {
		t.Errorf("%s of %s: %v", name, local, err)
	}
	of[name] = clear
}

// items are the objects in a list of an answer.
func items(data obj, name string) (all []obj) {
	elements, _ := data[name].([]any)
	for _, e := range elements {
		if o, ok := e.(obj); ok {
			all = append(all, o)
		}
	}
	return all
}

// roomsIn are the rooms of a list of messages, each once.
func roomsIn(data obj) (ids []string) {
	for _, m := range items(data, "messages") {
		room, _ := m["room"].(obj)
		if id, _ := room["roomID"].(string); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
