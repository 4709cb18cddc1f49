package chat_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"parlor/internal/chat"
)

func TestSplitBody(t *testing.T) {
	a := strings.Repeat("a", chat.BodyPart)
	tests := []struct {
		name string
		body string
		want []string
	}{
		{"empty", "", []string{""}},
		{"short", "hi", []string{"hi"}},
		{"full", a, []string{a}},
		{"one over", a + "b", []string{a, "b"}},
		{"twice full", a + a, []string{a, a}},
		{"many bytes, few units", strings.Repeat("界", chat.BodyPart), []string{strings.Repeat("界", chat.BodyPart)}},
		{"emoji that just fits", a[2:] + "😀", []string{a[2:] + "😀"}},
		{"emoji across the cut", a[1:] + "😀b", []string{a[1:], "😀b"}},
		{"emoji after the cut", a + "😀", []string{a, "😀"}},
		{"emoji alone count two", strings.Repeat("😀", 2001), []string{strings.Repeat("😀", 2000), "😀"}},
		{"line feeds stay", a[1:] + "\n\nb", []string{a[1:] + "\n", "\nb"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := chat.SplitBody(tt.body); !slices.Equal(got, tt.want) {
				t.Errorf("parts of %d bytes, want %d", lengths(got), lengths(tt.want))
			}
		})
	}
}

func lengths(list []string) (out []int) {
	for _, s := range list {
		out = append(out, len(s))
	}
	return out
}

// FuzzSplitBody: the parts make up the text again, none is too long, none could have
// taken the next character, and no character is cut.
func FuzzSplitBody(f *testing.F) {
	f.Add("", uint16(1))
	f.Add("a", uint16(4001))
	f.Add("😀", uint16(2001))
	f.Add("ab😀c", uint16(3000))
	f.Add("a\xff😀\xed\xa0\x80", uint16(2000))
	f.Fuzz(func(t *testing.T, unit string, times uint16) {
		if len(unit)*int(times) > 100_000 {
			return
		}
		body := strings.Repeat(unit, int(times))
		parts := chat.SplitBody(body)
		if strings.Join(parts, "") != body {
			t.Fatal("the parts are not the text")
		}
		for i, part := range parts {
			n := chat.UTF16Len(part)
			switch {
			case n > chat.BodyPart:
				t.Errorf("part %d has %d units", i, n)
			case i+1 < len(parts):
				next, _ := utf8.DecodeRuneInString(parts[i+1])
				if n+utf16.RuneLen(next) <= chat.BodyPart {
					t.Errorf("part %d has only %d units", i, n)
				}
			case part == "" && body != "":
				t.Error("the last part is empty")
			}
			if utf8.ValidString(body) && !utf8.ValidString(part) {
				t.Errorf("part %d cuts a character", i)
			}
		}
	})
}

func TestUTF16Len(t *testing.T) {
	for s, want := range map[string]int{"": 0, "abc": 3, "ü": 1, "界": 1, "😀": 2, "👩‍💻": 5, "\U0010FFFF": 2} {
		if got := chat.UTF16Len(s); got != want || got != len(utf16.Encode([]rune(s))) {
			t.Errorf("%q has %d units, want %d", s, got, want)
		}
	}
}

func TestFromServer(t *testing.T) {
	for number, want := range map[chat.MessageType]bool{
		0: false, -1: false, 1000: false, 1001: true, 1002: true, 1003: false, 1010: false,
		2000: false, 2001: true, 2002: false, 2004: false,
		2999: false, 3000: true, 3500: true, 3999: true, 4000: false, 9001: false, 9003: false,
	} {
		if got := number.FromBackend(); got != want {
			t.Errorf("type %d: %v, want %v", number, got, want)
		}
	}
}

func TestCodeOf(t *testing.T) {
	tests := []struct {
		err  error
		want chat.Code
	}{
		{nil, ""},
		{errors.New("disk on fire"), chat.CodeInternal},
		{chat.RoomNotFound(), chat.CodeNotFound},
		{fmt.Errorf("load: %w", chat.RoomNotFound()), chat.CodeNotFound},
		{errors.Join(errors.New("other"), chat.Required("p")), chat.CodeInvalid},
	}
	for _, tt := range tests {
		if got := chat.CodeOf(tt.err); got != tt.want {
			t.Errorf("%v: %q, want %q", tt.err, got, tt.want)
		}
	}
}
