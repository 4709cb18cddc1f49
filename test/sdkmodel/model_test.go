package sdkmodel

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// small are the limits of the servers that are tested.
var small = limits{Page: 20, Rooms: 3}

// TestDevicesHoldEverything plays random histories on each kind of server.
func TestDevicesHoldEverything(t *testing.T) {
	for name, build := range map[string]func(*testing.T, limits) *world{
		"sqlite": sqlite, "postgres": postgres, "cluster": cluster,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := small
			l.Page = *pageFlag
			playAll(t, build(t, l))
		})
	}
}

// playAll plays the histories that have found something once, and then new ones.
func playAll(t *testing.T, w *world) {
	t.Helper()
	kept := keptSeeds(t, w.name)
	first := *seedFlag
	if first == 0 {
		first = rand.Uint64() >> 24 * together
	} else {
		kept = nil
	}
	seeds := kept
	for i := range *runsFlag {
		seeds = append(seeds, first+uint64(i))
	}
	t.Logf("%d histories, from seed %d on", len(seeds), first)
	var sum tally
	for len(seeds) > 0 && sum.failures < *failFlag && w.err() == nil {
		n := 1
		for n < min(len(seeds), together) && weatherOf(seeds[n]) == weatherOf(seeds[0]) {
			n++
		}
		playTogether(t, w, seeds[:n], &sum)
		seeds = seeds[n:]
	}
	if err := w.err(); err != nil {
		t.Error(err)
	}
	for _, text := range w.faults() {
		t.Errorf("in a server's log: %s", text)
	}
	t.Logf("%s: %d histories, %d things done in them, %d comparisons, %d troubles of servers, "+
		"%d unread messages came twice",
		w.name, sum.runs, sum.steps, sum.checks, w.troubles.Load(), sum.repeats)
}

// tally counts what has happened in all histories of a world.
type tally struct{ runs, steps, checks, repeats, failures int }

func playTogether(t *testing.T, w *world, seeds []uint64, sum *tally) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	runs := make([]*run, len(seeds))
	var wg sync.WaitGroup
	for i, seed := range seeds {
		runs[i] = newRun(ctx, w, seed)
		wg.Go(runs[i].play)
	}
	wg.Wait()
	for _, r := range runs {
		sum.runs, sum.steps, sum.checks = sum.runs+1, sum.steps+len(r.log), sum.checks+r.checks
		for _, d := range r.devices() {
			sum.repeats += len(d.repeats)
		}
		if len(r.findings) > 0 {
			sum.failures++
			t.Errorf("again with -sdkmodel.seed=%d -sdkmodel.runs=1\n%s", r.seed, strings.Join(r.findings, "\n"))
		}
		text := fmt.Sprintf("seed %d on %s, %+v, calm %v:\n%s", r.seed, w.name, r.weather, r.calm, strings.Join(r.log, "\n"))
		if *logFlag || len(r.findings) > 0 && sum.failures <= 5 {
			t.Log(text)
		}
		if *dirFlag != "" && len(r.findings) > 0 {
			if err := os.WriteFile(filepath.Join(*dirFlag, fmt.Sprintf("%s-%d", w.name, r.seed)), []byte(text),
				0o600); err != nil {
				t.Error(err)
			}
		}
	}
	if w.clock != (reading{}) {
		w.setClock(0, false)
	}
}

// keptSeeds are those in testdata/seeds of a kind of server, those of the same weather
// together.
func keptSeeds(t *testing.T, world string) (seeds []uint64) {
	t.Helper()
	f, err := os.Open("testdata/seeds")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // it was only read
	for lines := bufio.NewScanner(f); lines.Scan(); {
		text, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(text)
		if len(words) == 0 || words[0] != world {
			continue
		}
		seed, err := strconv.ParseUint(words[len(words)-1], 10, 64)
		if err != nil {
			t.Fatal(fmt.Errorf("testdata/seeds: %w", err))
		}
		seeds = append(seeds, seed)
	}
	slices.SortStableFunc(seeds, func(a, b uint64) int { return int(a/together%4) - int(b/together%4) })
	return seeds
}
