package e2e

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// TestKeys shows every endpoint every key that is not a good one. The key is looked at
// before anything else of the call.
func TestKeys(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		id, secret, _ := strings.Cut(s.ServerKey, ":")
		good := key(s.ServerKey)
		revoked := newKey(t, s, s.Name)
		revoke(t, s, s.Name, revoked)
		const (
			noBase64 = "The key header must be base64 of KEY_ID:SECRET; it is not base64"
			noColon  = "The key header must be base64 of KEY_ID:SECRET; there is no colon in it, or nothing on one side"
			unknown  = "There is no key with this id"
			wrong    = "The secret of this key is wrong"
		)
		tests := []struct {
			name, header  string
			code, message string
		}{
			{"none", "", "40001", "Request headers are required (Server-Key)"},
			{"plain", s.ServerKey, "49102", noBase64},
			{"with a scheme", "Basic " + good, "49102", noBase64},
			{"without padding", strings.TrimRight(key(id+":x"), "="), "49102", noBase64},
			{"URL alphabet", base64.URLEncoding.EncodeToString([]byte("a:\xfb\xff\xfe")), "49102", noBase64},
			{"something behind", good + " x", "49102", noBase64},
			{"no colon", key(id), "49102", noColon},
			{"no id", key(":" + secret), "49102", noColon},
			{"no secret", key(id + ":"), "49102", noColon},
			{"only a colon", key(":"), "49102", noColon},
			{"unknown id", key("nobody:" + secret), "49103", unknown},
			{"the id in capitals", key(strings.ToUpper(id) + ":" + secret), "49103", unknown},
			{"a space before the id", key(" " + s.ServerKey), "49103", unknown},
			{"an id of nonsense", key("\x00\xff:x"), "49103", unknown},
			{"a long id", key(strings.Repeat("x", 5000) + ":x"), "49103", unknown},
			{"SQL for an id", key("' OR '1'='1:x"), "49103", unknown},
			{"wrong secret", key(id + ":wrong"), "49102", wrong},
			{"half the secret", key(s.ServerKey[:len(s.ServerKey)-1]), "49102", wrong},
			{"the secret and more", key(s.ServerKey + "x"), "49102", wrong},
			{"the secret up to its colon", key(id + ":" + secret[:strings.IndexByte(secret, ':')]), "49102", wrong},
			{"an app key", key(s.AppKey), "49104", "This is an app key; a server key is needed here"},
			{"an app key with a wrong secret", key(s.AppKey + "x"), "49102", wrong},
			{"revoked", key(revoked), "49106", "This key was revoked"},
			{"revoked, with a wrong secret", key(revoked + "x"), "49102", wrong},
		}
		unchanged(t, s, func() {
			for i, e := range endpoints {
				for j, tt := range tests {
					// All with one call; with others some, since an address may not show too many wrong keys.
					if i > 0 && j != 0 && j != i%len(tests) {
						continue
					}
					for _, body := range []any{e.good, "["} {
						a := s.Post(t, "/v1/server/"+e.path, tt.header, body)
						checkContract(t, e.path, a)
						checkFailure(t, a, failure{tt.code, tt.message, ""})
					}
				}
			}
		})
	})
}

// TestKeyHeader: the header's name has no case, and its value no spaces around it.
func TestKeyHeader(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		for _, name := range []string{"Server-Key", "server-key", "SERVER-KEY"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/v1/server/role/list",
				strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			req.Header[name] = []string{" " + key(s.ServerKey) + " "}
			if a := answerOf(t, req); a.Status != 200 {
				t.Errorf("%s: %s", name, a.Body)
			}
		}
	})
}

// TestRevokedKey: a key that served until now does not serve once its revocation has
// returned; the App's other keys do.
func TestRevokedKey(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, s *servertest.App) {
		k := newKey(t, s, s.Name)
		askKey[obj](t, s, k, "role/list", "")
		revoke(t, s, s.Name, k)
		checkFailure(t, callKey(t, s, k, "role/list", ""), failure{"49106", "This key was revoked", ""})
		do(t, s, "role/list", "")
		s.Stop(t)
		s.StartAgain(t)
		checkFailure(t, callKey(t, s, k, "role/list", ""), failure{"49106", "This key was revoked", ""})
	})
}

// newKey makes a server key, as `parlor key create` does beside a running server.
func newKey(t *testing.T, s *servertest.App, appName string) string {
	t.Helper()
	var id, secret string
	withApp(t, s, appName, func(svc *service.Service, app chat.App) (err error) {
		id, secret, err = svc.CreateKey(t.Context(), app, chat.Key{Kind: chat.ServerKey, Label: "for a test"})
		return err
	})
	return id + ":" + secret
}

// revoke ends a key, as `parlor key revoke` does beside a running server.
func revoke(t *testing.T, s *servertest.App, appName, k string) {
	t.Helper()
	id, _, _ := strings.Cut(k, ":")
	withApp(t, s, appName, func(svc *service.Service, app chat.App) error {
		return svc.RevokeKey(t.Context(), app, id)
	})
}

func withApp(t *testing.T, s *servertest.App, name string, do func(*service.Service, chat.App) error) {
	t.Helper()
	err := server.WithService(t.Context(), s.Config, func(svc *service.Service) error {
		app, err := svc.App(t.Context(), name)
		if chat.CodeOf(err) == chat.CodeNotFound {
			app, err = svc.CreateApp(t.Context(), name)
		}
		if err != nil {
			return err
		}
		return do(svc, app)
	})
	if err != nil {
		t.Fatal(err)
	}
}
