// Package conformance has the tables of what the vendor's SDKs need, and what of it Parlor
// serves: calls.json lists the calls of the client API, web-sdk.json the methods of the web SDK.
// test/e2e and web/e2e hold the server to them, and docs/compatibility.md is made from them.
//
// A call that comes to be served needs no change here, since that is looked up in the routes: run
// `go generate ./test/conformance`, and give the call its row in test/e2e.
package conformance

import (
	_ "embed" // the tables
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"parlor/internal/powertalk/clientapi"
)

//go:generate go run ./main

//go:embed calls.json
var calls []byte

//go:embed web-sdk.json
var webSDK []byte

// connect is the one path that is no call: the socket, and the check before it.
const connect = "GET /connect"

// Area is what one group of the client API's calls is about.
type Area struct {
	Area  string
	Calls []Call
}

// Call is one call of the client API.
type Call struct {
	Call string // its path behind /v1/
	SDKs string // which SDKs make it: web, android, ios; "" for an extension of Parlor's
	// Must has the fields of the answer's data that an SDK uses without a look whether they
	// are there, with their types in JSON. An inner one stands after a dot; what each entry
	// of a list is or has, after [].
	Must   map[string]string
	Served bool `json:"-"`
}

// Methods is a part of the web SDK.
type Methods struct {
	Area    string
	Methods []Method
}

// Method is one method that the web SDK exports.
type Method struct {
	Method string   // its manager and its name
	Calls  []string // the calls that it makes by itself
	Events []string // the events of the socket that it sends, or that its listener gets
	Fault  string   // why it cannot work on any server
	Note   string   // what the SDK does wrong in some case, on any server
	Silent bool     // whether the app is not told of a refusal
}

// State says whether a method works.
type State string

// The states of a method.
const (
	Served State = "served" // what it asks of the server, it gets
	Local  State = "local"  // it asks nothing of the server
	Later  State = "later"  // it makes a call that is not served yet
	Faulty State = "fault"  // the SDK's own code keeps it from working
)

// ClientAPI returns the calls of the client API, those that are not served yet included.
func ClientAPI() ([]Area, error) {
	var areas []Area
	if err := json.Unmarshal(calls, &areas); err != nil {
		return nil, fmt.Errorf("calls.json: %w", err)
	}
	served := paths()
	for _, a := range areas {
		for i := range a.Calls {
			a.Calls[i].Served = slices.Contains(served, a.Calls[i].Call)
		}
	}
	return areas, nil
}

// WebSDK returns the methods of the web SDK.
func WebSDK() ([]Methods, error) {
	var areas []Methods
	if err := json.Unmarshal(webSDK, &areas); err != nil {
		return nil, fmt.Errorf("web-sdk.json: %w", err)
	}
	return areas, nil
}

// State says whether m works.
func (m Method) State() State {
	switch served := paths(); {
	case m.Fault != "":
		return Faulty
	case slices.ContainsFunc(m.Calls, func(c string) bool { return c != connect && !slices.Contains(served, c) }):
		return Later
	case len(m.Calls)+len(m.Events) > 0:
		return Served
	}
	return Local
}

// paths are the calls of the client API that are served, without /v1/.
func paths() []string {
	var out []string
	for _, e := range clientapi.Endpoints(nil) {
		out = append(out, strings.TrimPrefix(e.Path, "/"))
	}
	return out
}
