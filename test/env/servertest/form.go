package servertest

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// Field is a part of a form. One with a FileName is a file.
type Field struct {
	Name, FileName string
	Value          []byte
}

// Form is a body with a file in it, as SDKs send it. Its fields come in this order.
type Form []Field

// FormOf is a form with one file, behind what else is in fields.
func FormOf(fileName string, content []byte, fields map[string]string) Form {
	var f Form
	for name, value := range fields {
		f = append(f, Field{Name: name, Value: []byte(value)})
	}
	return append(f, Field{"file", fileName, content})
}

// Encode returns the form's bytes and their content type.
func (f Form) Encode(t testing.TB) (body []byte, contentType string) {
	t.Helper()
	var out bytes.Buffer
	w := multipart.NewWriter(&out)
	for _, field := range f {
		var part io.Writer
		var err error
		if field.FileName != "" {
			part, err = w.CreateFormFile(field.Name, field.FileName)
		} else {
			part, err = w.CreateFormField(field.Name)
		}
		if err == nil {
			_, err = part.Write(field.Value)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), w.FormDataContentType()
}

// Upload sends a form with the device's access token.
func (d *Device) Upload(t testing.TB, path string, f Form) Answer {
	t.Helper()
	return d.Try(t, path, f)
}

// Uploaded is what an upload is answered with.
type Uploaded struct {
	ID, FileID, FileURL, URL, MediaType, Caption string
	Size, Width, Height                          int
}

// MustUpload uploads a file for a message.
func (d *Device) MustUpload(t testing.TB, room, name string, content []byte) Uploaded {
	t.Helper()
	var up Uploaded
	a := d.Upload(t, "chat/file/upload", FormOf(name, content, map[string]string{"roomID": room, "caption": ""}))
	decode(t, "chat/file/upload", nil, a, &up)
	return up
}

// Fetched is what came around a body that is read.
type Fetched struct {
	StatusCode    int
	Header        http.Header
	ContentLength int64
}

// Fetch sends a request whose answer may be a file, and reads it whole.
func (s *Server) Fetch(t testing.TB, method, path string, h http.Header, body string) (Fetched, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header = h
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	content, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return Fetched{resp.StatusCode, resp.Header, resp.ContentLength}, content
}
