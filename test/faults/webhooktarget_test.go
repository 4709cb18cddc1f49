package faults

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// told is an event, as far as the checks look at it.
type told struct {
	ID   string
	Type string
	Data struct {
		Room    struct{ RoomID string }
		User    struct{ UserID string }
		Message struct{ LocalID string }
	}
}

// lane is what events are in order within.
func (e told) lane() string {
	if e.Data.Room.RoomID != "" {
		return "room " + e.Data.Room.RoomID
	}
	return "user " + e.Data.User.UserID
}

// behaviour is how a target answers.
type behaviour int

const (
	erratic behaviour = iota // now and then it fails, in one way or another
	takes
	refuses
)

// target is an address that is called about events, and not an easy one.
type target struct {
	*httptest.Server

	mu     sync.Mutex
	rng    *rand.Rand
	how    behaviour
	secret string
	took   []told // in their order, repetitions too
	wrong  []string
}

func newTarget(t *testing.T, seed uint64) *target {
	t.Helper()
	to := &target{rng: rand.New(rand.NewPCG(seed, 1))}
	to.Server = httptest.NewServer(to)
	t.Cleanup(to.Close)
	return to
}

func (to *target) behave(how behaviour) {
	to.mu.Lock()
	defer to.mu.Unlock()
	to.how = how
}

// ServeHTTP takes events, or does not.
func (to *target) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed
	}
	to.mu.Lock()
	how, chance, delay := to.how, to.rng.IntN(100), time.Duration(to.rng.IntN(5))*time.Millisecond
	to.mu.Unlock()
	if how == refuses || how == erratic && chance < 3 {
		http.Error(w, "not now", http.StatusInternalServerError)
		return
	}
	if how == erratic {
		switch {
		case chance < 4:
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case chance < 6:
			panic(http.ErrAbortHandler) // it hangs up
		case chance < 7:
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		case chance < 20:
			<-time.After(delay)
		}
	}
	events, problem := to.read(r.Header, body)
	to.mu.Lock()
	defer to.mu.Unlock()
	if problem != "" {
		to.wrong = append(to.wrong, problem)
	}
	to.took = append(to.took, events...)
}

// read checks a call's signature, by the words of Standard Webhooks, and returns its events.
func (to *target) read(h http.Header, body []byte) (events []told, problem string) {
	to.mu.Lock()
	secret := to.secret
	to.mu.Unlock()
	if secret != "" { // else the first call was faster than the answer that tells it
		key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
		if err != nil {
			return nil, err.Error()
		}
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(h.Get("webhook-id") + "." + h.Get("webhook-timestamp") + "."))
		mac.Write(body)
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); h.Get("webhook-signature") != want {
			problem = "a call is signed with " + h.Get("webhook-signature") + ", want " + want
		}
	}
	var batch struct{ Events []told }
	var one told
	if err := json.Unmarshal(body, &batch); err != nil {
		return nil, err.Error()
	}
	if err := json.Unmarshal(body, &one); err != nil {
		return nil, err.Error()
	}
	if one.ID == "" {
		return batch.Events, problem
	}
	if one.ID != h.Get("webhook-id") {
		problem = "event " + one.ID + " has come as " + h.Get("webhook-id")
	}
	return []told{one}, problem
}

func (to *target) accepted() []told {
	to.mu.Lock()
	defer to.mu.Unlock()
	return slices.Clone(to.took)
}

// missing are those of events that the target has not taken.
func (to *target) missing(events []told) (ids []string) {
	has := map[string]bool{}
	for _, e := range to.accepted() {
		has[e.ID] = true
	}
	for _, e := range events {
		if !has[e.ID] {
			ids = append(ids, e.ID)
		}
	}
	return ids
}

// check holds what the target took against the feed: nothing else, and what came first of each came
// in the order of its lane.
func (to *target) check(t *testing.T, events []told) {
	t.Helper()
	at := map[string]int{}
	for i, e := range events {
		if _, twice := at[e.ID]; twice {
			t.Errorf("event %s is in the feed twice", e.ID)
		}
		at[e.ID] = i
	}
	last, seen := map[string]int{}, map[string]bool{}
	doubles := 0
	for _, e := range to.accepted() {
		pos, there := at[e.ID]
		if !there {
			t.Errorf("event %s is not in the feed", e.ID)
			continue
		}
		if seen[e.ID] {
			doubles++
			continue
		}
		seen[e.ID] = true
		if before, ok := last[e.lane()]; ok && pos < before {
			t.Errorf("event %s of %s has come after one that is behind it in the feed", e.ID, e.lane())
		}
		last[e.lane()] = pos
	}
	to.mu.Lock()
	defer to.mu.Unlock()
	for _, w := range to.wrong {
		t.Error(w)
	}
	t.Logf("%d events, %d of them told again", len(events), doubles)
}
