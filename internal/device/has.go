package device

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store"
)

// Has reports whether a device has a message, as it is or as it was. One that is connected is
// asked, on whichever node it is, and has AnswerTimeout to answer. Of a device without a name
// nobody knows.
func Has(
	ctx context.Context, st *store.Store, sessions Sessions, user chat.UserID, name string, m *chat.Message,
) (bool, error) {
	if name == "" {
		return false, nil
	}
	asked, cancel := context.WithTimeout(ctx, AnswerTimeout)
	known := sessions.Arrived(asked, m.App, user, name)
	cancel()
	if _, ok := known[m.ID]; ok {
		return true, nil
	}
	// Behind that: what a session knew that has ended is stored by now.
	p, found, err := st.Progress(ctx, user, name)
	if err != nil || !found || p.Offered {
		return false, err
	}
	_, ok := decodeKnown(p.Known)[m.ID]
	return ok || m.Added < p.Cursor, nil
}
