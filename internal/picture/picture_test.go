package picture_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"testing"

	"parlor/internal/picture"
)

// halves is a picture whose left half is red and whose right half is blue.
func halves(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			c := color.NRGBA{255, 0, 0, 255}
			if x >= width/2 {
				c = color.NRGBA{0, 0, 255, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

func encode(t testing.TB, format string, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch format {
	case "jpeg":
		err = jpeg.Encode(&b, img, &jpeg.Options{Quality: 95})
	case "png":
		err = png.Encode(&b, img)
	case "gif":
		err = gif.Encode(&b, img, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// withOrientation puts EXIF into a JPEG, right behind its begin.
func withOrientation(jpg []byte, orientation uint16) []byte {
	exif := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01")
	exif = binary.BigEndian.AppendUint16(exif, orientation)
	exif = append(exif, 0, 0, 0, 0, 0, 0)
	out := append([]byte{}, jpg[:2]...)
	out = append(out, 0xff, 0xe1)
	out = binary.BigEndian.AppendUint16(out, uint16(len(exif)+2))
	return append(append(out, exif...), jpg[2:]...)
}

func shrink(t *testing.T, content []byte, side int) (picture.Picture, image.Image) {
	t.Helper()
	p, err := picture.Look(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	small, err := picture.NewWorkshop(nil).Shrink(t.Context(), bytes.NewReader(content), p, side)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(small[0], []byte("Exif")) {
		t.Error("the small picture has metadata")
	}
	img, err := jpeg.Decode(bytes.NewReader(small[0]))
	if err != nil {
		t.Fatal(err)
	}
	return p, img
}

func isRed(img image.Image, x, y int) bool {
	r, _, b, _ := img.At(x, y).RGBA()
	return r > 3*b
}

// TestShrink: formats and sizes, of which none is ever made larger.
func TestShrink(t *testing.T) {
	for _, tt := range []struct {
		format              string
		width, height, side int
		wantW, wantH        int
	}{
		{"jpeg", 1000, 500, 320, 320, 160},
		{"png", 301, 999, 100, 30, 100},
		{"gif", 40, 30, 320, 40, 30},
		{"png", 5000, 2, 100, 100, 1},
		{"jpeg", 4000, 3000, 1280, 1280, 960},
	} {
		p, small := shrink(t, encode(t, tt.format, halves(tt.width, tt.height)), tt.side)
		b := small.Bounds()
		if p.Width != tt.width || p.Height != tt.height || b.Dx() != tt.wantW || b.Dy() != tt.wantH {
			t.Errorf("%+v: looks like %dx%d, is %v", tt, p.Width, p.Height, b)
		}
		if !isRed(small, b.Dx()/4, b.Dy()/2) || isRed(small, b.Dx()*3/4, b.Dy()/2) {
			t.Errorf("%+v: the halves are not where they were", tt)
		}
	}
}

// TestOrientation: a picture that a camera took on its side stands upright.
func TestOrientation(t *testing.T) {
	plain := encode(t, "jpeg", halves(400, 200))
	for orientation, red := range map[uint16]image.Point{ // where the left half has gone
		1: {50, 50}, 2: {150, 50}, 3: {150, 50}, 4: {50, 50}, 5: {50, 50}, 6: {50, 50}, 7: {50, 150}, 8: {50, 150},
		9: {50, 50}, 0: {50, 50}, // which mean nothing
	} {
		p, small := shrink(t, withOrientation(plain, orientation), 200)
		wide := orientation < 5 || orientation > 8
		if wide != (p.Width == 400) || wide != (small.Bounds().Dx() == 200) {
			t.Errorf("orientation %d: %dx%d and %v", orientation, p.Width, p.Height, small.Bounds())
		}
		if !isRed(small, red.X, red.Y) {
			t.Errorf("orientation %d: no red at %v", orientation, red)
		}
	}
}

// TestTransparency: what shows through is white.
func TestTransparency(t *testing.T) {
	_, small := shrink(t, encode(t, "png", image.NewNRGBA(image.Rect(0, 0, 800, 800))), 100)
	if r, g, b, _ := small.At(50, 50).RGBA(); r < 0xf000 || g < 0xf000 || b < 0xf000 {
		t.Errorf("it is %x %x %x", r, g, b)
	}
}

// pngHeader is a PNG of which there is no more than the announcement.
func pngHeader(width, height uint32) []byte {
	ihdr := []byte("IHDR")
	ihdr = binary.BigEndian.AppendUint32(ihdr, width)
	ihdr = binary.BigEndian.AppendUint32(ihdr, height)
	ihdr = append(ihdr, 8, 6, 0, 0, 0)
	out := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n"), 13)
	return binary.BigEndian.AppendUint32(append(out, ihdr...), crc32.ChecksumIEEE(ihdr))
}

// TestBombs: what announces more than can be decoded is not decoded, and what breaks off is no
// picture.
func TestBombs(t *testing.T) {
	for name, tt := range map[string]struct {
		content []byte
		want    error
		counted picture.Refusal
	}{
		"900 million pixels": {pngHeader(30_000, 30_000), picture.ErrTooLarge, picture.TooLarge},
		"a line":             {pngHeader(1<<31-1, 1), picture.ErrTooLarge, picture.TooLarge},
		"nothing behind it":  {pngHeader(100, 100), picture.ErrNoPicture, picture.Damaged},
		"half of it":         {encode(t, "jpeg", halves(300, 300))[:700], picture.ErrNoPicture, picture.Damaged},
	} {
		p, err := picture.Look(bytes.NewReader(tt.content))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var counted []picture.Refusal
		w := picture.NewWorkshop(func(r picture.Refusal) { counted = append(counted, r) })
		if _, err := w.Shrink(t.Context(), bytes.NewReader(tt.content), p, 10); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", name, err)
		}
		if !slices.Equal(counted, []picture.Refusal{tt.counted}) {
			t.Errorf("%s: counted as %v", name, counted)
		}
	}
	for _, content := range []string{"", "GIF89a", "\xff\xd8\xff", "plain text", "<svg/>"} {
		if _, err := picture.Look(bytes.NewReader([]byte(content))); !errors.Is(err, picture.ErrNoPicture) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// TestFilm: what stands for a film is a picture like a small one.
func TestFilm(t *testing.T) {
	film := picture.Film()
	p, err := picture.Look(bytes.NewReader(film))
	if err != nil || p.Width != 320 || p.Height != 180 || len(film) > 8<<10 {
		t.Fatalf("%+v, %d bytes, %v", p, len(film), err)
	}
	img, err := jpeg.Decode(bytes.NewReader(film))
	if err != nil {
		t.Fatal(err)
	}
	light := func(x, y int) bool { return color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y > 128 }
	for at, want := range map[image.Point]bool{{160, 90}: true, {140, 65}: true, {140, 115}: true, {190, 60}: false, {10, 10}: false} {
		if light(at.X, at.Y) != want {
			t.Errorf("at %v it is light: %v", at, !want)
		}
	}
}

// FuzzPicture: no header and no content brings the server down or makes it take more than it has.
func FuzzPicture(f *testing.F) {
	for _, format := range []string{"jpeg", "png", "gif"} {
		f.Add(encode(f, format, halves(20, 10)))
	}
	f.Add(withOrientation(encode(f, "jpeg", halves(20, 10)), 6))
	f.Add(pngHeader(30_000, 30_000))
	f.Add([]byte("RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"))
	w := picture.NewWorkshop(nil)
	f.Fuzz(func(t *testing.T, content []byte) {
		p, err := picture.Look(bytes.NewReader(content))
		if err != nil {
			if !errors.Is(err, picture.ErrNoPicture) {
				t.Fatal(err)
			}
			return
		}
		if p.Width <= 0 || p.Height <= 0 {
			t.Fatalf("%dx%d", p.Width, p.Height)
		}
		if int64(p.Width)*int64(p.Height) > 1<<20 {
			return // it would only take long
		}
		small, err := w.Shrink(t.Context(), bytes.NewReader(content), p, 16)
		if err != nil {
			return
		}
		c, err := jpeg.DecodeConfig(bytes.NewReader(small[0]))
		if err != nil || c.Width > 16 || c.Height > 16 {
			t.Fatalf("a small picture of %dx%d (%v)", c.Width, c.Height, err)
		}
	})
}
