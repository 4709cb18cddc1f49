package pgtest

import (
	"errors"
	"fmt"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// ErrNotInstalled is what [Start] returns when the machine has no PostgreSQL
// that it could run.
var ErrNotInstalled = errors.New("PostgreSQL is not installed: run `make setup` (it installs Debian's postgresql package), or put initdb and postgres in PATH")

const osUser = "postgres" // whom the server runs as when the tests run as root

// findBinaries returns the folder that holds initdb and postgres: the one in
// PATH, else that of the newest version Debian has installed, which keeps them
// out of PATH.
func findBinaries() (string, error) {
	complete := func(dir string) bool {
		for _, name := range []string{"initdb", "postgres"} {
			if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
				return false
			}
		}
		return true
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		if dir := filepath.Dir(initdb); complete(dir) {
			return dir, nil
		}
	}
	newest, found := -1, ""
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	for _, dir := range dirs {
		version, err := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if err == nil && version > newest && complete(dir) {
			newest, found = version, dir
		}
	}
	if found == "" {
		return "", ErrNotInstalled
	}
	return found, nil
}

// lookupOwner finds the account that PostgreSQL's package creates for it.
func lookupOwner() (*syscall.Credential, error) {
	account, err := user.Lookup(osUser)
	if err != nil {
		return nil, fmt.Errorf("no account to run PostgreSQL under, as root may not (%w): %w", err, ErrNotInstalled)
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
