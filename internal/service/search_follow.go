package service

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"parlor/internal/chat"
	"parlor/internal/store"
)

const (
	// searchLease is how long a process that has died keeps the index from others, on PostgreSQL.
	searchLease = 5 * time.Second
	searchRenew = 1500 * time.Millisecond
	// searchPoll is how late what another process has committed is noticed.
	searchPoll = 250 * time.Millisecond
	// searchRest is how long the machine is left alone at least. While others write it is left alone busyRests times as
	// long as it was used, so that they do not notice; else as long. searchRested bounds that.
	searchRest   = 5 * time.Millisecond
	busyRests    = 15
	searchRested = time.Second
	// searchRetry is how long it is left alone when something is wrong.
	searchRetry = time.Second
	// searchApps is how late it is noticed that an App was deleted, where nothing else happens.
	searchApps = 2 * time.Second
	// searchKeepPlace is how long places without messages behind them are not stored: they are read again.
	searchKeepPlace = 500 * time.Millisecond
)

// Search says what is known of the index of messages, for operators.
type Search struct {
	Indexed  int64         // messages that this process has put into it
	Lag      time.Duration // since when something is stored that this process has not looked at yet
	Building bool          // this process is making it
	Position chat.MessageID
	Until    chat.MessageID // Position moves to here meanwhile
}

// searcher has the index of messages: see Service.FollowSearch.
type searcher struct {
	index *store.SearchIndex // nil where there is none
	off   string             // why there is none, for those who search
	woken chan struct{}

	mu      sync.Mutex
	stats   Search
	leads   bool                          // this process writes the index
	sure    bool                          // it has found it to belong to the database
	behind  time.Time                     // since when there is something to look at; zero for nothing
	damaged bool                          // the index's file makes no sense
	forget  map[chat.ErasureID]forgetting // erasures that wait for it
}

// newSearcher begins with nothing known.
func newSearcher(index *store.SearchIndex, off string) *searcher {
	if index == nil && off == "" {
		off = "This server has no search"
	}
	return &searcher{index: index, off: off, woken: make(chan struct{}, 1), forget: map[chat.ErasureID]forgetting{}}
}

// ready is CodeUnavailable where the index cannot answer yet, and CodeConflict where there is none.
func (s *searcher) ready(ctx context.Context) error {
	if s.off != "" {
		return chat.Errorf(chat.CodeConflict, "%s", s.off)
	}
	s.mu.Lock()
	sure := s.sure || !s.index.Embedded() // another process may be the one that writes it
	s.mu.Unlock()
	st, err := s.index.State(ctx)
	if err == nil && (st.Building() || !sure) {
		err = chat.Errorf(chat.CodeUnavailable, "The search index is being made; try again later")
	}
	return s.noticed(err)
}

// noticed has the index made anew where an error says that its file is damaged.
func (s *searcher) noticed(err error) error {
	if s.index == nil || !s.index.Damaged(err) {
		return err
	}
	s.mu.Lock()
	s.damaged = true
	s.mu.Unlock()
	s.wake()
	return chat.Errorf(chat.CodeUnavailable, "The search index is damaged and will be made anew; try again later")
}

func (s *searcher) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// SearchRecorded says that this process has recorded events: see store.Store.FollowFeed. It does not block.
func (s *Service) SearchRecorded() {
	if s.search.off != "" {
		return
	}
	s.search.mu.Lock()
	if s.search.leads && s.search.behind.IsZero() {
		s.search.behind = s.now()
	}
	s.search.mu.Unlock()
	s.search.wake()
}

// SearchStats says how far this process is with the index; ok is false where there is none.
func (s *Service) SearchStats() (st Search, ok bool) {
	s.search.mu.Lock()
	defer s.search.mu.Unlock()
	st = s.search.stats
	if b := s.search.behind; !b.IsZero() {
		st.Lag = max(s.now().Sub(b), 0)
	}
	return st, s.search.off == ""
}

// FollowSearch keeps the index of messages up to date until ctx ends: it follows the feeds of all Apps, which tell of
// each message that comes or changes. Where an index is before is stored with what it has from there, in one
// transaction; so a crash repeats a little, and loses nothing. An index that is new, damaged, of another database, or
// has fallen behind what the feeds keep is made from all messages. Of several processes one does it.
func (s *Service) FollowSearch(ctx context.Context, owner string, log *slog.Logger) error {
	if s.search.off != "" {
		return s.search.dropUnused(ctx, log)
	}
	said := ""
	for ctx.Err() == nil {
		f := follower{core: &s.core, owner: owner, log: log}
		err := f.run(ctx)
		if err == nil || ctx.Err() != nil {
			break
		}
		if errors.Is(err, store.ErrSearchLeaseLost) {
			s.search.lead(false)
		}
		if text := err.Error(); text != said && !errors.Is(err, store.ErrSearchLeaseLost) {
			log.Warn("messages are not indexed for the search at the moment; it is tried again", "error", err)
			said = text
		}
		select {
		case <-ctx.Done():
		case <-time.After(searchRetry):
		}
	}
	return s.search.index.Close()
}

// beSure notes whether the index is known to belong to the database.
func (s *searcher) beSure(sure bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sure = sure
}

// lead notes whether this process writes the index.
func (s *searcher) lead(leads bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leads = leads; !leads {
		s.behind, s.stats = time.Time{}, Search{Indexed: s.stats.Indexed}
	}
}

// dropUnused leaves no index behind that nobody follows: it would hold what was deleted since.
func (s *searcher) dropUnused(ctx context.Context, log *slog.Logger) error {
	if s.index != nil {
		err := s.index.Forget(ctx)
		if s.index.Embedded() {
			err = s.index.Remove()
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("the search index that is not used could not be removed", "error", err)
		}
	}
	<-ctx.Done()
	return nil
}

// follower is one time of following, up to the first error.
type follower struct {
	*core
	owner string
	log   *slog.Logger

	lease   int64
	renewed time.Time
	places  map[chat.AppID]store.SearchPlace
	moved   map[chat.AppID]store.SearchPlace // those of places that are not stored yet
	stored  time.Time                        // when they were
	horizon int64                            // up to which all feeds were read
	state   store.SearchState
	begun   time.Time // the making of the index
	told    time.Time
	merge   merging

	looked   time.Time           // when it was looked for Apps that are gone
	gone     []store.SearchSweep // of Apps whose words are to go
	left     []chat.AppID        // whose words are gone from the index, but not from its file
	sweeps   []store.SearchSweep // to be stored with moved
	sweeping bool                // there may be sweeps that are stored
}

func (f *follower) run(ctx context.Context) error {
	damage, err := f.search.index.Open(ctx)
	if err != nil {
		return err
	}
	if damage != nil {
		f.log.Warn("the search index was damaged; it was removed and is made anew", "error", damage)
	}
	if err := f.renew(ctx); err != nil {
		return err
	}
	defer f.giveBack(ctx)
	f.search.lead(true)
	err = f.begin(ctx)
	f.search.beSure(err == nil)
	if err != nil {
		return f.repair(err)
	}
	for {
		began := time.Now()
		more, err := f.step(ctx)
		if err != nil {
			return f.repair(err)
		}
		if f.wasDamaged() {
			return f.repair(errors.New("a search found it damaged"))
		}
		if !f.wait(ctx, more, time.Since(began)) {
			return nil
		}
	}
}

// wait waits until there is something to do; false at the end of ctx. First it leaves the machine to others.
func (f *follower) wait(ctx context.Context, more bool, used time.Duration) bool {
	select {
	case <-f.search.woken: // there is more to do, and others are at it
		more, used = true, busyRests*used
	default:
	}
	rest := time.NewTimer(max(searchRest, min(used, searchRested)))
	defer rest.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-rest.C:
	}
	if more {
		return true
	}
	poll := time.NewTimer(searchPoll)
	defer poll.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-poll.C:
	case <-f.search.woken:
	}
	return true
}

// renew takes the lease, or keeps it.
func (f *follower) renew(ctx context.Context) (err error) {
	if time.Since(f.renewed) < searchRenew {
		return nil
	}
	held := f.lease
	if held == 0 {
		held = -1
	}
	if f.lease, err = f.search.index.Lease(ctx, f.owner, held, searchLease); err != nil {
		return err
	}
	f.renewed = time.Now()
	now, err := f.search.index.State(ctx)
	if err == nil && f.state.Built != "" && now.Built != f.state.Built {
		err = errors.New("a process that does without the search has given the index up")
	}
	return err
}

func (f *follower) giveBack(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), searchRenew)
	defer cancel()
	if err := f.storePlaces(ctx, true); err != nil && !errors.Is(err, store.ErrSearchLeaseLost) {
		f.log.Debug("what the search index has read of events could not be stored; it is read again", "error", err)
	}
	if err := f.search.index.GiveBack(ctx, f.lease); err != nil {
		f.log.Debug("the search index could not be left to other nodes; they wait for the end of a lease", "error", err)
	}
}

func (f *follower) wasDamaged() bool {
	f.search.mu.Lock()
	defer f.search.mu.Unlock()
	return f.search.damaged
}

// repair removes an index's file that makes no sense. What was read before an error is read again: not all of that may
// be in the index.
func (f *follower) repair(err error) error {
	f.moved = nil
	if f.search.index.Damaged(err) || f.wasDamaged() {
		f.log.Warn("the search index is damaged; it is removed and made anew", "error", err)
		if err := f.search.index.Remove(); err != nil {
			return err
		}
		f.search.mu.Lock()
		f.search.damaged = false
		f.search.mu.Unlock()
	}
	return err
}

// step reads what is new in all feeds, makes a part of an index that is not whole, takes some of what is gone from the
// store out of it, and does what erasures wait for.
// more says that there is more to do.
func (f *follower) step(ctx context.Context) (more bool, err error) {
	if err := f.renew(ctx); err != nil {
		return false, err
	}
	due := f.forgettingDue()
	behind, err := f.follow(ctx)
	if err == nil {
		err = f.storePlaces(ctx, false)
	}
	if err != nil {
		return false, err
	}
	if f.state.Building() {
		if err := f.makePart(ctx); err != nil {
			return false, err
		}
		more = true
	}
	if behind {
		return true, nil
	}
	sweeping, err := f.sweep(ctx)
	if err != nil {
		return false, err
	}
	merging, err := f.mergeFor(ctx, due)
	return more || sweeping || merging, err
}
