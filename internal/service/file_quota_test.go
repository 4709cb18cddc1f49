package service_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"parlor/internal/chat"
	"parlor/internal/service"
	"parlor/internal/store"
	"parlor/internal/store/storetest"
)

// tryUpload uploads a file for a member, which a quota may refuse.
func (s *sweeping) tryUpload(ctx context.Context, me service.Member, size int) (f chat.File, err error) {
	in, err := s.Receive()
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, in.Discard()) }()
	if _, err := in.Write([]byte(strings.Repeat("x", size))); err != nil {
		return f, err
	}
	return me.Upload(ctx, service.Upload{Name: "f", Content: in})
}

// reread is the member with the App as it is now, as each call has it.
func (s *sweeping) reread(t *testing.T) service.Member {
	app, err := s.App(t.Context(), s.ana.App.Name)
	if err != nil {
		t.Fatal(err)
	}
	caller := s.ana.Caller
	caller.App = app
	return s.Member(caller)
}

// TestAppQuota: random uploads, deletions, sweeps and other quotas: a file is refused exactly if it does not fit,
// and what is counted is what is there.
func TestAppQuota(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSweeping(t, o)
		sizes := map[chat.FileID]int{}
		total := func() (sum int) {
			for _, n := range sizes {
				sum += n
			}
			return sum
		}
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		rng := rand.New(rand.NewPCG(seed, 0))
		for range 15 {
			quota := []int64{0, chat.NoQuota, 1, 500, 1500, 4000}[rng.IntN(6)]
			if err := s.SetAppFileQuota(t.Context(), s.ana.App, quota); err != nil {
				t.Fatal(err)
			}
			me := s.reread(t)
			for range 1 + rng.IntN(4) {
				size := 1 + rng.IntN(1000)
				f, err := s.tryUpload(t.Context(), me, size)
				fits := quota == 0 || int64(total()+size) <= quota
				switch {
				case fits && err == nil:
					sizes[f.ID] = size
				case !fits && chat.CodeOf(err) == chat.CodeTooLarge && strings.Contains(err.Error(), "The files of the app may take"):
				default:
					t.Fatalf("%d bytes beside %d, of %d: %v", size, total(), quota, err)
				}
			}
			if rng.IntN(3) == 0 {
				s.sweep(t, 25*time.Hour)
				clear(sizes)
			}
			files, bytes, err := s.store.FileUsage(t.Context(), me.App.ID, 0)
			if err != nil || int(files) != len(sizes) || int(bytes) != total() {
				t.Fatalf("%d files of %d bytes are counted, of %d of %d (%v)", files, bytes, len(sizes), total(), err)
			}
		}
		storetest.Audit(t, o)
	})
}

// TestAppQuotaAtOnce: of many uploads at once as many are stored as fit, not one more, and who was refused
// would not have fitted.
func TestAppQuotaAtOnce(t *testing.T) {
	storetest.EachOptions(t, func(t *testing.T, o store.Options) {
		s := newSweeping(t, o)
		const quota = 5000
		if err := s.SetAppFileQuota(t.Context(), s.ana.App, quota); err != nil {
			t.Fatal(err)
		}
		me := s.reread(t)
		var wg sync.WaitGroup
		var mu sync.Mutex
		stored, refused := 0, []int{}
		for range 24 {
			wg.Go(func() {
				size := 200 + rand.IntN(400)
				_, err := s.tryUpload(t.Context(), me, size)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					stored += size
				case chat.CodeOf(err) == chat.CodeTooLarge:
					refused = append(refused, size)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		_, bytes, err := s.store.FileUsage(t.Context(), me.App.ID, 0)
		if err != nil || bytes > quota || int(bytes) != stored || len(refused) == 0 {
			t.Errorf("%d bytes are counted and %d stored, of %d, with %d refused (%v)", bytes, stored, quota, len(refused), err)
		}
		for _, size := range refused {
			if stored+size <= quota {
				t.Errorf("%d bytes were refused beside %d of %d", size, stored, quota)
			}
		}
		storetest.Audit(t, o)
	})
}
