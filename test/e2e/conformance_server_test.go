package e2e

import (
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestWhoMayCallAsBackend makes every call of the server API without a key, with keys of every other
// kind, and with a key of another App. Only the App's own key is told something, and changes
// something. TestRoutesAreDocumented sees to it that each call is in endpoints.
func TestWhoMayCallAsBackend(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		revoked := newKey(t, s, s.Name)
		revoke(t, s, s.Name, revoked)
		id, secret, _ := strings.Cut(s.ServerKey, ":")
		wrong := map[string]struct{ header, code string }{
			"no key":                       {"", "40001"},
			"no base64":                    {"no base64", "49102"},
			"no colon":                     {key("no colon"), "49102"},
			"a key of nobody":              {key("nobody:" + secret), "49103"},
			"a wrong secret":               {key(id + ":" + secret + "x"), "49102"},
			"no secret":                    {key(id + ":"), "49102"},
			"another key's secret":         {key(id + ":" + strings.SplitN(s.Default().ServerKey, ":", 2)[1]), "49102"},
			"the App's own app key":        {key(s.AppKey), "49104"},
			"a revoked key":                {key(revoked), "49106"},
			"an app key of another App":    {key(s.Default().AppKey), "49104"},
			"two keys, the right one last": {key(s.AppKey + "," + s.ServerKey), "49102"},
		}
		theirs := getRoom(t, s, "r")
		secrets := []string{`"` + theirs.Room.RoomID + `"`, "User a", "User b", "a@example.org", "Agent"}
		for _, p := range theirs.Participants {
			secrets = append(secrets, `"`+p.UserID+`"`)
		}
		unchanged(t, s, func() {
			for _, e := range endpoints {
				for what, k := range wrong {
					a := s.Post(t, "/v1/server/"+e.path, k.header, e.good)
					checkContract(t, e.path, a)
					if a.Error.Code != k.code || string(a.Data) != "{}" {
						t.Errorf("%s with %s: %s, want code %s", e.path, what, a.Body, k.code)
					}
				}
				a := callKey(t, s, s.Default().ServerKey, e.path, e.good)
				for _, secret := range secrets {
					if strings.Contains(string(a.Body), secret) {
						t.Errorf("%s tells another App of %s: %s", e.path, secret, a.Body)
					}
				}
			}
		})
	})
}
