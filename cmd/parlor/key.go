package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"

	"parlor/internal/chat"
	"parlor/internal/service"
)

type keyCmd struct {
	Create    keyCreateCmd    `cmd:"" help:"Make a key and show its secret, this once."`
	List      keyListCmd      `cmd:"" help:"List an app's keys."`
	SetStrict keySetStrictCmd `cmd:"" help:"Set whether a server key's calls have parameters refused that they do not know."`
	Revoke    keyRevokeCmd    `cmd:"" help:"End a key for good."`
}

type keyFlags struct {
	dataFlags
	App string `help:"The app's name." default:"default" placeholder:"NAME"`
}

type keyCreateCmd struct {
	keyFlags
	Kind   string `help:"server: for your backend; app: for apps that embed an SDK." enum:"server,app" default:"server"`
	Label  string `help:"What the key is for; shown in lists."`
	Strict bool   `help:"Have calls under this server key refuse parameters that they do not know."`
}

// Run makes a key.
func (c keyCreateCmd) Run(ctx context.Context) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		return printNewKey(ctx, svc, app, chat.Key{Kind: chat.KeyKind(c.Kind), Label: c.Label, Strict: c.Strict})
	})
}

type keyListCmd struct{ keyFlags }

// Run lists an App's keys.
func (c keyListCmd) Run(ctx context.Context) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		keys, err := svc.Keys(ctx, app)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "ID\tKIND\tSTRICT\tLABEL\tCREATED\tREVOKED")
		for _, k := range keys {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n",
				k.ID, k.Kind, strictness(k), k.Label, when(k.CreatedAt), when(k.RevokedAt))
		}
		return w.Flush()
	})
}

// strictness is whether calls under a key are strict, in lists.
func strictness(k chat.Key) string {
	switch {
	case k.Kind != chat.ServerKey:
		return "-"
	case k.Strict:
		return "on"
	}
	return "off"
}

type keySetStrictCmd struct {
	keyFlags
	ID     string `arg:"" help:"The key's id, the part before the colon."`
	Strict string `arg:"" help:"on or off." enum:"on,off"`
}

// Run sets whether calls under a key are strict.
func (c keySetStrictCmd) Run(ctx context.Context) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		if err := svc.SetKeyStrict(ctx, app, c.ID, c.Strict == "on"); err != nil {
			return err
		}
		fmt.Printf("strict calls under key %s are %s, on every server\n", c.ID, c.Strict)
		return nil
	})
}

type keyRevokeCmd struct {
	keyFlags
	ID string `arg:"" help:"The key's id, the part before the colon."`
}

// Run revokes a key.
func (c keyRevokeCmd) Run(ctx context.Context) error {
	return c.withApp(ctx, func(svc *service.Service, app chat.App) error {
		if err := svc.RevokeKey(ctx, app, c.ID); err != nil {
			return err
		}
		fmt.Printf("key %s is revoked; no server accepts it any more\n", c.ID)
		return nil
	})
}

func (f keyFlags) withApp(ctx context.Context, do func(*service.Service, chat.App) error) error {
	return withService(ctx, f.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, f.App)
		if err != nil {
			return err
		}
		return do(svc, app)
	})
}

func printNewKeys(ctx context.Context, svc *service.Service, app chat.App) error {
	for _, kind := range []chat.KeyKind{chat.ServerKey, chat.AppKey} {
		if err := printNewKey(ctx, svc, app, chat.Key{Kind: kind, Label: "the app's first"}); err != nil {
			return err
		}
	}
	return nil
}

func printNewKey(ctx context.Context, svc *service.Service, app chat.App, k chat.Key) error {
	id, secret, err := svc.CreateKey(ctx, app, k)
	if err != nil {
		return err
	}
	fmt.Printf("%s key  %s:%s\n", k.Kind, id, secret)
	return nil
}
