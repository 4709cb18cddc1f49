//go:build !linux

package bench

import (
	"errors"
	"os"
	"syscall"
)

var errLinuxOnly = errors.New("this is measured on Linux only")

func childAttributes() *syscall.SysProcAttr { return nil }

func fdatasync(f *os.File) error { return f.Sync() }

func syncDisks() {}

func ownCPU() (float64, error) { return 0, errLinuxOnly }

func residentBytes(int) (int64, error) { return 0, errLinuxOnly }

func peakBytes(int) (int64, error) { return 0, errLinuxOnly }

func maxFiles() (int, error) { return 1 << 30, nil } // not known before a socket fails

func procField(string, string) (string, error) { return "", errLinuxOnly }
