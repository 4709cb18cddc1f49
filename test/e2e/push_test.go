package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/internal/config"
	"parlor/internal/push/webpush"
	"parlor/internal/server"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
	"parlor/test/env/natstest"
	"parlor/test/env/pushtest"
	"parlor/test/env/servertest"
)

// pushWorld is an App on a server that sends push notifications to vendors of this machine.
type pushWorld struct {
	*servertest.App
	vendors *pushtest.Vendors
	stands  *atomic.Int64 // if not 0, where the server's clock stands still, in Unix ms
}

// eachPush runs test on a server of its own on each engine.
func eachPush(t *testing.T, test func(t *testing.T, w pushWorld)) {
	t.Helper()
	for name, newConfig := range map[string]func(testing.TB) config.Config{"sqlite": servertest.SQLite, "postgres": servertest.Postgres} {
		t.Run(name, func(t *testing.T) {
			v := pushtest.Start(t)
			stands := new(atomic.Int64)
			s := servertest.StartPush(t, pushConfig(t, newConfig(t), v), v.Roots, func() time.Time {
				if at := stands.Load(); at != 0 {
					return time.UnixMilli(at)
				}
				return time.Now()
			})
			test(t, pushWorld{s.Default(), v, stands})
		})
	}
}

// pushConfig sets up all vendors.
func pushConfig(t *testing.T, cfg config.Config, v *pushtest.Vendors) config.Config {
	t.Helper()
	key, err := webpush.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	cfg.FCMCredentials, cfg.FCMURL = v.FCMFile, v.URL
	cfg.APNsKey, cfg.APNsKeyID, cfg.APNsTeam, cfg.APNsTopic, cfg.APNsURL = v.APNsFile, pushtest.KeyID, pushtest.Team, pushtest.Topic, v.URL
	cfg.VAPIDKey, cfg.VAPIDContact, cfg.PushPrivateNetwork = key.Private, pushtest.Contact, true
	return cfg
}

// android and ios register a device like the SDKs.
func android(t *testing.T, d *servertest.Device, token string) {
	t.Helper()
	d.Call(t, "client/push_notification/update", obj{"fcmToken": token, "apnToken": nil}, nil)
}

func ios(t *testing.T, d *servertest.Device, token string) {
	t.Helper()
	d.Call(t, "client/push_notification/update", obj{"fcmToken": "", "apnToken": token, "isDebug": 1}, nil)
}

// settled waits until nothing is left to be sent.
func (w pushWorld) settled(t *testing.T) {
	t.Helper()
	st, err := store.Open(t.Context(), server.StoreOptions(w.Config))
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		jobs, err := st.Jobs(t.Context(), store.JobFilter{Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		if len(jobs) == 0 {
			return
		}
		if time.Now().After(limit) {
			t.Fatalf("jobs are left: %+v", jobs)
		}
	}
}

// tokens are those that were notified, in order.
func (w pushWorld) tokens() (list []string) {
	for _, p := range w.vendors.Pushes("") {
		list = append(list, p.Token)
	}
	slices.Sort(list)
	return list
}

// TestPush: a message reaches the devices of a room's people that are away, through all vendors, as
// the SDKs expect it.
func TestPush(t *testing.T) {
	t.Parallel()
	apple := strings.Repeat("ab", 32)
	eachPush(t, func(t *testing.T, w pushWorld) {
		ana, bo := w.SignIn(t, "ana", "1"), w.SignIn(t, "bo", "1")
		cy, di, ed := w.SignIn(t, "cy", "1"), w.SignIn(t, "di", "1"), w.SignIn(t, "ed", "1")
		group := newGroup(t, ana, "Group", bo, cy, di, ed)
		android(t, ana, "of-ana")
		android(t, bo, "of-bo")
		ios(t, cy, apple)
		android(t, ed, "of-ed")
		var configs struct{ Project map[string]string }
		di.Call(t, "client/project_configs", nil, &configs)
		if key, err := webpush.ParseKey(w.Config.VAPIDKey); err != nil || configs.Project["webPushPublicKey"] != key.Public {
			t.Errorf("the key for browsers is %q, %v", configs.Project["webPushPublicKey"], err)
		}
		di.Call(t, "client/push_notification/update_web", w.vendors.Subscribe(t, "of-di"), nil)
		ed.Call(t, "client/room/mute", obj{"roomIDs": list{group}, "expiredAt": 0}, nil)

		sender := w.SignIn(t, "ana", "2").Connect(t)
		localID := sender.Send(t, group, "Hello 👋")
		android0 := w.vendors.Wait(t, "of-bo", 1)[0]
		apple0 := w.vendors.Wait(t, apple, 1)[0]
		web0 := w.vendors.Wait(t, "of-di", 1)[0]
		w.settled(t)
		if got, want := w.tokens(), []string{apple, "of-bo", "of-di"}; !slices.Equal(got, want) {
			t.Errorf("notified %q, want %q", got, want)
		}

		var data map[string]string
		decodeInto(t, android0.Payload, &data)
		if data["identifier"] != "io.taptalk.TapTalk" || len(data) != 2 || android0.Collapse != group {
			t.Errorf("Android gets %v, collapse %q", data, android0.Collapse)
		}
		var phone struct {
			APS struct {
				Alert            struct{ Title, Body string }
				Badge            int
				ContentAvailable int `json:"content-available"`
			}
			Data struct{ Message json.RawMessage }
		}
		decodeInto(t, apple0.Payload, &phone)
		if phone.APS.Alert.Title != "Group" || phone.APS.Alert.Body != "Name of ana: Hello 👋" || phone.APS.Badge != 2 || phone.APS.ContentAvailable != 1 {
			t.Errorf("iOS shows %+v", phone.APS) // 2: the group itself was new, too
		}
		var page struct {
			Title, RoomID string
			Message       json.RawMessage
		}
		decodeInto(t, web0.Payload, &page)
		if page.Title != "Group" || page.RoomID != group {
			t.Errorf("a browser gets %+v", page)
		}
		for vendor, text := range map[string][]byte{"FCM": []byte(data["body"]), "APNs": phone.Data.Message, "web": page.Message} {
			var m servertest.Message
			decodeInto(t, text, &m)
			if body := m.Text(t); body != "Hello 👋" || m.LocalID != localID || m.Room.RoomID != group || m.User.UserID != ana.UserID || m.IsRead {
				t.Errorf("%s carries %s: %q", vendor, text, body)
			}
			if vendor == "APNs" && apple0.Collapse != m.MessageID {
				t.Errorf("iOS collapses by %q, want %q", apple0.Collapse, m.MessageID)
			}
		}
		if line := "\nparlor_push_total{kind=\"fcm\",outcome=\"sent\"} 1\n"; !strings.Contains(getPage(t, w.App, "/metrics").body, line) {
			t.Errorf("no line %s", line)
		}
	})
}

func decodeInto(t *testing.T, text []byte, out any) {
	t.Helper()
	if err := json.Unmarshal(text, out); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

// TestPushOnlyToWhoIsAway: a device that is connected and answers has the message already, its user's
// other device does not; and by the time of the next message the first one is away as well.
func TestPushOnlyToWhoIsAway(t *testing.T) {
	t.Parallel()
	eachPush(t, func(t *testing.T, w pushWorld) {
		ana, here, away := w.SignIn(t, "ana", "1"), w.SignIn(t, "bo", "here"), w.SignIn(t, "bo", "away")
		android(t, here, "here")
		android(t, away, "away")
		ana.Connect(t)
		here.Connect(t)
		ana.Send(t, pairOf(ana, here), "first")
		here.NextMessage(t)
		w.vendors.Wait(t, "away", 1)
		w.settled(t)
		if got := w.tokens(); !slices.Equal(got, []string{"away"}) {
			t.Errorf("with one of two devices here, notified %q", got)
		}
		here.Disconnect()
		ana.Send(t, pairOf(ana, here), "second")
		w.vendors.Wait(t, "here", 1)
		w.vendors.Wait(t, "away", 2)
		w.settled(t)
		if got := w.tokens(); !slices.Equal(got, []string{"away", "away", "here"}) {
			t.Errorf("with both away, notified %q", got)
		}
	})
}

// TestPushOfWhatIsGone: what was deleted, or read on another device, before it could be sent, is not.
func TestPushOfWhatIsGone(t *testing.T) {
	t.Parallel()
	eachPush(t, func(t *testing.T, w pushWorld) {
		ana, phone, desk := w.SignIn(t, "ana", "1"), w.SignIn(t, "bo", "phone"), w.SignIn(t, "bo", "desk")
		android(t, phone, "phone")
		room := pairOf(ana, phone)
		w.stands.Store(time.Now().UnixMilli()) // so that nothing is due before all of it has happened
		say := func(text string) string {
			ana.Call(t, "chat/message/send/custom", plainMessage(t, room, text), nil)
			return history(t, desk, room)[0].MessageID
		}
		ana.Call(t, "chat/message/delete", obj{"roomID": room, "messageIDs": list{say("deleted")}, "forEveryone": true}, nil)
		desk.Call(t, "chat/message/feedback/read", obj{"messageIDs": list{say("read")}}, nil)
		say("stays")
		w.stands.Store(0)
		p := w.vendors.Wait(t, "phone", 1)
		w.settled(t)
		var data map[string]string
		decodeInto(t, p[0].Payload, &data)
		var m servertest.Message
		decodeInto(t, []byte(data["body"]), &m)
		if body := m.Text(t); body != "stays" || len(w.tokens()) != 1 {
			t.Errorf("notified of %q, %d times", body, len(w.tokens()))
		}
	})
}

// TestPushTargetEnds: by its vendor's word, by a logout, by an empty token, by another user on the
// same phone.
func TestPushTargetEnds(t *testing.T) {
	t.Parallel()
	eachPush(t, func(t *testing.T, w pushWorld) {
		ana := w.SignIn(t, "ana", "1")
		people := []*servertest.Device{ana}
		for _, name := range []string{"dead", "out", "off", "lent", "stays"} {
			d := w.SignIn(t, name, "1")
			people = append(people, d)
			android(t, d, name)
		}
		group := newGroup(t, ana, "Group", people[1:]...)
		w.vendors.Answer("dead", pushtest.Answer{
			Status: http.StatusNotFound, Body: `{"error":{"status":"NOT_FOUND","details":[{"errorCode":"UNREGISTERED"}]}}`,
		})
		people[2].Call(t, "client/logout", nil, nil)
		people[3].Call(t, "client/push_notification/update", obj{"fcmToken": "", "apnToken": nil}, nil)
		android(t, w.SignIn(t, "stranger", "1"), "lent")
		for range 2 {
			ana.Call(t, "chat/message/send/custom", plainMessage(t, group, "hi"), nil)
			w.settled(t)
			w.vendors.Answer("dead") // if it were asked again it would take it
		}
		if got := w.tokens(); !slices.Equal(got, []string{"stays", "stays"}) {
			t.Errorf("notified %q", got)
		}
		targets := storetest.Query(t, server.StoreOptions(w.Config), "SELECT token FROM push_targets ORDER BY token")
		if !slices.Equal(targets, []string{"lent", "stays"}) {
			t.Errorf("registered are %q", targets)
		}
	})
}

// TestPushParams: what no vendor would take is refused, by the parameter's name.
func TestPushParams(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		good := obj{
			"p256dh": "BNcRdreALRFXTkOOUHK1EtK2wtaz5Ry4YfYCA_0QTpQtUbVlUls0VJXg7A8u-Ts1XbjhazAkj7I99e8QcYP7DkM=",
			"auth":   "tBHItJI5svbpez7KI4CCXg==",
		}
		keys := func(name string, value any) obj {
			o := obj{"p256dh": good["p256dh"], "auth": good["auth"]}
			o[name] = value
			return o
		}
		const update, web = "client/push_notification/update", "client/push_notification/update_web"
		for _, tt := range []struct {
			path  string
			body  obj
			field string
		}{
			{update, obj{"fcmToken": "with space"}, "fcmToken"},
			{update, obj{"fcmToken": strings.Repeat("x", 4097)}, "fcmToken"},
			{update, obj{"fcmToken": "ä"}, "fcmToken"},
			{update, obj{"fcmToken": 7}, "fcmToken"},
			{update, obj{"apnToken": "no hexadecimal digits at all, none"}, "apnToken"},
			{update, obj{"apnToken": strings.Repeat("a", 31)}, "apnToken"},
			{update, obj{"apnToken": strings.Repeat("a", 201)}, "apnToken"},
			{update, obj{"apnToken": "../../" + strings.Repeat("a", 64)}, "apnToken"},
			{web, obj{"endpoint": "http://push.example/1", "keys": good}, "endpoint"},
			{web, obj{"endpoint": "https://", "keys": good}, "endpoint"},
			{web, obj{"endpoint": "https://u:p@push.example/", "keys": good}, "endpoint"},
			{web, obj{"endpoint": "file:///etc/passwd", "keys": good}, "endpoint"},
			{web, obj{"endpoint": "https://push.example/" + strings.Repeat("x", 2048), "keys": good}, "endpoint"},
			{web, obj{"endpoint": "https://push.example/1"}, "keys.p256dh"},
			{web, obj{"endpoint": "https://push.example/1", "keys": keys("p256dh", "AAAA")}, "keys.p256dh"},
			{web, obj{"endpoint": "https://push.example/1", "keys": keys("p256dh", strings.Repeat("B", 87))}, "keys.p256dh"},
			{web, obj{"endpoint": "https://push.example/1", "keys": keys("auth", "c2hvcnQ")}, "keys.auth"},
			{web, obj{"endpoint": "https://push.example/1", "keys": "x"}, "keys"},
			{web, obj{"endpoint": list{}}, "endpoint"},
		} {
			answer := ana.Try(t, tt.path, tt.body)
			checkDevice(t, tt.path, answer)
			if answer.Error.Code != "40002" || answer.Error.Field != tt.field {
				t.Errorf("%s %.200v: %s, want field %s", tt.path, tt.body, answer.Body, tt.field)
			}
		}
		ana.Call(t, web, obj{"endpoint": "https://push.example/1", "expirationTime": nil, "keys": good}, nil)
		ana.Call(t, update, obj{"apnToken": "<" + strings.Repeat("AB ", 32) + ">"}, nil)
	})
}

// TestPushOnTwoNodes: whichever node notifies people, a device that is connected to the other one is
// not among them.
func TestPushOnTwoNodes(t *testing.T) {
	t.Parallel()
	v, bus := pushtest.Start(t), natstest.Run(t)
	cfg := pushConfig(t, servertest.Postgres(t), v)
	cfg.NATS = bus.URL()
	one, two := servertest.StartPush(t, cfg, v.Roots, nil).Default(), servertest.StartPush(t, cfg, v.Roots, nil).Default()
	w := pushWorld{App: one, vendors: v}
	ana := one.SignIn(t, "ana", "1").Connect(t)
	first, second, away := one.SignIn(t, "bo", "first"), two.SignIn(t, "bo", "second"), one.SignIn(t, "bo", "away")
	for _, d := range []*servertest.Device{first, second, away} {
		android(t, d, d.Name)
	}
	first.Connect(t)
	second.Connect(t)
	for i := range 4 {
		ana.Send(t, pairOf(ana, first), fmt.Sprint(i))
		first.NextMessage(t)
		second.NextMessage(t)
		v.Wait(t, "away", i+1)
	}
	w.settled(t)
	if got := w.tokens(); !slices.Equal(got, []string{"away", "away", "away", "away"}) {
		t.Errorf("notified %q", got)
	}
}
