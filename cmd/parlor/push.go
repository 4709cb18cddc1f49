package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"parlor/internal/push"
	"parlor/internal/push/courier"
	"parlor/internal/push/webpush"
	"parlor/internal/server"
	"parlor/internal/service"
)

type pushCmd struct {
	Test     pushTestCmd     `cmd:"" help:"Send a user's newest message to their devices, and show what the vendors answer."`
	VAPIDKey pushVAPIDKeyCmd `cmd:"" name:"vapid-key" help:"Make a key for push notifications to browsers."`
}

type pushTestCmd struct {
	dataFlags
	App     string `help:"The app's name." default:"default" placeholder:"NAME"`
	User    string `help:"The user, by your own id." required:"" placeholder:"XCUSERID"`
	DryRun  bool   `help:"Only show what would be sent."`
	Payload bool   `help:"Show the payloads, which hold the message." default:"true" negatable:""`
}

// Run tries push notifications to a user's devices, wherever they are.
func (c pushTestCmd) Run(ctx context.Context) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	return server.WithPush(ctx, cfg, func(svc *service.Service, out *courier.Courier) error {
		app, err := svc.App(ctx, c.App)
		if err != nil {
			return err
		}
		trials, err := out.Trials(ctx, app.ID, c.User)
		if err != nil {
			return err
		}
		if len(trials) == 0 {
			return fmt.Errorf("user %q has registered no device for push notifications", c.User)
		}
		return c.try(ctx, out, trials)
	})
}

// try sends to one device after the other. It fails if one of them did not get its notification.
func (c pushTestCmd) try(ctx context.Context, out *courier.Courier, trials []courier.Trial) error {
	failed := 0
	for _, t := range trials {
		fmt.Printf("login %d, device %q, %s: %d bytes, collapse %s, kept until %s\n",
			t.Device.Login, t.Device.Device, t.Device.Target.Kind, len(t.Notification.Payload),
			t.Notification.Collapse, t.Notification.Expires.UTC().Format(time.RFC3339))
		if c.Payload {
			fmt.Printf("  %s\n", t.Notification.Payload)
		}
		switch {
		case !t.IsSetUp:
			failed++
			fmt.Println("  not sent: its vendor is not set up")
		case c.DryRun:
			fmt.Println("  not sent: a dry run")
		default:
			r := out.Try(ctx, t)
			fmt.Printf("  %s %s\n", r.Outcome, r.Reason)
			if r.Outcome != push.Sent {
				failed++
			}
		}
	}
	if failed > 0 {
		return errors.New("not all notifications were sent")
	}
	return nil
}

type pushVAPIDKeyCmd struct{}

// Run makes a VAPID key. Whoever changes the key of a running installation loses its subscriptions.
func (pushVAPIDKeyCmd) Run() error {
	key, err := webpush.NewKey()
	if err == nil {
		fmt.Printf("PARLOR_VAPID_KEY=%s\n# browsers subscribe with %s\n", key.Private, key.Public)
	}
	return err
}
