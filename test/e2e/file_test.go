package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"parlor/internal/chat"
	"parlor/internal/config"
	"parlor/internal/powertalk/cipher"
	"parlor/internal/server"
	"parlor/internal/service"
	"parlor/test/env/servertest"
)

// download asks for a file by the call.
func download(t testing.TB, d *servertest.Device, room, file string, more obj) (servertest.Fetched, []byte) {
	t.Helper()
	body := obj{"roomID": room, "fileID": file}
	for name, value := range more {
		body[name] = value
	}
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	return d.App.Fetch(t, http.MethodPost, "/v1/chat/file/download", d.Headers(d.Access), string(text))
}

// refusal is the error code of an answer that is no file, "" for a file.
func refusal(resp servertest.Fetched, body []byte) string {
	if resp.Header.Get("Content-Type") != "application/json" {
		return ""
	}
	var a servertest.Answer
	if err := json.Unmarshal(body, &a); err != nil {
		return err.Error()
	}
	return a.Error.Code
}

// share sends a message that names a file, and returns its id.
func share(t testing.TB, d *servertest.Device, room string, data obj) (message string) {
	t.Helper()
	text, err := json.Marshal(data)
	if err != nil {
		t.Fatal(err)
	}
	d.Call(t, "chat/message/send/custom", obj{
		"roomID": room, "localID": localID(t), "messageType": 1002, "body": "🖼 Photo", "data": string(text),
	}, nil)
	return history(t, d, room)[0].MessageID
}

// plainData is the data of a message, deciphered.
func plainData(t testing.TB, m servertest.Message) string {
	t.Helper()
	plain, err := cipher.Decrypt(m.Data, m.LocalID)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// addressPath is what of a file's URL a test server is asked for.
func addressPath(t testing.TB, url string) string {
	t.Helper()
	path, ok := strings.CutPrefix(url, servertest.PublicURL)
	if !ok {
		t.Fatalf("address %q", url)
	}
	return path
}

// TestUploadAndDownload: what comes in goes out, by the call and at the address.
func TestUploadAndDownload(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		group := newGroup(t, ana, "Group", bo)
		for name, file := range map[string]struct {
			content             []byte
			mediaType, served   string
			width, height       int
			how                 string
			hasThumbnail        bool
			thumbWidth, thumbHi int
		}{
			"boat.png": {
				servertest.PNG(t, 640, 400), "image/png", "image/png", 640, 400, "inline", true, 320, 200,
			},
			"images.png": { // what it is shows its content
				servertest.JPEG(t, 300, 900), "image/jpeg", "image/jpeg", 300, 900, "inline", true, 106, 320,
			},
			"tiny.gif": {
				servertest.GIF(t, 16, 8), "image/gif", "image/gif", 16, 8, "inline", false, 0, 0,
			},
			"film.mp4": { // is not decoded: a placeholder stands for it
				[]byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom and the film"), "video/mp4", "video/mp4", 0, 0, "inline",
				true, 320, 180,
			},
			"page.html": {
				[]byte("<!DOCTYPE html><html><script>alert(1)</script></html>"), "text/html", "application/octet-stream",
				0, 0, "attachment", false, 0, 0,
			},
			"data.json": {
				[]byte(`{"status":401}`), "application/json", "application/octet-stream", 0, 0, "attachment", false, 0, 0,
			},
			"drawing.svg": {
				[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "image/svg+xml",
				"application/octet-stream", 0, 0, "attachment", false, 0, 0,
			},
			"Größe „1“.txt": {
				[]byte("plain text"), "text/plain", "text/plain", 0, 0, "attachment", false, 0, 0,
			},
		} {
			t.Run(name, func(t *testing.T) {
				answer := ana.Upload(t, "chat/file/upload", servertest.FormOf(name, file.content, map[string]string{
					"roomID": group, "caption": "On the sea", "fileType": "image", "duration": "1200",
				}))
				checkDevice(t, "chat/file/upload", answer)
				var up servertest.Uploaded
				if err := json.Unmarshal(answer.Data, &up); err != nil {
					t.Fatal(err)
				}
				if up.ID == "" || up.ID != up.FileID || up.URL != up.FileURL || up.MediaType != file.mediaType ||
					up.Size != len(file.content) || up.Width != file.width || up.Height != file.height || up.Caption != "On the sea" {
					t.Errorf("answered %s", answer.Body)
				}
				if strings.Contains(up.URL, up.ID) {
					t.Error("the address can be told from the id")
				}
				share(t, ana, group, obj{"fileID": up.FileID, "url": up.URL})
				resp, got := download(t, bo, group, up.FileID, nil)
				if !bytes.Equal(got, file.content) || resp.ContentLength != int64(len(file.content)) || resp.StatusCode != 200 {
					t.Errorf("downloaded %d bytes (announced %d), status %d", len(got), resp.ContentLength, resp.StatusCode)
				}
				checkServed(t, resp, file.served, file.how)

				path := addressPath(t, up.URL)
				for _, path := range []string{path, "/api" + path, "/" + path} {
					resp, got = a.Fetch(t, http.MethodGet, path, nil, "")
					if resp.StatusCode != 200 || !bytes.Equal(got, file.content) {
						t.Errorf("at %s: status %d, %d bytes", path, resp.StatusCode, len(got))
					}
				}
				checkServed(t, resp, file.served, file.how)
				if resp.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
					resp.Header.Get("Access-Control-Allow-Origin") != "*" {
					t.Errorf("headers %v", resp.Header)
				}
				checkConditions(t, a, path, file.content, resp.Header.Get("ETag"))

				_, small := a.Fetch(t, http.MethodGet, path+"/thumbnail", nil, "")
				_, called := download(t, bo, group, up.FileID, obj{"isThumbnail": true})
				if !bytes.Equal(small, called) {
					t.Error("the small picture differs by the way it is fetched")
				}
				if !file.hasThumbnail {
					if !bytes.Equal(small, file.content) {
						t.Error("there is something else in the place of a small picture")
					}
					return
				}
				if got := servertest.Measure(t, small); got != fmt.Sprintf("jpeg %dx%d", file.thumbWidth, file.thumbHi) {
					t.Errorf("the small picture is a %s", got)
				}
			})
		}
	})
}

// checkServed looks at what keeps browsers from running what somebody has uploaded.
func checkServed(t *testing.T, resp servertest.Fetched, mediaType, how string) {
	t.Helper()
	h := resp.Header
	if h.Get("Content-Type") != mediaType || !strings.HasPrefix(h.Get("Content-Disposition"), how+"; filename") ||
		h.Get("X-Content-Type-Options") != "nosniff" || !strings.Contains(h.Get("Content-Security-Policy"), "sandbox") ||
		h.Get("Content-Encoding") != "" || h.Get("ETag") == "" {
		t.Errorf("served with %v, want %s and %s", h, mediaType, how)
	}
}

// checkConditions asks for a part, for nothing but headers, and for what is known.
func checkConditions(t *testing.T, a *servertest.App, path string, content []byte, tag string) {
	t.Helper()
	resp, got := a.Fetch(t, http.MethodGet, path, http.Header{"Range": {"bytes=3-6"}}, "")
	if want := fmt.Sprintf("bytes 3-6/%d", len(content)); resp.StatusCode != http.StatusPartialContent ||
		!bytes.Equal(got, content[3:7]) || resp.Header.Get("Content-Range") != want {
		t.Errorf("of a range: status %d, %q, %q", resp.StatusCode, got, resp.Header.Get("Content-Range"))
	}
	resp, _ = a.Fetch(t, http.MethodGet, path, http.Header{"Range": {fmt.Sprintf("bytes=%d-", len(content))}}, "")
	if resp.StatusCode != http.StatusRequestedRangeNotSatisfiable {
		t.Errorf("of a range behind the end: status %d", resp.StatusCode)
	}
	resp, got = a.Fetch(t, http.MethodHead, path, nil, "")
	if resp.StatusCode != 200 || len(got) > 0 || resp.ContentLength != int64(len(content)) {
		t.Errorf("HEAD: status %d, %d bytes, announced %d", resp.StatusCode, len(got), resp.ContentLength)
	}
	resp, got = a.Fetch(t, http.MethodGet, path, http.Header{"If-None-Match": {tag}}, "")
	if resp.StatusCode != http.StatusNotModified || len(got) > 0 {
		t.Errorf("of what is known: status %d, %d bytes", resp.StatusCode, len(got))
	}
	resp, _ = a.Fetch(t, http.MethodPost, path, nil, "{}")
	if resp.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: status %d", resp.StatusCode)
	}
}

// TestWhoMayHaveAFile: it goes by the messages that somebody may read.
func TestWhoMayHaveAFile(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo, eve := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1"), a.SignIn(t, "eve", "1")
		late, gone := a.SignIn(t, "late", "1"), a.SignIn(t, "gone", "1")
		foreign := a.Server.Default().SignIn(t, "ana", "1")
		group := newGroup(t, ana, "Group", bo, gone)
		own := newGroup(t, eve, "Of eve")
		content := []byte("for the group")
		up := ana.MustUpload(t, group, "a.txt", content)
		has := func(who string, d *servertest.Device, room string, want bool) {
			t.Helper()
			resp, got := download(t, d, room, up.FileID, nil)
			code := refusal(resp, got)
			if want != (code == "" && bytes.Equal(got, content)) || !want && code != "40401" {
				t.Errorf("%s in %s: %q %.80s, want %t", who, room, code, got, want)
			}
		}
		has("the uploader", ana, group, true)
		has("the uploader without a room", ana, "", true)
		has("a participant before the message", bo, group, false)
		message := share(t, ana, group, obj{"fileID": up.FileID})
		has("a participant", bo, group, true)
		has("a participant without the room", bo, "", false)
		has("a stranger", eve, group, false)
		has("a stranger in a room of their own", eve, own, false)
		has("a user of another App", foreign, group, false)

		share(t, eve, own, obj{"fileID": up.FileID}) // which is not hers to give
		has("who names it", eve, own, false)
		pair := pairOf(bo, eve)
		share(t, bo, pair, obj{"fileID": up.FileID})
		has("whom it was forwarded to", eve, pair, true)
		share(t, eve, own, obj{"fileID": up.FileID})
		has("who forwards it in turn", eve, own, true)

		gone.Call(t, "client/room/leave", obj{"roomID": group}, nil)
		has("who has left", gone, group, true)
		ana.Call(t, "client/room/participants/add", obj{"roomID": group, "userIDs": list{late.UserID}}, nil)
		has("who has come later and reads what was before", late, group, true)
		bo.Call(t, "client/room/clear_chat", obj{"roomIDs": list{group}}, nil)
		has("who has cleared the room", bo, group, false)
		ana.Call(t, "chat/message/delete", obj{"roomID": group, "messageIDs": list{message}, "forEveryone": true}, nil)
		has("a participant after the message was deleted", late, group, false)
		has("the uploader after that", ana, group, true)
		has("whom it was forwarded to after that", eve, pair, true)

		second := ana.MustUpload(t, group, "b.txt", []byte("behind"))
		share(t, ana, group, obj{"fileID": second.FileID})
		if resp, got := download(t, gone, group, second.FileID, nil); refusal(resp, got) != "40401" {
			t.Errorf("who has left has what came later: %s", got)
		}
		if resp, got := download(t, late, group, second.FileID, nil); string(got) != "behind" {
			t.Errorf("a participant is refused the second file: %d %s", resp.StatusCode, got)
		}
	})
}

// TestBackendNamesAFile: what a backend sends has the address that it left out.
func TestBackendNamesAFile(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		up := ana.MustUpload(t, "", "a.png", servertest.PNG(t, 20, 20))
		for _, data := range []obj{{"fileID": up.FileID, "width": 20}, {"fileID": up.FileID, "url": "https://else.where/x"}} {
			text, err := json.Marshal(data)
			if err != nil {
				t.Fatal(err)
			}
			do(t, a, "message/send/custom", obj{
				"senderXCUserID": "ana", "recipientXCUserID": "bo", "messageType": 1002, "body": "🖼", "data": string(text),
			})
			var got map[string]any
			if err := json.Unmarshal([]byte(plainData(t, history(t, bo, pairOf(ana, bo))[0])), &got); err != nil {
				t.Fatal(err)
			}
			want := up.URL
			if data["url"] != nil {
				want = data["url"].(string)
			}
			if got["fileID"] != up.FileID || got["url"] != want {
				t.Errorf("%v arrives as %v", data, got)
			}
		}
		if resp, got := download(t, bo, pairOf(ana, bo), up.FileID, nil); refusal(resp, got) != "" {
			t.Errorf("the receiver: %s", got)
		}
	})
}

// TestRefusedDownloads: each SDK sees an error where it looks for one.
func TestRefusedDownloads(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		body := `{"roomID":"g1","fileID":"0123456789abcdef0123456789abcdef"}`
		for platform, want := range map[string]int{"web": 200, "": 200, "android": 404, "ios": 404} {
			h := ana.Headers(ana.Access)
			h.Set("Device-Platform", platform)
			resp, got := a.Fetch(t, http.MethodPost, "/v1/chat/file/download", h, body)
			if resp.StatusCode != want || resp.Header.Get("Content-Type") != "application/json" || refusal(resp, got) != "40401" {
				t.Errorf("%q: status %d, type %q: %s", platform, resp.StatusCode, resp.Header.Get("Content-Type"), got)
			}
			h.Set("Authorization", "Bearer nonsense")
			resp, got = a.Fetch(t, http.MethodPost, "/v1/chat/file/download", h, body)
			if want := map[int]int{200: 200, 404: 401}[want]; resp.StatusCode != want || refusal(resp, got) != "40103" {
				t.Errorf("%q with a wrong token: status %d: %s", platform, resp.StatusCode, got)
			}
		}
		h := ana.Headers(ana.Access)
		resp, got := a.Fetch(t, http.MethodPost, "/v1/chat/file/nowhere", h, "{}")
		if resp.StatusCode != 200 || refusal(resp, got) != "40400" {
			t.Errorf("an unknown path: status %d, type %q", resp.StatusCode, resp.Header.Get("Content-Type"))
		}
		for _, path := range []string{"/files/", "/files/x", "/files/0123456789abcdef0123456789abcdef", "/files/../parlor.db"} {
			if resp, got := a.Fetch(t, http.MethodGet, path, nil, ""); resp.StatusCode != 404 {
				t.Errorf("%s: status %d: %.80s", path, resp.StatusCode, got)
			}
		}
	})
}

// TestRefusedUploads: what is wrong with an upload is said, and nothing of it stays.
func TestRefusedUploads(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	cfg.MaxFileSize, cfg.UserFileQuota, cfg.AppFileQuota = 4096, 10_000, 15_000
	a := servertest.Start(t, cfg, nil).Default()
	ana, bo, eve := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1"), a.SignIn(t, "eve", "1")
	group := newGroup(t, bo, "Of bo")
	file := func(n int) servertest.Field {
		return servertest.Field{Name: "file", FileName: "f", Value: make([]byte, n)}
	}
	text := func(name, value string) servertest.Field { return servertest.Field{Name: name, Value: []byte(value)} }
	many := servertest.Form{file(10)}
	for range 20 {
		many = append(many, text("x", "y"))
	}
	for name, tt := range map[string]struct {
		form        servertest.Form
		code, field string
	}{
		"no file":               {servertest.Form{text("roomID", "")}, "40002", "file"},
		"nothing":               {nil, "40002", "file"},
		"an empty file":         {servertest.Form{file(0)}, "40002", "file"},
		"two files":             {servertest.Form{file(1), file(1)}, "40002", "file"},
		"too large":             {servertest.Form{file(4097)}, "40002", "file"},
		"far too large":         {servertest.Form{file(1 << 20)}, "40002", "file"},
		"too much text":         {servertest.Form{text("caption", strings.Repeat("x", 300<<10)), file(1)}, "40002", "file"},
		"too many parts":        {many, "40002", "file"},
		"a long caption":        {servertest.Form{file(1), text("caption", strings.Repeat("x", 4001))}, "40002", "caption"},
		"no room":               {servertest.Form{text("roomID", "nonsense"), file(1)}, "40401", ""},
		"somebody else's room":  {servertest.Form{text("roomID", group), file(1)}, "40301", ""},
		"somebody else's pair":  {servertest.Form{text("roomID", pairOf(bo, eve)), file(1)}, "40401", ""},
		"a pair with nobody":    {servertest.Form{text("roomID", ana.UserID+"-999999"), file(1)}, "40401", ""},
		"text that is not text": {servertest.Form{text("caption", "\xff\xfe"), file(1)}, "40002", "caption"},
	} {
		answer := ana.Upload(t, "chat/file/upload", tt.form)
		if answer.Error.Code != tt.code || answer.Error.Field != tt.field || answer.HTTP.StatusCode != 200 {
			t.Errorf("%s: %s", name, answer.Body)
		}
	}
	if answer := ana.Try(t, "chat/file/upload", obj{"file": "x"}); answer.Error.Code != "40002" {
		t.Errorf("JSON: %s", answer.Body)
	}
	body, contentType := servertest.Form{file(0)}.Encode(t)
	h := ana.Headers(ana.Access)
	h.Set("Device-Platform", "ios")
	h.Set("Content-Type", contentType)
	if resp, _ := a.Fetch(t, http.MethodPost, "/v1/chat/file/upload", h, string(body)); resp.StatusCode != 400 {
		t.Errorf("for iOS: status %d", resp.StatusCode)
	}
	if left := filesBelow(t, filepath.Join(cfg.Data, "files")); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
	for i, want := range []string{"", "", "41301", ""} {
		size := []int{4096, 4096, 4096, 1808}[i]
		if answer := ana.Upload(t, "chat/file/upload", servertest.Form{file(size)}); answer.Error.Code != want {
			t.Errorf("upload %d of %d bytes: %s", i, size, answer.Body)
		}
	}
	if answer := bo.Upload(t, "chat/file/upload", servertest.Form{file(4096)}); answer.Error.Code != "" {
		t.Errorf("within the App's quota: %s", answer.Body)
	}
	if answer := eve.Upload(t, "chat/file/upload", servertest.Form{file(1000)}); answer.Error.Code != "41301" {
		t.Errorf("beyond the App's quota: %s", answer.Body)
	}
	picture := servertest.FormOf("a.png", servertest.PNG(t, 400, 30), nil) // with a small one beside it
	if answer := bo.Upload(t, "chat/file/upload", picture); answer.Error.Code != "41301" {
		t.Errorf("a picture beyond the App's quota: %s", answer.Body)
	}
	withApp(t, a, a.Name, func(svc *service.Service, app chat.App) error { return svc.SetAppFileQuota(t.Context(), app, 14_500) })
	full := "The files of the app may take 14500 bytes together, and this one does not fit; delete messages with files first"
	eventually(t, "the App has another quota", func() bool {
		answer := eve.Upload(t, "chat/file/upload", servertest.Form{file(1000)})
		return answer.Error.Code == "41301" && answer.Error.Message == full && answer.HTTP.StatusCode == 200
	})
	body, contentType = servertest.Form{file(405)}.Encode(t)
	h.Set("Content-Type", contentType)
	if resp, _ := a.Fetch(t, http.MethodPost, "/v1/chat/file/upload", h, string(body)); resp.StatusCode != 413 {
		t.Errorf("beyond the quota, for iOS: status %d", resp.StatusCode)
	}
	_, metrics := a.Fetch(t, http.MethodGet, "/metrics", nil, "")
	for _, line := range []string{`parlor_app_files_bytes{app="default"} 14096`, `parlor_app_files_quota_bytes{app="default"} 14500`} {
		if !strings.Contains(string(metrics), "\n"+line+"\n") {
			t.Errorf("the metrics do not say %s", line)
		}
	}
	if !strings.Contains(string(metrics), "\nparlor_files 4\n") || !strings.Contains(string(metrics), "\nparlor_files_bytes 14096\n") {
		t.Error("the metrics do not say that there are 4 files of 14,096 bytes")
	}
	if left := filesBelow(t, filepath.Join(cfg.Data, "files")); len(left) != 4 {
		t.Errorf("of four files are there %q", left)
	}
}

// filesBelow are the files in a folder and those below it, but for its mark.
func filesBelow(t testing.TB, dir string) (names []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && entry.Name() != "parlor-files" {
			names = append(names, entry.Name())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// TestUploadCutOff: of an upload whose sender is gone nothing is left, and others may go on.
func TestUploadCutOff(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	a := servertest.Start(t, cfg, nil).Default()
	ana := a.SignIn(t, "ana", "1")
	body, contentType := servertest.FormOf("f", bytes.Repeat([]byte("x"), 1<<20), nil).Encode(t)
	for range 20 { // more than one has places for
		conn, err := net.Dial("tcp", strings.TrimPrefix(a.URL, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		h := ana.Headers(ana.Access)
		h.Set("Content-Type", contentType)
		h.Set("Host", "x")
		h.Set("Content-Length", fmt.Sprint(len(body)))
		var head strings.Builder
		head.WriteString("POST /v1/chat/file/upload HTTP/1.1\r\n")
		if err := h.Write(&head); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, head.String()+"\r\n"+string(body[:len(body)/2])); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Fatal(err)
		}
	}
	ana.MustUpload(t, "", "f", []byte("whole"))
	eventually(t, "one file is left", func() bool { // the server notices when it reads on
		return len(filesBelow(t, filepath.Join(cfg.Data, "files"))) == 1
	})
}

// TestWithoutAFileStore: a server that keeps no files says so before anybody tries.
func TestWithoutAFileStore(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	cfg.Files = config.NoFiles
	a := servertest.Start(t, cfg, nil).Default()
	ana := a.SignIn(t, "ana", "1")
	var configs struct{ Core map[string]string }
	ana.Call(t, "client/project_configs", nil, &configs)
	for _, name := range []string{"chatMediaMaxFileSize", "roomPhotoMaxFileSize", "userPhotoMaxFileSize"} {
		if configs.Core[name] != "0" {
			t.Errorf("%s is %q", name, configs.Core[name])
		}
	}
	answer := ana.Upload(t, "chat/file/upload", servertest.FormOf("f", []byte("x"), nil))
	if answer.Error.Code != "40301" || answer.HTTP.StatusCode != 200 {
		t.Errorf("an upload: %s", answer.Body)
	}
}

// TestFilesStay: what was acknowledged is there after a restart, and without public-url the same
// file has no address.
func TestFilesStay(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	s := servertest.Start(t, cfg, nil)
	ana := s.Default().SignIn(t, "ana", "1")
	up := ana.MustUpload(t, "", "a.png", servertest.PNG(t, 400, 400))
	s.Stop(t)
	s.Config.PublicURL = ""
	s.StartAgain(t)
	ana.App = s.Default()
	if resp, got := download(t, ana, "", up.FileID, obj{"isThumbnail": true}); refusal(resp, got) != "" || len(got) == 0 {
		t.Errorf("after a restart: %s", got)
	}
	if resp, _ := s.Fetch(t, http.MethodGet, addressPath(t, up.URL), nil, ""); resp.StatusCode != 200 {
		t.Errorf("at its address: status %d", resp.StatusCode)
	}
	if again := ana.MustUpload(t, "", "b.txt", []byte("b")); again.URL != "" || again.FileURL != "" {
		t.Errorf("an address without public-url: %+v", again)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Data, "files", "objects")); err != nil {
		t.Fatal(err)
	}
	if resp, got := download(t, ana, "", up.FileID, nil); refusal(resp, got) != "50301" {
		t.Errorf("after the loss of the content: %s", got)
	}
	ana.MustUpload(t, "", "c.txt", []byte("c")) // folders come again
}

// TestFolderOfOneDatabase: a server does not take the folder of another for its own, nor go on
// with an empty one in the place of its own.
func TestFolderOfOneDatabase(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	s := servertest.Start(t, cfg, nil)
	s.Default().SignIn(t, "ana", "1").MustUpload(t, "", "a.txt", []byte("a"))
	s.Stop(t)
	folder := filepath.Join(cfg.Data, "files")
	refused := func(what string, cfg config.Config, says string) {
		t.Helper()
		err := server.Run(t.Context(), cfg, server.Options{Log: slog.New(slog.DiscardHandler), Out: io.Discard})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", what, err)
		}
	}
	other := servertest.SQLite(t)
	other.Files = folder
	refused("another database", other, "belongs to another database")
	moved := folder + "-moved"
	if err := os.Rename(folder, moved); err != nil {
		t.Fatal(err)
	}
	refused("an empty folder", cfg, "is not the folder or bucket that they are in")
	mark, err := os.ReadFile(filepath.Join(moved, "parlor-files"))
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "parlor-files"), mark, 0o600) // as the error says
	}
	if err != nil {
		t.Fatal(err)
	}
	s.StartAgain(t)
	s.Default().SignIn(t, "ana", "1").MustUpload(t, "", "b.txt", []byte("b"))
}
