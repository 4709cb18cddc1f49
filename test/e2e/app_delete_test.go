package e2e

import (
	"testing"

	"parlor/internal/chat"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/internal/store/storetest"
	"parlor/test/env/natstest"
	"parlor/test/env/servertest"
)

// neighbour is another App on the same server.
func neighbour(t *testing.T, s *servertest.App, name string) *servertest.App {
	t.Helper()
	n := &servertest.App{Server: s.Server, Name: name}
	withApp(t, s, name, func(svc *service.Service, app chat.App) error {
		for kind, k := range map[chat.KeyKind]*string{chat.ServerKey: &n.ServerKey, chat.AppKey: &n.AppKey} {
			id, secret, err := svc.CreateKey(t.Context(), app, chat.Key{Kind: kind})
			if err != nil {
				return err
			}
			*k = id + ":" + secret
		}
		return nil
	})
	return n
}

// deleteApp deletes an App, as `parlor app delete` does beside a running server.
func deleteApp(t *testing.T, s *servertest.App) {
	t.Helper()
	withApp(t, s, s.Name, func(svc *service.Service, app chat.App) error { return svc.DeleteApp(t.Context(), app) })
}

// TestDeletedAppIsGone: with the end of the command nobody of the App is let in, its sockets end, and its name stands
// for nothing of before. The neighbour's devices notice nothing.
func TestDeletedAppIsGone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		other := neighbour(t, s, "neighbour of "+s.Name)
		ana, bo := s.SignIn(t, "ana", "1").Connect(t), s.SignIn(t, "bo", "1").Connect(t)
		eve := other.SignIn(t, "ana", "1").Connect(t)
		ana.Send(t, pairOf(ana, bo), "hello")
		bo.NextMessage(t)
		deleteApp(t, s)
		checkFailure(t, callKey(t, s, s.ServerKey, "role/list", ""), failure{"49103", "There is no key with this id", ""})
		if a := ana.Try(t, "client/push_notification/update", nil); a.Error.Code != "49103" {
			t.Errorf("a device is answered %s", a.Body)
		}
		<-ana.Closed()
		<-bo.Closed()
		eve.Send(t, eve.UserID+"-"+eve.UserID, "to myself")
		eve.NextMessage(t)
		again := neighbour(t, s, s.Name)
		if a := askKey[obj](t, again, again.ServerKey, "user/list", ""); len(a["users"].([]any)) != 0 {
			t.Errorf("another App of the name has %v", a)
		}
		eventually(t, "users of the App are gone", func() bool {
			return len(storetest.Query(t, server.StoreOptions(s.Config), "SELECT 'x' FROM users WHERE id = "+ana.UserID)) == 0
		})
	})
}

// TestDeletedAppOnNodes: the sockets of other nodes end, too.
func TestDeletedAppOnNodes(t *testing.T) {
	t.Parallel()
	bus := natstest.Run(t)
	cfg := servertest.Postgres(t)
	cfg.NATS = bus.URL()
	one := servertest.Start(t, cfg, nil).Default()
	two := servertest.Start(t, cfg, nil).Default()
	ana, bo := one.SignIn(t, "ana", "1").Connect(t), two.SignIn(t, "bo", "1").Connect(t)
	deleteApp(t, one)
	<-ana.Closed()
	<-bo.Closed()
}
