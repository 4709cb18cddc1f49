// Package spelling finds the name that was meant by a misspelled one.
package spelling

import "strings"

// maxWord is how long a word may be that is compared, in bytes.
const maxWord = 64

// Closest returns the one of known that word is most likely a misspelling of, "" if it is
// like none of them. Capitals, dashes and underscores make no difference.
func Closest(word string, known []string) string {
	best, nearest := "", maxWord
	plain := simple(word)
	if plain == "" || len(plain) > maxWord {
		return ""
	}
	for _, name := range known {
		as := simple(name)
		if len(as) > maxWord {
			continue
		}
		// Two letters of eight may be wrong, one of four.
		if d := distance(plain, as); d <= min(2, max(len(plain), len(as))/4) && d < nearest {
			best, nearest = name, d
		}
	}
	return best
}

func simple(word string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(word))
}

// distance counts the letters to be put in, left out, exchanged or swapped with their
// neighbour to make b of a.
func distance(a, b string) int {
	before, last := []int(nil), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			changed := 1
			if a[i-1] == b[j-1] {
				changed = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+changed)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
