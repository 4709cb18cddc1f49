package bench

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// Machine is what the figures were measured on. What could not be learned is empty.
type Machine struct {
	CPU        string `json:"cpu"`
	Cores      int    `json:"cores"`
	MemoryMB   int64  `json:"memory_mb"`
	Kernel     string `json:"kernel"`
	OS         string `json:"os"` // and architecture
	Go         string `json:"go"`
	Load       string `json:"load"`       // averages before the run: who else is at work
	Filesystem string `json:"filesystem"` // of the temporary folders
	Database   string `json:"database"`
}

func thisMachine() Machine {
	m := Machine{
		Cores: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version(),
		Kernel: readLine("/proc/sys/kernel/osrelease"), Load: readLine("/proc/loadavg"),
	}
	m.CPU, _ = procField("/proc/cpuinfo", "model name") // other systems and processors have none
	if total, err := procField("/proc/meminfo", "MemTotal"); err == nil {
		kB, _ := strconv.ParseInt(strings.TrimSuffix(total, " kB"), 10, 64)
		m.MemoryMB = kB << 10 / megabyte
	}
	return m
}

func readLine(file string) string {
	b, _ := os.ReadFile(file) // what is not there is left empty
	line, _, _ := strings.Cut(string(b), "\n")
	return line
}

// filesystem is the kind that dir is on. On a tmpfs nothing is durable, whatever the
// figures say.
func filesystem(dir string) string {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return ""
	}
	b, _ := os.ReadFile("/proc/self/mounts") // not there on other systems
	kind, longest := "", -1
	for line := range strings.Lines(string(b)) {
		f := strings.Fields(line)
		if len(f) < 3 {
			continue
		}
		at, err := filepath.Rel(f[1], dir)
		if err == nil && at != ".." && !strings.HasPrefix(at, "../") && len(f[1]) >= longest {
			kind, longest = f[2], len(f[1])
		}
	}
	return kind
}
