// Package tool finds the programs of others that tests run, in the version that tools/go.mod pins.
//
// The package is for Linux: it relies on its file locks.
package tool

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
)

// Program returns the file of a program, such as nats-server of the package
// github.com/nats-io/nats-server/v2: bin/NAME if make has built it, else one in the user's cache, which
// is built if it is not there yet. That may take minutes.
func Program(ctx context.Context, name, pkg string) (string, error) {
	repo, err := findRepo()
	if err != nil {
		return "", err
	}
	if made := filepath.Join(repo, "bin", name); executable(made) {
		return made, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir() // an account without a home
	}
	return buildIn(ctx, repo, filepath.Join(cache, "parlor-tools"), name, pkg)
}

// buildIn builds the program in dir, unless it is there. Its name changes with what it is
// built from.
func buildIn(ctx context.Context, repo, dir, name, pkg string) (string, error) {
	tools := filepath.Join(repo, "tools")
	pinned, err := os.ReadFile(filepath.Join(tools, "go.mod"))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(pinned, runtime.Version()...))
	program := filepath.Join(dir, fmt.Sprintf("%s-%x", name, sum[:8]))
	if executable(program) {
		return program, nil
	}

	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	// Packages are tested at the same time, and one of them building is enough.
	lock, err := os.OpenFile(filepath.Join(dir, name+".lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }() // nothing was written
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if executable(program) {
		return program, nil
	}
	partial := program + ".partial"
	cmd := exec.CommandContext(ctx, "go", "build", "-C", tools, "-trimpath", "-buildvcs=false", "-o", partial, pkg)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", name, err, out)
	}
	//nolint:gosec // G703: the folder is the one that the tester's own settings name
	return program, os.Rename(partial, program)
}

// findRepo returns the folder of this module, of which the test's folder is a part.
func findRepo() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		_, err := os.Stat(filepath.Join(dir, "tools", "go.mod"))
		if err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if !errors.Is(err, fs.ErrNotExist) || parent == dir {
			return "", fmt.Errorf("no tools/go.mod above the current folder: %w", err)
		}
		dir = parent
	}
}

func executable(file string) bool {
	_, err := exec.LookPath(file)
	return err == nil
}
