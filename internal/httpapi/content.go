package httpapi

import (
	"io"
	"mime"
	"net/http"
	"os"
	"strings"
	"time"

	"parlor/internal/budget"
)

// Content is a file, as the answer of a call or as what is found at an address. It is served so
// that no browser takes it for a page: whoever uploaded it has chosen what is in it.
type Content struct {
	Name      string // "" for none
	MediaType string
	Tag       string    // by which whoever has it already knows it again
	Stored    time.Time // when it came
	Body      io.ReadSeekCloser
}

// minSendRate is at what rate a file must be fetched, in bytes a second, and sendGrace for how
// long it need not.
const (
	minSendRate = 8 << 10
	sendGrace   = 30 * time.Second
)

// SendContent answers r with a file, or the part of it that r asks for, and closes it. It
// waits for a place among the owner's others, and is CodeTooMany when there is none; nothing was
// sent then.
func SendContent(w http.ResponseWriter, r *http.Request, shares *budget.Budget, o budget.Owner, c *Content) error {
	defer func() { _ = c.Body.Close() }() // it was only read
	done, err := shares.Transfer(r.Context(), o, false)
	if err != nil {
		return err
	}
	defer done()
	h := w.Header()
	h.Set("Content-Type", shownType(c.MediaType))
	h.Set("Content-Disposition", disposition(c))
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin") // apps show it in pages of their own
	h.Set("ETag", `"`+c.Tag+`"`)
	if r.Method == http.MethodPost { // an answer, of which nobody has had a part
		r.Header.Del("Range")
	}
	http.ServeContent(&pacedWriter{ResponseWriter: w, start: time.Now()}, r, "", c.Stored, c.Body)
	return nil
}

// pacedWriter cuts off whoever takes a file too slowly.
type pacedWriter struct {
	http.ResponseWriter
	start time.Time
	sent  int64
}

// Write sends the next piece.
func (w *pacedWriter) Write(b []byte) (int, error) {
	w.allow(int64(len(b)))
	n, err := w.ResponseWriter.Write(b)
	w.sent += int64(n)
	return n, err
}

// allow gives the next n bytes their time.
func (w *pacedWriter) allow(n int64) {
	until := w.start.Add(sendGrace + time.Duration(w.sent+n)*time.Second/minSendRate)
	_ = http.NewResponseController(w.ResponseWriter).SetWriteDeadline(until) // if it cannot be set, WriteTimeout applies
}

// filePiece is how much of a file is handed to the system at a time, in bytes.
const filePiece = 1 << 20

// ReadFrom sends what io.CopyN wants sent, in pieces that the system takes straight from a file.
func (w *pacedWriter) ReadFrom(r io.Reader) (n int64, err error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return io.Copy(struct{ io.Writer }{w}, r)
	}
	from := limited.R
	if stored, ok := from.(interface{ Regular() *os.File }); ok {
		from = stored.Regular()
	}
	for limited.N > 0 && err == nil {
		piece := min(filePiece, limited.N)
		w.allow(piece)
		var sent int64
		sent, err = io.CopyN(w.ResponseWriter, from, piece)
		n, w.sent, limited.N = n+sent, w.sent+sent, limited.N-sent
	}
	return n, err
}

// shownInPlace are the media types that browsers show without running anything in them.
var shownInPlace = map[string]bool{
	"image/jpeg": true, "image/png": true, "image/gif": true, "image/webp": true, "image/bmp": true, "image/avif": true,
	"image/heic": true, "image/heif": true,
	"audio/mpeg": true, "audio/mp4": true, "audio/x-m4a": true, "audio/aac": true, "audio/ogg": true, "audio/wav": true,
	"audio/webm": true, "audio/flac": true, "audio/amr": true, "audio/3gpp": true,
	"video/mp4": true, "video/webm": true, "video/quicktime": true, "video/3gpp": true, "video/ogg": true, "video/x-m4v": true,
	"video/mpeg": true,
}

// saved are the beginnings of other types that are announced as they are. Browsers save what they
// name.
var saved = []string{
	"application/pdf", "application/zip", "application/gzip", "application/msword", "application/vnd.", "application/rtf",
	"application/epub+zip", "application/x-7z-compressed", "application/x-rar-compressed", "text/plain", "text/csv",
	"audio/", "video/",
}

// shownType is a file's media type as it is announced. One that pages or programs are written in,
// or that an SDK takes for an error, is announced as bytes.
func shownType(mediaType string) string {
	kind, _, _ := strings.Cut(mediaType, ";")
	if kind = strings.TrimSpace(kind); shownInPlace[kind] {
		return kind
	}
	for _, known := range saved {
		if strings.HasPrefix(kind, known) && !strings.HasSuffix(kind, "xml") {
			return kind
		}
	}
	return "application/octet-stream"
}

func disposition(c *Content) string {
	how := "attachment"
	if shownInPlace[shownType(c.MediaType)] {
		how = "inline"
	}
	if c.Name == "" {
		return how
	}
	if named := mime.FormatMediaType(how, map[string]string{"filename": c.Name}); named != "" {
		return named
	}
	return how
}
