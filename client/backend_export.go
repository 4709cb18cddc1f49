package client

import "context"

// Export is an archive of everything that belongs to a user (docs/protocol/server-api.md, "What an archive has").
type Export struct {
	ID        string   `json:"exportID"`
	State     string   `json:"state"` // running, finished, expired, or stopped by an operator
	UserID    UserID   `json:"userID"`
	Requested Time     `json:"requested"`
	Finished  Time     `json:"finished"`
	Messages  int64    `json:"messages"` // in the archive
	Files     int64    `json:"files"`
	Archive   *Archive `json:"archive"` // nil while it is made, and once it is gone
}

// Archive is a ZIP file that whoever has its address can get.
type Archive struct {
	URL      string `json:"url"` // only a path where the server does not know its own address
	Size     int64  `json:"size"`
	Checksum string `json:"checksum"` // SHA-256 in hexadecimal digits
	Expires  Time   `json:"expires"`
}

type exportAnswer struct {
	Export Export `json:"export"`
}

// ExportUser has an archive made of everything that belongs to a user. Export shows where it is.
func (b *Backend) ExportUser(ctx context.Context, xcUserID string) (Export, error) {
	var answer exportAnswer
	err := b.doOnce(ctx, "user/export", struct {
		XCID string `json:"xcUserID"`
	}{xcUserID}, &answer)
	return answer.Export, err
}

// Export finds an export of the app by its ID.
func (b *Backend) Export(ctx context.Context, id string) (Export, error) {
	var answer exportAnswer
	err := b.do(ctx, "user/export/get", struct {
		ID string `json:"exportID"`
	}{id}, &answer)
	return answer.Export, err
}
