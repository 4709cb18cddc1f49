package webhook

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"parlor/internal/chat"
)

// TestEndlessAnswer: the body of a success is not waited for.
func TestEndlessAnswer(t *testing.T) {
	t.Parallel()
	target := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = io.WriteString(w, "x")
		_ = http.NewResponseController(w).Flush()
		<-req.Context().Done()
	}))
	defer target.Close()
	m := New(Options{Private: true})
	hook := chat.Webhook{URL: target.URL, Secrets: []chat.WebhookSecret{{Secret: NewSecret()}}}
	began := time.Now()
	if got := m.call(t.Context(), &hook, "evt_1", nil); got.err != nil {
		t.Errorf("a success whose body does not end is a failure: %v", got.err)
	}
	if took := time.Since(began); took > callTime/2 {
		t.Errorf("it was waited for %v", took)
	}
}

// TestUnreached: what is shown of a failed call names no address, of ours or of the resolver.
func TestUnreached(t *testing.T) {
	t.Parallel()
	refused := os.NewSyscallError("connect", syscall.ECONNREFUSED)
	at := &net.TCPAddr{IP: net.IPv4(10, 255, 255, 53), Port: 53}
	tests := map[string]struct {
		err  error
		want string
	}{
		"no host":       {&net.DNSError{Err: "no such host", Name: "shop.invalid", Server: at.String(), IsNotFound: true}, "not reached: there is no host shop.invalid"},
		"no resolver":   {&net.DNSError{Err: "dial udp 10.255.255.53:53: " + refused.Error(), Name: "shop.invalid", Server: at.String()}, "not reached: the host shop.invalid could not be looked up"},
		"refused":       {&net.OpError{Op: "dial", Net: "tcp", Addr: at, Err: refused}, "not reached: connect: connection refused"},
		"cut":           {&net.OpError{Op: "read", Net: "tcp", Source: at, Addr: at, Err: syscall.ECONNRESET}, "not reached: connection reset by peer"},
		"through proxy": {&net.OpError{Op: "proxyconnect", Net: "tcp", Err: &net.OpError{Op: "dial", Addr: at, Err: refused}}, "not reached: connect: connection refused"},
		"closed":        {io.EOF, "not reached: EOF"},
	}
	for name, tt := range tests {
		if tt.err = unreached(&url.Error{Op: "Post", URL: "https://shop.invalid/secret", Err: tt.err}); tt.err.Error() != tt.want {
			t.Errorf("%s: %q, want %q", name, tt.err, tt.want)
		}
	}
	lookup := &url.Error{Op: "Post", Err: &net.OpError{Op: "dial", Err: &net.DNSError{Err: "server misbehaving", Name: "a.invalid", Server: at.String()}}}
	if got := unreached(lookup); strings.Contains(got.Error(), "10.255") || errors.Is(got, lookup) {
		t.Errorf("%v", got)
	}
}
