package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// userAPI serves handle to the user whose number is in the header User, or to a server
// key without one.
func userAPI(handle handler) *httpapi.API {
	return httpapi.New([]httpapi.Endpoint{{
		Path: "/x",
		Authenticate: func(_ context.Context, h http.Header) (chat.Caller, error) {
			if h.Get("User") == "" {
				return chat.Caller{KeyKind: chat.ServerKey, KeyID: "k"}, nil
			}
			n, err := strconv.Atoi(h.Get("User"))
			if err != nil {
				return chat.Caller{}, chat.Errorf(chat.CodeTokenInvalid, "no token")
			}
			return chat.Caller{KeyKind: chat.AppKey, User: chat.UserID(n)}, nil
		},
		Handle: handle,
	}}, plain{}, budget.New(nil), slog.New(slog.DiscardHandler), func(string, string, time.Duration) {})
}

func as(user, body string) *http.Request {
	r := request(body)
	r.Header.Set("User", user)
	return r
}

// TestCallsOfOneUser: a user who has many calls under way waits, and is then refused;
// nobody else is, and what waited is served in the end.
func TestCallsOfOneUser(t *testing.T) {
	const running, waiting, more = 8, 32, 10
	entered, release := make(chan string, 100), make(chan struct{})
	api := userAPI(func(_ context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
		if c.User == 1 {
			entered <- "greedy"
			<-release
		}
		return nothing{}, nil
	})
	var group sync.WaitGroup
	answers := make(chan answer, 100)
	for range running + waiting + more {
		group.Go(func() { answers <- post(t, api, as("1", "")) })
	}
	for range running {
		<-entered
	}
	for range more {
		a := <-answers
		if a.Error.Code != "too_many" || !strings.Contains(a.Error.Message, "This user has too many calls under way") || a.http.Header().Get("Retry-After") != "1" {
			t.Errorf("too many: %+v", a.Error)
		}
		h := a.http.Header()
		if h.Get("RateLimit-Policy") != `"calls";q=8;qu="concurrent-requests"` || h.Get("RateLimit") != `"calls";r=0` {
			t.Errorf("limits: %v", h)
		}
	}
	for _, other := range []string{"2", ""} {
		if a := post(t, api, as(other, "")); a.Error.Code != "" {
			t.Errorf("beside them, %q: %+v", other, a.Error)
		}
	}
	close(release)
	group.Wait()
	for range running + waiting {
		if a := <-answers; a.Error.Code != "" {
			t.Errorf("one that waited: %+v", a.Error)
		}
	}
}

// TestWorkAfterAWait: a call that has waited for its user's other ones has as much time to work
// as one that has not, and the last ones to wait are refused rather than begun.
func TestWorkAfterAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers, work = 12, 2 * time.Second
		api := userAPI(func(ctx context.Context, _ chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
			time.Sleep(work)
			if end, ok := ctx.Deadline(); !ok || time.Until(end)+work != 20*time.Second {
				t.Errorf("a call had %v to work", time.Until(end)+work)
			}
			return nothing{}, nil
		})
		var group sync.WaitGroup
		var served, refused atomic.Int64
		for range callers {
			group.Go(func() {
				for range 10 {
					switch a := post(t, api, as("1", "")); a.Error.Code {
					case "":
						served.Add(1)
					case "too_many":
						refused.Add(1)
					default:
						t.Errorf("a call: %+v", a.Error)
					}
				}
			})
		}
		group.Wait()
		if served.Load() == 0 || refused.Load() == 0 {
			t.Errorf("%d calls were served and %d refused", served.Load(), refused.Load())
		}
	})
}

// TestPanicsHoldNothing: what a call was given for its answer comes back also if it panics.
func TestPanicsHoldNothing(t *testing.T) {
	const largest = 16 << 20 // what all answers of one user may have
	api := userAPI(func(_ context.Context, _ chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
		if p.Has("panic") {
			panic("on purpose")
		}
		return large(largest), nil
	})
	post(t, api, as("1", "")) // from now on answers are expected to be that large
	for range 5 {
		if a := post(t, api, as("1", `{"panic":1}`)); a.Error.Code != "internal" {
			t.Fatalf("a panic: %+v", a.Error)
		}
	}
	if a := post(t, api, as("1", "")); a.Error.Code != "" {
		t.Errorf("after panics: %+v", a.Error)
	}
}

// TestCallsOfABackend: a server key has a large share, and not all.
func TestCallsOfABackend(t *testing.T) {
	const share = 512
	var entered sync.WaitGroup
	entered.Add(share)
	release := make(chan struct{})
	api := userAPI(func(_ context.Context, c chat.Caller, _ *httpapi.Params) (httpapi.Answer, error) {
		if c.User == 0 {
			select {
			case <-release:
			default:
				entered.Done()
				<-release
			}
		}
		return nothing{}, nil
	})
	var group sync.WaitGroup
	for range share + 100 {
		group.Go(func() {
			if a := post(t, api, as("", "")); a.Error.Code != "" {
				t.Errorf("a call of the backend: %+v", a.Error)
			}
		})
	}
	entered.Wait()
	if a := post(t, api, as("1", "")); a.Error.Code != "" {
		t.Errorf("a user beside it: %+v", a.Error)
	}
	close(release)
	group.Wait()
}

// large is an answer of so many bytes.
type large int

func (n large) AppendJSON(b []byte) []byte {
	return append(append(append(b, '"'), strings.Repeat("x", int(n)-2)...), '"')
}

// deaf is the writer of a caller who does not read until they are told to.
type deaf struct {
	*httptest.ResponseRecorder
	begun chan struct{} // gets one when somebody wants to write
	read  chan struct{}
}

func (d deaf) Write(b []byte) (int, error) {
	select {
	case <-d.read:
	default:
		d.begun <- struct{}{}
		<-d.read
	}
	return d.ResponseRecorder.Write(b)
}

// TestUnreadAnswers: a user who does not read large answers gets no more of them; the
// others get theirs, and so does the user who has read.
func TestUnreadAnswers(t *testing.T) {
	const size = 6 << 20
	api := userAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) { return large(size), nil })
	begun, read := make(chan struct{}, 100), make(chan struct{})
	var group sync.WaitGroup
	for range 2 {
		group.Go(func() { api.ServeHTTP(deaf{httptest.NewRecorder(), begun, read}, as("1", "")) })
		<-begun
	}
	ctx, cancel := context.WithCancel(t.Context())
	left := make(chan struct{})
	go func() { // ends when the caller leaves
		defer close(left)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, as("1", "").WithContext(ctx))
		if !strings.Contains(w.Body.String(), `"too_many"`) || !strings.Contains(w.Body.String(), "answers that nobody has read") {
			t.Errorf("a further answer: %.200s", w.Body)
		}
	}()
	for _, other := range []string{"2", "3", ""} {
		if a := post(t, api, as(other, "")); a.Error.Code != "" {
			t.Errorf("beside them, %q: %+v", other, a.Error)
		}
	}
	cancel()
	<-left
	close(read)
	group.Wait()
	if a := post(t, api, as("1", "")); a.Error.Code != "" {
		t.Errorf("after reading: %+v", a.Error)
	}
}

// half is a body that comes to a point, and the rest when it is told to.
type half struct {
	first io.Reader
	come  chan struct{} // gets one when the first part has been read
	rest  chan struct{}
}

func (h *half) Read(b []byte) (int, error) {
	if n, err := h.first.Read(b); n > 0 || err == nil {
		return n, nil
	}
	select {
	case h.come <- struct{}{}:
	default:
	}
	<-h.rest
	return 0, io.ErrUnexpectedEOF
}

// TestStalledBodies: bodies that were announced and do not come take nothing from
// anybody, and those of which much has come only their sender's share.
func TestStalledBodies(t *testing.T) {
	api := userAPI(func(_ context.Context, _ chat.Caller, p *httpapi.Params) (httpapi.Answer, error) {
		return nothing{}, p.Err()
	})
	whole := `{"a":"` + strings.Repeat("x", 3<<20) + `"}`
	for name, tt := range map[string]struct {
		come    int // bytes
		n       int
		refused string // what the next one of their sender is told
	}{
		"nothing comes": {0, 500, ""},
		"much has come": {2<<20 - 100, 3, "too_many"},
	} {
		t.Run(name, func(t *testing.T) {
			rest, come := make(chan struct{}), make(chan struct{}, tt.n)
			var group sync.WaitGroup
			for range tt.n {
				group.Go(func() {
					r := httptest.NewRequest(http.MethodPost, "/here/x", &half{strings.NewReader(whole[:tt.come]), come, rest})
					r.Header.Set("User", "1")
					r.ContentLength = 4 << 20
					if a := post(t, api, r); a.Error.Code != "invalid" {
						t.Errorf("one that broke off: %+v", a.Error)
					}
				})
				<-come
			}
			if a := post(t, api, as("1", whole)); a.Error.Code != tt.refused {
				t.Errorf("their sender: %+v", a.Error)
			}
			for _, other := range []string{"2", ""} {
				if a := post(t, api, as(other, whole)); a.Error.Code != "" {
					t.Errorf("beside them, %q: %+v", other, a.Error)
				}
			}
			close(rest)
			group.Wait()
			if a := post(t, api, as("1", whole)); a.Error.Code != "" {
				t.Errorf("afterwards: %+v", a.Error)
			}
		})
	}
}

// TestGuessing: from an address that has shown many wrong tokens only those are heard that
// were right before.
func TestGuessing(t *testing.T) {
	api := userAPI(func(context.Context, chat.Caller, *httpapi.Params) (httpapi.Answer, error) { return nothing{}, nil })
	known, other := as("1", ""), as("2", "")
	for _, r := range []*http.Request{known, other} {
		r.Header.Set("Authorization", "of "+r.Header.Get("User"))
	}
	if a := post(t, api, known); a.Error.Code != "" {
		t.Fatalf("before: %+v", a.Error)
	}
	// The guesses leave at once, so that none of them waits to be answered.
	gone, leave := context.WithCancel(t.Context())
	leave()
	refused := 0
	for range 5000 {
		a := post(t, api, as("guess", "").WithContext(gone))
		if a.Error.Code == "too_many" {
			refused++
		} else if a.Error.Code != "token_invalid" {
			t.Fatalf("a guess: %+v", a.Error)
		}
	}
	if refused == 0 {
		t.Error("nobody minds the guesses")
	}
	if a := post(t, api, known); a.Error.Code != "" {
		t.Errorf("one that is known: %+v", a.Error)
	}
	other.RemoteAddr = "192.0.2.77:1234"
	if a := post(t, api, other); a.Error.Code != "" {
		t.Errorf("from another address: %+v", a.Error)
	}
}

// TestExcess: what nobody sensible sends is refused before it is read.
func TestExcess(t *testing.T) {
	keys := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(`,"k` + strconv.Itoa(i) + `":1`)
		}
		return b.String()[1:]
	}
	for name, tt := range map[string]struct{ body, message string }{
		"keys":         {`{` + keys(1001) + `}`, "the request body has an object with more than 1000 keys"},
		"keys below":   {`{"text":{` + keys(1001) + `}}`, "Param 'text' is invalid: the request body has an object with more than 1000 keys"},
		"many objects": {`{"text":[` + strings.Repeat(`{`+keys(10)+`},`, 15_001) + `1]}`, "Param 'text' is invalid: the request body has more than 150000 keys"},
		"depth":        {`{"text":` + strings.Repeat("[", 64), "Param 'text' is invalid: the request body is nested deeper than 64 levels"},
		"in a text":    {`{"text":"\\\"` + strings.Repeat(`:{[`, 2000) + `"}`, ""},
		"just enough":  {`{"more":` + strings.Repeat("[", 63) + strings.Repeat("]", 63) + `,` + keys(998) + `,"text":"a"}`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			p := httpapi.ParseParams([]byte(tt.body))
			p.TextOr("text", 10_000)
			message := ""
			if err := p.Err(); err != nil {
				message = err.Error()
			}
			if !strings.HasSuffix(message, tt.message) || tt.message == "" && message != "" {
				t.Errorf("error %q, want %q", message, tt.message)
			}
		})
	}
}
