package webhook_test

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/webhook"
)

// TestSlowHookIsAlone: an App whose target does not answer takes no places from another App's.
func TestSlowHookIsAlone(t *testing.T) {
	t.Parallel()
	stuck := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-stuck }))
	defer slow.Close()
	quick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte("yes"))
	}))
	defer quick.Close()
	a := webhook.NewAsker(true, nil)
	hook := func(app chat.AppID, url string) *chat.BeforeHook {
		return &chat.BeforeHook{App: app, URL: url, Secret: webhook.NewSecret(), Timeout: chat.MaxHookTimeout}
	}
	var asked sync.WaitGroup
	refused := make(chan error, 1000)
	for range 200 {
		asked.Go(func() {
			_, err := a.Ask(t.Context(), hook(1, slow.URL), "ask_1", nil)
			refused <- err
		})
	}
	for range 100 { // those that find no place: while the others hang
		if err := <-refused; err == nil {
			t.Fatal("a question was answered that nobody has answered")
		}
	}
	answer, err := a.Ask(t.Context(), hook(2, quick.URL), "ask_2", nil)
	if err != nil || string(answer) != "yes" {
		t.Errorf("the other App's hook is answered %q, %v", answer, err)
	}
	close(stuck)
	asked.Wait()
}
