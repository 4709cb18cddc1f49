package conformance_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"

	"parlor/internal/powertalk/clientapi"
	"parlor/test/conformance"
)

const root = "../.."

// TestPageIsCurrent: docs/compatibility.md says what the tables say.
func TestPageIsCurrent(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(root + "/docs/compatibility.md")
	if err != nil {
		t.Fatal(err)
	}
	made, err := conformance.Page(page)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(page, made) {
		t.Error("docs/compatibility.md is older than its tables or than the routes: run `go generate ./test/conformance`")
	}
}

// TestEveryRouteIsListed: calls.json has each call of the SDKs and each that is served, once.
func TestEveryRouteIsListed(t *testing.T) {
	t.Parallel()
	areas, err := conformance.ClientAPI()
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	ofSDKs := 0
	for _, a := range areas {
		for _, c := range a.Calls {
			if listed[c.Call] {
				t.Errorf("calls.json has %s twice", c.Call)
			}
			listed[c.Call] = true
			if c.SDKs != "" {
				ofSDKs++
			} else if !c.Served {
				t.Errorf("calls.json has %s, which no SDK makes and nobody serves", c.Call)
			}
			for _, sdk := range strings.Fields(c.SDKs) {
				if !slices.Contains([]string{"web", "android", "ios"}, sdk) {
					t.Errorf("%s is made by %q", c.Call, sdk)
				}
			}
		}
	}
	// The SDKs' sources have so many, and the check before the socket.
	if ofSDKs != 83 {
		t.Errorf("calls.json has %d calls of the SDKs", ofSDKs)
	}
	for _, e := range clientapi.Endpoints(nil) {
		if !listed[strings.TrimPrefix(e.Path, "/")] {
			t.Errorf("%s is served and not in calls.json; one that no SDK makes has \"sdks\": \"\"", e.Path)
		}
	}
}

// TestMethods: web-sdk.json names calls and events that there are, and for each call of the web SDK a method; and
// each of its areas has a scenario, which the browser's tests hold to calling all of its methods.
func TestMethods(t *testing.T) {
	t.Parallel()
	areas, err := conformance.ClientAPI()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{"GET /connect": true}
	unused := map[string]bool{}
	for _, a := range areas {
		for _, c := range a.Calls {
			there[c.Call] = true
			if strings.Contains(c.SDKs, "web") {
				unused[c.Call] = true
			}
		}
	}
	methods, err := conformance.WebSDK()
	if err != nil {
		t.Fatal(err)
	}
	scenarios, err := os.ReadFile(root + "/web/e2e/tests/sdk.test.mjs")
	if err != nil {
		t.Fatal(err)
	}
	frames, err := os.ReadFile(root + "/docs/protocol/socket.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range methods {
		if !bytes.Contains(scenarios, []byte("\nmethods('"+a.Area+"', ")) {
			t.Errorf("no scenario calls the methods of %q", a.Area)
		}
		for _, m := range a.Methods {
			for _, c := range m.Calls {
				if !there[c] {
					t.Errorf("%s makes a call %s that is not in calls.json", m.Method, c)
				}
				delete(unused, c)
			}
			for _, e := range m.Events {
				if m.State() == conformance.Served && !bytes.Contains(frames, []byte("`"+e+"`")) {
					t.Errorf("%s needs the event %s, which docs/protocol/socket.md does not have", m.Method, e)
				}
			}
		}
	}
	for c := range unused {
		t.Errorf("no method of the web SDK makes the call %s", c)
	}
}
