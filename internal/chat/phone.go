package chat

import "strings"

// The digits of a number by which an address book finds a user.
const (
	minPhoneDigits = 7
	maxPhoneDigits = 20
)

// PhoneKey is a phone number as address books are compared: its digits alone. It is "" for what
// is no whole number, such as a short one of a switchboard, or one with letters.
func PhoneKey(number string) string {
	digits := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" +-()./", r) {
			return -1
		}
		return r
	}, number)
	if len(digits) < minPhoneDigits || len(digits) > maxPhoneDigits || !allDigits(digits) {
		return ""
	}
	return digits
}

// PhoneKey is the number under which address books find u, with its country's code as far as that
// is known: of the whole number, or else of the calling code and the number, or of the number
// alone.
func (u User) PhoneKey() string {
	switch {
	case u.PhoneWithCode != "":
		return PhoneKey(u.PhoneWithCode)
	case u.CallingCode != "" && u.Phone != "":
		return PhoneKey(u.CallingCode + u.Phone)
	}
	return PhoneKey(u.Phone)
}

func allDigits(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' })
}

// ValidCallingCode reports whether s is the calling code of a country: digits, or "" for none.
func ValidCallingCode(s string) bool { return len(s) <= MaxCallingCode && allDigits(s) }

// ValidColor reports whether s is a colour in hexadecimal digits: three, six or eight of them,
// with or without a "#", or "" for none.
func ValidColor(s string) bool {
	if s == "" {
		return true
	}
	s = strings.TrimPrefix(s, "#")
	switch len(s) {
	case 3, 6, 8:
	default:
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'f') && (r < 'A' || r > 'F')
	})
}
