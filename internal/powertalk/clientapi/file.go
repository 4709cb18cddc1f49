package clientapi

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"parlor/internal/budget"
	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

// maxFileText bounds the short texts of an upload, in characters.
const maxFileText = 255

// uploadFile answers with what the SDKs put into a message. fileType and duration, which they
// send along, are in the message itself.
func uploadFile(ctx context.Context, me service.Member, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error) {
	up := service.Upload{
		RoomID: p.TextOr("roomID", maxFileText), Name: f.Name, Type: f.Type, Content: f.Content.(service.Incoming),
	}
	caption := p.TextOr("caption", chat.MaxCaption)
	if err := p.Err(); err != nil {
		return nil, err
	}
	stored, err := me.Upload(ctx, up)
	return wire.UploadedFile{File: stored, URL: me.FileURL(stored), Caption: caption}, err
}

func downloadFile(ctx context.Context, me service.Member, p *httpapi.Params) (*httpapi.Content, error) {
	room, id := p.LooseText("roomID", maxFileText), p.ID("fileID")
	small := p.IsTrue("isThumbnail")
	if err := p.Err(); err != nil {
		return nil, err
	}
	stored, err := me.Download(ctx, room, id, small)
	if err != nil {
		return nil, err
	}
	return contentOf(stored), nil
}

func addPhoto(ctx context.Context, me service.Member, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error) {
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := me.AddPhoto(ctx, f.Content.(service.Incoming))
	return wire.OneUser{User: user}, err
}

func setRoomPhoto(ctx context.Context, me service.Member, p *httpapi.Params, f httpapi.FormFile) (httpapi.Answer, error) {
	id := p.ID("roomID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	room, err := me.SetRoomPhoto(ctx, id, f.Content.(service.Incoming))
	return wire.ClientRoom{Details: chat.RoomDetails{Room: room}, Bare: true}, err
}

func photos(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	id := p.ID("userID")
	if err := p.Err(); err != nil {
		return nil, err
	}
	list, err := me.Photos(ctx, id)
	return wire.Photos{Photos: list}, err
}

func setMainPhoto(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePhoto(ctx, p, me.SetMainPhoto)
}

func removePhoto(ctx context.Context, me service.Member, p *httpapi.Params) (httpapi.Answer, error) {
	return changePhoto(ctx, p, me.RemovePhoto)
}

func changePhoto(
	ctx context.Context, p *httpapi.Params, change func(ctx context.Context, id int64) (*chat.User, error),
) (httpapi.Answer, error) {
	if !p.Has("id") {
		p.Fail(chat.Required("id"))
	}
	id := p.LooseInt("id")
	if err := p.Err(); err != nil {
		return nil, err
	}
	user, err := change(ctx, id)
	return wire.OneUser{User: user}, err
}

// contentOf is a file as it is sent. What is sent instead of it, its small picture, has another
// tag.
func contentOf(s service.Stored) *httpapi.Content {
	tag := s.Checksum
	if s.Small {
		tag += "-t"
	}
	return &httpapi.Content{
		Name: s.Name, MediaType: s.MediaType, Tag: tag, Stored: time.UnixMilli(s.CreatedAt), Body: s.Content,
	}
}

// FileAddresses serves the addresses of files, for whoever knows them: pictures in pages and apps
// are fetched without keys or tokens.
type FileAddresses struct {
	Service *service.Service
	Shares  *budget.Budget
	Log     *slog.Logger
}

// forever is what is said of a file at its address: it never changes.
const forever = "public, max-age=31536000, immutable"

// Serves reports whether a path is a file's address.
func (FileAddresses) Serves(path string) bool { return powertalk.FileAddress(path) != "" }

// ServeHTTP answers GET and HEAD.
func (a FileAddresses) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "use GET", http.StatusMethodNotAllowed)
		return
	}
	address, small := strings.CutSuffix(powertalk.FileAddress(r.URL.Path), "/thumbnail")
	stored, err := a.Service.FileAt(r.Context(), address, small)
	if err == nil {
		w.Header().Set("Cache-Control", forever)
		err = httpapi.SendContent(w, r, a.Shares, budget.Stranger(r.RemoteAddr), contentOf(stored))
	}
	if err == nil {
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	switch chat.CodeOf(err) {
	case chat.CodeNotFound:
		http.Error(w, "there is no such file", http.StatusNotFound)
	case chat.CodeTooMany:
		w.Header().Set("Retry-After", "1")
		http.Error(w, err.Error(), http.StatusTooManyRequests)
	case chat.CodeForbidden:
		http.Error(w, err.Error(), http.StatusForbidden)
	default:
		if r.Context().Err() == nil {
			a.Log.Warn("a file could not be served", "file", stored.ID, "error", err)
		}
		http.Error(w, "the file cannot be served now", http.StatusServiceUnavailable)
	}
}
