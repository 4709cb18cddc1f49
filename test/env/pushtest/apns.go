package pushtest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// takeAPNs is APNs, which speaks HTTP/2 alone.
func (v *Vendors) takeAPNs(w http.ResponseWriter, r *http.Request) {
	if r.ProtoMajor != 2 {
		v.fault(w, http.StatusBadRequest, "APNs was called by "+r.Proto)
		return
	}
	text, _ := strings.CutPrefix(r.Header.Get("Authorization"), "bearer ")
	claims := jwt.MapClaims{}
	token, err := jwt.ParseWithClaims(text, claims, func(*jwt.Token) (any, error) {
		return &v.apns.PublicKey, nil
	}, jwt.WithValidMethods([]string{"ES256"}), jwt.WithIssuer(Team))
	at, _ := claims.GetIssuedAt()
	if err != nil || token.Header["kid"] != KeyID || at == nil || time.Since(at.Time) > time.Hour {
		v.fault(w, http.StatusForbidden, fmt.Sprintf("the token for APNs: %v, %v", err, claims))
		return
	}
	v.mu.Lock()
	v.signed[text] = true
	v.mu.Unlock()
	payload, err := io.ReadAll(r.Body)
	for name, want := range map[string]string{"apns-topic": Topic, "apns-push-type": "alert", "apns-priority": "10"} {
		if got := r.Header.Get(name); got != want {
			v.fault(w, http.StatusBadRequest, fmt.Sprintf("%s is %q for APNs", name, got))
			return
		}
	}
	collapse := r.Header.Get("apns-collapse-id")
	if err != nil || len(payload) > 4096 || !json.Valid(payload) || len(collapse) > 64 || r.Header.Get("apns-expiration") == "" {
		v.fault(w, http.StatusBadRequest, fmt.Sprintf("APNs was sent %d bytes, collapse id %q", len(payload), collapse))
		return
	}
	v.take(w, Push{Vendor: "apns", Token: r.PathValue("token"), Payload: payload, Collapse: collapse, Header: r.Header})
}
