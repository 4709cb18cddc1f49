// Command moderation is a before-hook: it is asked about each message of an app, masks bad words, and refuses
// addresses of other shops.
package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"parlor/client"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("moderation: ", err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parlor, err := client.NewBackend(client.Config{
		URL: cmp.Or(os.Getenv("PARLOR_URL"), "http://127.0.0.1:8080"), Key: os.Getenv("PARLOR_SERVER_KEY"),
	})
	if err != nil {
		return err
	}
	listen := cmp.Or(os.Getenv("MODERATION_LISTEN"), "127.0.0.1:8096")
	m := newModerator(
		strings.Fields(cmp.Or(os.Getenv("MODERATION_MASK"), "damn darn")),
		strings.Fields(cmp.Or(os.Getenv("MODERATION_REFUSE"), "othershop.example")),
	)
	if err := m.register(ctx, parlor, cmp.Or(os.Getenv("MODERATION_URL"), "http://"+listen)); err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: m, ReadHeaderTimeout: 10 * time.Second}
	closed := make(chan error, 1)
	go func() { // ends when ctx does
		<-ctx.Done()
		closed <- server.Shutdown(context.WithoutCancel(ctx))
	}()
	log.Print("the server asks from now on")
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}
