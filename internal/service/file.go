package service

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"github.com/gabriel-vasile/mimetype"

	"parlor/internal/chat"
	"parlor/internal/file"
	"parlor/internal/picture"
	"parlor/internal/store"
)

const (
	// thumbnailSide and photoSide are the longer sides of the pictures that are made, in pixels.
	thumbnailSide = 320
	photoSide     = 1280
	// maxPhotoBytes bounds the upload of a photo.
	maxPhotoBytes = 10 << 20
)

// Files is what a Service keeps files with. The zero value keeps none.
type Files struct {
	Objects file.Objects // nil where no files are kept
	Spools  *file.Spools
	// PublicURL is what the addresses of files begin with, such as https://chat.example.com.
	// Without it files have no address, and there are no photos.
	PublicURL string
	MaxSize   int64 // of an upload, in bytes
	Quotas    chat.Quotas
}

// MaxUpload is how many bytes a file in a message may have, 0 where none are kept.
func (c *core) MaxUpload() int64 {
	if c.files.Objects == nil {
		return 0
	}
	return c.files.MaxSize
}

// MaxPhoto is how many bytes the photo of a user or a room may have, 0 where none are kept.
func (c *core) MaxPhoto() int64 {
	if c.files.PublicURL == "" {
		return 0
	}
	return min(maxPhotoBytes, c.MaxUpload())
}

// FileURL is where whoever knows it finds a file, "" where files have no address.
func (c *core) FileURL(f chat.File) string {
	if c.files.PublicURL == "" {
		return ""
	}
	return strings.TrimRight(c.files.PublicURL, "/") + fileFolder + string(f.Address)
}

const (
	fileFolder      = "/files/"
	thumbnailSuffix = "/thumbnail"
)

// Incoming is a file while it comes.
type Incoming struct{ *file.Spool }

// Receive begins a file, which must be discarded, whatever becomes of it.
func (s *Service) Receive() (Incoming, error) {
	spool, err := s.files.Spools.New()
	if err != nil {
		return Incoming{}, notStored(err)
	}
	return Incoming{spool}, nil
}

// Write appends to the file.
func (i Incoming) Write(b []byte) (int, error) {
	n, err := i.Spool.Write(b)
	if err != nil {
		err = notStored(err)
	}
	return n, err
}

// notStored is what callers see of an error of the file store.
func notStored(err error) error {
	known := chat.Errorf(chat.CodeUnavailable, "The file store is not available, nothing was stored; try again")
	return fmt.Errorf("%w: %w", known, err)
}

// Upload is a file for a message. RoomID, "" for none, is where the message is to go.
type Upload struct {
	RoomID  string
	Name    string
	Type    string // a media type, as the sender has it
	Content Incoming
}

// Upload stores a file, which nobody else may have until a message names it.
func (me Member) Upload(ctx context.Context, up Upload) (chat.File, error) {
	if up.RoomID != "" {
		if err := me.mayUploadTo(ctx, up.RoomID); err != nil {
			return chat.File{}, err
		}
	}
	f := me.newFile(up.Name)
	content := up.Content.Spool
	kind, err := mimetype.DetectReader(content.Reader())
	if err != nil {
		return f, notStored(err)
	}
	f.MediaType = mediaType(kind, up.Type)
	var small []byte
	if strings.HasPrefix(f.MediaType, "image/") {
		if small, err = me.look(ctx, content, &f); err != nil {
			return f, err
		}
	}
	return me.keepFile(ctx, f, content, small)
}

func (me Member) newFile(name string) chat.File {
	return chat.File{
		ID: chat.NewFileID(), App: me.App.ID, Owner: me.User, Address: chat.NewFileID(), Name: chat.FileName(name),
	}
}

// mayUploadTo fails where the member could not send a message. A personal room need not be there
// yet.
func (me Member) mayUploadTo(ctx context.Context, roomID string) error {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(me.User) {
		return chat.Missing(chat.RoomNotFound(), roomID)
	}
	_, err := me.writableRoom(ctx, ref)
	if chat.CodeOf(err) == chat.CodeNotFound && ref.Type == chat.Personal {
		_, err = me.resolveUser(ctx, me.App.ID, UserName{ID: ref.Pair.Other(me.User).String()})
	}
	return chat.Missing(err, roomID)
}

// mediaType is what content is. Of sound and films in the same container, and of what is not
// recognised, the sender knows better.
func mediaType(found *mimetype.MIME, said string) string {
	kind, _, _ := strings.Cut(found.String(), ";")
	said, _, _ = strings.Cut(strings.ToLower(said), ";")
	said = strings.TrimSpace(said)
	sound := strings.HasPrefix(said, "audio/") && len(said) <= 100
	if sound && (strings.HasPrefix(kind, "video/") || kind == "application/ogg" || kind == "application/octet-stream") {
		return said
	}
	return kind
}

// look measures a picture, and returns a small one where it has another size. One that cannot be
// decoded has none.
func (me Member) look(ctx context.Context, content *file.Spool, f *chat.File) (small []byte, err error) {
	p, err := picture.Look(content.Reader())
	if err != nil {
		return nil, nil // stored all the same
	}
	f.Width, f.Height = p.Width, p.Height
	if max(p.Width, p.Height) <= thumbnailSide {
		return nil, nil
	}
	made, err := me.pictures.Shrink(ctx, content.Reader(), p, thumbnailSide)
	switch {
	case errors.Is(err, picture.ErrTooLarge), errors.Is(err, picture.ErrNoPicture):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return made[0], nil
}

// keepFile stores content, and what was made of it, and then the file's row.
func (me Member) keepFile(ctx context.Context, f chat.File, content *file.Spool, small []byte) (chat.File, error) {
	f.Size, f.Checksum, f.Thumbnail = content.Size(), content.Checksum(), int64(len(small))
	if len(small) > 0 {
		if err := me.putBytes(ctx, thumbnailKey(f.ID), small); err != nil {
			return f, err
		}
	}
	if err := me.files.Objects.Put(ctx, string(f.ID), content); err != nil {
		return f, me.withdraw(ctx, f.ID, notStored(err))
	}
	// From here on a failure of which nobody knows whether there is a row leaves the content to the sweep.
	stored, quotas := f, me.files.Quotas.For(me.App)
	err := me.write(ctx, fileShard(me.App.ID), func(ctx context.Context, tx *store.Tx) (err error) {
		if stored, err = tx.AddFile(ctx, f, quotas); err != nil {
			return err
		}
		return tx.Record(ctx, chat.FeedEvent{
			App: f.App, Kind: chat.FeedFileUploaded, User: me.User, Data: chat.FeedData{File: f.ID},
		})
	})
	switch {
	case errors.Is(err, store.ErrAppQuota):
		return f, me.withdraw(ctx, f.ID, overQuota("the app", quotas.App))
	case errors.Is(err, store.ErrUserQuota):
		return f, me.withdraw(ctx, f.ID, overQuota("one user", quotas.User))
	}
	return stored, err
}

// overQuota is the refusal of a file that does not fit into what whose files may take, in bytes.
func overQuota(whose string, quota int64) error {
	return chat.Errorf(chat.CodeTooLarge,
		"The files of %s may take %d bytes together, and this one does not fit; delete messages with files first", whose, quota)
}

// withdraw removes the content of a file that was refused and has no row. Else those who are refused
// again and again would fill the disk in the day until the sweep.
func (c *core) withdraw(ctx context.Context, id chat.FileID, refusal error) error {
	if err := c.deleteContent(context.WithoutCancel(ctx), id); err != nil {
		return fmt.Errorf("%w (and its content could not be removed: %w)", refusal, err)
	}
	return refusal
}

// fileShard keeps the rows of an App's files, which count together, in one lane.
func fileShard(app chat.AppID) int64 { return shardOf(app, "files", "") }

// putBytes stores what was made here.
func (c *core) putBytes(ctx context.Context, key string, b []byte) error {
	return c.spooled(b, func(s *file.Spool) error {
		if err := c.files.Objects.Put(ctx, key, s); err != nil {
			return notStored(err)
		}
		return nil
	})
}

// spooled runs do on a spool of what was made here.
func (c *core) spooled(b []byte, do func(*file.Spool) error) (err error) {
	spool, err := c.files.Spools.New()
	if err != nil {
		return notStored(err)
	}
	defer func() {
		if derr := spool.Discard(); derr != nil && err == nil {
			err = notStored(derr)
		}
	}()
	if _, err := spool.Write(b); err != nil {
		return notStored(err)
	}
	return do(spool)
}

// thumbnailKey is where the small picture of a file is stored.
func thumbnailKey(id chat.FileID) string { return string(id) + "-t" }

// Stored is a file and its content, or its small picture in their place. Content must be closed.
type Stored struct {
	chat.File
	Content file.Content
	Small   bool // it is the small picture
}

// Download opens a file for the member: their own, or one that a message names which they may
// read in the room. small asks for the small picture, where there is one.
func (me Member) Download(ctx context.Context, roomID, fileID string, small bool) (Stored, error) {
	id, ok := chat.ParseFileID(fileID)
	if !ok {
		return Stored{}, chat.Missing(chat.FileNotFound(), fileID)
	}
	f, err := me.store.File(ctx, me.App.ID, id)
	if err != nil {
		return Stored{}, chat.Missing(err, fileID)
	}
	if f.Owner != me.User {
		reached, err := me.reaches(ctx, id, roomID)
		if err == nil && !reached {
			err = chat.FileNotFound()
		}
		if err != nil {
			return Stored{}, chat.Missing(err, fileID)
		}
	}
	return me.open(ctx, f, small)
}

// reaches reports whether the member may read a message in a room that names a file.
func (me Member) reaches(ctx context.Context, id chat.FileID, roomID string) (bool, error) {
	ref, ok := chat.ParseRoomID(roomID)
	if !ok || ref.Type == chat.Personal && !ref.Pair.Has(me.User) {
		return false, nil
	}
	room, member, err := me.store.RoomFor(ctx, me.App.ID, ref, me.User)
	if chat.CodeOf(err) == chat.CodeNotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return me.reachesIn(ctx, id, room.ID, member)
}

func (me Member) reachesIn(ctx context.Context, id chat.FileID, room chat.RoomID, m chat.Membership) (bool, error) {
	if !m.MayRead() {
		return false, nil
	}
	r := store.FileReach{File: id, Room: room, User: me.User, After: m.ClearedAt, Last: math.MaxInt64}
	if last := m.Last(); last > 0 {
		r.Last = last
	}
	return me.store.FileReached(ctx, r)
}

// FileAt opens a file for whoever knows its address.
func (s *Service) FileAt(ctx context.Context, address string, small bool) (Stored, error) {
	at, ok := chat.ParseFileID(address)
	if !ok || s.files.Objects == nil {
		return Stored{}, chat.FileNotFound()
	}
	f, err := s.store.FileAt(ctx, at)
	if err != nil {
		return Stored{}, err
	}
	return s.open(ctx, f, small)
}

func (c *core) open(ctx context.Context, f chat.File, small bool) (Stored, error) {
	if c.files.Objects == nil {
		return Stored{}, chat.Errorf(chat.CodeForbidden, "This server keeps no files")
	}
	if small && f.Thumbnail == 0 && strings.HasPrefix(f.MediaType, "video/") {
		return filmPicture(f), nil
	}
	key := string(f.ID)
	if small = small && f.Thumbnail > 0; small {
		key, f.MediaType, f.Size = thumbnailKey(f.ID), "image/jpeg", f.Thumbnail
	}
	content, err := c.files.Objects.Open(ctx, key)
	switch {
	case errors.Is(err, file.ErrNotFound):
		// The row is there, so this is a loss, and not what everybody sees of an id that nobody has.
		lost := chat.Errorf(chat.CodeUnavailable, "The content of this file is missing")
		return Stored{}, fmt.Errorf("%w: the file store has no %s", lost, key)
	case err != nil:
		return Stored{}, fmt.Errorf("%w: %w", chat.Errorf(chat.CodeUnavailable, "The file store is not available; try again"), err)
	case content.Size() != f.Size:
		damaged := chat.Errorf(chat.CodeUnavailable, "The content of this file is damaged")
		err = fmt.Errorf("%w: %s has %d bytes in the file store, not %d", damaged, key, content.Size(), f.Size)
		return Stored{}, errors.Join(err, content.Close())
	}
	return Stored{f, content, small}, nil
}

// filmPicture is what stands in the place of a film's small picture. The film itself would be no picture, and
// large.
func filmPicture(f chat.File) Stored {
	made := held{bytes.NewReader(picture.Film())}
	f.MediaType, f.Size = "image/jpeg", made.Size()
	return Stored{f, made, true}
}

// held is content that is in memory.
type held struct{ *bytes.Reader }

// Close does nothing.
func (held) Close() error { return nil }
