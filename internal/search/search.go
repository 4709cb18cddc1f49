// Package search takes texts apart into the terms by which they are found. It is the only place
// that does so, whichever database keeps the index: so both find the same.
//
// A term is a word in small letters and without accents, or a symbol such as an emoji. Scripts that
// are written without spaces, or whose words have particles at their ends, have no words that could
// be told apart without a dictionary: of those each character is a term, and each two characters that
// stand beside each other. So a text is found by any part of it.
package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// maxTerm bounds a word, in characters. What is longer is found by its beginning.
const maxTerm = 64

// Terms are those of a text, each once.
func Terms(text string) []string {
	var c collector
	split(text, func(run []rune, dense bool) {
		if !dense {
			c.add(string(run))
			return
		}
		for i := range run {
			c.add(string(run[i]))
			if i > 0 {
				c.add(string(run[i-1 : i+1]))
			}
		}
	})
	return c.terms
}

// Query is what somebody searches for: the terms that a text must have, all of them.
type Query []string

// ParseQuery takes apart what somebody has entered. It is empty where that has no words.
func ParseQuery(text string) Query {
	var c collector
	split(text, func(run []rune, dense bool) {
		if !dense || len(run) == 1 {
			c.add(string(run))
			return
		}
		for i := range run[1:] {
			c.add(string(run[i : i+2]))
		}
	})
	return c.terms
}

// Matches reports whether a text has all terms.
func (q Query) Matches(text string) bool {
	has := map[string]bool{}
	for _, term := range Terms(text) {
		has[term] = true
	}
	for _, term := range q {
		if !has[term] {
			return false
		}
	}
	return true
}

// collector collects terms, each once.
type collector struct {
	terms []string
	seen  map[string]bool
}

func (c *collector) add(term string) {
	if c.seen[term] {
		return
	}
	if c.seen == nil {
		c.seen = map[string]bool{}
	}
	c.seen[term] = true
	c.terms = append(c.terms, term)
}

// split calls found for each word, each symbol, and each run of characters of a dense script.
func split(text string, found func(run []rune, dense bool)) {
	var run []rune
	dense := false
	end := func() {
		if len(run) > 0 {
			found(run, dense)
		}
		run = run[:0]
	}
	for _, r := range fold(text) {
		switch k := kindOf(r); k {
		case ignored:
		case symbol:
			end()
			found([]rune{r}, false)
		case flagHalf:
			if len(run) != 1 || kindOf(run[0]) != flagHalf {
				end()
			}
			dense = false
			if run = append(run, r); len(run) == 2 {
				end()
			}
		case word, denseScript:
			if dense != (k == denseScript) || len(run) > 0 && kindOf(run[0]) == flagHalf {
				end()
			}
			dense = k == denseScript
			if dense || len(run) < maxTerm {
				run = append(run, r)
			}
		default:
			end()
		}
	}
	end()
}

// fold makes texts alike that differ in nothing that people would search by: capitals, accents, the width
// of letters, and how Unicode puts them together.
func fold(text string) string {
	if isPlain(text) {
		return strings.ToLower(text)
	}
	apart := norm.NFKD.String(cases.Fold().String(norm.NFKD.String(text)))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if isAccent(r) {
			return -1
		}
		return r
	}, apart))
}

// isPlain reports whether a text is ASCII.
func isPlain(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}

// isAccent reports whether texts are searched without r: the accents of European scripts, and the vowel
// signs of Arabic and Hebrew, which most people leave out. Marks of other scripts are part of the word.
func isAccent(r rune) bool {
	return r >= 0x0300 && r <= 0x036f || r >= 0x0591 && r <= 0x05c7 || r == 0x0640 || r >= 0x064b && r <= 0x065f || r == 0x0670
}

// kind is what a character is in a text.
type kind int

const (
	separator kind = iota
	ignored        // as if it were not there
	word
	denseScript
	symbol   // a term of its own
	flagHalf // two of them are a flag
)

// dense are the scripts of which each two characters are a term.
var dense = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Tibetan,
}

func kindOf(r rune) kind {
	switch {
	case r < 0x80:
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return word
		}
		return separator
	case r == 0x200b: // a space of no width, between words
		return separator
	case unicode.Is(unicode.Cf, r), // joins emojis, or letters
		r >= 0xfe00 && r <= 0xfe0f,   // selects how an emoji is drawn
		r >= 0xe0100 && r <= 0xe01ef, // and how an ideograph is
		r >= 0x1f3fb && r <= 0x1f3ff, // tones of skin
		r == 0x20e3:                  // the frame of a keycap
		return ignored
	case r >= 0x1f1e6 && r <= 0x1f1ff:
		return flagHalf
	case unicode.IsLetter(r), unicode.IsNumber(r), unicode.Is(unicode.Mn, r), unicode.Is(unicode.Mc, r):
		if r == 'ー' || unicode.In(r, dense...) { // the sign of a long vowel is common to two scripts
			return denseScript
		}
		return word
	case unicode.Is(unicode.So, r) && r != unicode.ReplacementChar:
		return symbol
	}
	return separator
}
