package budget_test

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

// TestRate: an owner makes as many calls as the App allows, others are not counted with them, and calls come
// back evenly.
func TestRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := budget.New(nil)
		one := budget.OwnerOf(chat.Caller{App: chat.App{ID: 1}, KeyID: "k", KeyKind: chat.ServerKey}, "")
		other := budget.OwnerOf(chat.Caller{App: chat.App{ID: 1}, User: 7}, "")
		try := func(o budget.Owner, perMinute int, left int64) {
			t.Helper()
			l, err := b.Rate(o, perMinute)
			if err != nil || l.Left != left || l.Quota != int64(perMinute) {
				t.Errorf("%+v, %v: want %d left", l, err, left)
			}
		}
		refused := func(perMinute int, after time.Duration) {
			t.Helper()
			l, err := b.Rate(one, perMinute)
			if chat.CodeOf(err) != chat.CodeTooMany || l.Left != 0 || l.After.Round(time.Millisecond) != after {
				t.Errorf("%+v, %v: want it after %v", l, err, after)
			}
			if is, ok := budget.LimitOf(err); !ok || is != l {
				t.Errorf("the refusal says %+v", is)
			}
		}
		for left := int64(2); left >= 0; left-- {
			try(one, 3, left)
		}
		refused(3, 20*time.Second)
		try(other, 3, 2)
		time.Sleep(15 * time.Second)
		refused(3, 5*time.Second)
		time.Sleep(5 * time.Second)
		try(one, 3, 0)
		time.Sleep(time.Hour)
		try(one, 3, 2)
		try(one, 60, 1) // the App allows more: no more at once, but faster
		time.Sleep(time.Second)
		try(one, 60, 1)
	})
}
