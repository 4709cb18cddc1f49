package httpapi_test

import (
	"reflect"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
)

// values is what readAll reads.
type values struct {
	Text     string
	Optional *string
	TextOr   string
	Raw      string
	Texts    []string
	Int      int64
	IntOr    int
	Flag     bool
	Loose    bool
	Inner    string
	Rows     []string
}

// readAll asks for a parameter of every kind, in this order.
func readAll(p *httpapi.Params) (v values) {
	v.Text = p.Text("text", 3)
	v.Optional = p.OptionalText("optional", 3)
	v.TextOr = p.TextOr("textOr", 3)
	v.Raw = p.RawText("raw")
	v.Texts = p.Texts("texts", 2, 3)
	v.Int = p.Int("int")
	v.IntOr = p.IntOr("intOr", 7, 1, 9)
	v.Flag = p.Flag("flag")
	v.Loose = p.LooseFlag("loose")
	p.Object("object", func(in *httpapi.Params) { v.Inner = in.TextOr("inner", 3) })
	p.Objects("rows", 2, func(in *httpapi.Params) { v.Rows = append(v.Rows, in.Text("row", 3)) })
	return v
}

func TestParams(t *testing.T) {
	const least = `{"text":"a","int":1,"rows":[{"row":"x"}]}`
	tests := []struct {
		name, body string
		want       values
	}{
		{"the least", least, values{Text: "a", Int: 1, IntOr: 7, Rows: []string{"x"}}},
		{
			"everything",
			`{"text":"üüü","optional":"","textOr":"b","raw":"c","texts":["d","e"],"int":-2,"intOr":9,"flag":true,"loose":"true",` +
				`"object":{"inner":"i"},"rows":[{"row":"x"},{"row":"y","more":1}]}`,
			values{
				Text: "üüü", Optional: new(""), TextOr: "b", Raw: "c", Texts: []string{"d", "e"}, Int: -2, IntOr: 9,
				Flag: true, Loose: true, Inner: "i", Rows: []string{"x", "y"},
			},
		},
		{
			"null is absent",
			`{"text":"a","optional":null,"textOr":null,"raw":null,"texts":null,"int":1,"intOr":null,"flag":null,"loose":null,` +
				`"object":null,"rows":[{"row":"x"}]}`,
			values{Text: "a", Int: 1, IntOr: 7, Rows: []string{"x"}},
		},
		{"an empty list is no absent one", least[:len(least)-1] + `,"texts":[]}`, values{Text: "a", Int: 1, IntOr: 7, Texts: []string{}, Rows: []string{"x"}}},
		{"unknown keys", least[:len(least)-1] + `,"more":{"a":[1]}}`, values{Text: "a", Int: 1, IntOr: 7, Rows: []string{"x"}}},
		{"white space around", "\r\n\t " + least + " \n", values{Text: "a", Int: 1, IntOr: 7, Rows: []string{"x"}}},
		{"escapes", `{"te\u0078t":"\u00fc\ud83d\ude00","int":1,"rows":[{"row":"x"}]}`, values{Text: "ü😀", Int: 1, IntOr: 7, Rows: []string{"x"}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := httpapi.ParseParams([]byte(tt.body))
			got := readAll(p)
			if err := p.Err(); err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

// TestFirstFault: of several faults the one is reported that is asked for first.
func TestFirstFault(t *testing.T) {
	tests := []struct{ name, body, param, message string }{
		{"nothing", `{}`, "text", "Param 'text' is required"},
		{"empty", `{"text":""}`, "text", "Param 'text' is required"},
		{"null", `{"text":null}`, "text", "Param 'text' is required"},
		{"not a text", `{"text":1}`, "text", "Param 'text' must be a string"},
		{"long", `{"text":"abcd"}`, "text", "Param 'text' must be 1 to 3 characters"},
		{"the second", `{"text":"a","optional":[]}`, "optional", "Param 'optional' must be a string"},
		{"the third", `{"text":"a","textOr":"abcd"}`, "textOr", "Param 'textOr' must be 0 to 3 characters"},
		{"raw", `{"text":"a","raw":{}}`, "raw", "Param 'raw' must be a string"},
		{"no list", `{"text":"a","texts":"b"}`, "texts", "Param 'texts' must be a list of strings"},
		{"list of others", `{"text":"a","texts":["b",1]}`, "texts", "Param 'texts' must be a list of strings"},
		{"list with null", `{"text":"a","texts":[null]}`, "texts", "Param 'texts' must be a list of strings"},
		{"long list", `{"text":"a","texts":["b","b","b"]}`, "texts", "Param 'texts' must have at most 2 entries"},
		{"no number", `{"text":"a","int":"1"}`, "int", "Param 'int' must be a whole number"},
		{"half a number", `{"text":"a","int":1.5}`, "int", "Param 'int' must be a whole number"},
		{"huge number", `{"text":"a","int":99999999999999999999}`, "int", "Param 'int' must be a whole number"},
		{"no number at all", `{"text":"a"}`, "int", "Param 'int' is required"},
		{"small", `{"text":"a","int":1,"intOr":0}`, "intOr", "Param 'intOr' must be 1 to 9"},
		{"large", `{"text":"a","int":1,"intOr":10}`, "intOr", "Param 'intOr' must be 1 to 9"},
		{"flag", `{"text":"a","int":1,"flag":"true"}`, "flag", "Param 'flag' must be true or false"},
		{"loose flag", `{"text":"a","int":1,"loose":"yes"}`, "loose", "Param 'loose' must be true or false"},
		{"loose flag as a number", `{"text":"a","int":1,"loose":1}`, "loose", "Param 'loose' must be true or false"},
		{"no object", `{"text":"a","int":1,"object":[]}`, "object", "Param 'object' must be an object"},
		{"inside an object", `{"text":"a","int":1,"object":{"inner":1}}`, "object.inner", "Param 'object.inner' must be a string"},
		{"no rows", `{"text":"a","int":1}`, "rows", "Param 'rows' is required"},
		{"empty rows", `{"text":"a","int":1,"rows":[]}`, "rows", "Param 'rows' is required"},
		{"rows of no objects", `{"text":"a","int":1,"rows":[1]}`, "rows", "Param 'rows' must be a list of objects"},
		{"rows with null", `{"text":"a","int":1,"rows":[{"row":"x"},null]}`, "rows", "Param 'rows' must be a list of objects"},
		{"inside a row", `{"text":"a","int":1,"rows":[{"row":"x"},{}]}`, "row", "Param 'row' is required"},
		{"many rows", `{"text":"a","int":1,"rows":[1,2,3]}`, "rows", "Param 'rows' must have at most 2 entries"},
		{"all at once", `{"rows":1,"int":"x","text":2}`, "text", "Param 'text' must be a string"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := httpapi.ParseParams([]byte(tt.body))
			readAll(p)
			e, _ := p.Err().(*chat.Error) //nolint:errorlint // the very error, not one that wraps it
			want := chat.Error{
				Code: chat.CodeInvalid, Param: tt.param, Message: tt.message, Absent: strings.HasSuffix(tt.message, "is required"),
			}
			if e == nil || *e != want {
				t.Errorf("error %+v, want %+v", e, want)
			}
		})
	}
}

// TestBrokenBodies: the parameter in which a body breaks is at fault, or else the first
// that is asked for.
func TestBrokenBodies(t *testing.T) {
	deep := strings.Repeat("[", 100_000)
	tests := []struct{ name, body, param string }{
		{"a list", `[]`, "text"},
		{"a number", `1`, "text"},
		{"a text", `"text"`, "text"},
		{"true", `true`, "text"},
		{"no JSON", `text=a&int=1`, "text"},
		{"an open object", `{`, "text"},
		{"an open name", `{"te`, "text"},
		{"an open value", `{"text":"a`, "text"},
		{"broken later", `{"text":"a","int":`, "int"},
		{"broken in a list", `{"text":"a","texts":["b",`, "texts"},
		{"broken in an unknown key", `{"text":"a","more":[`, "text"},
		{"something behind", `{"text":"a"} x`, "text"},
		{"another object behind", `{"text":"a"}{}`, "text"},
		{"one thing twice", `{"text":"a","int":1,"int":2}`, "int"},
		{"an unknown thing twice", `{"text":"a","more":1,"more":2}`, "text"},
		{"invalid UTF-8", "{\"text\":\"\xff\"}", "text"},
		{"invalid UTF-8 later", "{\"text\":\"a\",\"raw\":\"\xc3\x28\"}", "raw"},
		{"half an emoji", `{"text":"a","raw":"\ud83d"}`, "raw"},
		{"comma at the end", `{"text":"a",}`, "text"},
		{"deep nesting", deep, "text"},
		{"deep nesting inside", `{"text":"a","texts":` + deep, "texts"},
		{"deep and closed", `{"text":"a","texts":` + deep + strings.Repeat("]", 100_000) + `}`, "texts"},
		{"a control character", "{\"text\":\"a\x01\"}", "text"},
		{"single quotes", `{'text':'a'}`, "text"},
		{"NaN", `{"text":"a","int":NaN}`, "int"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := httpapi.ParseParams([]byte(tt.body))
			readAll(p)
			e, _ := p.Err().(*chat.Error) //nolint:errorlint // the very error, not one that wraps it
			if e == nil || e.Code != chat.CodeInvalid || e.Param != tt.param {
				t.Fatalf("error %+v, want one of %s", e, tt.param)
			}
			if !strings.HasPrefix(e.Message, "Param '"+tt.param+"' is ") || !strings.Contains(e.Message, ": the request body ") {
				t.Errorf("message %q", e.Message)
			}
		})
	}
}

// TestNoParams: these bodies are what clients of other languages send for nothing.
func TestNoParams(t *testing.T) {
	for _, body := range []string{"", " \r\n", `""`, "null", "{}", " {} "} {
		p := httpapi.ParseParams([]byte(body))
		p.TextOr("optional", 3)
		if err := p.Err(); err != nil {
			t.Errorf("%q: %v", body, err)
		}
		p.Text("text", 3)
		if err := p.Err(); err == nil || err.Error() != "Param 'text' is required" {
			t.Errorf("%q: %v", body, err)
		}
	}
	// A broken body is a fault even of a call that asks for nothing.
	if err := httpapi.ParseParams([]byte("[")).Err(); chat.CodeOf(err) != chat.CodeInvalid {
		t.Errorf("broken: %v", err)
	}
}

// TestLongLists: a body has room for millions of entries; reading stops at the limit.
func TestLongLists(t *testing.T) {
	for _, body := range []string{
		`{"text":"a","texts":[` + strings.Repeat(`"",`, 1_000_000) + `""]}`,
		`{"text":"a","int":1,"rows":[` + strings.Repeat(`{},`, 1_000_000) + `{}]}`,
	} {
		allocations := testing.AllocsPerRun(1, func() {
			p := httpapi.ParseParams([]byte(body))
			readAll(p)
			if err := p.Err(); err == nil || !strings.HasSuffix(err.Error(), "must have at most 2 entries") {
				t.Error(err)
			}
		})
		if allocations > 1000 {
			t.Errorf("%.0f allocations for %.30s", allocations, body)
		}
	}
}
