package httpapi_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// maxMessage bounds an error's text: it goes into answers and logs, and the body that it
// tells of may have megabytes.
const maxMessage = 300

// FuzzParseParams reads every kind of parameter from any body: that never panics, every
// fault names a parameter, and what is read keeps to the limits that it was read with.
func FuzzParseParams(f *testing.F) {
	for _, body := range []string{
		``, `""`, `null`, `{}`, `[]`, `{"text":"a","int":1,"rows":[{"row":"x"}]}`,
		`{"text":"a","optional":"","textOr":"b","raw":"\u0000","texts":["d"],"int":-2,"intOr":9,"flag":true,"loose":"true","object":{"inner":"i"},"rows":[{"row":"x"},null]}`,
		`{"text":"a","text":"b"}`, "{\"text\":\"\xff\"}", `{"text":"\ud800"}`, `{"int":1e999}`, `{"texts":[[[[[[`, `{"a":1}{}`,
		`{"object":{"inner":{"inner":1}}}`, `{"rows":[{"row":"x","row":"y"}]}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := httpapi.ParseParams(body)
		v := readAll(p)
		if err := p.Err(); err != nil {
			var shown *chat.Error
			if !errors.As(err, &shown) || shown.Code != chat.CodeInvalid || shown.Param == "" {
				t.Fatalf("error %#v", err)
			}
			if len(shown.Message) > maxMessage || !utf8.ValidString(shown.Message) {
				t.Errorf("message of %d bytes: %.400q", len(shown.Message), shown.Message)
			}
			return
		}
		texts := append([]string{v.Text, v.TextOr, v.Inner}, v.Texts...)
		texts = append(texts, v.Rows...)
		if v.Optional != nil {
			texts = append(texts, *v.Optional)
		}
		for _, s := range texts {
			if err := chat.Text("p", s, 0, 3); err != nil {
				t.Errorf("%q: %v", s, err)
			}
		}
		if v.Text == "" || len(v.Texts) > 2 || len(v.Rows) < 1 || len(v.Rows) > 2 || v.IntOr < 1 || v.IntOr > 9 || !utf8.ValidString(v.Raw) {
			t.Errorf("read %+v", v)
		}
	})
}
