package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"sync"
)

// FileID names a file that was uploaded.
type FileID string

// File is what the server has made of an upload. As JSON it is a [Draft.Payload] that names the file.
type File struct {
	ID        FileID `json:"fileID"`
	URL       string `json:"url"` // where whoever knows it has the file; "" where files have no addresses
	MediaType string `json:"mediaType"`
	Size      int64  `json:"size"`  // bytes
	Width     int    `json:"width"` // pixels; 0 for what is no picture
	Height    int    `json:"height"`
	Caption   string `json:"caption"`
}

// Upload is a file on its way to the server. Content is needed.
type Upload struct {
	RoomID  RoomID // where the message is to go, to be told in time that it cannot
	Name    string
	Type    string // a media type, a hint
	Caption string
	Content io.Reader
}

// Upload stores a file, which nobody else may have until a message of this user's names it. Content goes out
// as it is read, so that a failed call is not repeated. How long it takes, ctx alone bounds. Nothing
// reads Content any more when Upload returns.
func (d *Device) Upload(ctx context.Context, u Upload) (f File, err error) {
	const path = "chat/file/upload"
	form, contentType, err := u.form()
	if err != nil {
		return f, fmt.Errorf("client: %s: %w", path, err)
	}
	defer form.end()
	resp, err := d.send(ctx, path, contentType, form)
	if err != nil {
		return f, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err == nil {
		err = openEnvelope(resp, text, &f)
	}
	return f, d.after(ctx, path, err)
}

// form is the upload as it goes out.
func (u Upload) form() (body *formBody, contentType string, err error) {
	if u.Content == nil {
		return nil, "", errors.New("an upload needs Content")
	}
	var around bytes.Buffer
	w := multipart.NewWriter(&around)
	if err := errors.Join(w.WriteField("roomID", string(u.RoomID)), w.WriteField("caption", u.Caption)); err != nil {
		return nil, "", err
	}
	head := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition("file", u.Name)}}
	if u.Type != "" {
		head.Set("Content-Type", u.Type)
	}
	if _, err := w.CreatePart(head); err != nil {
		return nil, "", err
	}
	before := around.Len()
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	text := around.Bytes()
	return &formBody{
		content: io.MultiReader(bytes.NewReader(text[:before]), u.Content, bytes.NewReader(text[before:])),
	}, w.FormDataContentType(), nil
}

// formBody is a request's body that nobody reads beyond its end: net/http may go on after it has returned.
type formBody struct {
	mu      sync.Mutex
	content io.Reader // nil after the end
}

func (b *formBody) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.content == nil {
		return 0, io.ErrClosedPipe
	}
	return b.content.Read(p)
}

func (b *formBody) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.content = nil
}

// Content is a file that comes. It must be closed.
type Content struct {
	io.ReadCloser
	MediaType string
	Name      string // as it was uploaded, "" for none
	Size      int64  // bytes; -1 for unknown
}

// Download fetches a file that the user has uploaded, or that a message names which they may read in the room.
// Content comes while it is read, for as long as ctx lasts.
func (d *Device) Download(ctx context.Context, room RoomID, id FileID) (*Content, error) {
	return d.download(ctx, room, id, false)
}

// DownloadThumbnail is Download of the small picture, of a film a placeholder, and of any other file itself where
// there is none.
func (d *Device) DownloadThumbnail(ctx context.Context, room RoomID, id FileID) (*Content, error) {
	return d.download(ctx, room, id, true)
}

func (d *Device) download(ctx context.Context, room RoomID, id FileID, small bool) (*Content, error) {
	const path = "chat/file/download"
	in, err := json.Marshal(struct {
		RoomID RoomID `json:"roomID"`
		FileID FileID `json:"fileID"`
		Small  bool   `json:"isThumbnail"`
	}{room, id, small})
	if err != nil {
		return nil, fmt.Errorf("client: %s: %w", path, err)
	}
	resp, err := d.send(ctx, path, "application/json", bytes.NewReader(in))
	if err != nil {
		return nil, err
	}
	mediaType := resp.Header.Get("Content-Type")
	if resp.StatusCode == http.StatusOK && mediaType != "application/json" { // which is the type of no file
		_, params, _ := mime.ParseMediaType(resp.Header.Get("Content-Disposition")) // without one there is no name
		return &Content{resp.Body, mediaType, params["filename"], resp.ContentLength}, nil
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxRefusal))
	if err == nil {
		err = openEnvelope(resp, text, nil)
	}
	if err == nil {
		err = fmt.Errorf("%w: it is no file", ErrAnswer)
	}
	return nil, d.after(ctx, path, err)
}

// maxRefusal bounds an answer beside a file, in bytes.
const maxRefusal = 1 << 20

// send makes a request once, without a limit to its time.
func (d *Device) send(ctx context.Context, path, contentType string, body io.Reader) (*http.Response, error) {
	tokens, err := d.fresh(ctx)
	if err != nil {
		return nil, err
	}
	server := d.app.server
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.base+"/v1/"+path, body)
	if err != nil {
		return nil, fmt.Errorf("client: %s: %w", path, err)
	}
	req.Header = d.headers(tokens.Access)
	req.Header.Set(server.keyHeader, server.key)
	req.Header.Set("Content-Type", contentType)
	timeless := *server.http
	timeless.Timeout = 0 // it would end what is read, too
	resp, err := timeless.Do(req)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return resp, nil
}

// after is what a caller of send is told of an answer. Tokens that had expired are new for the next call.
func (d *Device) after(ctx context.Context, path string, err error) error {
	if err == nil {
		return nil
	}
	err = fmt.Errorf("%s: %w", path, err)
	if CodeOf(err) == CodeTokenExpired {
		_, renewed := d.renew(ctx, d.Tokens())
		err = errors.Join(err, renewed)
	}
	return err
}
