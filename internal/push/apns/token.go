package apns

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Apple takes a token for an hour, and refuses who makes one more than every 20 minutes.
const (
	tokenAge    = 40 * time.Minute
	minTokenAge = 20 * time.Minute
)

// ParseKey reads a .p8 file, which holds the key that tokens are signed with.
func ParseKey(file []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(file)
	if block == nil {
		return nil, errors.New("it is no PEM; take the .p8 file of an APNs key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	key, ok := parsed.(*ecdsa.PrivateKey)
	if err != nil || !ok || key.Curve != elliptic.P256() {
		return nil, errors.New("it holds no P-256 key; take the .p8 file of an APNs key")
	}
	return key, nil
}

// tokens keeps the token with which calls are made.
type tokens struct {
	key         *ecdsa.PrivateKey
	keyID, team string
	now         func() time.Time

	mu     sync.Mutex
	token  string
	madeAt time.Time
}

// get returns a token that is young enough, and not the one that was refused, if any: unless that
// was made so lately that Apple would refuse a further one as well.
func (t *tokens) get(refused string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	age := t.now().Sub(t.madeAt)
	if t.token != "" && age >= 0 && age < tokenAge && (t.token != refused || age < minTokenAge) {
		return t.token, nil
	}
	made := t.now()
	j := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{"iss": t.team, "iat": made.Unix()})
	j.Header["kid"] = t.keyID
	token, err := j.SignedString(t.key)
	if err != nil {
		return "", err
	}
	t.token, t.madeAt = token, made
	return token, nil
}
