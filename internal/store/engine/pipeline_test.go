package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"parlor/internal/store/engine"
)

const makeThing = `INSERT INTO things (name, number) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING RETURNING id, number`

// TestPipeline: each row goes to its own statement, in their order.
func TestPipeline(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		const n = 300
		var ids, numbers []int64
		write(t, lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
			ids, numbers = nil, nil
			var list []engine.Statement
			for i := range n {
				list = append(list, engine.Statement{Query: makeThing, Args: []any{fmt.Sprint(i), i * i}, Scan: func(r engine.Row) error {
					var id, number int64
					err := r.Scan(&id, &number)
					ids, numbers = append(ids, id), append(numbers, number)
					return err
				}})
			}
			return tx.Pipeline(ctx, list)
		}})
		for i, number := range numbers {
			if number != int64(i*i) {
				t.Fatalf("statement %d got the row of another: %d", i, number)
			}
		}
		if len(numbers) != n || !slices.IsSorted(ids) {
			t.Errorf("%d rows, in the order %v", len(numbers), ids)
		}
	})
}

// TestPipelineEndsWithTheFirstError, be it of a statement or of the one who takes its row,
// and the connection goes on to serve others.
func TestPipelineEndsWithTheFirstError(t *testing.T) {
	mine := errors.New("a reason of its own")
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		for _, tt := range []struct {
			name string
			bad  engine.Statement
		}{
			{"statement", engine.Statement{
				Query: `INSERT INTO things (name, number) VALUES (NULL, 0) RETURNING id`,
				Scan:  func(r engine.Row) error { var id int64; return errors.Join(mine, r.Scan(&id)) },
			}},
			{"scan", engine.Statement{
				Query: makeThing, Args: []any{"scanned", 0},
				Scan: func(r engine.Row) error { var id, number int64; return errors.Join(mine, r.Scan(&id, &number)) },
			}},
		} {
			later := false
			_, err := lanes.Write(t.Context(), 0, &job{run: func(ctx context.Context, tx engine.Tx) error {
				var id, number int64
				first := engine.Statement{Query: makeThing, Args: []any{"first", 0}, Scan: func(r engine.Row) error { return r.Scan(&id, &number) }}
				last := engine.Statement{Query: makeThing, Args: []any{"last", 0}, Scan: func(r engine.Row) error {
					later = true
					return r.Scan(&id, &number)
				}}
				return tx.Pipeline(ctx, []engine.Statement{first, tt.bad, last})
			}})
			if !errors.Is(err, mine) || later {
				t.Errorf("%s: %v; went on: %t", tt.name, err, later)
			}
			for _, name := range []string{"first", "scanned", "last"} {
				if exists(t, eng, name) {
					t.Errorf("%s: %q is there", tt.name, name)
				}
			}
			write(t, lanes, makes("after "+tt.name))
		}
	})
}

// pipelining is an engine that takes plain works together, whether or not that helps it.
type pipelining struct{ engine.Engine }

func (pipelining) Pipelines() bool { return true }

// together makes the things of plain jobs in one pipeline. A name that is taken is its own
// job's error; the name "bad" is everybody's.
func together(ctx context.Context, tx engine.Tx, jobs []*job, failed []error) error {
	var list []engine.Statement
	for i, j := range jobs {
		list = append(list, engine.Statement{Query: makeThing, Args: []any{j.name, 0}, Scan: func(r engine.Row) error {
			var number int64
			err := r.Scan(&j.id, &number)
			if engine.NoRows(err) {
				failed[i] = errTaken
				return nil
			}
			if j.name == "bad" {
				return errors.New("the whole pipeline fails")
			}
			return err
		}})
	}
	return tx.Pipeline(ctx, list)
}

var errTaken = errors.New("the name is taken")

// TestPlainWorksTogether: all of a batch's plain works are done in one pipeline and answered
// by their own outcomes; other works have a transaction of their own.
func TestPlainWorksTogether(t *testing.T) {
	for _, tt := range []struct {
		name    string
		works   []string
		fail    string // which of them is meant to
		alone   bool   // and takes the others along into commits of their own
		commits []int
	}{
		{name: "all work", works: []string{"a", "b", "c"}, commits: []int{3, 1}},
		{name: "one has failed", works: []string{"a", "taken", "c"}, fail: "taken", commits: []int{3, 1}},
		{name: "the pipeline fails", works: []string{"a", "bad", "c"}, fail: "bad", alone: true, commits: []int{3, 1, 1, 1, 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			each(t, func(t *testing.T, c engine.Config) {
				eng := pipelining{open(t, c)}
				var sizes sizes
				var handedOn []string
				lanes := start(t, eng, engine.Options[*job]{
					Observe: sizes.observe, Together: together,
					Settled: func(works []*job, how engine.Outcome) {
						for _, j := range works {
							handedOn = append(handedOn, j.name)
						}
					},
				})
				write(t, lanes, makes("taken"))
				g := shut(lanes)
				alone := 0
				answers := map[string]<-chan error{}
				for _, name := range tt.works {
					j := &job{plain: true, name: name, run: func(ctx context.Context, tx engine.Tx) error {
						alone++
						if name == "bad" {
							return errTaken
						}
						return making(name)(ctx, tx)
					}}
					answers[name] = queued(t.Context(), t, lanes, j)
				}
				other := queued(t.Context(), t, lanes, makes("other"))
				sizes.reset()
				g.release(t)
				for name, answer := range answers {
					err := <-answer
					if failed := name == tt.fail; failed != errors.Is(err, errTaken) || (err == nil) == failed {
						t.Errorf("%q: %v", name, err)
					}
					if name != "taken" && exists(t, eng, name) != (err == nil) {
						t.Errorf("%q answered %v, but its thing says otherwise", name, err)
					}
				}
				if err := <-other; err != nil {
					t.Errorf("the other work: %v", err)
				}
				lanes.Wait()
				if got := sizes.all(); !slices.Equal(got[len(got)-len(tt.commits):], tt.commits) {
					t.Errorf("commits of %v works, want %v", got, tt.commits)
				}
				if want := len(tt.works); tt.alone && alone != want || !tt.alone && alone != 0 {
					t.Errorf("%d works were run by themselves", alone)
				}
				if slices.Contains(handedOn[2:], tt.fail) && tt.fail != "" { // behind "taken" and the gate
					t.Errorf("handed on: %q", handedOn)
				}
			})
		})
	}
}
