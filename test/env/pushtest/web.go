package pushtest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// browser is one that has subscribed.
type browser struct {
	key  *ecdh.PrivateKey
	auth []byte
}

// Subscription is the JSON of a browser's PushSubscription.
type Subscription struct {
	Endpoint string `json:"endpoint"`
	Keys     struct {
		P256DH string `json:"p256dh"`
		Auth   string `json:"auth"`
	} `json:"keys"`
}

// Subscribe makes a browser that is known by token.
func (v *Vendors) Subscribe(t testing.TB, token string) (s Subscription) {
	t.Helper()
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	b := &browser{key: key, auth: make([]byte, 16)}
	_, _ = rand.Read(b.auth) // never fails
	v.mu.Lock()
	v.browsers[token] = b
	v.mu.Unlock()
	s.Endpoint = v.URL + "/web/" + token
	s.Keys.P256DH = base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes())
	s.Keys.Auth = base64.RawURLEncoding.EncodeToString(b.auth)
	return s
}

var vapidHeader = regexp.MustCompile(`^vapid t=([^,]+), k=(.+)$`)

// takeWeb is the service of browsers: RFC 8030, 8188, 8291 and 8292.
func (v *Vendors) takeWeb(w http.ResponseWriter, r *http.Request) {
	token := r.PathValue("token")
	v.mu.Lock()
	b := v.browsers[token]
	v.mu.Unlock()
	if b == nil {
		http.Error(w, "no such subscription", http.StatusNotFound)
		return
	}
	if err := v.checkVAPID(r.Header.Get("Authorization")); err != nil {
		v.fault(w, http.StatusForbidden, "VAPID: "+err.Error())
		return
	}
	body, err := io.ReadAll(r.Body)
	if err == nil && len(body) > 4096 {
		err = fmt.Errorf("%d bytes", len(body))
	}
	var payload []byte
	if err == nil {
		payload, err = b.open(body)
	}
	if topic := r.Header.Get("Topic"); err == nil && (r.Header.Get("TTL") == "" || len(topic) > 32 || r.Header.Get("Content-Encoding") != "aes128gcm") {
		err = fmt.Errorf("headers %v", r.Header)
	}
	if err != nil {
		v.fault(w, http.StatusBadRequest, "what a browser was sent: "+err.Error())
		return
	}
	if v.take(w, Push{Vendor: "web", Token: token, Payload: payload, Collapse: r.Header.Get("Topic"), Header: r.Header}) {
		w.WriteHeader(http.StatusCreated)
	}
}

func (v *Vendors) checkVAPID(header string) error {
	parts := vapidHeader.FindStringSubmatch(header)
	if parts == nil {
		return fmt.Errorf("header %q", header)
	}
	point, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil {
		return err
	}
	key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(parts[1], claims, func(*jwt.Token) (any, error) { return key, nil },
		jwt.WithValidMethods([]string{"ES256"}), jwt.WithAudience(v.URL), jwt.WithExpirationRequired())
	if err != nil {
		return err
	}
	until, _ := claims.GetExpirationTime()
	if time.Until(until.Time) > 24*time.Hour || claims["sub"] != Contact {
		return fmt.Errorf("claims %v", claims)
	}
	return nil
}

// open deciphers a body of one record.
func (b *browser) open(body []byte) ([]byte, error) {
	const header = 16 + 4 + 1 + 65
	if len(body) < header || body[20] != 65 {
		return nil, errors.New("no header of aes128gcm")
	}
	salt, size, point, record := body[:16], binary.BigEndian.Uint32(body[16:20]), body[21:header], body[header:]
	if len(record) > int(size) {
		return nil, errors.New("more than one record")
	}
	public, err := ecdh.P256().NewPublicKey(point)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(public)
	if err != nil {
		return nil, err
	}
	info := "WebPush: info\x00" + string(b.key.PublicKey().Bytes()) + string(point)
	ikm, err := hkdf.Key(sha256.New, shared, b.auth, info, 32)
	if err != nil {
		return nil, err
	}
	key, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, nonce, record, nil)
	if err != nil {
		return nil, err
	}
	for i := len(plain) - 1; i >= 0; i-- { // the padding ends with a 2, of the last record
		if plain[i] == 2 {
			return plain[:i], nil
		}
		if plain[i] != 0 {
			break
		}
	}
	return nil, errors.New("no padding")
}
