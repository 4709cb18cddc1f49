package engine_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"parlor/internal/store/engine"
)

// numbered makes a thing that carries its transaction's change number, which it returns.
func numbered(eng engine.Engine, name string, number *int64) *job {
	return &job{name: name, run: func(ctx context.Context, tx engine.Tx) error {
		return tx.Row(ctx, `INSERT INTO things (name, number) VALUES ($1, `+eng.Number("$2")+`) RETURNING number`,
			name, tx.Base()).
			Scan(number)
	}}
}

// TestHorizon is above every number that was committed before, and at or below every number
// that is committed later.
func TestHorizon(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		last := int64(1) << 52 // numbers are above any time in milliseconds
		for round := range 2 { // the second after a restart
			eng := open(t, c)
			lanes := start(t, eng, engine.Options[*job]{})
			for i := range 3 {
				var number int64
				write(t, lanes, numbered(eng, fmt.Sprint(round, i), &number))
				horizon, next, err := eng.Horizon(t.Context())
				if err != nil || number < last || horizon <= number || next < horizon {
					t.Errorf("number %d, horizon %d, which was %d before, next %d (%v)", number, horizon, last, next, err)
				}
				last = horizon
			}
			lanes.Close()
		}
	})
}

// TestHorizonWaitsForWhatIsUnderWay: a transaction that has its number and is not committed
// yet keeps the horizon down.
func TestHorizonWaitsForWhatIsUnderWay(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		var number int64
		numberTaken, goOn, answer := make(chan struct{}), make(chan struct{}), make(chan error, 1)
		go func() {
			_, err := lanes.Write(t.Context(), 0, &job{run: func(ctx context.Context, tx engine.Tx) error {
				err := numbered(eng, "slow", &number).run(ctx, tx)
				close(numberTaken)
				<-goOn
				return err
			}})
			answer <- err
		}()
		<-numberTaken
		horizon, next, err := eng.Horizon(t.Context())
		if err != nil || horizon > number || next < horizon {
			t.Errorf("horizon %d, next %d, and %d is not committed (%v)", horizon, next, number, err)
		}
		close(goOn)
		if err := <-answer; err != nil {
			t.Fatal(err)
		}
	})
}

// TestNewID: the id of a row that was deleted is never given again.
func TestNewID(t *testing.T) {
	each(t, func(t *testing.T, c engine.Config) {
		eng := open(t, c)
		lanes := start(t, eng, engine.Options[*job]{})
		var ids []int64
		for i := range 4 {
			write(t, lanes, &job{run: func(ctx context.Context, tx engine.Tx) error {
				for n := range 3 { // several in one transaction
					var id int64
					err := tx.Row(ctx, `INSERT INTO things (id, name, number) VALUES (`+eng.NewID("things")+`, $1, 0) RETURNING id`,
						fmt.Sprint(i, n)).Scan(&id)
					if err != nil {
						return err
					}
					ids = append(ids, id)
				}
				_, err := tx.Exec(ctx, `DELETE FROM things WHERE name = $1`, fmt.Sprint(i, 2))
				return err
			}})
		}
		for i, id := range ids {
			if id <= 0 || slices.Contains(ids[:i], id) {
				t.Errorf("id %d was given twice, or is none: %v", id, ids)
			}
		}
	})
}
