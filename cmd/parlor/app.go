package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
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
	SetRates appSetRatesCmd `cmd:"" help:"Set how many calls an app's callers may make."`
	SetQuota appSetQuotaCmd `cmd:"" help:"Set how many bytes an app's files may take together."`
	Rename   appRenameCmd   `cmd:"" help:"Give an app another name."`
	Delete   appDeleteCmd   `cmd:"" help:"Delete an app with all that is in it, for good."`
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

type appSetRatesCmd struct {
	dataFlags
	Name    string `arg:"" help:"The app's name."`
	Backend *int   `help:"Calls that each server key may make in a minute, on each node; 0 for as many as it likes." placeholder:"N"`
	User    *int   `help:"Calls that each signed-in user may make in a minute, on each node; 0 for as many as they like." placeholder:"N"`
}

// Run sets how many calls an App's callers may make. What is not named stays as it is.
func (c appSetRatesCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, c.Name)
		if err != nil {
			return err
		}
		rates := app.Rates
		for to, from := range map[*int]*int{&rates.Backend: c.Backend, &rates.User: c.User} {
			if from != nil {
				*to = *from
			}
		}
		if err := svc.SetAppRates(ctx, app, rates); err != nil {
			return err
		}
		fmt.Printf("app %q: %s calls in a minute by each server key, %s by each user\n",
			app.Name, perMinute(rates.Backend), perMinute(rates.User))
		return nil
	})
}

type appSetQuotaCmd struct {
	dataFlags
	Name  string `arg:"" help:"The app's name."`
	Files string `help:"A size such as 50GB or 512MiB, none for no bound, or default for that of the server's settings." required:"" placeholder:"SIZE"`
}

// Run sets how much an App's files may take.
func (c appSetQuotaCmd) Run(ctx context.Context) error {
	quota, err := parseQuota(c.Files)
	if err != nil {
		return err
	}
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, c.Name)
		if err == nil {
			err = svc.SetAppFileQuota(ctx, app, quota)
		}
		if err == nil {
			fmt.Printf("app %q: its files may take %s bytes together\n", app.Name, quotaText(quota))
		}
		return err
	})
}

func parseQuota(s string) (int64, error) {
	switch s {
	case "none":
		return chat.NoQuota, nil
	case "default":
		return 0, nil
	}
	return parseSize(s)
}

// quotaText is a quota as people read it, in bytes.
func quotaText(bytes int64) string {
	switch bytes {
	case chat.NoQuota:
		return "any number of"
	case 0:
		return "the server's number of"
	}
	return strconv.FormatInt(bytes, 10)
}

// perMinute is a rate as people read it.
func perMinute(n int) string {
	if n == 0 {
		return "any number of"
	}
	return strconv.Itoa(n)
}

type appListCmd struct {
	dataFlags
	Deleted bool `help:"List the apps that were deleted instead."`
}

// Run lists the Apps, and behind them those that are being deleted.
func (c appListCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		deletions, err := svc.AppDeletions(ctx, c.Deleted)
		if err != nil {
			return err
		}
		if c.Deleted {
			return printAppDeletions(deletions)
		}
		apps, err := svc.AppUsages(ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
		fmt.Fprintln(w, "NAME\tTITLE\tCREATED\tSERVER KEY CALLS/MIN\tUSER CALLS/MIN\tFILES\tFILE BYTES\tFILE QUOTA")
		for _, u := range apps {
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%d\t%d\t%s\n", u.App.Name, u.App.Title, when(u.App.CreatedAt),
				perMinute(u.App.Rates.Backend), perMinute(u.App.Rates.User), u.Files, u.Bytes, quotaText(u.App.FileQuota))
		}
		if err := w.Flush(); err != nil || len(deletions) == 0 {
			return err
		}
		fmt.Println()
		return printAppDeletions(deletions)
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
