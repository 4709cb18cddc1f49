// Command parlor-bench measures a Parlor, beside the ceilings of the machine.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"parlor/internal/bench"
)

// version is set when a release is linked.
var version = "dev"

// commands is the command line.
type commands struct {
	Measure measureCmd     `cmd:"" default:"withargs" help:"Measure and report; what parlor-bench does by itself."`
	Compare compareCmd     `cmd:"" help:"Measure a Parlor beside an older one, in slices in turn."`
	Report  reportCmd      `cmd:"" help:"Write reports for people to read."`
	Charts  chartsCmd      `cmd:"" help:"Draw the curves of reports."`
	Fill    fillCmd        `cmd:"" help:"Fill a database with millions of messages, for measure --old."`
	Profile profileCmd     `cmd:"" hidden:"" help:"Profile a server at work, for go build to be guided by."`
	Bare    bareCmd        `cmd:"" name:"bare-http" hidden:"" help:"Serve answers of one size: the ceiling of room/get."`
	Sockets bareSocketsCmd `cmd:"" name:"bare-sockets" hidden:"" help:"Serve WebSockets that store nothing: the ceiling of fan-out."`
	Files   bareFilesCmd   `cmd:"" name:"bare-files" hidden:"" help:"Store and send files: the ceiling of files."`
	Version versionCmd     `cmd:"" help:"Print the version."`
}

func main() {
	ctx := untilSignal()
	var cli commands
	parsed := kong.Parse(&cli,
		kong.Name("parlor-bench"),
		kong.Description("Measures a Parlor, beside the ceilings of the machine."),
		kong.UsageOnError(),
		kong.Vars{"rows": strings.Join(bench.Names(), ", "), "compared": strings.Join(bench.CompareNames(), ", "), "oldrooms": strconv.Itoa(bench.OldRooms)},
		kong.BindTo(ctx, (*context.Context)(nil)),
	)
	if err := parsed.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "parlor-bench:", err)
		os.Exit(1)
	}
}

// untilSignal is a context that ends with the first signal to stop, after which what was
// started and made still has to go. The second ends the process at once.
func untilSignal() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM)
	go func() { // ends with the process
		<-signals
		cancel()
		<-signals
		fmt.Fprintln(os.Stderr, "parlor-bench: ended at once by a second signal")
		os.Exit(1)
	}()
	return ctx
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run() error {
	fmt.Println("parlor-bench", version)
	return nil
}
