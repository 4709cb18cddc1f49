package wire

import "parlor/internal/chat"

// Export is the answer of user/export and user/export/get.
type Export struct {
	Export chat.Export
	// Archive is nil while it is made, and once it is gone.
	Archive *chat.File
	URL     string
	Expires int64 // Unix ms
}

// AppendJSON appends the answer's data object.
func (a Export) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	state := "running"
	switch {
	case a.Archive != nil:
		state = "finished"
	case a.Export.Stopped():
		state = "stopped"
	case a.Export.Finished():
		state = "expired"
	}
	w.open("export")
	w.str("exportID", string(a.Export.ID))
	w.str("state", state)
	w.id("userID", int64(a.Export.User))
	w.num("requested", a.Export.CreatedAt)
	w.num("finished", a.Export.FinishedAt)
	w.num("messages", a.Export.Messages)
	w.num("files", a.Export.Files)
	if a.Archive != nil {
		w.open("archive")
		w.str("url", a.URL)
		w.num("size", a.Archive.Size)
		w.str("checksum", a.Archive.Checksum)
		w.num("expires", a.Expires)
		w.end()
	}
	w.end()
	w.end()
	return w.b
}
