package sdkmodel

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"parlor/internal/config"
	catchup "parlor/internal/device"
	"parlor/internal/server"
)

// settingsEnv names the variable with the settings of a server, as JSON. A test binary that
// finds it is that server.
const settingsEnv = "PARLOR_SDKMODEL_SERVER"

// settings are what a server's process is started with.
type settings struct {
	Config config.Config
	Limits limits
	Clock  reading
}

// limits are sizes that the server shrinks for these tests, so that a history of some
// dozens of messages passes all of them; 0 leaves what it has.
type limits struct {
	Page  int // messages of one room, handed out by one call
	Rooms int // rooms of one call
}

// apply gives the limits to the server.
func (l limits) apply(o *server.Options) {
	o.CatchUp = catchup.DefaultLimits()
	if l.Page > 0 {
		o.CatchUp.Messages, o.CatchUp.Chunk = l.Page, max(l.Page/2, 1)
	}
	if l.Rooms > 0 {
		o.CatchUp.Rooms = l.Rooms
	}
}

// serve runs a server until it is killed or its parent is gone. It prints its address, and
// reads from its input what the clock is to show.
func serve(text string) int {
	var s settings
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	c := &clock{shows: s.Clock}
	go func() { // ends with the process
		c.obey(os.Stdin)
		os.Exit(0) // the parent is gone
	}()
	o := server.Options{
		Version: "sdkmodel", Out: io.Discard, Log: server.NewLogger(s.Config, os.Stderr), Now: c.now,
		Listening: func(a net.Addr) { fmt.Println(a) },
	}
	s.Limits.apply(&o)
	if err := server.Run(context.Background(), s.Config, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// reading is what a clock shows: the true time and an offset, or always the same.
type reading struct {
	Offset time.Duration
	Still  int64 // Unix ms; 0 for a clock that goes
}

// clock is a server's clock, which its parent sets.
type clock struct {
	mu    sync.Mutex
	shows reading
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shows.Still > 0 {
		return time.UnixMilli(c.shows.Still)
	}
	return time.Now().Add(c.shows.Offset)
}

// obey sets the clock by lines of two numbers, the offset in ms and the time at which it
// stands, and answers each, until there are no more.
func (c *clock) obey(r io.Reader) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		offset, still, _ := strings.Cut(lines.Text(), " ")
		ms, err := strconv.ParseInt(offset, 10, 64)
		if err != nil {
			panic(err)
		}
		stands, err := strconv.ParseInt(still, 10, 64)
		if err != nil {
			panic(err)
		}
		c.mu.Lock()
		c.shows = reading{time.Duration(ms) * time.Millisecond, stands}
		c.mu.Unlock()
		fmt.Println("set")
	}
}
