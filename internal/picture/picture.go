// Package picture reads what pictures are, and makes small ones of them. Its input comes from
// strangers: a header is read before anything is decoded, and what a decoder would take of the
// machine's memory is estimated from it.
package picture

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif"  // decoders register themselves
	_ "image/jpeg" //
	_ "image/png"  //
	"io"
	"time"

	"github.com/bep/imagemeta"
	_ "golang.org/x/image/webp" // likewise
)

// MaxPixels is what a picture may have to be decoded: width times height.
const MaxPixels = 50_000_000

// ErrNoPicture says that content is no picture of a format that is read here: JPEG, PNG, GIF and
// WebP.
var ErrNoPicture = errors.New("this is no picture in a format that can be read")

// Picture is what the header of a picture says.
type Picture struct {
	Width, Height int // pixels, as it is to be shown

	format      string
	orientation int // as in EXIF, 1 to 8
	decoded     int64
}

// Look reads the header of a picture, and where its metadata say so turns its measures. Whether
// the rest can be decoded shows only then.
func Look(r io.ReadSeeker) (p Picture, err error) {
	defer func() { // a decoder's fault is not the caller's
		if fault := recover(); fault != nil {
			p, err = Picture{}, fmt.Errorf("%w: %v", ErrNoPicture, fault)
		}
	}()
	if _, err = r.Seek(0, io.SeekStart); err != nil {
		return p, err
	}
	c, format, err := image.DecodeConfig(bufio.NewReader(r))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return p, fmt.Errorf("%w: %w", ErrNoPicture, err)
	}
	p = Picture{Width: c.Width, Height: c.Height, format: format, orientation: 1}
	if p.decoded, err = decodedBytes(r, p, c.ColorModel); err != nil {
		return p, fmt.Errorf("%w: %w", ErrNoPicture, err)
	}
	p.orientation = orientation(r, format)
	if p.orientation >= 5 { // on its side
		p.Width, p.Height = p.Height, p.Width
	}
	return p, nil
}

// decodedBytes is about what a decoder takes for a picture at most.
func decodedBytes(r io.ReadSeeker, p Picture, m color.Model) (int64, error) {
	perPixel := int64(8) // WebP has two forms of a picture while it decodes it
	switch p.format {
	case "gif":
		perPixel = 2
	case "jpeg":
		progressive, err := isProgressive(r)
		if err != nil {
			return 0, err
		}
		perPixel = 4
		if progressive { // coefficients of all colours are kept until the last scan
			perPixel = 16
		}
	case "png":
		switch m {
		case color.RGBA64Model, color.NRGBA64Model:
		default:
			perPixel = 4
		}
		head := make([]byte, 29)
		if _, err := r.Seek(0, io.SeekStart); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(r, head); err != nil {
			return 0, err
		}
		if head[28] != 0 { // interlaced: passes are pictures of their own
			perPixel *= 2
		}
	}
	return int64(p.Width) * int64(p.Height) * perPixel, nil
}

// isProgressive finds the first frame of a JPEG.
func isProgressive(r io.ReadSeeker) (bool, error) {
	if _, err := r.Seek(2, io.SeekStart); err != nil {
		return false, err
	}
	in := bufio.NewReader(r)
	for {
		marker, err := in.ReadByte()
		if err != nil {
			return false, err
		}
		if marker != 0xff {
			continue // what decoders skip, too
		}
		for marker == 0xff {
			if marker, err = in.ReadByte(); err != nil {
				return false, err
			}
		}
		switch {
		case marker == 0xc0, marker == 0xc1:
			return false, nil
		case marker == 0xc2:
			return true, nil
		case marker == 0, marker == 1, marker >= 0xd0 && marker <= 0xd8:
			continue // no length follows
		}
		var length [2]byte
		if _, err := io.ReadFull(in, length[:]); err != nil {
			return false, err
		}
		if _, err := in.Discard(max(0, int(binary.BigEndian.Uint16(length[:]))-2)); err != nil {
			return false, err
		}
	}
}

// metadataTime bounds how long a picture's metadata are read.
const metadataTime = 2 * time.Second

// orientation is how a camera was held, 1 where nothing readable says it.
func orientation(r io.ReadSeeker, format string) int {
	formats := map[string]imagemeta.ImageFormat{"jpeg": imagemeta.JPEG, "png": imagemeta.PNG, "webp": imagemeta.WebP}
	f, ok := formats[format]
	if !ok {
		return 1
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return 1
	}
	found := 1
	_, _ = imagemeta.Decode(imagemeta.Options{ // metadata that cannot be read say nothing
		R: r, ImageFormat: f, Sources: imagemeta.EXIF, Timeout: metadataTime, LimitNumTags: 500, LimitTagSize: 1000,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" && t.Namespace == "IFD0" },
		HandleTag: func(t imagemeta.TagInfo) error {
			if n, ok := t.Value.(uint16); ok && n >= 1 && n <= 8 {
				found = int(n)
			}
			return imagemeta.ErrStopWalking
		},
	})
	return found
}
