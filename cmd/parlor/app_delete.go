package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"parlor/internal/chat"
	"parlor/internal/service"
)

type appRenameCmd struct {
	dataFlags
	Name string `arg:"" help:"The app's name."`
	New  string `arg:"" help:"Its new name, for operators."`
}

// Run renames an App.
func (c appRenameCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, c.Name)
		if err == nil {
			err = svc.RenameApp(ctx, app, c.New)
		}
		if err == nil {
			fmt.Printf("app %q is %q now; people see its title as before\n", c.Name, c.New)
		}
		return err
	})
}

type appDeleteCmd struct {
	dataFlags
	Name string `arg:"" help:"The app's name."`
	Yes  bool   `help:"Do not ask for the name once more."`
}

// Run deletes an App, if whoever runs it means it.
func (c appDeleteCmd) Run(ctx context.Context) error {
	return withService(ctx, c.dataFlags, func(svc *service.Service) error {
		app, err := svc.App(ctx, c.Name)
		if err != nil {
			return err
		}
		if !c.Yes {
			if err := confirmDeletion(ctx, svc, app, os.Stdin); err != nil {
				return err
			}
		}
		if err := svc.DeleteApp(ctx, app); err != nil {
			return err
		}
		fmt.Printf("app %q is deleted: its keys are refused, and its name is free\n", app.Name)
		fmt.Println("servers that run take away what there is of it, or the next that starts; parlor app list shows how far that is")
		return nil
	})
}

// confirmDeletion says what goes with an App, and reads its name.
func confirmDeletion(ctx context.Context, svc *service.Service, app chat.App, from io.Reader) error {
	apps, err := svc.AppUsages(ctx)
	if err != nil {
		return err
	}
	files := ""
	for _, u := range apps {
		if u.App.ID == app.ID {
			files = fmt.Sprintf("%d files of %d bytes", u.Files, u.Bytes)
		}
	}
	fmt.Printf("This deletes app %q for good: its users, rooms and messages, %s, its keys, webhooks and\n"+
		"events, and its audit log. All who are signed in are signed out at once. Only a backup has it then.\n"+
		"Type the app's name to delete it: ", app.Name, files)
	line, err := bufio.NewReader(io.LimitReader(from, 4*chat.MaxAppName)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	fmt.Println()
	if strings.TrimRight(line, "\r\n") != app.Name {
		return fmt.Errorf("that is not the app's name; nothing was deleted")
	}
	return nil
}

// printAppDeletions lists what becomes of Apps that were deleted.
func printAppDeletions(list []chat.AppDeletion) error {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(w, "DELETED APP\tWHEN\tBY\tROWS GONE\tFILES GONE\tFILE BYTES GONE\tFINISHED")
	for _, d := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%d\t%d\t%s\n",
			d.Name, when(d.CreatedAt), d.Actor, d.Removed, d.Files, d.FileBytes, when(d.FinishedAt))
	}
	return w.Flush()
}
