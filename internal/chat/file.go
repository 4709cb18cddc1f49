package chat

import (
	"crypto/rand"
	"encoding/hex"
	"strings"
)

// FileID names a file that was uploaded. It is random, so that nobody guesses it.
type FileID string

// fileIDBytes are the random bytes of a FileID and of a File's Address.
const fileIDBytes = 16

// NewFileID returns a random FileID. It serves for a File's Address, too.
func NewFileID() FileID {
	var b [fileIDBytes]byte
	_, _ = rand.Read(b[:]) // never fails
	return FileID(hex.EncodeToString(b[:]))
}

// ParseFileID reads a FileID in the only form in which NewFileID makes it. Android compares
// addresses without case and punctuation, so there are none in it.
func ParseFileID(s string) (FileID, bool) {
	if len(s) != 2*fileIDBytes || strings.Trim(s, "0123456789abcdef") != "" {
		return "", false
	}
	return FileID(s), true
}

// File is what was uploaded by a user, without its content.
type File struct {
	ID        FileID
	App       AppID
	Owner     UserID // who has uploaded it
	Address   FileID // what its URL ends in: whoever knows it may have the content
	Name      string // as the uploader calls it, "" for none
	MediaType string // by its content, such as image/jpeg
	Size      int64  // bytes
	Thumbnail int64  // bytes of the small JPEG that was made of it, 0 for none
	Width     int    // pixels, as it is to be shown; 0 for what is no picture
	Height    int
	Checksum  string // SHA-256, in hexadecimal digits
	CreatedAt int64  // Unix ms
}

// Bytes is what the file counts in quotas.
func (f File) Bytes() int64 { return f.Size + f.Thumbnail }

// Quotas bound what files may take together, in bytes; 0 is no bound.
type Quotas struct {
	App  int64 // all files of an App
	User int64 // all files that one user has uploaded
}

// For is q for an App, which may have a quota of its own.
func (q Quotas) For(a App) Quotas {
	switch a.FileQuota {
	case 0:
	case NoQuota:
		q.App = 0
	default:
		q.App = a.FileQuota
	}
	return q
}

// Photo is one of a user's photos.
type Photo struct {
	ID        int64
	Image     Image
	CreatedAt int64 // Unix ms
}

// FileName cuts what an uploader calls a file to a bare name of up to MaxFileName characters.
func FileName(s string) string {
	if i := strings.LastIndexAny(s, `/\`); i >= 0 {
		s = s[i+1:]
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '"' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(s); len(runes) > MaxFileName {
		s = string(runes[:MaxFileName])
	}
	return strings.TrimSpace(s)
}
