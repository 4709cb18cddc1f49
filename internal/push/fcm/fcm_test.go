package fcm_test

import (
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/push"
	"parlor/internal/push/fcm"
	"parlor/test/env/pushtest"
)

func open(t *testing.T, v *pushtest.Vendors) *fcm.Sender {
	t.Helper()
	file, err := os.ReadFile(v.FCMFile)
	if err != nil {
		t.Fatal(err)
	}
	account, err := fcm.ParseAccount(file)
	if err != nil {
		t.Fatal(err)
	}
	s, err := fcm.New(fcm.Options{Account: account, URL: v.URL, Dial: push.Dial{Roots: v.Roots}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func send(t *testing.T, s push.Sender, token string) push.Result {
	t.Helper()
	return s.Send(t.Context(), chat.PushTarget{Kind: chat.PushFCM, Token: token}, push.Notification{
		Payload: []byte(`{"body":"{}"}`), Collapse: "g7", Expires: time.Now().Add(time.Hour),
	})
}

func TestSend(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v)
	for range 3 {
		if r := send(t, s, "phone"); r.Outcome != push.Sent {
			t.Fatalf("%+v", r)
		}
	}
	p := v.Pushes("phone")[0]
	if string(p.Payload) != `{"body":"{}"}` || p.Collapse != "g7" || p.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%+v", p)
	}
	if fcmTokens, _ := v.Tokens(); fcmTokens != 1 {
		t.Errorf("%d tokens for three notifications", fcmTokens)
	}
}

// TestTokenIsRenewedOnce: a token that is refused before its time is replaced at once.
func TestTokenIsRenewedOnce(t *testing.T) {
	v := pushtest.Start(t)
	s := open(t, v)
	send(t, s, "phone")
	v.ExpireTokens()
	if r := send(t, s, "phone"); r.Outcome != push.Sent {
		t.Errorf("with a refused token: %+v", r)
	}
	v.Answer("phone", pushtest.Answer{Status: http.StatusUnauthorized, Body: `{"error":{"status":"UNAUTHENTICATED"}}`})
	if r := send(t, s, "phone"); r.Outcome != push.Refused || r.Reason != "HTTP 401 UNAUTHENTICATED" {
		t.Errorf("refused for good: %+v", r)
	}
	if n, _ := v.Tokens(); n != 3 {
		t.Errorf("%d tokens, want 3: one for each refusal", n)
	}
}

func fcmError(status, code string) string {
	return `{"error":{"code":0,"message":"secret words","status":"` + status + `","details":[
		{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"` + code + `"}]}}`
}

// TestAnswers are those that FCM's documentation names, and what others between may say.
func TestAnswers(t *testing.T) {
	const badToken = `{"error":{"code":400,"status":"INVALID_ARGUMENT","details":[
		{"@type":"type.googleapis.com/google.firebase.fcm.v1.FcmError","errorCode":"INVALID_ARGUMENT"},
		{"@type":"type.googleapis.com/google.rpc.BadRequest","fieldViolations":[{"field":"message.token","description":"Invalid"}]}]}}`
	tests := []struct {
		name   string
		answer pushtest.Answer
		want   push.Outcome
		reason string
		after  time.Duration
	}{
		{"unregistered", pushtest.Answer{Status: 404, Body: fcmError("NOT_FOUND", "UNREGISTERED")}, push.Dead, "HTTP 404 UNREGISTERED", 0},
		{"token of another form", pushtest.Answer{Status: 400, Body: badToken}, push.Dead, "HTTP 400 INVALID_ARGUMENT", 0},
		{"bad message", pushtest.Answer{Status: 400, Body: fcmError("INVALID_ARGUMENT", "INVALID_ARGUMENT")}, push.Bad, "", 0},
		{"quota", pushtest.Answer{
			Status: 429, Body: fcmError("RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), Header: http.Header{"Retry-After": {"7"}},
		}, push.Later, "HTTP 429 QUOTA_EXCEEDED", 7 * time.Second},
		{"unavailable", pushtest.Answer{Status: 503, Body: fcmError("UNAVAILABLE", "UNAVAILABLE")}, push.Later, "", 0},
		{"internal", pushtest.Answer{Status: 500, Body: "<html>"}, push.Later, "HTTP 500", 0},
		{"another project's token", pushtest.Answer{Status: 403, Body: fcmError("PERMISSION_DENIED", "SENDER_ID_MISMATCH")}, push.Refused, "", 0},
		{"no such project", pushtest.Answer{Status: 404, Body: `{"error":{"status":"NOT_FOUND"}}`}, push.Refused, "", 0},
		{"a proxy's page", pushtest.Answer{Status: 404, Body: "<html>not here</html>"}, push.Refused, "HTTP 404", 0},
		{"a redirect", pushtest.Answer{Status: 302, Header: http.Header{"Location": {"https://127.0.0.1:1/"}}}, push.Refused, "", 0},
	}
	v := pushtest.Start(t)
	s := open(t, v)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v.Answer(tt.name, tt.answer)
			r := send(t, s, tt.name)
			if r.Outcome != tt.want || r.After != tt.after || strings.Contains(r.Reason, "secret") || tt.reason != "" && r.Reason != tt.reason {
				t.Errorf("%+v, want %s, reason %q, after %v", r, tt.want, tt.reason, tt.after)
			}
		})
	}
	if n := len(v.Pushes("")); n != 0 {
		t.Errorf("%d notifications were taken", n)
	}
}

// TestVendorIsAway: whoever is not there is tried again, and the address of nothing secret is said.
func TestVendorIsAway(t *testing.T) {
	v := pushtest.Start(t)
	file, err := os.ReadFile(v.FCMFile)
	if err != nil {
		t.Fatal(err)
	}
	away := strings.ReplaceAll(string(file), v.URL, "https://127.0.0.1:1")
	for name, content := range map[string]string{"of tokens": away, "of notifications": string(file)} {
		account, err := fcm.ParseAccount([]byte(content))
		if err != nil {
			t.Fatal(err)
		}
		s, err := fcm.New(fcm.Options{Account: account, URL: "https://127.0.0.1:1", Dial: push.Dial{Roots: v.Roots}})
		if err != nil {
			t.Fatal(err)
		}
		if r := send(t, s, "phone"); r.Outcome != push.Later || !strings.HasPrefix(r.Reason, "not reached: ") {
			t.Errorf("the server %s: %+v", name, r)
		}
	}
}

// TestAccountIsNotKnown: Google gives no token to an account whose key was deleted.
func TestAccountIsNotKnown(t *testing.T) {
	v, other := pushtest.Start(t), pushtest.Start(t)
	file, err := os.ReadFile(v.FCMFile)
	if err != nil {
		t.Fatal(err)
	}
	refusing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte(`{"error":"invalid_grant","error_description":"secret words"}`))
	})
	url := other.Serve(t, refusing)
	account, err := fcm.ParseAccount([]byte(strings.ReplaceAll(string(file), v.URL+"/token", url+"/token")))
	if err != nil {
		t.Fatal(err)
	}
	s, err := fcm.New(fcm.Options{Account: account, URL: v.URL, Dial: push.Dial{Roots: other.Roots}})
	if err != nil {
		t.Fatal(err)
	}
	if r := send(t, s, "phone"); r.Outcome != push.Refused || r.Reason != "no token for the service account: HTTP 400 invalid_grant" {
		t.Errorf("%+v", r)
	}
}

// TestAccountFiles: a file that is none is refused at the start, by what is missing in it.
func TestAccountFiles(t *testing.T) {
	good := map[string]string{
		"type": "service_account", "project_id": "p", "private_key_id": "1", "private_key": "no key", "client_email": "e",
		"token_uri": "https://t",
	}
	for _, tt := range []struct{ change, to, want string }{
		{"project_id", "", "it has no project_id"},
		{"type", "authorized_user", `it is of type "authorized_user"`},
		{"private_key", "no key", "no PEM"},
	} {
		fields := map[string]string{}
		for name, value := range good {
			fields[name] = value
		}
		fields[tt.change] = tt.to
		file, err := json.Marshal(fields)
		if err != nil {
			t.Fatal(err)
		}
		account, err := fcm.ParseAccount(file)
		if err == nil {
			_, err = fcm.New(fcm.Options{Account: account})
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.change, err, tt.want)
		}
	}
	if _, err := fcm.ParseAccount([]byte("-----BEGIN PRIVATE KEY-----\nsecret")); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("of a key: %v", err)
	}
}
