package chat

import (
	"strings"
	"unicode/utf8"
)

// Text checks a parameter that is stored as plain text: its length in characters and
// that it holds no NUL, which PostgreSQL cannot store. A minimum of 1 makes it required.
func Text(param, s string, minChars, maxChars int) error {
	n := utf8.RuneCountInString(s)
	switch {
	case n == 0 && minChars > 0:
		return Required(param)
	case n < minChars || n > maxChars:
		return Invalid(param, "must be %d to %d characters", minChars, maxChars)
	case !utf8.ValidString(s):
		return Invalid(param, "must be valid UTF-8")
	case strings.IndexByte(s, 0) >= 0:
		return Invalid(param, "must not contain NUL characters")
	}
	return nil
}

// TextList checks a list of texts, each of 1 to maxChars characters.
func TextList(param string, list []string, maxItems, maxChars int) error {
	if len(list) > maxItems {
		return Invalid(param, "must have at most %d entries", maxItems)
	}
	for _, s := range list {
		if err := Text(param, s, 1, maxChars); err != nil {
			return Invalid(param, "must hold texts of 1 to %d characters, without NUL", maxChars)
		}
	}
	return nil
}

// Unique returns list without repeats, first occurrences in their order; nil stays nil.
func Unique[T comparable](list []T) []T {
	if list == nil {
		return nil
	}
	seen := make(map[T]bool, len(list))
	out := make([]T, 0, len(list))
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
