package client_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"parlor/client"
)

// roundTrip is a network within the time of a test.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// busy is a backend whose share is used up for so many calls, and a list of the times of all.
func busy(t *testing.T, refusals int) (b *client.Backend, calls *[]time.Time) {
	calls = new([]time.Time)
	b, err := client.NewBackend(client.Config{URL: "http://parlor", Key: "id:secret", HTTP: &http.Client{
		Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			*calls = append(*calls, time.Now())
			body := `{"status":200,"error":{"code":""},"data":{}}`
			if len(*calls) <= refusals {
				body = `{"status":429,"error":{"code":"42901","message":"m","field":""},"data":{}}`
			}
			return &http.Response{
				StatusCode: http.StatusOK, Header: http.Header{"Retry-After": {"1"}}, Body: io.NopCloser(strings.NewReader(body)),
			}, nil
		}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	return b, calls
}

// TestTakingTurns makes sure that a call whose share is used up is not lost for want of attempts, and that callers
// that were refused together do not come back together.
func TestTakingTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, calls := busy(t, 20)
		if _, err := b.Room(t.Context(), "any", client.Page{}); err != nil || len(*calls) != 21 {
			t.Fatalf("after %d calls: %v", len(*calls), err)
		}
		pauses := make(map[time.Duration]bool)
		for i, at := range (*calls)[1:] {
			pause := at.Sub((*calls)[i])
			pauses[pause] = true
			if pause < time.Second || pause > 5*time.Second {
				t.Errorf("pause %d is %v", i, pause)
			}
		}
		if len(pauses) < 15 {
			t.Errorf("20 pauses are of %d lengths", len(pauses))
		}
	})
}

func TestTurnsEnd(t *testing.T) {
	for name, end := range map[string]time.Duration{"its own": 2 * time.Minute, "the context's": 10 * time.Second} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, _ := busy(t, 1000)
				ctx, began := t.Context(), time.Now()
				if name == "the context's" {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, end)
					defer cancel()
				}
				_, err := b.Room(ctx, "any", client.Page{})
				if took := time.Since(began); client.CodeOf(err) != client.CodeTooMany || took > end || took < end-5*time.Second {
					t.Errorf("after %v, of %v: %v", took, end, err)
				}
			})
		})
	}
}
