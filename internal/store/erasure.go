package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

const erasureColumns = `e.id, e.app_id, e.user_id, e.subject, e.created_at, e.position, e.erased, e.finished_at, e.receipt`

func scanErasure(r engine.Row, more ...any) (e chat.Erasure, err error) {
	var erased string
	err = r.Scan(append([]any{
		(*string)(&e.ID), (*int64)(&e.App), (*int64)(&e.User), &e.Subject, &e.CreatedAt, (*int64)(&e.Position), &erased,
		&e.FinishedAt, &e.Receipt,
	}, more...)...)
	if err == nil {
		err = json.Unmarshal([]byte(erased), &e.Erased)
	}
	return e, err
}

func erasureOr404(e chat.Erasure, id chat.ErasureID, err error) (chat.Erasure, error) {
	if engine.NoRows(err) {
		return e, chat.Missing(chat.Errorf(chat.CodeNotFound, "Erasure is not found"), string(id))
	}
	return e, err
}

// LeavingWith counts what DeleteUser takes away with a user, and keeps others from adding to it until the commit.
// An absent user is CodeNotFound.
func (tx *Tx) LeavingWith(ctx context.Context, app chat.AppID, xc string) (n chat.Erased, err error) {
	var id chat.UserID
	err = tx.conn.Row(ctx, `SELECT id FROM users WHERE app_id = $1 AND xc_user_id = $2`, app, xc).Scan((*int64)(&id))
	if engine.NoRows(err) {
		return n, chat.Missing(chat.UserNotFound(), xc)
	}
	if err == nil {
		err = tx.lockLogins(ctx, id)
	}
	if err == nil { // in the order in which all who end logins hold them
		err = engine.Each(ctx, tx.conn, func(engine.Row) error { n.Logins++; return nil },
			`SELECT l.id FROM logins l WHERE l.user_id = $1 ORDER BY l.id`+tx.store.eng.Locks("UPDATE", "l"), id)
	}
	if err == nil {
		_, err = tx.userAlone(ctx, app, id)
	}
	if err == nil {
		err = tx.conn.Row(ctx, `SELECT (SELECT COUNT(*) FROM push_targets p WHERE p.user_id = $1),
			(SELECT COUNT(*) FROM auth_tickets t WHERE t.user_id = $1),
			(SELECT COUNT(*) FROM scheduled_messages s WHERE s.owner_id = $1)`, id).Scan(&n.PushTokens, &n.Tickets, &n.Scheduled)
	}
	return n, err
}

// AddErasure takes everything that a deleted user was known by out of the user's row, so that the
// customer's id is free for somebody else, stops the archives of the user that are being made, and has a job do
// the rest. erased is what is gone already.
func (tx *Tx) AddErasure(ctx context.Context, u chat.User, erased chat.Erased) (chat.Erasure, error) {
	e := chat.Erasure{ID: chat.NewErasureID(), App: u.App, User: u.ID, CreatedAt: tx.store.nowMS(), Erased: erased}
	e.Subject = e.ID.Subject(u.XCID)
	_, err := tx.conn.Exec(ctx, `UPDATE users SET xc_user_id = $1, fullname = $2, email = '', phone = '', username = '',
			username_key = '', photo_thumbnail = '', photo_fullsize = '', role_code = '', bio = '', country_id = 0,
			calling_code = '', phone_with_code = '', phone_verified = FALSE, phone_key = '',
			last_login_at = 0, last_activity_at = 0, updated_at = updated_at + 1
		WHERE id = $3 AND app_id = $4`, e.ID.ErasedXCID(), chat.ErasedName, u.ID, u.App)
	if err == nil {
		e.Erased.UserData, err = tx.conn.Exec(ctx, `DELETE FROM user_data WHERE user_id = $1`, u.ID)
	}
	if err == nil {
		err = tx.stopExports(ctx, u.ID)
	}
	if err != nil {
		return e, err
	}
	touch(tx, userRow{u.ID})
	if err := tx.Announce(ctx, &chat.UserUpdated{App: u.App, User: u.ID}); err != nil {
		return e, err
	}
	counted, err := json.Marshal(e.Erased)
	if err != nil {
		return e, err
	}
	_, err = tx.conn.Exec(ctx, `INSERT INTO erasures (id, app_id, user_id, subject, created_at, erased)
		VALUES ($1, $2, $3, $4, $5, $6)`, string(e.ID), e.App, e.User, e.Subject, e.CreatedAt, string(counted))
	if err == nil {
		_, err = tx.AddJob(ctx, chat.Job{Kind: chat.JobErase, App: e.App, Subject: int64(e.User), Payload: string(e.ID)})
	}
	return e, err
}

// Erasure finds an erasure of the App, or CodeNotFound.
func (s *Store) Erasure(ctx context.Context, app chat.AppID, id chat.ErasureID) (chat.Erasure, error) {
	var last chat.MessageID
	e, err := scanErasure(s.eng.Row(ctx, `SELECT `+erasureColumns+`, COALESCE((SELECT MAX(m.id) FROM messages m WHERE m.id > e.position AND m.id < 9007199254740992), e.position)
		FROM erasures e WHERE e.id = $1 AND e.app_id = $2`, string(id), app), (*int64)(&last))
	e.Last = last
	e, err = erasureOr404(e, id, err)
	return e, s.explain(err)
}

// ErasureForUpdate finds an erasure of the App and keeps others from working on it until the commit.
func (tx *Tx) ErasureForUpdate(ctx context.Context, app chat.AppID, id chat.ErasureID) (chat.Erasure, error) {
	e, err := scanErasure(tx.conn.Row(ctx, `SELECT `+erasureColumns+` FROM erasures e WHERE e.id = $1 AND e.app_id = $2`+
		tx.store.eng.Locks("UPDATE", "e"), string(id), app))
	return erasureOr404(e, id, err)
}

// SetErasure stores how far an erasure is, which the transaction holds for update.
func (tx *Tx) SetErasure(ctx context.Context, e chat.Erasure) error {
	erased, err := json.Marshal(e.Erased)
	if err != nil {
		return err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE erasures SET position = $2, erased = $3, finished_at = $4, receipt = $5 WHERE id = $1`,
		string(e.ID), e.Position, string(erased), e.FinishedAt, e.Receipt)
	return err
}

// ReceiptKey is the key by which receipts of the App are signed. It is made when it is first asked for.
func (tx *Tx) ReceiptKey(ctx context.Context, app chat.AppID) (ed25519.PrivateKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	_, _ = rand.Read(seed) // never fails
	_, err := tx.conn.Exec(ctx, `INSERT INTO receipt_keys (app_id, seed) VALUES ($1, $2) ON CONFLICT (app_id) DO NOTHING`, app, seed)
	if err == nil {
		return receiptKey(ctx, tx.conn, app)
	}
	return nil, err
}

// ReceiptKey is the key by which receipts of the App are signed, of which there must have been one.
func (s *Store) ReceiptKey(ctx context.Context, app chat.AppID) (ed25519.PrivateKey, error) {
	key, err := receiptKey(ctx, s.eng, app)
	return key, s.explain(err)
}

func receiptKey(ctx context.Context, c engine.Conn, app chat.AppID) (ed25519.PrivateKey, error) {
	var seed []byte
	err := c.Row(ctx, `SELECT k.seed FROM receipt_keys k WHERE k.app_id = $1`, app).Scan(&seed)
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fmt.Errorf("the receipt key of app %d has %d bytes", app, len(seed))
	}
	if err != nil {
		return nil, err
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
