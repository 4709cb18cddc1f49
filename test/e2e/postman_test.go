package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// postmanItem is a folder or a request of a Postman collection.
type postmanItem struct {
	Name    string
	Item    []postmanItem
	Request struct {
		Method string
		Header []struct{ Key, Value string }
		Body   struct{ Mode, Raw string }
		URL    struct{ Raw string }
	}
}

// outward are the calls whose examples have a server call an address of somebody else's.
var outward = []string{"/v1/server/webhook/create", "/v1/server/webhook/update", "/v1/server/before_hook/set"}

// TestPostmanCollection sends the requests of the published collection, as a program does that fills in its
// variables. Their examples name rooms and users that are not all there, so some are answered as not found; but
// none is malformed.
func TestPostmanCollection(t *testing.T) {
	t.Parallel()
	servertest.EmbeddedApp(t, func(t *testing.T, a *servertest.App) {
		var collection struct {
			Variable []struct{ Key, Value string }
			Item     []postmanItem
		}
		if err := json.Unmarshal([]byte(getPage(t, a, "/postman_collection.json").body), &collection); err != nil {
			t.Fatal(err)
		}
		device := a.SignIn(t, "cust-postman", "phone")
		basic := func(key string) string { return base64.StdEncoding.EncodeToString([]byte(key)) }
		fill := strings.NewReplacer(
			"{{url}}", "", "{{token}}", device.Access, "{{$guid}}", "",
			"{{serverHeader}}", basic(a.ServerKey), "{{appHeader}}", basic(a.AppKey),
		)
		if url := collection.Variable[0]; url.Key != "url" || url.Value != a.URL {
			t.Errorf("the collection's address is %q, want %q", url, a.URL)
		}
		var sent []string
		for _, folder := range collection.Item {
			for _, item := range folder.Item {
				path := fill.Replace(item.Request.URL.Raw)
				sent = append(sent, path)
				if !slices.Contains(outward, path) {
					sendPostman(t, a, path, item, fill)
				}
			}
		}
		for _, e := range endpoints {
			if !slices.Contains(sent, "/v1/server/"+e.path) {
				t.Errorf("the collection lacks %s", e.path)
			}
		}
	})
}

// sendPostman sends one request and looks at the code of its answer.
func sendPostman(t *testing.T, a *servertest.App, path string, item postmanItem, fill *strings.Replacer) {
	t.Helper()
	if item.Request.Body.Mode == "formdata" {
		return // whose file the reader chooses
	}
	header := http.Header{}
	for _, h := range item.Request.Header {
		if value := fill.Replace(h.Value); value != "" {
			header.Set(h.Key, value)
		}
	}
	answer := a.Do(t, item.Request.Method, path, header, item.Request.Body.Raw)
	if slices.Contains([]string{"40001", "40002", "40400", "40500", "41301", "49102", "49103", "49104", "50000"}, answer.Error.Code) {
		t.Errorf("%s (%s): %s %s", item.Name, path, answer.Error.Code, answer.Error.Message)
	}
}
