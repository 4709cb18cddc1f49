package chat_test

import (
	"slices"
	"strings"
	"testing"

	"parlor/internal/chat"
)

func TestText(t *testing.T) {
	tests := []struct {
		name, text string
		low, high  int
		want       string // the error's message, "" for none
	}{
		{"fits", "abc", 1, 3, ""},
		{"empty and optional", "", 0, 3, ""},
		{"empty and required", "", 1, 3, "Param 'p' is required"},
		{"one too long", "abcd", 1, 3, "Param 'p' must be 1 to 3 characters"},
		{"one too long and optional", "abcd", 0, 3, "Param 'p' must be 0 to 3 characters"},
		{"shorter than a minimum above one", "ab", 3, 5, "Param 'p' must be 3 to 5 characters"},
		{"characters, not bytes", "üüü", 1, 3, ""},
		{"characters, not UTF-16 units", "😀😀😀", 1, 3, ""},
		{"a joined emoji is several characters", "👩‍💻", 1, 2, "Param 'p' must be 1 to 2 characters"},
		{"bidi and zero width are characters like others", "\u202e\u2066\u200b", 1, 3, ""},
		{"NUL", "a\x00", 1, 3, "Param 'p' must not contain NUL characters"},
		{"broken UTF-8", "a\xff", 1, 3, "Param 'p' must be valid UTF-8"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkInvalid(t, chat.Text("p", tt.text, tt.low, tt.high), tt.want)
		})
	}
}

func TestTextList(t *testing.T) {
	const entries = "Param 'p' must hold texts of 1 to 3 characters, without NUL"
	tests := []struct {
		name string
		list []string
		want string
	}{
		{"nil", nil, ""},
		{"empty", []string{}, ""},
		{"full", []string{"a", "üüü"}, ""},
		{"too many", []string{"a", "b", "c"}, "Param 'p' must have at most 2 entries"},
		{"repeats count, too", []string{"a", "a", "a"}, "Param 'p' must have at most 2 entries"},
		{"an empty entry", []string{"a", ""}, entries},
		{"a long entry", []string{"abcd"}, entries},
		{"NUL in an entry", []string{"\x00"}, entries},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			checkInvalid(t, chat.TextList("p", tt.list, 2, 3), tt.want)
		})
	}
}

// checkInvalid holds err to being CodeInvalid of the parameter p with this message, or
// nil when the message is "".
func checkInvalid(t *testing.T, err error, message string) {
	t.Helper()
	if message == "" {
		if err != nil {
			t.Errorf("error %v, want none", err)
		}
		return
	}
	want := &chat.Error{
		Code: chat.CodeInvalid, Param: "p", Message: message, Absent: strings.HasSuffix(message, "is required"),
	}
	if e, ok := err.(*chat.Error); !ok || *e != *want { //nolint:errorlint // the very error, not one that wraps it
		t.Errorf("error %+v, want %+v", err, want)
	}
}

func TestUnique(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"first places are kept", "b a b c a", "b a c"},
		{"case counts", "a A", "a A"},
		{"one", "a", "a"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := strings.Fields(tt.in)
			if got := chat.Unique(in); !slices.Equal(got, strings.Fields(tt.want)) {
				t.Errorf("%q, want %s", got, tt.want)
			}
			if strings.Join(in, " ") != tt.in {
				t.Errorf("the argument became %q", in)
			}
		})
	}
	// Absent and empty mean different things to a RoomUpdate.
	if chat.Unique[string](nil) != nil {
		t.Error("nil became a list")
	}
	if got := chat.Unique([]string{}); got == nil || len(got) != 0 {
		t.Errorf("an empty list became %#v", got)
	}
}

func TestNames(t *testing.T) {
	tests := []struct {
		name     string
		validate func(string) error
		ok, bad  []string
	}{
		{
			"apps", chat.ValidateAppName,
			[]string{"default", "My Shop", "Läden", strings.Repeat("x", 100)},
			[]string{"", " shop", "shop ", "\tshop", "a\x00b", strings.Repeat("x", 101)},
		},
		{
			"key ids", chat.ValidateKeyID,
			[]string{"srv1", "a-b_c.d", strings.Repeat("x", 64)},
			[]string{"", "a:b", "a b", "a\tb", "a\nb", "a\x00b", strings.Repeat("x", 65)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, s := range tt.ok {
				if err := tt.validate(s); err != nil {
					t.Errorf("%q: %v", s, err)
				}
			}
			for _, s := range tt.bad {
				if err := tt.validate(s); chat.CodeOf(err) != chat.CodeInvalid {
					t.Errorf("%q: %v, want an error of a parameter", s, err)
				}
			}
		})
	}
}
