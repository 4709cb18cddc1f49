package powertalk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
)

// handler is an Endpoint's Handle.
type handler func(ctx context.Context, c chat.Caller, p *httpapi.Params) (httpapi.Answer, error)

// newAPI serves handle under /v1/x, which anybody may call.
func newAPI(handle handler) *httpapi.API {
	return httpapi.New([]httpapi.Endpoint{{
		Path:         "/x",
		Fields:       map[string]string{"known": "101"},
		Authenticate: func(context.Context, http.Header) (chat.Caller, error) { return chat.Caller{}, nil },
		Handle:       handle,
	}}, powertalk.Dialect{}, budget.New(nil), slog.New(slog.DiscardHandler), func(string, string, time.Duration) {})
}

func serve(api http.Handler, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	api.ServeHTTP(w, httptest.NewRequest(method, path, http.NoBody))
	return w
}

// item is an answer's data.
type item struct{}

func (item) AppendJSON(b []byte) []byte { return append(b, `{"a":1}`...) }

// TestEnvelopes looks at every byte of what is around an answer.
func TestEnvelopes(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{nil, `{"status":200,"error":{"code":"","message":"","field":""},"data":{"a":1}}`},
		{
			chat.Required("known"),
			`{"status":400,"error":{"code":"40002","message":"Param 'known' is required","field":"101"},"data":{}}`,
		},
		{
			chat.Required("young"),
			`{"status":400,"error":{"code":"40002","message":"Param 'young' is required","field":"young"},"data":{}}`,
		},
		{
			fmt.Errorf("load room g7: %w", chat.UserNotFound()),
			`{"status":404,"error":{"code":"40401","message":"User is not found","field":""},"data":{}}`,
		},
		{
			chat.Missing(chat.RoomNotFound(), `"r"`),
			`{"status":404,"error":{"code":"40401","message":"Room is not found","field":"","notFound":"\"r\""},"data":{}}`,
		},
		{
			chat.Errorf(chat.CodeUnavailable, "quotes \" and \u2028 and \xff"),
			`{"status":503,"error":{"code":"50301","message":"quotes \" and ` + "\u2028 and \ufffd" + `","field":""},"data":{}}`,
		},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.err), func(t *testing.T) {
			w := serve(newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
				return item{}, tt.err
			}), http.MethodPost, "/v1/x")
			if got := w.Body.String(); w.Code != http.StatusOK || got != tt.want {
				t.Errorf("HTTP %d\ngot  %s\nwant %s", w.Code, got, tt.want)
			}
			if got := w.Header().Values("Content-Type"); len(got) != 1 || got[0] != "application/json" {
				t.Errorf("content type %q", got)
			}
		})
	}
}

func TestErrorCodes(t *testing.T) {
	for kind, want := range map[chat.Code]string{
		chat.CodeNoHeader:       "40001",
		chat.CodeInvalid:        "40002",
		chat.CodeTokenMissing:   "40101",
		chat.CodeTokenMalformed: "40102",
		chat.CodeTokenInvalid:   "40103",
		chat.CodeTokenExpired:   "40104",
		chat.CodeTokenForeign:   "40105",
		chat.CodeTokenOrphan:    "40106",
		chat.CodeForbidden:      "40301",
		chat.CodeNotFound:       "40401",
		chat.CodeConflict:       "40901",
		chat.CodeTooLarge:       "41301",
		chat.CodeTooMany:        "42901",
		chat.CodeKeyInvalid:     "49102",
		chat.CodeKeyUnknown:     "49103",
		chat.CodeKeyWrongKind:   "49104",
		chat.CodeKeyRevoked:     "49106",
		chat.CodeUnavailable:    "50301",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel() // callers who are over their share wait for their answer
			w := serve(newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
				return nil, chat.Errorf(kind, "m")
			}), http.MethodPost, "/v1/x")
			body := `{"status":` + want[:3] + `,"error":{"code":"` + want + `","message":"m","field":""},"data":{}}`
			if w.Code != http.StatusOK || w.Body.String() != body {
				t.Errorf("HTTP %d, %s", w.Code, w.Body)
			}
		})
	}
}

// TestHiddenErrors: what callers must not see has a code as well, and a status.
func TestHiddenErrors(t *testing.T) {
	for _, err := range []error{errors.New("secret"), chat.Errorf("brand_new", "secret")} {
		w := serve(newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
			return nil, err
		}), http.MethodPost, "/v1/x")
		const begin = `{"status":500,"error":{"code":"50000","message":"Something went wrong inside Parlor;`
		if got := w.Body.String(); w.Code != http.StatusOK || !strings.HasPrefix(got, begin) || strings.Contains(got, "secret") {
			t.Errorf("HTTP %d, %s", w.Code, got)
		}
	}
}
