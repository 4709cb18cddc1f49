package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"parlor/internal/chat"
	"parlor/internal/server"
	"parlor/internal/service"
)

type appCmd struct {
	Create   appCreateCmd   `cmd:"" help:"Make an app, and its first server key and app key."`
	List     appListCmd     `cmd:"" help:"List the apps."`
	SetTitle appSetTitleCmd `cmd:"" help:"Give an app another title."`
}

type appCreateCmd struct {
	dataFlags
	Name  string `arg:"" help:"The app's name, for operators."`
	Title string `help:"What people see where the app itself speaks (default: the name)." placeholder:"TITLE"`
}

// Run makes an App with a key of each kind.
func (c appCreateCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		title := c.Title
		if title == "" {
			title = chat.AppTitle(c.Name)
		}
		app, err := svc.CreateTitledApp(ctx, c.Name, title)
		if err != nil {
			return err
		}
		fmt.Printf("app %q is made; its keys are shown this once:\n", app.Name)
		return printNewKeys(ctx, svc, app)
	})
}

type appSetTitleCmd struct {
	dataFlags
	Name  string `arg:"" help:"The app's name."`
	Title string `arg:"" help:"What people see where the app itself speaks."`
}

// Run gives an App a title.
func (c appSetTitleCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, c.Name)
		if err == nil {
			err = svc.SetAppTitle(ctx, app, c.Title)
		}
		if err == nil {
			fmt.Printf("app %q speaks as %q\n", app.Name, c.Title)
		}
		return err
	})
}

type appListCmd struct{ dataFlags }

// Run lists the Apps.
func (c appListCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		apps, err := svc.Apps(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "NAME\tTITLE\tCREATED")
		for _, app := range apps {
			fmt.Fprintf(w, "%s\t%s\t%s\n", app.Name, app.Title, when(app.CreatedAt))
		}
		return w.Flush()
	})
}

// withService opens the database that the flags name, beside a running server if there
// is one.
func withService(ctx context.Context, f dataFlags, do func(*service.Service) error) error {
	cfg, err := f.load(nil)
	if err != nil {
		return err
	}
	return server.WithService(ctx, cfg, do)
}

func when(ms int64) string {
	if ms == 0 {
		return "-"
	}
	return time.UnixMilli(ms).UTC().Format(time.RFC3339)
}
