package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// answer is what plain writes and what came with it.
type answer struct {
	Error struct{ Code, Message, Field, Missing string }
	Data  json.RawMessage

	http *httptest.ResponseRecorder
}

// handler is an Endpoint's Handle.
type handler func(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error)

// newAPI serves handle under /here/x, which anybody may call, and notes each call's code.
func newAPI(handle handler, log io.Writer, codes *[]string) *httpapi.API {
	var mu sync.Mutex
	return httpapi.New([]httpapi.Endpoint{{
		Path:         "/x",
		Fields:       map[string]string{"known": "101"},
		Authenticate: func(context.Context, http.Header) (chat.Caller, error) { return chat.Caller{}, nil },
		Handle:       handle,
	}}, plain{}, budget.New(nil), slog.New(slog.NewTextHandler(log, nil)), func(path, code string, _ time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		if codes != nil {
			*codes = append(*codes, path+" "+code)
		}
	})
}

func post(t *testing.T, api http.Handler, r *http.Request) answer {
	t.Helper()
	w := httptest.NewRecorder()
	api.ServeHTTP(w, r)
	a := answer{http: w}
	if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a
}

func request(body string) *http.Request {
	return httptest.NewRequest(http.MethodPost, "/here/x", strings.NewReader(body))
}

// nothing is an answer with no data.
type nothing struct{}

func (nothing) AppendJSON(b []byte) []byte { return append(b, "{}"...) }

// TestFailures: a caller sees a failure as the dialect has it, and an observer its code.
func TestFailures(t *testing.T) {
	tests := []struct {
		err                           error
		code, message, field, missing string
	}{
		{chat.Required("known"), "invalid", "Param 'known' is required", "101", ""},
		{chat.Required("young"), "invalid", "Param 'young' is required", "young", ""},
		{fmt.Errorf("load room g7: %w", chat.UserNotFound()), "not_found", "User is not found", "", ""},
		{chat.Missing(chat.RoomNotFound(), "r"), "not_found", "Room is not found", "", "r"},
		{chat.Errorf(chat.CodeUnavailable, "m"), "unavailable", "m", "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.code+" "+tt.message, func(t *testing.T) {
			var codes []string
			a := post(t, newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
				return nil, tt.err
			}, io.Discard, &codes), request(""))
			if a.http.Code != http.StatusBadRequest || a.http.Header().Get("Content-Type") != "text/plain" {
				t.Errorf("HTTP %d, %v", a.http.Code, a.http.Header())
			}
			if a.Error.Code != tt.code || a.Error.Message != tt.message || a.Error.Field != tt.field ||
				a.Error.Missing != tt.missing {
				t.Errorf("error %+v", a.Error)
			}
			if len(codes) != 1 || codes[0] != "/x "+tt.code {
				t.Errorf("observed %q", codes)
			}
		})
	}
}

// TestNoCalls: what is no call is answered in the dialect, too. Of an unknown path nothing is
// observed: anybody could make up any number of them.
func TestNoCalls(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		code, allow  string
		observed     []string
	}{
		{http.MethodPost, "/none", http.StatusNotFound, "no_endpoint", "", nil},
		{http.MethodGet, "/teapot", http.StatusTeapot, "no_endpoint", "", nil},
		{http.MethodGet, "/here/x", http.StatusBadRequest, "wrong_method", "POST", []string{"/x wrong_method"}},
	}
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			var codes []string
			api := newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
				t.Error("it was served")
				return nothing{}, nil
			}, io.Discard, &codes)
			a := post(t, api, httptest.NewRequest(tt.method, tt.path, http.NoBody))
			if a.http.Code != tt.status || a.Error.Code != tt.code || a.http.Header().Get("Allow") != tt.allow {
				t.Errorf("HTTP %d, %s, %v", a.http.Code, a.http.Body, a.http.Header())
			}
			if !slices.Equal(codes, tt.observed) {
				t.Errorf("observed %q, want %q", codes, tt.observed)
			}
		})
	}
}

// TestInternalErrorsAreHidden: what was not made to be shown is in the log, under the
// id that the answer names.
func TestInternalErrorsAreHidden(t *testing.T) {
	const secret = "pq: password of user x at 10.0.0.7"
	for name, handle := range map[string]handler{
		"error": func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
			return nil, fmt.Errorf("load: %w", errors.New(secret))
		},
		"internal on purpose": func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
			return nil, chat.Errorf(chat.CodeInternal, secret)
		},
		"unknown code": func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
			return nil, chat.Errorf("brand_new", secret)
		},
		"panic": func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) { panic(secret) },
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			a := post(t, newAPI(handle, &log, nil), request(""))
			id := a.http.Header().Get("X-Request-Id")
			if a.http.Code != http.StatusBadRequest || a.Error.Code != "internal" || a.Error.Field != "" || a.Data != nil {
				t.Errorf("HTTP %d, %s", a.http.Code, a.http.Body)
			}
			if id == "" || !strings.Contains(a.Error.Message, id) || strings.Contains(a.http.Body.String(), secret) {
				t.Errorf("message %q", a.Error.Message)
			}
			if !strings.Contains(log.String(), secret) || !strings.Contains(log.String(), "id="+id) {
				t.Errorf("log:\n%s", &log)
			}
		})
	}
}

// TestAbandonedCalls: a call that was cut short by its time limit may be tried again.
func TestAbandonedCalls(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a := post(t, newAPI(func(ctx context.Context, _ chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
		<-ctx.Done()
		return nil, fmt.Errorf("read: %w", ctx.Err())
	}, io.Discard, nil), request("").WithContext(ctx))
	if a.Error.Code != "unavailable" {
		t.Errorf("error %+v", a.Error)
	}
}

// TestBodies looks at what limits and breaks a body on its way.
func TestBodies(t *testing.T) {
	small := `{"a":"` + strings.Repeat("x", 64<<10-8) + `"}` // what a body of unknown length has at first
	exact := `{"a":"` + strings.Repeat("x", httpapi.MaxRequestBody-8) + `"}`
	broken := io.MultiReader(strings.NewReader(`{"a":`), failing{})
	tests := []struct {
		name   string
		body   io.Reader
		length int64
		code   string
	}{
		{"as large as may be", strings.NewReader(exact), int64(len(exact)), ""},
		{"as large as may be, length unknown", strings.NewReader(exact), -1, ""},
		{"small, length unknown", strings.NewReader(small), -1, ""},
		{"not so small, length unknown", strings.NewReader(small + " "), -1, ""},
		{"too large", strings.NewReader(exact + " "), int64(len(exact)) + 1, "too_large"},
		{"too large, length unknown", strings.NewReader(exact + " "), -1, "too_large"},
		{"broken off", strings.NewReader(`{"a":1`), 10, "invalid"},
		{"broken off, length unknown", broken, -1, "invalid"},
		{"none", http.NoBody, 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/here/x", tt.body)
			r.ContentLength = tt.length
			a := post(t, newAPI(func(_ context.Context, _ chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
				return nothing{}, p.Err()
			}, io.Discard, nil), r)
			if a.Error.Code != tt.code || a.Error.Field != "" {
				t.Errorf("error %+v, want %q", a.Error, tt.code)
			}
		})
	}
}

// TestBodiesLetGo: what was taken for a body is given back, however its call ended.
func TestBodiesLetGo(t *testing.T) {
	api := newAPI(func(_ context.Context, _ chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
		return nothing{}, p.Err()
	}, io.Discard, nil)
	for length, times := range map[int64]int{-1: 5000, httpapi.MaxRequestBody: 100, httpapi.MaxRequestBody + 1: 100} {
		for range times {
			r := httptest.NewRequest(http.MethodPost, "/here/x", failing{})
			r.ContentLength = length
			if a := post(t, api, r); a.Error.Code == "" || a.Error.Code == "unavailable" {
				t.Fatalf("length %d: %+v", length, a.Error)
			}
		}
	}
	if a := post(t, api, request("{}")); a.Error.Code != "" {
		t.Errorf("afterwards: %+v", a.Error)
	}
}

// failing is a connection that broke.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }
