package powertalk_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// discard is the writer of a caller who reads everything at once.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) WriteHeader(int)             {}
func (d discard) Write(b []byte) (int, error) { return len(b), nil }

// BenchmarkAnswer serves calls that do nothing: what remains is the way to them and back.
func BenchmarkAnswer(b *testing.B) {
	for name, err := range map[string]error{"success": nil, "failure": chat.Required("known")} {
		b.Run(name, func(b *testing.B) {
			api := newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
				return item{}, err
			})
			body := strings.NewReader("{}")
			r := httptest.NewRequest(http.MethodPost, "/v1/x", io.NopCloser(body))
			r.ContentLength = body.Size()
			w := discard{http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				body.Reset("{}")
				api.ServeHTTP(w, r)
			}
		})
	}
}
