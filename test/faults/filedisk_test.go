package faults

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"parlor/client"
	"parlor/internal/store/storetest"
)

// TestDiskFullUnderUploads fills the disk of the files. Senders are told, nothing of their files stays
// there, and messages go on; once there is space again, so do uploads.
func TestDiskFullUnderUploads(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t)
	folder, ballast := filepath.Join(disk, "files"), filepath.Join(disk, "ballast")
	rng := newRand(t)
	o := sqliteIn(t.TempDir())
	p := start(t, o, "--files", folder)
	u := newUploader(t, p, "ana", rng)
	for round := range 2 {
		if err := u.upload(t.Context(), 1<<20); err != nil {
			t.Fatal(err)
		}
		free := fill(t, ballast)
		leave(t, ballast, 2<<20) // so that it is full in the middle of an upload
		for range 4 {
			if err := u.upload(t.Context(), 5<<20); !isUnavailable(err) || refusal(err).Status != http.StatusServiceUnavailable {
				t.Errorf("an upload to a full disk: %v", err)
			}
			if left := spools(t, folder); len(left) > 0 {
				t.Fatalf("left over: %q", left)
			}
		}
		if err := u.upload(t.Context(), 100<<10); err != nil { // for which there is space
			t.Error(err)
		}
		_, err := u.in.Send(t.Context(), client.Draft{RoomID: u.in.PersonalRoom(u.in.UserID()), Text: "as before"})
		if err != nil {
			t.Errorf("a message, while the disk of files is full: %v", err)
		}
		wantStatus(t, p, "/readyz", http.StatusOK)
		u.check(t)
		free()
		if err := u.upload(t.Context(), 5<<20); err != nil {
			t.Errorf("an upload after round %d: %v", round, err)
		}
	}
	u.check(t)
	storetest.Audit(t, o)
	checkObjects(t, o, folder)
	objects, err := filepath.Glob(filepath.Join(folder, "objects", "*", "*"))
	if err != nil || len(objects) != u.count() {
		t.Errorf("%d objects of %d files (%v)", len(objects), u.count(), err)
	}
}

// leave gives some bytes of a ballast back.
func leave(t *testing.T, file string, size int64) {
	t.Helper()
	info, err := os.Stat(file)
	if err == nil {
		err = os.Truncate(file, max(info.Size()-size, 0))
	}
	if err != nil {
		t.Fatal(err)
	}
}
