// Command parlor is a self-hosted chat server that speaks PowerTalk's APIs.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"parlor/internal/chat"
	"parlor/internal/service"
)

// version is set when a release is linked.
var version = "dev"

// commands is the command line. Every command takes the settings that say where the
// data is.
type commands struct {
	Serve   serveCmd   `cmd:"" help:"Serve the API until stopped."`
	App     appCmd     `cmd:"" help:"Manage apps: customer projects, each a world of its own."`
	Key     keyCmd     `cmd:"" help:"Manage an app's server keys and app keys."`
	Audit   auditCmd   `cmd:"" help:"Read the audit log: who has changed what."`
	Job     jobCmd     `cmd:"" help:"Look at work that is to be done, or that was given up."`
	Webhook webhookCmd `cmd:"" help:"Look at webhooks, replay what they have not taken, and try them out."`
	Migrate migrateCmd `cmd:"" help:"Look at the database's schema, or bring it up to date."`
	Push    pushCmd    `cmd:"" help:"Try push notifications, and make a key for those to browsers."`
	Backup  backupCmd  `cmd:"" help:"Write a consistent copy of a running embedded database."`
	Hold    holdCmd    `cmd:"" name:"hold-snapshot" hidden:""`
	Bench   benchCmd   `cmd:"" passthrough:"" help:"Measure a server, beside the ceilings of the machine (runs parlor-bench)."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

func main() {
	ctx := service.ActingAs(untilSignal(), operator())
	var cli commands
	parsed := kong.Parse(&cli,
		kong.Name("parlor"),
		kong.Description("A self-hosted chat server that speaks PowerTalk's APIs."),
		kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "parlor:", plain(err))
		os.Exit(1)
	}
}

// untilSignal is a context that ends with the first signal to stop. The second ends the
// process, at once and however busy it is: what was acknowledged is on the disk.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with the process
		<-signals
		cancel()
		<-signals
		fmt.Fprintln(os.Stderr, "parlor: ended at once by a second signal")
		os.Exit(1)
	}()
	return ctx
}

// plain is what a person at the terminal needs of err.
func plain(err error) string {
	var shown *chat.Error
	if errors.As(err, &shown) && chat.CodeOf(err) == chat.CodeInvalid {
		return shown.Message
	}
	return err.Error()
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("parlor", version)
	return nil
}
