package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"sync"
)

// The picture that stands for a film, in pixels: as wide as a small picture, in the shape of most films.
const (
	filmWidth, filmHeight = 320, 180
	// The triangle points to the right. It is as high as it is wide, and stands around the middle.
	triangleSide = 64
)

// Film returns a JPEG that stands for a film of which there is no picture: a light triangle, as on the key
// that starts one, on dark ground. Nothing decodes films here: their decoders are large, and strangers
// choose what they are given. The result is shared and must not be changed.
func Film() []byte { return film() }

var film = sync.OnceValue(func() []byte {
	img := image.NewGray(image.Rect(0, 0, filmWidth, filmHeight))
	ground, sign := color.Gray{Y: 0x26}, color.Gray{Y: 0xe6}
	for y := range filmHeight {
		for x := range filmWidth {
			c := ground
			// How far right of its left side, and how far from its axis.
			right, away := x-(filmWidth-triangleSide)/2, max(y-filmHeight/2, filmHeight/2-y)
			if right >= 0 && 2*away <= triangleSide-right {
				c = sign
			}
			img.SetGray(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // a Buffer takes everything
	}
	return b.Bytes()
})
