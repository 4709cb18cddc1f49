package store

import (
	"context"

	"parlor/internal/chat"
	"parlor/internal/store/engine"
)

// MessageForUpdate finds a message of the App by its id, or CodeNotFound, and keeps others
// from changing it until the commit.
func (tx *Tx) MessageForUpdate(ctx context.Context, app chat.AppID, id chat.MessageID) (chat.Message, error) {
	m, err := scanMessage(tx.conn.Row(ctx, messageSelect+`FROM messages m WHERE m.id = $1 AND m.app_id = $2`+
		tx.store.eng.ForUpdate("m"), id, app))
	if engine.NoRows(err) {
		err = chat.Missing(chat.Errorf(chat.CodeNotFound, "Message is not found"), id.String())
	}
	return m, err
}

// ChangeMessage stores m's type, content, edit and deletion under a later UpdatedAt.
// Counts stand as they are: what was deleted is left out of them where they are read.
func (tx *Tx) ChangeMessage(ctx context.Context, m chat.Message) (chat.Message, error) {
	m, err := tx.changeContent(ctx, m)
	if err != nil {
		return m, err
	}
	file := m.File
	m.File = ""
	return m, tx.changeShares(ctx, m, file)
}

// changeContent is ChangeMessage but for the file that the message names.
func (tx *Tx) changeContent(ctx context.Context, m chat.Message) (chat.Message, error) {
	var err error
	if m.UpdatedAt, m.Number, err = tx.roomChange(ctx, m.Room); err != nil {
		return m, err
	}
	quote, err := jsonOrNothing(storedQuote(m.Quote))
	if err != nil {
		return m, err
	}
	_, err = tx.conn.Exec(ctx, `UPDATE messages SET type = $1, body = $2, data = $3, quote = $4, is_edited = $5,
		deleted_at = $6, updated_at = $7, changed = $8 WHERE id = $9 AND app_id = $10`,
		m.Type, string(m.Body), string(m.Data), quote, m.Edited, m.DeletedAt, m.UpdatedAt, m.Number, m.ID, m.App)
	touch(tx, roomMessages{m.Room})
	return m, err
}
