package client_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"parlor/client"
	"parlor/test/env/servertest"
)

// TestDeviceFiles: files go up and come down as they are, and refusals say why.
func TestDeviceFiles(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	ctx := t.Context()
	ana, bo := signIn(t, s, "ana", "a"), signIn(t, s, "bo", "b")
	picture := servertest.PNG(t, 400, 200)
	file, err := ana.Upload(ctx, client.Upload{
		Name: "Größe \"1\".png", Type: "image/png", Caption: "On the sea", Content: bytes.NewReader(picture),
	})
	if err != nil || file.Size != int64(len(picture)) || file.Width != 400 || file.Height != 200 || file.Caption != "On the sea" ||
		file.MediaType != "image/png" || file.URL == "" {
		t.Fatalf("Upload: %+v, %v", file, err)
	}
	content, err := ana.Download(ctx, "", file.ID)
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(content)
	if err != nil || !bytes.Equal(got, picture) || content.Size != file.Size || content.MediaType != "image/png" ||
		content.Name != "Größe 1.png" {
		t.Errorf("Download: %d bytes, %+v, %v", len(got), content, err)
	}
	small, err := ana.DownloadThumbnail(ctx, "", file.ID)
	if err != nil || small.MediaType != "image/jpeg" {
		t.Fatalf("DownloadThumbnail: %+v, %v", small, err)
	}
	for _, c := range []*client.Content{content, small} {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := bo.Download(ctx, bo.PersonalRoom(ana.UserID()), file.ID); client.CodeOf(err) != client.CodeNotFound {
		t.Errorf("Download by somebody else: %v", err)
	}
	if _, err := ana.Upload(ctx, client.Upload{RoomID: "g1", Content: bytes.NewReader(picture)}); client.CodeOf(err) != client.CodeNotFound {
		t.Errorf("Upload to no room: %v", err)
	}
	if _, err := ana.Upload(ctx, client.Upload{}); err == nil {
		t.Error("an upload of nothing succeeded")
	}
	broken := errors.New("the camera is gone")
	if _, err := ana.Upload(ctx, client.Upload{
		Content: io.MultiReader(bytes.NewReader(picture), failing{broken}),
	}); !errors.Is(err, broken) {
		t.Errorf("Upload of content that breaks off: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// endless is content without an end, which tells whether somebody reads it too late.
type endless struct {
	begun chan struct{}
	late  chan struct{} // closed once nobody may read
	reads int
	bad   bool
}

func (e *endless) Read(p []byte) (int, error) {
	select {
	case <-e.late:
		e.bad = true
	default:
	}
	if e.reads++; e.reads == 10 {
		close(e.begun)
	}
	time.Sleep(time.Millisecond) // as a camera
	return min(len(p), 100), nil
}

// TestUploadEndsWithItsContext: also in the middle, and then content is the caller's again.
func TestUploadEndsWithItsContext(t *testing.T) {
	s := servertest.Start(t, servertest.SQLite(t), nil)
	ana := signIn(t, s, "ana", "a")
	ctx, cancel := context.WithCancel(t.Context())
	content := &endless{begun: make(chan struct{}), late: make(chan struct{})}
	done := make(chan error, 1)
	go func() { // ends with ctx
		_, err := ana.Upload(ctx, client.Upload{Content: content})
		close(content.late)
		done <- err
	}()
	<-content.begun
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Upload: %v", err)
	}
	if content.bad {
		t.Error("content was read after the upload had ended")
	}
}
