package client_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"testing"

	"parlor/client"
	"parlor/test/env/pushtest"
	"parlor/test/env/servertest"
)

// TestDevicePush: a device is sent notifications through the vendor that it registered with last,
// and through none when it wants no more.
func TestDevicePush(t *testing.T) {
	v := pushtest.Start(t)
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	cfg := servertest.SQLite(t)
	cfg.FCMCredentials, cfg.FCMURL = v.FCMFile, v.URL
	cfg.APNsKey, cfg.APNsKeyID, cfg.APNsTeam, cfg.APNsTopic, cfg.APNsURL = v.APNsFile, pushtest.KeyID, pushtest.Team, pushtest.Topic, v.URL
	cfg.VAPIDKey, cfg.VAPIDContact, cfg.PushPrivateNetwork = base64.RawURLEncoding.EncodeToString(key.Bytes()), pushtest.Contact, true
	s := servertest.StartPush(t, cfg, v.Roots, nil)
	ctx := t.Context()
	ana, bo, last := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b"), signIn(t, s, "bo", "last")
	if err := last.PushByFCM(ctx, "last"); err != nil {
		t.Fatal(err)
	}
	public := base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	if c, err := appOf(t, s.URL).Configs(ctx); err != nil || c.Project["webPushPublicKey"] != public {
		t.Errorf("the key for browsers: %+v, %v", c.Project, err)
	}

	var subscription client.WebPush
	text, err := json.Marshal(v.Subscribe(t, "browser"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &subscription); err != nil {
		t.Fatal(err)
	}
	const token = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
	told := 0
	for _, step := range []struct {
		vendor, token string
		register      func() error
	}{
		{"fcm", "phone", func() error { return bo.PushByFCM(ctx, "phone") }},
		{"apns", token, func() error { return bo.PushByAPNs(ctx, token, true) }},
		{"web", "browser", func() error { return bo.PushByBrowser(ctx, subscription) }},
		{"none", "", func() error { return bo.StopPush(ctx) }},
	} {
		if err := step.register(); err != nil {
			t.Fatalf("%s: %v", step.vendor, err)
		}
		if _, err := ana.Send(ctx, client.Draft{RoomID: ana.PersonalRoom(bo.UserID()), Text: step.vendor}); err != nil {
			t.Fatal(err)
		}
		told++
		v.Wait(t, "last", told) // which is sent together with the other
		if step.token != "" {
			if got := v.Wait(t, step.token, 1); got[0].Vendor != step.vendor {
				t.Errorf("%s: it came through %s", step.vendor, got[0].Vendor)
			}
		}
	}
	// Four messages to one device, and one through each vendor to the other.
	if n := len(v.Pushes("")); n != told+3 {
		t.Errorf("%d notifications, want %d", n, told+3)
	}
	for name, err := range map[string]error{
		"a token that APNs does not give": bo.PushByAPNs(ctx, "not hexadecimal", false),
		"an address of no service":        bo.PushByBrowser(ctx, client.WebPush{Endpoint: "http://push.example.com/1"}),
	} {
		if client.CodeOf(err) != client.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
