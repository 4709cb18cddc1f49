package servertest

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"
)

// drawing is a picture whose colours change across it.
func drawing(width, height int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetNRGBA(x, y, color.NRGBA{uint8(255 * x / width), uint8(255 * y / height), 128, 255})
		}
	}
	return img
}

// JPEG is a picture.
func JPEG(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, drawing(width, height), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// PNG is a picture.
func PNG(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, drawing(width, height)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// GIF is a picture.
func GIF(t testing.TB, width, height int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, drawing(width, height), nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Measure says what a picture is, such as "jpeg 320x200".
func Measure(t testing.TB, content []byte) string {
	t.Helper()
	c, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		t.Errorf("a picture: %v", err)
	}
	return fmt.Sprintf("%s %dx%d", format, c.Width, c.Height)
}
