package pushtest

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/golang-jwt/jwt/v5"
)

// giveToken is Google's token service.
func (v *Vendors) giveToken(w http.ResponseWriter, r *http.Request) {
	claims := jwt.MapClaims{}
	_, err := jwt.ParseWithClaims(r.PostFormValue("assertion"), claims, func(*jwt.Token) (any, error) {
		return &v.account.PublicKey, nil
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithAudience(v.URL+"/token"), jwt.WithIssuer(Email), jwt.WithExpirationRequired())
	if err != nil || claims["scope"] != "https://www.googleapis.com/auth/firebase.messaging" {
		v.fault(w, http.StatusBadRequest, fmt.Sprintf("the assertion of FCM's account: %v, %v", err, claims))
		return
	}
	v.mu.Lock()
	token := fmt.Sprintf("token %d", len(v.tokens)+1)
	v.tokens[token] = true
	v.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_in":3599,"token_type":"Bearer"}`, token)
}

// takeFCM is messages:send.
func (v *Vendors) takeFCM(w http.ResponseWriter, r *http.Request) {
	v.mu.Lock()
	valid := v.tokens[fromBearer(r.Header.Get("Authorization"))]
	v.mu.Unlock()
	if !valid {
		http.Error(w, `{"error":{"code":401,"status":"UNAUTHENTICATED"}}`, http.StatusUnauthorized)
		return
	}
	var m struct {
		Message struct {
			Token   string
			Data    map[string]string // FCM takes texts alone
			Android struct {
				Priority    string
				TTL         string
				CollapseKey string `json:"collapse_key"`
			}
		}
	}
	raw := json.RawMessage{}
	if err := json.NewDecoder(r.Body).Decode(&raw); err != nil || json.Unmarshal(raw, &m) != nil || r.PathValue("send") != "messages:send" {
		v.fault(w, http.StatusBadRequest, fmt.Sprintf("what FCM was sent: %v, %s", err, raw))
		return
	}
	size := 0
	for name, value := range m.Message.Data {
		size += len(name) + len(value)
	}
	if size > 4096 || m.Message.Android.Priority != "HIGH" || m.Message.Android.TTL == "" {
		v.fault(w, http.StatusBadRequest, fmt.Sprintf("FCM was sent %d bytes, %+v", size, m.Message.Android))
		return
	}
	payload, _ := json.Marshal(m.Message.Data) // a map of texts
	if v.take(w, Push{
		Vendor: "fcm", Token: m.Message.Token, Payload: payload, Collapse: m.Message.Android.CollapseKey,
		Header: r.Header, Message: raw,
	}) {
		_, _ = fmt.Fprintf(w, `{"name":"projects/%s/messages/1"}`, Project)
	}
}

func fromBearer(header string) string {
	const prefix = "Bearer "
	if len(header) < len(prefix) {
		return ""
	}
	return header[len(prefix):]
}
