package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"parlor/client"
	"parlor/test/env/pushtest"
)

// TestPushCommand: it shows what a user's devices would be sent, sends it, and says what the vendor
// answered. No key and no token of a device is shown.
func TestPushCommand(t *testing.T) {
	t.Parallel()
	v := pushtest.Start(t)
	dir := t.TempDir()
	p := start(t, nil, "--data", dir)
	backend, err := client.NewBackend(client.Config{URL: p.url, Key: bannerKey(t, p, "server")})
	if err != nil {
		t.Fatal(err)
	}
	app, err := client.NewApp(client.Config{URL: p.url, Key: bannerKey(t, p, "app")})
	if err != nil {
		t.Fatal(err)
	}
	ticket, err := backend.RequestTicket(t.Context(), client.Profile{XCID: "bo", Fullname: "Bo"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backend.RequestTicket(t.Context(), client.Profile{XCID: "ana", Fullname: "Ana"}); err != nil {
		t.Fatal(err)
	}
	d, err := app.SignIn(t.Context(), ticket.Text, client.DeviceOptions{ID: "phone", Platform: "android"})
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"SSL_CERT_FILE=" + v.CertFile, "PARLOR_FCM_CREDENTIALS=" + v.FCMFile, "PARLOR_FCM_URL=" + v.URL}
	test := []string{"push", "test", "--data", dir, "--user", "bo"}
	fail(t, nil, "no push notifications are set up", test...)
	fail(t, env, "has registered no device", test...)
	if err := d.Call(t.Context(), "client/push_notification/update", map[string]string{"fcmToken": "a-token"}, nil); err != nil {
		t.Fatal(err)
	}
	fail(t, env, "no message that could be shown", test...)
	_, err = backend.Send(t.Context(), client.BackendMessage{Text: "Hello", SenderXCID: "ana", RecipientXCID: "bo"})
	if err != nil {
		t.Fatal(err)
	}
	out := run(t, env, append(test, "--dry-run")...).stdout
	if !strings.Contains(out, "not sent: a dry run") || !strings.Contains(out, "io.taptalk.TapTalk") || len(v.Pushes("")) != 0 {
		t.Errorf("a dry run:\n%s", out)
	}
	out = run(t, env, append(test, "--no-payload")...).stdout
	sent := regexp.MustCompile(`^login \d+, device "phone", fcm: \d+ bytes, collapse \d+-\d+, kept until \S+Z\n  sent \n$`)
	if !sent.MatchString(out) || len(v.Pushes("a-token")) != 1 {
		t.Errorf("%d notifications, and it says\n%s", len(v.Pushes("a-token")), out)
	}
	v.Answer("a-token", pushtest.Answer{Status: 404, Body: `{"error":{"details":[{"errorCode":"UNREGISTERED"}]}}`})
	fail(t, env, "not all notifications were sent", test...)
	for _, file := range []string{v.FCMFile, v.APNsFile} {
		key, err := os.ReadFile(file)
		if err != nil || strings.Contains(out, "a-token") || strings.Contains(out, string(key)) {
			t.Errorf("%v, or something secret in\n%s", err, out)
		}
	}
	fail(t, []string{"PARLOR_FCM_CREDENTIALS=" + v.APNsFile}, "fcm-credentials: ", test...)
}

// TestVAPIDKey: what is printed is what the server takes.
func TestVAPIDKey(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`^(PARLOR_VAPID_KEY=\S{43})\n`).FindStringSubmatch(succeed(t, "push", "vapid-key"))
	if line == nil {
		t.Fatal("it prints no key")
	}
	start(t, []string{line[1], "PARLOR_VAPID_CONTACT=mailto:ops@example.com"}, "--data", t.TempDir())
}
