package httpapi

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"parlor/internal/budget"
	"parlor/internal/chat"
)

const (
	// maxFormText bounds what of a form is not the file's content, in bytes: names, texts and
	// what is between them, and what of the file was read and is not written yet.
	maxFormText = 256 << 10
	// maxFormParts bounds the parts of a form. SDKs send five at most.
	maxFormParts = 20
	// formPiece is after how many bytes an upload's pace is looked at.
	formPiece = 64 << 10
	// formGrace is how long a form may take in any case, formTime the longest. In between it has
	// to come at minFormRate.
	formGrace   = 30 * time.Second
	formTime    = time.Hour
	minFormRate = 8 << 10 // bytes a second
	// storeTime bounds the work on a form that has arrived: its file is stored.
	storeTime = time.Minute
)

// Inflow takes the content of a form's file while it comes.
type Inflow interface {
	io.Writer
	// Discard is called once, whatever has become of the form.
	Discard() error
}

// Upload is for Endpoints whose body is a form with a file in it, multipart/form-data. Its other
// fields become Params, in whatever order they come.
type Upload struct {
	// Limit returns how many bytes the file may have, 0 where none is taken at all.
	Limit func() int64
	// Begin makes the place for a file's content.
	Begin func() (Inflow, error)
	// Handle does the call, once all of the form has come.
	Handle func(ctx context.Context, c chat.Caller, p *Params, f FormFile) (Answer, error)
}

// FormFile is the file of a form. What its sender says of it is not checked.
type FormFile struct {
	Name    string
	Type    string // a media type, "" for none
	Size    int64  // bytes
	Content Inflow // what Upload.Begin has made
}

// form is a form while its call is served.
type form struct {
	params *Params
	file   FormFile
	limit  int64  // of the file, in bytes
	done   func() // gives up its place
}

// close gives back what the form holds. It may be called on nil.
func (f *form) close() error {
	if f == nil {
		return nil
	}
	var err error
	if f.file.Content != nil {
		err = f.file.Content.Discard()
	}
	f.done()
	return err
}

// readForm reads a form to its end. The form must be closed, even after an error.
func (a *API) readForm(w http.ResponseWriter, r *http.Request, u *Upload, o budget.Owner) (f *form, err error) {
	limit := u.Limit()
	if limit == 0 {
		return nil, chat.Errorf(chat.CodeForbidden, "This server takes no files")
	}
	if r.ContentLength > limit+maxFormText {
		return nil, fileTooLarge(limit)
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" || params["boundary"] == "" {
		return nil, chat.Invalid("file", "must come in a form: the Content-Type must be multipart/form-data with a boundary")
	}
	done, err := a.shares.Transfer(r.Context(), o, true)
	if err != nil {
		return nil, err
	}
	f = &form{limit: limit, done: done}
	in := &formReader{body: r.Body, conn: http.NewResponseController(w), shares: a.shares, owner: o, start: time.Now()}
	defer in.settle()
	values := map[string]jsontext.Value{}
	parts := multipart.NewReader(bufio.NewReaderSize(in, formPiece), params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // wrapped, it is that of a body that ends before the form does
			break
		}
		if err == nil && n == maxFormParts {
			err = chat.Invalid("file", "must come in a form of at most %d parts", maxFormParts)
		}
		if err == nil {
			err = f.take(part, u, in, values)
		}
		if err != nil {
			return f, in.explain(err)
		}
	}
	if _, err := io.Copy(io.Discard, in); err != nil { // what was announced behind the last part
		return f, in.explain(err)
	}
	f.params = &Params{values: values}
	if f.file.Content == nil {
		return f, chat.Required("file")
	}
	if f.file.Size == 0 {
		return f, chat.Invalid("file", "must not be empty")
	}
	return f, nil
}

// take reads one part.
func (f *form) take(part *multipart.Part, u *Upload, in *formReader, values map[string]jsontext.Value) error {
	name := part.FormName()
	if name != "file" {
		text, err := io.ReadAll(part) // in has a bound
		if err != nil {
			return err
		}
		if values[name], err = jsontext.AppendQuote(nil, text); err != nil {
			return chat.Invalid(name, "must be UTF-8")
		}
		return nil
	}
	if f.file.Content != nil {
		return chat.Invalid("file", "must be given once")
	}
	f.file.Name, f.file.Type = part.FileName(), part.Header.Get("Content-Type")
	content, err := u.Begin()
	if err != nil {
		return storing{err}
	}
	f.file.Content = content
	in.content = &f.file.Size
	buf := make([]byte, formPiece)
	for {
		n, err := fill(buf, part)
		f.file.Size += int64(n)
		if f.file.Size > f.limit {
			return fileTooLarge(f.limit)
		}
		if _, werr := f.file.Content.Write(buf[:n]); werr != nil {
			return storing{werr}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// fill reads until b is full or reading ends: a part gives a few kilobytes at a time.
func fill(b []byte, r io.Reader) (n int, err error) {
	for n < len(b) && err == nil {
		var more int
		more, err = r.Read(b[n:])
		n += more
	}
	return n, err
}

func fileTooLarge(limit int64) error {
	return chat.Invalid("file", "must have at most %d bytes", limit)
}

// storing is an error of the Inflow, not of the form.
type storing struct{ error }

// Unwrap returns the Inflow's own.
func (s storing) Unwrap() error { return s.error }

// formReader reads a form's body no faster than its sender's share allows, and gives up on one
// that does not come.
type formReader struct {
	body    io.Reader
	conn    *http.ResponseController
	shares  *budget.Budget
	owner   budget.Owner
	start   time.Time
	come    int64
	counted int64
	content *int64 // how much of it was the file's; nil before that
	err     error  // why reading has ended
}

// Read reads on.
func (r *formReader) Read(b []byte) (int, error) {
	if r.come-r.counted >= formPiece || r.come == 0 {
		time.Sleep(r.shares.Arrived(r.owner, int(r.come-r.counted))) // bounded by the share's debt
		r.counted = r.come
		allowed := min(formGrace+time.Duration(r.come)*time.Second/minFormRate, formTime)
		_ = r.conn.SetReadDeadline(r.start.Add(allowed)) // if it cannot be set, ReadTimeout applies
	}
	n, err := r.body.Read(b)
	r.come += int64(n)
	text := r.come
	if r.content != nil {
		text -= *r.content
	}
	switch {
	case text > maxFormText:
		r.err = chat.Invalid("file", "must come in a form with at most %d bytes besides it", maxFormText)
		return 0, r.err
	case err != nil && !errors.Is(err, io.EOF):
		r.err = errUnread
		return n, r.err
	}
	return n, err
}

// settle gives the connection the deadlines of the call's work. Reading keeps one, too: of a form that
// was not read to its end net/http reads the rest, and whoever never sends it would keep the
// connection for ever. One that has passed stays, so that such a connection ends now.
func (r *formReader) settle() {
	end := time.Now().Add(storeTime + answerTime)
	if r.err == nil {
		_ = r.conn.SetReadDeadline(end)
	}
	_ = r.conn.SetWriteDeadline(end)
}

// explain is what a caller is told of an error on the way.
func (r *formReader) explain(err error) error {
	var known *chat.Error
	var ours storing
	switch {
	case r.err != nil:
		return r.err
	case errors.As(err, &ours):
		return ours.error
	case errors.As(err, &known):
		return err
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errUnread // the body ends in the middle of a part
	}
	// Such an error may quote a line of the form, however long.
	return chat.Invalid("file", "must come in a form that can be read: %s", beginning(err.Error()))
}

// maxFault bounds the bytes of what is quoted of an error in an answer.
const maxFault = 150

// beginning is a text, or its beginning where it is long.
func beginning(text string) string {
	text = strings.ToValidUTF8(text, "?")
	if len(text) <= maxFault {
		return text
	}
	return strings.ToValidUTF8(text[:maxFault], "") + " …"
}
