// Package pushtest is the services of vendors for push notifications, for tests: FCM, APNs and one
// of browsers, on a TLS server of this machine. They check what the real ones check, signatures and
// ciphers included, and answer as a test wants.
package pushtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// What the credentials say.
const (
	Project = "parlor-test"
	Email   = "push@parlor-test.example"
	KeyID   = "ABCDE12345"
	Team    = "TEAM123456"
	Topic   = "com.example.chat"
	Contact = "mailto:ops@example.com"
)

// Push is one notification that was taken.
type Push struct {
	Vendor   string // fcm, apns or web
	Token    string // of the device; of a browser the last part of its endpoint
	Payload  []byte // what the device gets: FCM's data object, APNs' payload, what the browser deciphers
	Collapse string
	Header   http.Header
	Message  json.RawMessage // all that FCM was sent
}

// Answer is what a vendor says instead of taking a notification.
type Answer struct {
	Status int
	Body   string
	Header http.Header
}

// Vendors is the services.
type Vendors struct {
	URL      string
	Roots    *x509.CertPool
	CertFile string // of the certificate, for other processes
	FCMFile  string // a service account's key
	APNsFile string // a .p8 key

	server  *httptest.Server
	account *rsa.PrivateKey
	apns    *ecdsa.PrivateKey

	mu       sync.Mutex
	taken    []Push
	changed  chan struct{}
	answers  map[string][]Answer // by token; the last one stays
	tokens   map[string]bool     // of FCM, valid or not any more
	signed   map[string]bool     // of APNs, that were seen
	faults   []string            // what a real vendor would not have liked
	browsers map[string]*browser
}

// Start starts the services, which end with the test. A fault in what they are sent fails it.
func Start(t testing.TB) *Vendors {
	t.Helper()
	v := &Vendors{
		changed: make(chan struct{}), answers: map[string][]Answer{}, tokens: map[string]bool{},
		signed: map[string]bool{}, browsers: map[string]*browser{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /token", v.giveToken)
	mux.HandleFunc("POST /v1/projects/"+Project+"/{send}", v.takeFCM)
	mux.HandleFunc("POST /3/device/{token}", v.takeAPNs)
	mux.HandleFunc("POST /web/{token}", v.takeWeb)
	v.server = httptest.NewUnstartedServer(mux)
	v.server.EnableHTTP2 = true
	v.server.StartTLS()
	v.URL = v.server.URL
	v.Roots = x509.NewCertPool()
	v.Roots.AddCert(v.server.Certificate())
	t.Cleanup(func() {
		v.server.CloseClientConnections()
		v.server.Close()
		for _, fault := range v.faults {
			t.Error(fault)
		}
	})
	v.writeFiles(t)
	return v
}

func (v *Vendors) writeFiles(t testing.TB) {
	t.Helper()
	var err error
	if v.account, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if v.apns, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	write := func(name string, content []byte) string {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "project_id": Project, "private_key_id": "1", "client_email": Email,
		"private_key": string(pkcs8(t, v.account)), "token_uri": v.URL + "/token",
	})
	if err != nil {
		t.Fatal(err)
	}
	v.FCMFile, v.APNsFile = write("account.json", account), write("key.p8", pkcs8(t, v.apns))
	v.CertFile = write("ca.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: v.server.Certificate().Raw}))
}

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	b, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: b})
}

// Answer has the next notification to a token answered so, and those after it by the further
// answers; the last one stays. Without any the token is served again. A status of 0 takes the
// notification.
func (v *Vendors) Answer(token string, answers ...Answer) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[token] = answers
}

// ExpireTokens makes FCM refuse the tokens that it gave so far.
func (v *Vendors) ExpireTokens() {
	v.mu.Lock()
	defer v.mu.Unlock()
	for token := range v.tokens {
		v.tokens[token] = false
	}
}

// Tokens counts the tokens that FCM gave, and those of APNs that were seen.
func (v *Vendors) Tokens() (fcm, apns int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.tokens), len(v.signed)
}

// Pushes are the notifications to a token that were taken, or all for "".
func (v *Vendors) Pushes(token string) (list []Push) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range v.taken {
		if token == "" || p.Token == token {
			list = append(list, p)
		}
	}
	return list
}

// Wait waits until so many notifications to a token were taken, and returns them.
func (v *Vendors) Wait(t testing.TB, token string, n int) []Push {
	t.Helper()
	limit := time.After(20 * time.Second)
	for {
		v.mu.Lock()
		changed := v.changed
		v.mu.Unlock()
		if list := v.Pushes(token); len(list) >= n {
			return list
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("%d notifications to %q, want %d", len(v.Pushes(token)), token, n)
		}
	}
}

// take records a notification, or answers it otherwise. It reports whether it was taken.
func (v *Vendors) take(w http.ResponseWriter, p Push) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if list := v.answers[p.Token]; len(list) > 0 {
		a := list[0]
		if len(list) > 1 {
			v.answers[p.Token] = list[1:]
		}
		if a.Status != 0 {
			for name, values := range a.Header {
				w.Header()[name] = values
			}
			w.WriteHeader(a.Status)
			_, _ = w.Write([]byte(a.Body))
			return false
		}
	}
	v.taken = append(v.taken, p)
	close(v.changed)
	v.changed = make(chan struct{})
	return true
}

// fault notes that something was sent which a real vendor would refuse.
func (v *Vendors) fault(w http.ResponseWriter, status int, what string) {
	v.mu.Lock()
	v.faults = append(v.faults, what)
	v.mu.Unlock()
	http.Error(w, what, status)
}

// Serve starts another server with the same certificate, which ends with the test.
func (v *Vendors) Serve(t testing.TB, h http.Handler) (url string) {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.TLS = v.server.TLS.Clone()
	s.StartTLS()
	t.Cleanup(s.Close)
	return s.URL
}
