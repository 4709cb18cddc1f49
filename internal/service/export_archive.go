package service

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"time"

	"parlor/internal/chat"
	"parlor/internal/file"
)

const (
	// exportPage is how many entries are read at a time.
	exportPage = 500
	// maxExported bounds lists that have a bound of their own, far below it.
	maxExported = 10_000
)

const exportReadme = `This archive has everything that belongs to one user of a Parlor server.

Each line of a .jsonl file is a JSON object. Times are Unix milliseconds.

profile.json     who the user is
rooms.jsonl      rooms that the user is or was in by name, or for which something is set or kept
messages.jsonl   what the user has sent, in plain text; deleted messages have none
starred.jsonl    messages that the user has starred
hidden.jsonl     messages that the user has deleted for themselves
scheduled.jsonl  messages that are to be sent later
contacts.jsonl   the user's contacts
blocked.jsonl    whom the user has blocked
reports.jsonl    what the user has reported
devices.jsonl    devices that are signed in, and whether they are sent push notifications
files.jsonl      what the user has uploaded; the contents are in files/
`

// archive is a ZIP file while it is written.
type archive struct {
	*core
	e   *chat.Export
	zip *zip.Writer
	at  time.Time
}

// writeArchive writes everything of a user into w, and counts it in e. Nothing is held but a page.
func (c *core) writeArchive(ctx context.Context, e *chat.Export, w io.Writer) error {
	a := archive{c, e, zip.NewWriter(w), c.now().UTC()}
	e.Messages, e.Files = 0, 0
	readme, err := a.create("README.txt")
	if err == nil {
		_, err = io.WriteString(readme, exportReadme)
	}
	for _, part := range []func(context.Context) error{
		a.profile, a.rooms, a.messages, a.stars, a.hidden, a.scheduled, a.contacts, a.blocked, a.reports, a.devices, a.files,
	} {
		if err == nil {
			err = a.goOn(ctx)
		}
		if err == nil {
			err = part(ctx)
		}
	}
	return errors.Join(err, a.zip.Close())
}

// goOn is errExportStopped once the export was stopped: what belongs to a user who is erased is to be nowhere.
func (a *archive) goOn(ctx context.Context) error {
	_, err := a.goingOn(ctx, *a.e)
	return err
}

func (a *archive) create(name string) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.at})
}

// lines writes one JSON object per line. next reads a page, and none when all were read.
func lines[T any](a *archive, name string, next func() ([]T, error)) error {
	w, err := a.create(name)
	if err != nil {
		return err
	}
	to := json.NewEncoder(w)
	to.SetEscapeHTML(false)
	for {
		page, err := next()
		if err != nil || len(page) == 0 {
			return err
		}
		for i := range page {
			if err := to.Encode(&page[i]); err != nil {
				return err
			}
		}
	}
}

// once is next of lines for a list that is read whole.
func once[T any](read func() ([]T, error)) func() ([]T, error) {
	done := false
	return func() ([]T, error) {
		if done {
			return nil, nil
		}
		done = true
		return read()
	}
}

func (a *archive) profile(ctx context.Context) error {
	u, err := a.store.User(ctx, a.e.App, a.e.User)
	if err != nil {
		return err
	}
	data, err := a.store.UserData(ctx, []chat.UserID{a.e.User})
	if err != nil {
		return err
	}
	shown := newExportedUser(u)
	shown.Data = string(data[a.e.User])
	photos, err := a.store.Photos(ctx, a.e.App, a.e.User)
	if err != nil {
		return err
	}
	shown.Photos = make([]exportedPhoto, len(photos))
	for i, p := range photos {
		shown.Photos[i] = exportedPhoto{p.Image.Fullsize, p.Image.Thumbnail, p.CreatedAt}
	}
	return lines(a, "profile.json", once(func() ([]exportedUser, error) { return []exportedUser{shown}, nil }))
}

func (a *archive) rooms(ctx context.Context) error {
	after := chat.RoomID(0)
	return lines(a, "rooms.jsonl", func() ([]chat.ExportedRoom, error) {
		page, err := a.store.ExportRooms(ctx, a.e.User, after, exportPage)
		if len(page) > 0 {
			after = page[len(page)-1].ID
		}
		return page, err
	})
}

func (a *archive) messages(ctx context.Context) error {
	after := chat.MessageID(0)
	names := map[chat.RoomID]roomNames{}
	return lines(a, "messages.jsonl", func() ([]exportedMessage, error) {
		for {
			page, last, err := a.store.MessagesBy(ctx, a.e.App, a.e.User, after, exportPage)
			if err != nil || last == after {
				return nil, err
			}
			after = last
			if err := a.goOn(ctx); err != nil {
				return nil, err
			}
			if list, err := a.shownMessages(ctx, page, names); err != nil || len(list) > 0 {
				a.e.Messages += int64(len(list))
				return list, err
			}
		}
	})
}

func (a *archive) stars(ctx context.Context) error {
	var after chat.ExportedStar
	return lines(a, "starred.jsonl", func() ([]chat.ExportedStar, error) {
		page, err := a.store.ExportStars(ctx, a.e.User, after, exportPage)
		if len(page) > 0 {
			after = page[len(page)-1]
		}
		return page, err
	})
}

func (a *archive) hidden(ctx context.Context) error {
	var after chat.ExportedHidden
	return lines(a, "hidden.jsonl", func() ([]chat.ExportedHidden, error) {
		page, err := a.store.ExportHidden(ctx, a.e.User, after, exportPage)
		if len(page) > 0 {
			after = page[len(page)-1]
		}
		return page, err
	})
}

func (a *archive) scheduled(ctx context.Context) error {
	return lines(a, "scheduled.jsonl", once(func() ([]exportedScheduled, error) {
		list, err := a.store.ExportScheduled(ctx, a.e.User, maxExported)
		if err != nil {
			return nil, err
		}
		return a.shownScheduled(list)
	}))
}

func (a *archive) contacts(ctx context.Context) error {
	return lines(a, "contacts.jsonl", peoplePages(func(after chat.UserID) ([]chat.ExportedPerson, error) {
		return a.store.ExportContacts(ctx, a.e.User, after, exportPage)
	}))
}

func (a *archive) blocked(ctx context.Context) error {
	return lines(a, "blocked.jsonl", peoplePages(func(after chat.UserID) ([]chat.ExportedPerson, error) {
		return a.store.ExportBlocks(ctx, a.e.User, after, exportPage)
	}))
}

func peoplePages(read func(after chat.UserID) ([]chat.ExportedPerson, error)) func() ([]chat.ExportedPerson, error) {
	after := chat.UserID(0)
	return func() ([]chat.ExportedPerson, error) {
		page, err := read(after)
		if len(page) > 0 {
			after = page[len(page)-1].User
		}
		return page, err
	}
}

func (a *archive) reports(ctx context.Context) error {
	return lines(a, "reports.jsonl", once(func() ([]chat.ExportedReport, error) {
		return a.store.ExportReports(ctx, a.e.User, maxExported)
	}))
}

func (a *archive) devices(ctx context.Context) error {
	return lines(a, "devices.jsonl", once(func() ([]chat.ExportedLogin, error) {
		return a.store.ExportLogins(ctx, a.e.User, maxExported)
	}))
}

// files writes the contents of what the user has uploaded, then the list. Archives of before are left out.
func (a *archive) files(ctx context.Context) error {
	archives, err := a.store.ArchivesOf(ctx, a.e.User)
	if err != nil {
		return err
	}
	var list []exportedFile
	for after := chat.FileID(""); ; {
		page, _, err := a.store.FilesOf(ctx, a.e.User, after, exportPage)
		if err != nil {
			return err
		}
		for i := range page {
			after = page[i].ID
			if archives[after] {
				continue
			}
			if err := a.goOn(ctx); err != nil {
				return err
			}
			f, err := a.file(ctx, &page[i])
			if err != nil {
				return err
			}
			list = append(list, f)
		}
		if len(page) < exportPage {
			break
		}
	}
	a.e.Files = int64(len(list))
	return lines(a, "files.jsonl", once(func() ([]exportedFile, error) { return list, nil }))
}

// file writes the content of one file. One that is gone meanwhile has none.
func (a *archive) file(ctx context.Context, f *chat.File) (exportedFile, error) {
	shown := newExportedFile(f)
	content, err := a.core.files.Objects.Open(ctx, string(f.ID))
	if errors.Is(err, file.ErrNotFound) {
		shown.Path = ""
		return shown, nil
	}
	if err != nil {
		return shown, err
	}
	// What was uploaded is mostly compressed already.
	to, err := a.zip.CreateHeader(&zip.FileHeader{Name: shown.Path, Method: zip.Store, Modified: time.UnixMilli(f.CreatedAt).UTC()})
	if err == nil {
		_, err = io.Copy(to, contextReader{ctx, content})
	}
	return shown, errors.Join(err, content.Close())
}

// contextReader fails once its context has ended.
type contextReader struct {
	ctx context.Context //nolint:containedctx // it is that of a single copy
	io.Reader
}

func (r contextReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
