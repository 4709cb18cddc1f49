package e2e

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"unicode/utf16"

	"parlor/test/env/servertest"
)

// TestBrokenBodies sends what is no object of parameters to every endpoint. It counts as
// an object without parameters, and the first one is named; nothing happens.
func TestBrokenBodies(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				name, field := e.params[0][0], e.params[0][1]
				good := text(t, e.good)
				for _, body := range []string{"", " \r\n\t", `""`, "null", "{}", `{"unknown":1}`, `{"` + name + `":null}`} {
					a := call(t, s, e.path, body)
					switch e.path {
					case "role/list", "report/list", "audit/list", "room/list", "events/list", "webhook/list", "before_hook/get",
						"before_hook/delete", "user/list", "retention/list", "retention/delete": // which need no parameter
						if a.Status != 200 {
							t.Errorf("%s %q: %s", e.path, body, a.Body)
						}
						continue
					}
					// Where it is one of several that would do, the others are named, too.
					reason, _, _ := strings.Cut(a.Error.Message, ", or ")
					a.Error.Message = reason
					checkFailure(t, a, required(name, field))
				}
				for what, body := range brokenBodies(name, good) {
					a := call(t, s, e.path, body)
					if a.Error.Code != "40002" || a.Error.Field != field || !strings.HasPrefix(a.Error.Message, "Param '"+name+"' ") ||
						string(a.Data) != "{}" {
						t.Errorf("%s, %s: %s", e.path, what, a.Body)
					}
				}
			}
		})
	})
}

// brokenBodies break as a whole, in an unknown parameter or in the first one.
func brokenBodies(first, good string) map[string]string {
	deep := strings.Repeat("[", 100_000)
	deepObject := strings.Repeat(`{"a":`, 20_000)
	var wide bytes.Buffer
	for _, unit := range utf16.Encode([]rune(good)) {
		wide.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return map[string]string{
		"a list":                        `[]`,
		"a list of the object":          `[` + good + `]`,
		"a number":                      `1`,
		"true":                          `true`,
		"a text":                        `"x"`,
		"the object as a text":          fmt.Sprintf("%q", good),
		"form fields":                   first + "=r&type=2",
		"XML":                           "<xcRoomID>r</xcRoomID>",
		"an open object":                `{`,
		"an open name":                  `{"` + first,
		"no value":                      `{"` + first + `"`,
		"an open value":                 `{"` + first + `":`,
		"single quotes":                 strings.ReplaceAll(`{"unknown":1}`, `"`, `'`),
		"a comment":                     `/* */` + good,
		"a byte order mark":             "\ufeff" + good,
		"UTF-16":                        wide.String(),
		"NUL in front":                  "\x00" + good,
		"something behind":              good + "x",
		"another object behind":         good + good,
		"a bracket behind":              good + "}",
		"NUL behind":                    good + "\x00",
		"deep nesting":                  deep,
		"deep nesting, closed":          deep + strings.Repeat("]", 100_000),
		"deep objects":                  deepObject,
		"deep in an unknown key":        `{"unknown":` + deep,
		"deep in the first":             `{"` + first + `":` + deep + strings.Repeat("]", 100_000) + `}`,
		"deep objects in the first":     `{"` + first + `":` + deepObject,
		"the first twice":               `{"` + first + `":"r","` + first + `":"r"}`,
		"the first twice, escaped":      `{"` + first + `":"r","\u00` + fmt.Sprintf("%02x", first[0]) + first[1:] + `":"r"}`,
		"an unknown key twice":          `{"unknown":1,"unknown":1}`,
		"invalid UTF-8":                 "{\"" + first + "\":\"\xff\"}",
		"overlong UTF-8":                "{\"" + first + "\":\"\xc0\x80\"}",
		"a surrogate in UTF-8":          "{\"" + first + "\":\"\xed\xa0\x80\"}",
		"invalid UTF-8 in a key":        "{\"unknown\xff\":1}",
		"half an emoji":                 `{"` + first + `":"\ud83d"}`,
		"a control character":           "{\"" + first + "\":\"a\nb\"}",
		"a bad escape":                  `{"` + first + `":"\x"}`,
		"a bad number":                  `{"` + first + `":01}`,
		"NaN":                           `{"` + first + `":NaN}`,
		"a comma too many":              `{"unknown":1,}`,
		"a comma too few":               `{"unknown":1 "` + first + `":"r"}`,
		"a key that is no text":         `{1:2}`,
		"a million open objects":        strings.Repeat("{", 1_000_000),
		"a megabyte of nothing, broken": strings.Repeat(" ", 1_000_000) + "[",
	}
}

// TestTruncatedBodies cuts each good body at every byte: none of the rests is taken for
// a whole.
func TestTruncatedBodies(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				fields := map[string]bool{}
				for _, p := range e.params {
					fields[p[1]] = true
				}
				good := text(t, e.good)
				for n := 1; n < len(good); n++ {
					if a := call(t, s, e.path, good[:n]); a.Error.Code != "40002" || !fields[a.Error.Field] {
						t.Errorf("%s %s: %s", e.path, good[:n], a.Body)
					}
				}
			}
		})
	})
}

// TestGoodBodies: none of this is a fault.
func TestGoodBodies(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				good := text(t, e.good)
				unknown := `,"unknown":{"a":[null,{}]},"` + strings.Repeat("long", 1000) + `":"\u0000","":0}`
				if good == "{}" {
					unknown = unknown[1:]
				}
				var spaced bytes.Buffer
				if err := json.Indent(&spaced, []byte(good), "\r\n", "\t"); err != nil {
					t.Fatal(err)
				}
				do(t, s, e.path, strings.TrimSuffix(good, "}")+unknown)
				do(t, s, e.path, "\n "+spaced.String()+" \n")
				do(t, s, e.path, strings.ReplaceAll(good, "r", `\u0072`))
			}
		})
	})
}

// TestLongLists: a list of a hundred thousand is refused as a whole.
func TestLongLists(t *testing.T) {
	t.Parallel()
	c := loadContract(t)
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		unchanged(t, s, func() {
			for _, e := range endpoints {
				for _, p := range e.params {
					schema := c.schemaOf(t, e.path, p[0])
					items, ok := schema["items"].(obj)
					if !ok {
						continue
					}
					entry := `"x"`
					if c.resolve(items)["type"] == "object" {
						entry = `{}`
					}
					most, _ := schema["maxItems"].(json.Number).Int64()
					good := text(t, e.with(p[0], nil))
					for _, n := range []int{int(most) + 1, 100_000} {
						long := `"` + p[0] + `":[` + strings.Repeat(entry+",", n-1) + entry + `]`
						a := call(t, s, e.path, strings.Replace(good, `"`+p[0]+`":null`, long, 1))
						checkFailure(t, a, invalid(p[0], p[1], fmt.Sprintf("must have at most %d entries", most)))
					}
				}
			}
		})
	})
}

// TestHugeBodies: a body over the limit is refused, whether or not its length is told in
// advance, and the caller gets to read why.
func TestHugeBodies(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, s *servertest.App) {
		prepare(t, s)
		want := failure{"41301", "The request body is larger than 4194304 bytes", ""}
		unchanged(t, s, func() {
			for _, e := range endpoints {
				for _, length := range []int64{4<<20 + 1, -1} {
					a := stream(t, s, "/v1/server/"+e.path, upload{
						key: key(s.ServerKey), body: io.LimitReader(endless{}, 4<<20+1), length: length,
					})
					checkContract(t, e.path, a)
					checkFailure(t, a, want)
				}
			}
		})
		// Many callers read only when they have sent everything; others ask first.
		const size = 20 << 20
		conn := sendHead(t, s, size, "")
		if _, err := io.Copy(conn, io.LimitReader(endless{}, size)); err != nil {
			t.Errorf("the server hung up: %v", err)
		}
		checkFailure(t, finish(t, conn), want)
		checkFailure(t, finish(t, sendHead(t, s, size, expect)), want)
		// Without a key nothing of it is looked at.
		for _, length := range []int64{5 << 20, -1} {
			checkFailure(t, stream(t, s, "/v1/server/room/get", upload{body: io.LimitReader(endless{}, 5<<20), length: length}),
				noHeader)
		}
	})
}

var blank = bytes.Repeat([]byte(" "), 64<<10)

// endless is a text without end.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for n := 0; n < len(b); {
		n += copy(b[n:], blank)
	}
	return len(b), nil
}

// key is the header of a key "id:secret".
func key(k string) string { return base64.StdEncoding.EncodeToString([]byte(k)) }

// upload is a body that is not in memory.
type upload struct {
	key    string // the header Server-Key, none if ""
	body   io.Reader
	length int64 // -1 is not told in advance
}

// stream is servertest's Post for an upload.
func stream(t testing.TB, s *servertest.App, path string, u upload) servertest.Answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+path, u.body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = u.length
	if u.key != "" {
		req.Header.Set("Server-Key", u.key)
	}
	return answerOf(t, req)
}

// answerOf sends req. A redirect is no answer.
func answerOf(t testing.TB, req *http.Request) servertest.Answer {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a := servertest.Answer{HTTP: resp}
	if a.Body, err = io.ReadAll(resp.Body); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Body, &a); err != nil {
		t.Fatalf("%s answers no envelope: %v: %.200q", req.URL, err, a.Body)
	}
	return a
}
