package bench

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// childAttributes: Ctrl-C is for the bench alone, which then stops its children in
// order; a bench that is killed takes them along.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// fdatasync returns when what was written to f is on the disk.
func fdatasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// syncDisks returns when everything that was written is on the disks.
func syncDisks() { syscall.Sync() }

// ownCPU is how many seconds of processor time this process has used.
func ownCPU() (float64, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, err
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9, nil
}

// residentBytes is how much memory a process occupies.
func residentBytes(pid int) (int64, error) { return statusBytes(pid, "VmRSS") }

// peakBytes is how much memory a process has occupied at most.
func peakBytes(pid int) (int64, error) { return statusBytes(pid, "VmHWM") }

func statusBytes(pid int, name string) (int64, error) {
	kB, err := procField(fmt.Sprintf("/proc/%d/status", pid), name)
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(strings.TrimSuffix(kB, " kB"), 10, 64)
	return n << 10, err
}

// maxFiles is how many files a process may have open. A Go program raises the soft limit to
// the hard one by itself.
func maxFiles() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, err
	}
	return int(min(limit.Max, 1<<30)), nil
}

// procField reads the first line "name: value" of a file below /proc.
func procField(file, name string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close() //nolint:errcheck // only read from
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value), nil
		}
	}
	return "", fmt.Errorf("%s has no %s", file, name)
}
