package wire

import "parlor/internal/chat"

// UploadedFile is the answer of file/upload. Web copies all of it into its message's data.
type UploadedFile struct {
	File    chat.File
	URL     string // "" where files have no address
	Caption string
}

// AppendJSON appends the answer's data object.
func (a UploadedFile) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.str("id", string(a.File.ID)) // which the mobile SDKs read; web reads the next
	w.str("fileID", string(a.File.ID))
	w.str("fileURL", a.URL)
	w.str("url", a.URL)
	w.str("mediaType", a.File.MediaType)
	w.num("size", a.File.Size)
	w.num("width", int64(a.File.Width))
	w.num("height", int64(a.File.Height))
	w.str("caption", a.Caption)
	w.end()
	return w.b
}

// Photos is the answer of photo/get_list, the main photo first.
type Photos struct{ Photos []chat.Photo }

// AppendJSON appends the answer's data object.
func (a Photos) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.list("photos")
	for _, p := range a.Photos {
		w.item()
		w.num("id", p.ID) // SDKs want a number
		w.str("thumbnailImageURL", p.Image.Thumbnail)
		w.str("fullsizeImageURL", p.Image.Fullsize)
		w.num("createdTime", p.CreatedAt)
		w.end()
	}
	w.endList()
	w.end()
	return w.b
}
