package httpapi

import (
	"bytes"
	"strconv"
)

// Bounds of what a body may be made of. The cost of reading depends on them, not only on its
// size.
const (
	maxDepth   = 64
	maxKeys    = 1000    // in one object
	maxAllKeys = 150_000 // in all: 10,000 contacts, with every field of each
)

// tooMuch finds the first place at which a body has more than any sensible body has. It returns
// what is wrong there, or "". It need not know JSON: what is not JSON is found when it is read.
func tooMuch(body []byte) (at int, excess string) {
	if len(body) < maxDepth {
		return 0, ""
	}
	var keys [maxDepth + 1]int // of the objects that are open
	depth, all := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			i = endOfText(body, i)
		case '{', '[':
			if depth == maxDepth {
				return i, "is nested deeper than " + strconv.Itoa(maxDepth) + " levels"
			}
			depth++
			keys[depth] = 0
		case '}', ']':
			depth = max(0, depth-1)
		case ':':
			keys[depth]++
			all++
			switch {
			case keys[depth] > maxKeys:
				return i, "has an object with more than " + strconv.Itoa(maxKeys) + " keys"
			case all > maxAllKeys:
				return i, "has more than " + strconv.Itoa(maxAllKeys) + " keys"
			}
		}
	}
	return 0, ""
}

// endOfText is where the text that begins at a place ends, or else the end of the body.
func endOfText(body []byte, start int) int {
	for from := start + 1; ; {
		n := bytes.IndexByte(body[from:], '"')
		if n < 0 {
			return len(body)
		}
		end := from + n
		escapes := 0
		for body[end-1-escapes] == '\\' { // the text's begin is none
			escapes++
		}
		if escapes%2 == 0 {
			return end
		}
		from = end + 1
	}
}
