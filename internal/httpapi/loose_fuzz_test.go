package httpapi_test

import (
	"errors"
	"testing"
	"unicode/utf8"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// FuzzLoose reads any body in the ways that are for devices, whose values nobody checks
// before they are stored: none panics, and all keep to the bounds that they were given.
func FuzzLoose(f *testing.F) {
	for _, body := range []string{
		``, `null`, `[]`, `{"id":"7","ids":[1,"2",null,2,{},"x"],"n":"12","b":"true","o":{"o":{"id":1}}}`,
		`{"id":1e400,"n":-9223372036854775808,"b":1}`, `{"n":9223372036854775808}`, `{"n":1e15}`, `{"n":"NaN"}`, `{"n":"-Inf"}`,
		`{"id":"é\u0000é","ids":[1,2,3,4,5]}`, `{"id":"\ud83d\ude00\ud83d\ude00"}`, `{"o":{"id":"a","id":"b"}}`, `{"id":{"id":1`, "{\"id\":\"\xff\"}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := httpapi.ParseParams(body)
		for range 3 { // as deep as anything that devices send
			readLoosely(t, p)
			p = p.Inner("o")
		}
		readLoosely(t, httpapi.ParseParams(body).Inner("none"))
	})
}

func readLoosely(t *testing.T, p *httpapi.Params) {
	t.Helper()
	const items, size, longestID = 4, 5, 100
	for _, name := range []string{"id", "n", "b"} {
		s := p.LooseText(name, size)
		if err := chat.Text(name, s, 0, size); err != nil || len(s) > size {
			t.Errorf("%s: loose text %q: %v", name, s, err)
		}
		if n := p.LooseInt(name); n != 0 && s == "" {
			t.Errorf("%s: number %d of an empty text", name, n)
		}
		if p.IsTrue(name) && !p.Has(name) {
			t.Errorf("%s is true and absent", name)
		}
	}
	ids, numbers := p.IDs("ids", items), p.Numbers("ids", items)
	if len(ids) > items || len(numbers) > len(ids) {
		t.Errorf("lists %q, %d", ids, numbers)
	}
	seen := map[int64]bool{}
	for _, n := range numbers {
		if n <= 0 || seen[n] {
			t.Errorf("number %d in %d", n, numbers)
		}
		seen[n] = true
	}
	id := p.ID("id")
	for _, s := range append(ids, id) {
		if len(s) > longestID || !utf8.ValidString(s) {
			t.Errorf("id %q", s)
		}
	}
	err := p.Err()
	if id == "" && err == nil {
		t.Error("no id and no error")
	}
	var shown *chat.Error
	if err != nil && (!errors.As(err, &shown) || shown.Code != chat.CodeInvalid || len(shown.Message) > maxMessage || !utf8.ValidString(shown.Message)) {
		t.Errorf("error %#v", err)
	}
}
