package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// moderator is a before-hook's target. It decides by what is said.
type moderator struct {
	*httptest.Server
	secret atomic.Value
	asked  atomic.Int64
	wrong  atomic.Value
}

func newModerator(t *testing.T) *moderator {
	t.Helper()
	m := &moderator{}
	m.Server = httptest.NewServer(m)
	t.Cleanup(m.Close)
	return m
}

func (m *moderator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.asked.Add(1)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	var q struct {
		ID, Type string
		Data     struct {
			RoomID  string
			By      struct{ XcUserID string }
			Message struct {
				LocalID, TypeName, Body, Data string
				Quote                         struct{ Title, Content string }
				ReplyTo                       struct{ Fullname string }
			}
		}
	}
	if err := json.Unmarshal(body, &q); err != nil {
		m.wrong.Store(err.Error())
	}
	secret, _ := m.secret.Load().(string)
	if err := client.VerifyWebhook(secret, r.Header, body); err != nil || r.Header.Get("Webhook-Id") != q.ID {
		m.wrong.Store("the question is not signed: " + string(body))
	}
	if q.Data.By.XcUserID != "ana" || q.Data.RoomID == "" || q.Data.Message.LocalID == "" {
		m.wrong.Store(string(body))
	}
	if quote := q.Data.Message.Quote; quote.Title == "bad" || quote.Content == "bad" || q.Data.Message.ReplyTo.Fullname == "bad" {
		_, _ = io.WriteString(w, `{"action":"refuse","reason":"Be nice"}`)
		return
	}
	switch said := q.Data.Message.Body; {
	case strings.HasPrefix(said, "bad"):
		_, _ = io.WriteString(w, `{"action":"refuse","reason":"Be nice"}`)
	case strings.HasPrefix(said, "rude"):
		_, _ = io.WriteString(w, `{"action":"change","body":"polite, `+q.Type+`"}`)
	case strings.HasPrefix(said, "slow"):
		<-r.Context().Done()
	case strings.HasPrefix(said, "broken"):
		w.WriteHeader(http.StatusInternalServerError)
	case strings.HasPrefix(said, "nonsense"):
		_, _ = io.WriteString(w, `{"action":`)
	case strings.HasPrefix(said, "{"):
		_, _ = io.WriteString(w, said)
	case strings.HasPrefix(said, "silent"):
	default:
		_, _ = io.WriteString(w, `{"action":"allow"}`)
	}
}

// TestBeforeHook: what devices say, an App's backend may refuse or change before it is stored. When it
// does not answer, the message is stored, or refused, as the App has said.
func TestBeforeHook(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		m := newModerator(t)
		ana, bo := a.SignIn(t, "ana", "1").Connect(t), a.SignIn(t, "bo", "1")
		group := newGroup(t, ana, "G", bo)
		var set struct {
			BeforeHook struct{ Secret, OnFailure string }
		}
		use := func(onFailure string) {
			t.Helper()
			a.Must(t, "before_hook/set", obj{"url": m.URL, "timeout": 300, "onFailure": onFailure}, &set)
			m.secret.Store(set.BeforeHook.Secret)
			// Until the server has seen it, the one before is asked, or nobody.
			eventually(t, "the hook is asked with the new secret", func() bool {
				m.wrong.Store("")
				before := m.asked.Load()
				sayByHTTP(t, ana, group, "hello")
				return m.asked.Load() > before && m.wrong.Load() == ""
			})
		}
		type want struct{ code, text string }
		check := func(rule string, cases map[string]want) {
			t.Helper()
			for said, w := range cases {
				answer := sayByHTTP(t, ana, group, said)
				if answer.Error.Code != w.code {
					t.Errorf("%s, %q: code %q, want %q: %s", rule, said, answer.Error.Code, w.code, answer.Body)
				}
				if w.text != "" {
					if got := history(t, bo, group)[0].Text(t); got != w.text {
						t.Errorf("%s: of %q is stored %q, want %q", rule, said, got, w.text)
					}
				}
			}
		}
		use("allow")
		check("lenient", map[string]want{
			"bad word": {"40301", ""}, "rude word": {"", "polite, message.creating"}, "good word": {"", "good word"},
			"slow word": {"", "slow word"}, "broken word": {"", "broken word"}, "nonsense": {"", "nonsense"}, "silent": {"", "silent"}, `{"action":"deny"}`: {"", `{"action":"deny"}`}, "{}": {"", "{}"},
		})
		use("refuse")
		stored := len(history(t, bo, group))
		check("strict", map[string]want{
			"slow word": {"50301", ""}, "broken word": {"50301", ""}, "nonsense": {"50301", ""}, "bad word": {"40301", ""},
			`{"action":"deny"}`: {"50301", ""}, `{"action":"Refuse"}`: {"50301", ""}, `{"allow":false}`: {"50301", ""}, `{"action":null}`: {"50301", ""},
		})
		if got := len(history(t, bo, group)); got != stored {
			t.Errorf("%d messages that were refused are stored", got-stored)
		}
		answer := sayByHTTP(t, ana, group, "bad word")
		if answer.Error.Message != "Be nice" {
			t.Errorf("the sender is told %q", answer.Error.Message)
		}

		// What a message quotes and answers is asked about, too; and what is stored is not asked about again.
		for _, part := range []string{"title", "content", "fullname"} {
			object := draftOf(t, sdkMessage{room: group, localID: localID(t), text: "nice", kind: 1001})
			object["quote"], object["replyTo"] = obj{"title": "", "content": ""}, obj{"messageID": "0", "fullname": ""}
			switch part {
			case "title":
				object["quote"] = obj{"title": "bad", "content": ""}
			case "content":
				object["quote"] = obj{"title": "", "content": sealed(t, "bad", object["localID"].(string))}
			default:
				object["replyTo"] = obj{"messageID": "1", "localID": localID(t), "fullname": "bad", "userID": "1"}
			}
			if answer := ana.Try(t, "chat/scheduled_message/create", obj{
				"scheduledTime": time.Now().Add(time.Hour).UnixMilli(), "message": object,
			}); answer.Error.Code != "40301" {
				t.Errorf("a bad %s: %s", part, answer.Body)
			}
		}
		again := obj{"roomID": group, "localID": localID(t), "messageType": 1001, "body": "good word", "data": ""}
		ana.Call(t, "chat/message/send/custom", again, nil)
		asked := m.asked.Load()
		ana.Call(t, "chat/message/send/custom", again, nil)
		if m.asked.Load() != asked {
			t.Error("a message that is stored is asked about again")
		}

		local := ana.Send(t, group, "over the socket")
		until(t, ana, local)
		ana.Emit(t, "chat/updateMessage", draftOf(t, sdkMessage{room: group, localID: local, text: "rude edit", kind: 1001}))
		ana.Next(t, "the edit", func(e servertest.Event) bool {
			return e.EventName == "chat/updateMessage" && e.Message.LocalID == local &&
				e.Message.Text(t) == "polite, message.updating"
		})
		later := localID(t)
		draft := servertest.Draft(t, group, later, "bad later")
		answer = ana.Try(t, "chat/scheduled_message/create", obj{
			"scheduledTime": time.Now().Add(time.Hour).UnixMilli(), "message": draft,
		})
		if answer.Error.Code != "40301" {
			t.Errorf("a bad message is scheduled: %s", answer.Body)
		}

		before := m.asked.Load()
		a.Must(t, "message/send/custom", obj{"xcRoomID": "", "roomID": group, "senderXCUserID": "bo", "messageType": 1001, "body": "bad"}, nil)
		if m.asked.Load() != before {
			t.Error("the backend is asked about its own message")
		}
		a.Must(t, "before_hook/delete", obj{}, nil)
		eventually(t, "nobody is asked", func() bool {
			before := m.asked.Load()
			return sayByHTTP(t, ana, group, "bad").Error.Code == "" && m.asked.Load() == before
		})
		if wrong, _ := m.wrong.Load().(string); wrong != "" {
			t.Error(wrong)
		}
	})
}

// sayByHTTP sends a text by HTTP.
func sayByHTTP(t testing.TB, d *servertest.Device, room, text string) servertest.Answer {
	t.Helper()
	return d.Try(t, "chat/message/send/custom", obj{
		"roomID": room, "localID": localID(t), "messageType": 1001, "body": text, "data": "",
	})
}
