package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"parlor/internal/bench"
)

type profileCmd struct {
	Out      string        `help:"The profile that go build is to be guided by." type:"path" required:"" placeholder:"FILE"`
	Duration time.Duration `help:"Time of each kind of work (default 8s)." default:"8s" placeholder:"TIME"`
	Quick    bool          `help:"Little data, to see that everything works."`
	Dir      string        `help:"Where to make the temporary folders (default the system's)." type:"path" placeholder:"DIR"`
	Parlor   string        `help:"The parlor to profile (default the one beside this program)." type:"path" placeholder:"FILE"`
	Database string        `help:"postgres:// address to profile on as well as on the embedded database." placeholder:"URL" env:"PARLOR_BENCH_DATABASE"`
}

// maxProfile is the size of a profile that may lie beside the code, in bytes.
const maxProfile = 500_000

// Run profiles on each engine and merges what it got.
func (c profileCmd) Run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	parlor, _, err := measureCmd{Parlor: c.Parlor}.subject(ctx, self)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(c.Dir, "parlor-bench-profiles-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left of it says by itself what it is
	engines := []string{""}
	if c.Database != "" {
		engines = append(engines, c.Database)
	}
	var all []string
	for _, database := range engines {
		files, err := bench.Profile(ctx, bench.Options{
			Executable: parlor, Self: self, Duration: c.Duration, Quick: c.Quick, Dir: c.Dir, Database: database,
			Progress: os.Stderr, Terminal: onTerminal(),
		}, dir)
		if err != nil {
			return err
		}
		all = append(all, files...)
	}
	return merge(ctx, filepath.Join(dir, "merged"), c.Out, all)
}

// merge puts profiles together. The result appears at once, and only when it is small enough.
func merge(ctx context.Context, merged, to string, profiles []string) error {
	args := append([]string{"tool", "pprof", "-proto", "-output", merged}, profiles...)
	if said, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("merge the profiles: %w: %s", err, said)
	}
	b, err := os.ReadFile(merged)
	if err != nil {
		return err
	}
	if len(b) > maxProfile {
		return fmt.Errorf("the profile has %d bytes, and may have %d: profile for a shorter time", len(b), maxProfile)
	}
	if err := os.WriteFile(to, b, 0o644); err != nil { //nolint:gosec,forbidigo // G306: it lies beside the code
		return err
	}
	fmt.Printf("%s: %d bytes, of %d profiles\n", to, len(b), len(profiles))
	return nil
}
