package powertalk_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
)

func TestRoute(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/server/room/get":           "/server/room/get",
		"/api/v1/server/room/get":       "/server/room/get",
		"//api///v1//server//room//get": "/server/room/get",
		"/v1/":                          "/",
		"/v1":                           "",
		"/api/api/v1/x":                 "",
		"/v2/x":                         "",
		"":                              "",
	} {
		if got := (powertalk.Dialect{}).Route(path); got != want {
			t.Errorf("%q: %q, want %q", path, got, want)
		}
	}
}

func TestIsConnect(t *testing.T) {
	for path, want := range map[string]bool{
		"/connect": true, "/api/connect": true, "//connect": true, "//api//connect": true,
		"/connect/": false, "/v1/connect": false, "/": false,
	} {
		if got := powertalk.IsConnect(path); got != want {
			t.Errorf("%q: %v", path, got)
		}
	}
}

// TestStatuses: SDKs read what failed under 200 only, and what is no call of theirs has the
// status that says so.
func TestStatuses(t *testing.T) {
	tests := []struct {
		method, path string
		status       int
		code         string
	}{
		{http.MethodPost, "/v1/x", http.StatusOK, "40301"},
		{http.MethodGet, "/v1/x", http.StatusMethodNotAllowed, "40500"},
		{http.MethodPost, "/v1/none", http.StatusNotFound, "40400"},
		{http.MethodPost, "/v1/server/none", http.StatusNotFound, "40400"},
		{http.MethodPost, "/chat/none", http.StatusNotFound, "40400"},
		{http.MethodPost, "/v1/chat/none", http.StatusOK, "40400"},
		{http.MethodGet, "/api//v1/client/none", http.StatusOK, "40400"},
		{http.MethodPost, "/v1/auth/none", http.StatusOK, "40400"},
	}
	api := newAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) {
		return nil, chat.Errorf(chat.CodeForbidden, "m")
	})
	for _, tt := range tests {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			w := serve(api, tt.method, tt.path)
			begin := `{"status":` + tt.code[:3] + `,"error":{"code":"` + tt.code + `",`
			if w.Code != tt.status || !strings.HasPrefix(w.Body.String(), begin) {
				t.Errorf("HTTP %d, want %d: %s", w.Code, tt.status, w.Body)
			}
		})
	}
}
