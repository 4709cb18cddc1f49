package e2e

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// bomb is a picture of a few bytes that announces 900 million pixels.
func bomb(t testing.TB) []byte {
	t.Helper()
	content := servertest.PNG(t, 16, 16)
	header := content[12:29] // its name and what it says
	binary.BigEndian.PutUint32(header[4:], 30_000)
	binary.BigEndian.PutUint32(header[8:], 30_000)
	binary.BigEndian.PutUint32(content[29:], crc32.ChecksumIEEE(header))
	return content
}

// TestBombsAreCounted: what is not decoded is stored all the same in a message, refused as a photo, and
// counted for the operator.
func TestBombsAreCounted(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		metric := func(reason, want string) {
			t.Helper()
			_, metrics := a.Fetch(t, http.MethodGet, "/metrics", nil, "")
			if line := `parlor_pictures_refused_total{reason="` + reason + `"} ` + want; !strings.Contains(string(metrics), line+"\n") {
				t.Errorf("the metrics lack %s", line)
			}
		}
		metric("too_large", "0")
		metric("damaged", "0")

		large, half := bomb(t), servertest.JPEG(t, 900, 900)[:2000]
		for _, content := range [][]byte{large, half} {
			answer := ana.Upload(t, "chat/file/upload", servertest.FormOf("a", content, nil))
			var up servertest.Uploaded
			if err := json.Unmarshal(answer.Data, &up); err != nil || answer.Error.Code != "" {
				t.Fatalf("%v, %s", err, answer.Body)
			}
			if _, small := download(t, ana, "", up.FileID, obj{"isThumbnail": true}); !bytes.Equal(small, content) {
				t.Errorf("a small picture of %d bytes, want the file itself", len(small))
			}
		}
		metric("too_large", "1")
		metric("damaged", "1")

		if answer := ana.Upload(t, "client/user/photo/upload", servertest.FormOf("a", large, nil)); answer.Error.Code != "40002" {
			t.Errorf("as a photo: %s", answer.Body)
		}
		metric("too_large", "2")
		metric("damaged", "1")
	})
}
