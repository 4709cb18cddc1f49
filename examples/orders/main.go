// Command orders is the backend of a small shop, with a chat for each order: it opens rooms, lets customers sign in,
// and answers what they write. Copy it and put your shop in its place.
package main

import (
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"parlor/client"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal("orders: ", err)
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	parlor, err := client.NewBackend(client.Config{
		URL: setting("PARLOR_URL", "http://127.0.0.1:8080"), Key: os.Getenv("PARLOR_SERVER_KEY"),
	})
	if err != nil {
		return err
	}
	listen := setting("ORDERS_LISTEN", "127.0.0.1:8095")
	s, err := open(ctx, parlor, setting("ORDERS_URL", "http://"+listen))
	if err != nil {
		return err
	}
	server := &http.Server{Addr: listen, Handler: s.handler(), ReadHeaderTimeout: 10 * time.Second}
	closed := make(chan error, 1)
	go func() { // ends when ctx does
		<-ctx.Done()
		closed <- server.Shutdown(context.WithoutCancel(ctx))
	}()
	log.Printf("the shop is at http://%s", listen)
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return <-closed
}

func setting(name, usual string) string {
	if value := os.Getenv(name); value != "" {
		return value
	}
	return usual
}
