package push_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"parlor/internal/push"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"": 0, "30": 30 * time.Second, "-5": 0, "soon": 0, "99999999999999999999": 0, "9999999": 24 * time.Hour,
		"Tue, 01 Jan 2030 12:00:10 GMT": 10 * time.Second, "Tue, 01 Jan 2030 11:00:00 GMT": 0,
	} {
		if got := push.RetryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

// TestUnreached: the path of an address names a device.
func TestUnreached(t *testing.T) {
	r := push.Unreached(&url.Error{Op: "Post", URL: "https://push.example/secret", Err: errors.New("no route to host")})
	if r.Outcome != push.Later || r.Reason != "not reached: no route to host" {
		t.Errorf("%+v", r)
	}
}

func TestWord(t *testing.T) {
	if got := push.Word("two\nlines\x00 and\xff"); strings.ContainsAny(got, "\n") || !strings.HasPrefix(got, "two lines") {
		t.Errorf("%q", got)
	}
	if got := push.Word(strings.Repeat("ä", 1000)); len(got) > 210 || !strings.HasSuffix(got, "ä …") {
		t.Errorf("%d bytes, %.300q", len(got), got)
	}
}
