package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"regexp"
	"strings"
	"time"

	"parlor/client"
)

// moderator says what may be written.
type moderator struct {
	mask    *regexp.Regexp // words that are masked
	refused []string       // texts of which none may be in a message, in lower case
	secret  string
}

func newModerator(mask, refused []string) *moderator {
	m := &moderator{}
	for _, text := range refused {
		m.refused = append(m.refused, strings.ToLower(text))
	}
	if len(mask) > 0 {
		words := regexp.QuoteMeta(strings.Join(mask, " "))
		m.mask = regexp.MustCompile(`(?i)\b(?:` + strings.ReplaceAll(words, " ", "|") + `)\b`)
	}
	return m
}

// register has the server ask at url before it stores a message. Without an answer in time nothing is stored, so that
// nobody gets around the moderator by keeping it busy.
func (m *moderator) register(ctx context.Context, parlor *client.Backend, url string) error {
	hook, err := parlor.SetBeforeHook(ctx, client.BeforeHook{URL: url, Timeout: 2 * time.Second, Refuse: true})
	m.secret = hook.Secret
	return err
}

// question is what is asked.
type question struct {
	Type string // message.creating, or message.updating for an edit
	Data struct {
		RoomID  client.RoomID
		By      client.UserRef
		Message struct {
			TypeName, Body string
			Quote          struct{ Title, Content string }
		}
	}
}

// verdict is what is answered. Without an action the message is stored as it is.
type verdict struct {
	Action string `json:"action,omitzero"`
	Reason string `json:"reason,omitzero"`
	Body   string `json:"body,omitzero"`
}

// ServeHTTP answers a question, if it is the server that asks.
func (m *moderator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err == nil {
		err = client.VerifyWebhook(m.secret, r.Header, body)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var q question
	if err := json.Unmarshal(body, &q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	said := q.Data.Message
	v := m.judge(said.Body)
	if quoted := m.judge(said.Quote.Title + "\n" + said.Quote.Content); quoted.Action != "" && v.Action != "refuse" {
		v = verdict{Action: "refuse", Reason: "Please quote something else"} // a quote cannot be changed
	}
	if v.Action != "" {
		log.Printf("%s: %s of %s", v.Action, q.Data.Message.TypeName, q.Data.By.XCID)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// judge says what becomes of a text.
func (m *moderator) judge(text string) verdict {
	lower := strings.ToLower(text)
	for _, refused := range m.refused {
		if strings.Contains(lower, refused) {
			return verdict{Action: "refuse", Reason: "Please do not name " + refused + " here"}
		}
	}
	if m.mask == nil {
		return verdict{}
	}
	masked := m.mask.ReplaceAllStringFunc(text, func(word string) string {
		return strings.Repeat("*", len([]rune(word)))
	})
	if masked == text {
		return verdict{}
	}
	return verdict{Action: "change", Body: masked}
}
