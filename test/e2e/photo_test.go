package e2e

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

type photo struct {
	ID                                  int
	ThumbnailImageURL, FullsizeImageURL string
	CreatedTime                         int64
}

func photosOf(t testing.TB, d *servertest.Device, user string) []photo {
	t.Helper()
	var answer struct{ Photos []photo }
	d.Call(t, "client/user/photo/get_list", obj{"userID": user}, &answer)
	return answer.Photos
}

// pictured is what answers of photo calls, and events, say of a user or a room.
type pictured struct {
	UserID, RoomID string
	ImageURL       struct{ Thumbnail, Fullsize string }
}

// measures fetches what is at an address.
func measures(t testing.TB, a *servertest.App, url string) string {
	t.Helper()
	resp, content := a.Fetch(t, http.MethodGet, addressPath(t, url), nil, "")
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "image/jpeg" || bytes.Contains(content, []byte("Exif")) {
		t.Errorf("%s: status %d, type %s", url, resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	return servertest.Measure(t, content)
}

// TestUserPhotos: a photo is added, shown to others, chosen and removed.
func TestUserPhotos(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1").Connect(t)
		ana.Call(t, "chat/message/send/custom", plainMessage(t, pairOf(ana, bo), "hi"), nil)
		add := func(width, height int) (user pictured) {
			t.Helper()
			var answer struct{ User pictured }
			ana.Call(t, "client/user/photo/upload", servertest.FormOf("images.png", servertest.JPEG(t, width, height),
				map[string]string{"fileType": "image"}), &answer)
			return answer.User
		}
		first := add(2000, 1000)
		if first.UserID != ana.UserID || !strings.HasPrefix(first.ImageURL.Fullsize, servertest.PublicURL+"/files/") ||
			first.ImageURL.Thumbnail == first.ImageURL.Fullsize {
			t.Fatalf("%+v", first)
		}
		if full, small := measures(t, a, first.ImageURL.Fullsize), measures(t, a, first.ImageURL.Thumbnail); full != "jpeg 1280x640" ||
			small != "jpeg 320x160" {
			t.Errorf("it is %s and %s", full, small)
		}
		notice := bo.Next(t, "the new picture", func(e servertest.Event) bool { return e.Message.Action == "user/update" })
		if !strings.Contains(string(notice.Data), first.ImageURL.Thumbnail) {
			t.Errorf("told %s", notice.Data)
		}
		second := add(16, 16)
		list := photosOf(t, bo, ana.UserID)
		if len(list) != 2 || list[0].FullsizeImageURL != second.ImageURL.Fullsize ||
			list[1].ThumbnailImageURL != first.ImageURL.Thumbnail || list[0].CreatedTime < list[1].CreatedTime {
			t.Fatalf("%+v", list)
		}
		var answer struct{ User pictured }
		ana.Call(t, "client/user/photo/set_main", obj{"id": list[1].ID}, &answer)
		if answer.User != first {
			t.Errorf("chosen %+v", answer.User)
		}
		if now := photosOf(t, bo, ana.UserID); now[0] != list[1] || now[1] != list[0] {
			t.Errorf("the main one is not the first: %+v", now)
		}
		bo.Call(t, "client/user/get_by_id", obj{"id": ana.UserID}, &answer)
		if answer.User != first {
			t.Errorf("others see %+v", answer.User)
		}
		for _, path := range []string{"client/user/photo/set_main", "client/user/photo/delete"} {
			if refused := bo.Try(t, path, obj{"id": list[0].ID}); refused.Error.Code != "40401" {
				t.Errorf("%s of another's: %s", path, refused.Body)
			}
		}
		ana.Call(t, "client/user/photo/delete", obj{"id": list[1].ID, "createdTime": list[1].CreatedTime}, &answer)
		if answer.User != second {
			t.Errorf("in the place of the main one: %+v", answer.User)
		}
		ana.Call(t, "client/user/photo/delete", obj{"id": list[0].ID}, &answer)
		if left := photosOf(t, bo, ana.UserID); answer.User.ImageURL.Fullsize != "" || len(left) != 0 {
			t.Errorf("after the last: %+v, %+v", answer.User, left)
		}
		for name, content := range map[string][]byte{
			"text": []byte("no picture"), "half a picture": servertest.JPEG(t, 100, 100)[:300],
		} {
			if refused := ana.Upload(t, "client/user/photo/upload", servertest.FormOf("x.jpg", content, nil)); refused.Error.Code != "40002" ||
				refused.Error.Field != "file" {
				t.Errorf("%s: %s", name, refused.Body)
			}
		}
	})
}

// TestRoomPhoto: it is the group's, in every place, and each admin may change it.
func TestRoomPhoto(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1").Connect(t)
		group := newGroup(t, ana, "Group", bo)
		var answer struct{ Room pictured }
		ana.Call(t, "client/room/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 400, 800),
			map[string]string{"roomID": group}), &answer)
		image := answer.Room.ImageURL
		if answer.Room.RoomID != group || measures(t, a, image.Fullsize) != "jpeg 400x800" ||
			measures(t, a, image.Thumbnail) != "jpeg 160x320" {
			t.Errorf("%+v", answer.Room)
		}
		notice := bo.Next(t, "the new picture", func(e servertest.Event) bool { return e.Message.Action == "room/update" })
		if !strings.Contains(string(notice.Data), image.Thumbnail) {
			t.Errorf("told %s", notice.Data)
		}
		bo.Call(t, "client/room/get", obj{"roomID": group}, &answer)
		if answer.Room.ImageURL != image {
			t.Errorf("others see %+v", answer.Room)
		}
		for room, want := range map[string]string{group: "40301", pairOf(ana, bo): "40401", "g999999": "40401", "": "40002"} {
			form := servertest.FormOf("a.png", servertest.PNG(t, 4, 4), map[string]string{"roomID": room})
			if refused := bo.Upload(t, "client/room/photo/upload", form); refused.Error.Code != want {
				t.Errorf("bo in %q: %s", room, refused.Body)
			}
		}
	})
}

// TestNoPhotosWithoutAddresses: apps fetch photos by their addresses and by nothing else.
func TestNoPhotosWithoutAddresses(t *testing.T) {
	t.Parallel()
	cfg := servertest.SQLite(t)
	cfg.PublicURL = ""
	a := servertest.Start(t, cfg, nil).Default()
	ana := a.SignIn(t, "ana", "1")
	var configs struct{ Core map[string]string }
	ana.Call(t, "client/project_configs", nil, &configs)
	if configs.Core["userPhotoMaxFileSize"] != "0" || configs.Core["roomPhotoMaxFileSize"] != "0" ||
		configs.Core["chatMediaMaxFileSize"] != "26214400" {
		t.Errorf("announced %v", configs.Core)
	}
	refused := ana.Upload(t, "client/user/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 4, 4), nil))
	if refused.Error.Code != "40301" {
		t.Errorf("%s", refused.Body)
	}
}

// TestAddressesStay: addresses are the same each time, so that apps find in their caches what
// they have.
func TestAddressesStay(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana := a.SignIn(t, "ana", "1")
		var seen []string
		for range 3 {
			ana.Call(t, "client/user/photo/upload", servertest.FormOf("a.png", servertest.PNG(t, 4, 4), nil), nil)
		}
		for range 2 {
			for _, p := range photosOf(t, ana, ana.UserID) {
				for _, url := range []string{p.FullsizeImageURL, p.ThumbnailImageURL} {
					bare := strings.ToLower(strings.Map(func(r rune) rune { // as Android compares them
						if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) {
							return r
						}
						return -1
					}, strings.ToLower(url)))
					seen = append(seen, bare)
				}
			}
		}
		if !slices.Equal(seen[:6], seen[6:]) {
			t.Errorf("addresses change: %q", seen)
		}
		slices.Sort(seen)
		if all := slices.Compact(seen); len(all) != 6 {
			t.Errorf("addresses are the same to some: %q", all)
		}
	})
}
