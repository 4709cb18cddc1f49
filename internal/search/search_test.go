package search

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestTerms(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"nothing", " \t...!?", ""},
		{"English", "Don't PANIC, panic!", "don t panic"},
		{"German", "Straße STRASSE Größe", "strasse grosse"},
		{"accents, however they are put together", "Café cafe\u0301 CAFE", "cafe"},
		{"Vietnamese", "Tiếng Việt", "tieng viet"},
		{"ligatures and full width", "ﬁle Ｐａｒｌｏｒ １２", "file parlor 12"},
		{"numbers", "ORD-1001 3.14", "ord 1001 3 14"},
		{"Greek and Cyrillic", "ΣΊΣΥΦΟΣ Ёлка", "σισυφοσ елка"},
		{"Chinese", "手机壳", "手 机 手机 壳 机壳"},
		{"Japanese, with a long vowel", "コーヒーを", "コ ー コー ヒ ーヒ ヒー を ーを"},
		{"Japanese of half width", "ｶﾞ", "ガ"},
		{"Korean", "학교에", "학 교 학교 에 교에"},
		{"Thai keeps its vowels", "ที่", "ท ี ที ่ ี่"},
		{"Arabic without vowel signs", "مُحَمَّد محمد", "محمد"},
		{"Hindi keeps its vowels", "हिन्दी में", "हिन्दी में"},
		{"scripts side by side", "iPhone手机X", "iphone 手 机 手机 x"},
		{"emojis", "hi😀👍🏽👍", "hi 😀 👍"},
		{"a family, joined", "👨‍👩‍👧", "👨 👩 👧"},
		{"hearts of two styles", "❤️❤", "❤"},
		{"flags", "🇩🇪🇫🇷x", "🇩🇪 🇫🇷 x"},
		{"a letter of private use, which stands for something else in the index", "a\ue000b", "a b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := strings.Join(Terms(tt.text), " "); got != tt.want {
				t.Errorf("Terms(%q) = %q, want %q", tt.text, got, tt.want)
			}
		})
	}
}

func TestMatches(t *testing.T) {
	tests := []struct {
		query, text string
		want        bool
	}{
		{"parcel", "Your PARCEL is on its way", true},
		{"way parcel", "Your parcel is on its way", true},
		{"par", "Your parcel is on its way", false},
		{"parcel late", "Your parcel is on its way", false},
		{"strasse", "Hauptstr. und Straße", true},
		{"机", "手机壳", true},
		{"机壳", "手机壳", true},
		{"手壳", "手机壳", false},
		{"학교", "학교에서 만나", true},
		{"👍", "gut 👍🏿", true},
		{"สวัสดี", "ผมพูดว่าสวัสดีครับ", true},
	}
	for _, tt := range tests {
		if got := ParseQuery(tt.query).Matches(tt.text); got != tt.want {
			t.Errorf("%q in %q: %t, want %t", tt.query, tt.text, got, tt.want)
		}
	}
}

func TestLongWord(t *testing.T) {
	long := strings.Repeat("x", 10*maxTerm)
	if got := Terms(long); len(got) != 1 || len(got[0]) != maxTerm {
		t.Errorf("a long word has the terms %q", got)
	}
	if !ParseQuery(long[:5*maxTerm]).Matches(long) {
		t.Error("a long word is not found by its beginning")
	}
}

func FuzzTerms(f *testing.F) {
	for _, seed := range []string{"", "Straße 12", "手机壳abcコーヒー", "हिन्दी में", "👨‍👩‍👧🇩🇪🇫", "e\u0301\u200d\ufe0f", "\xff\x00\ue000", "ﷺ ǰ ΐ"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms := Terms(text)
		for i, term := range terms {
			if term == "" || !utf8.ValidString(term) || utf8.RuneCountInString(term) > maxTerm {
				t.Fatalf("%q has the term %q", text, term)
			}
			if strings.ContainsFunc(term, func(r rune) bool {
				return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Co, r) || strings.ContainsRune(`"'\`, r)
			}) {
				t.Fatalf("%q has the term %q, which no index can keep", text, term)
			}
			if slices.Contains(terms[:i], term) {
				t.Fatalf("%q has the term %q twice", text, term)
			}
		}
		q := ParseQuery(text)
		if (len(q) == 0) != (len(terms) == 0) {
			t.Fatalf("%q has the terms %q, and as a query %q", text, terms, q)
		}
		if !q.Matches(text) {
			t.Fatalf("%q is not found by itself: %q in %q", text, q, terms)
		}
		if !q.Matches("before " + text + " behind") {
			t.Fatalf("%q is not found by a part of it: %q", text, q)
		}
	})
}
