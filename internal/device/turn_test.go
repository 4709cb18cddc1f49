package device

import (
	"testing"
	"testing/synctest"
	"time"

	"parlor/internal/chat"
)

// TestTurns: a device's calls are served one after the other. One whose turn does not come is
// refused while there would be time to serve it, and other devices are not concerned.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var all turns
		phone, tablet := turn{1, "phone"}, turn{1, "tablet"}
		over, err := all.take(t.Context(), phone)
		if err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if _, err := all.take(t.Context(), phone); chat.CodeOf(err) != chat.CodeTooMany || time.Since(begun) != turnTimeout {
			t.Errorf("after %v: %v", time.Since(begun), err)
		}
		if _, err := all.take(t.Context(), tablet); err != nil {
			t.Errorf("another device: %v", err)
		}
		time.AfterFunc(time.Second, over)
		begun = time.Now()
		if _, err := all.take(t.Context(), phone); err != nil || time.Since(begun) != time.Second {
			t.Errorf("when the turn is over, after %v: %v", time.Since(begun), err)
		}
	})
}
