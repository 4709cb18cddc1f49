package httpapi_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"parlor/internal/httpapi"
)

const (
	fuzzLimit = 3000      // of a file, in bytes
	formText  = 128 << 10 // around a file: as much is taken in any case,
	formMost  = 256 << 10 // and no more in any; in between it depends on the pieces
	formParts = 20
)

// postForm sends a form in one request.
func postForm(t *testing.T, in *inbox, api *httpapi.API, contentType string, body io.Reader) answer {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, "/here/x", body)
	r.ContentLength = -1
	r.Header.Set("User", "1")
	r.Header.Set("Content-Type", contentType)
	a := post(t, api, r)
	if n := in.held(); n != 0 {
		t.Errorf("%d files are still held", n)
	}
	if kind := a.Error.Code; (kind == "") != (len(in.got) == 1) || kind != "" && kind != "invalid" && kind != "unavailable" {
		t.Errorf("answered %+v, and %d files were taken", a.Error, len(in.got))
	}
	return a
}

// FuzzForm reads anything as a form. That never panics, passes no more on than the limit, and keeps
// nothing; what it takes, the standard library reads in the same way.
func FuzzForm(f *testing.F) {
	const file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\nContent-Type: a/b\r\n\r\ncontent\r\n"
	const caption = "--b\r\nContent-Disposition: form-data; name=caption\r\n\r\nc\r\n"
	for _, body := range []string{
		"", "--b--", "--b--\r\n", file, file + "--b--", file + caption + "--b--\r\n", caption + file + "--b--\r\nmore",
		file + "--b", file + "--b\r\n", "before\r\n" + file + "--b--", file + file + "--b--", file + strings.Repeat(caption, 20) + "--b--",
		"--b\r\nno header " + strings.Repeat("x", 2*maxMessage) + "\r\n\r\n--b--", "--b\r\n\r\nno header\r\n--b--", "--b\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n\r\n--b--", strings.ReplaceAll(file, "\r", "") + "--b--",
		strings.Replace(file, "content", strings.Repeat("x", fuzzLimit), 1) + "--b--",
		strings.Replace(file, "content", strings.Repeat("x", fuzzLimit+1), 1) + "--b--",
		"--b\r\nContent-Disposition: form-data; name=\"caption\"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=41\r\n" + file + "--b--",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if len(body) > 1<<20 {
			return // what is refused is read on, and that takes its time
		}
		in := &inbox{limit: fuzzLimit}
		a := postForm(t, in, in.api(io.Discard), "multipart/form-data; boundary=b", bytes.NewReader(body))
		if len(a.Error.Message) > maxMessage+len(a.Error.Field) || !utf8.ValidString(a.Error.Message) {
			t.Errorf("message of %d bytes: %.400q", len(a.Error.Message), a.Error.Message)
		}
		if len(in.got) == 0 {
			return
		}
		parts, text := 0, len(body)
		for r := multipart.NewReader(bytes.NewReader(body), "b"); ; parts++ {
			part, err := r.NextRawPart()
			if err == io.EOF { //nolint:errorlint // as the reader says it
				break
			}
			if err != nil {
				t.Fatalf("what was taken is no form: %v", err)
			}
			content, err := io.ReadAll(part)
			if err != nil {
				t.Fatal(err)
			}
			if part.FormName() == "file" {
				if text -= len(content); !bytes.Equal(content, in.got[0].content) || part.FileName() != in.got[0].name {
					t.Errorf("%q of %q has come as %q of %q", content, part.FileName(), in.got[0].content, in.got[0].name)
				}
			}
		}
		if parts > formParts {
			t.Errorf("%d parts were taken", parts)
		}
	})
}

// FuzzFormAsSent sends forms as apps do, in pieces of any size. File and field come as they were sent,
// unless one of them is beyond its bounds.
func FuzzFormAsSent(f *testing.F) {
	f.Add("caption", uint16(1), []byte("content"), "f.txt", "text/plain", true, false)
	f.Add("", uint16(0), []byte("\r\n--\r\n"), "Größe \"1\".txt", "", false, true)
	f.Add("cccc", uint16(formText/4), []byte("x"), "", "a", true, false)
	f.Add("00000", uint16(32829), []byte("0"), "", "0", true, false)
	f.Add(strings.Repeat("c", 100), uint16(formMost/100+100), []byte("x"), "", "a", false, true)
	f.Add("\xff", uint16(1), bytes.Repeat([]byte("-"), fuzzLimit+1), "a/../b", "audio/ogg; codecs=opus", false, false)
	f.Fuzz(func(t *testing.T, text string, times uint16, content []byte, name, kind string, fieldFirst, byteByByte bool) {
		if len(text)*int(times) > 3*formText || len(content) > 2*fuzzLimit || len(name) > 1000 || strings.ContainsFunc(kind, func(r rune) bool {
			return r < '!' || r > '~' // which no client lets through
		}) {
			return
		}
		caption := strings.Repeat(text, int(times))
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		field := func() error { return w.WriteField("caption", caption) }
		file := func() error {
			head := textproto.MIMEHeader{"Content-Disposition": {multipart.FileContentDisposition("file", name)}}
			if kind != "" {
				head.Set("Content-Type", kind)
			}
			part, err := w.CreatePart(head)
			if err == nil {
				_, err = part.Write(content)
			}
			return err
		}
		steps := []func() error{file, field, w.Close}
		if fieldFirst {
			steps = []func() error{field, file, w.Close}
		}
		for _, step := range steps {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		var body io.Reader = &b
		if byteByByte && b.Len() < 10_000 {
			body = iotest.OneByteReader(body)
		}
		around := b.Len() - len(content)
		in := &inbox{limit: fuzzLimit}
		a := postForm(t, in, in.api(io.Discard), w.FormDataContentType(), body)
		plainName := name != "" && !strings.ContainsFunc(name, func(r rune) bool {
			return r != '.' && r != ' ' && (r < '0' || r > '9') && (r < 'a' || r > 'z')
		})
		switch {
		case len(content) == 0, len(content) > fuzzLimit, around > formMost+8<<10, !utf8.ValidString(caption):
			if a.Error.Code != "invalid" || a.Error.Field == "" {
				t.Errorf("answered %+v", a.Error)
			}
		case len(in.got) == 0:
			if around < formText-8<<10 && plainName {
				t.Errorf("a form with %d bytes around the file's: %+v", around, a.Error)
			}
		default:
			got := in.got[0]
			if got.caption != caption || !bytes.Equal(got.content, content) || got.kind != kind || plainName && got.name != name {
				t.Errorf("come are %q, %q, %q, %q", got.caption, got.name, got.kind, got.content)
			}
		}
	})
}
