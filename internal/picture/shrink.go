package picture

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"runtime"

	"golang.org/x/image/draw"
	"golang.org/x/sync/semaphore"
)

const (
	// maxDecoded bounds what all decoders take at a time, in bytes, and so a picture that can be
	// decoded.
	maxDecoded = 256 << 20
	quality    = 82
	// maxStep bounds a side of the picture between the large and the small one, in pixels, and
	// maxHalvings how much larger that is than the small one: then 16 pixels are averaged for one, of four
	// samples each. More would cost more than to decode the picture, and show no better.
	maxStep     = 2560
	maxHalvings = 2
)

// ErrTooLarge says that a picture has too many pixels to be decoded.
var ErrTooLarge = errors.New("the picture has too many pixels")

// Refusal is why no small picture was made of a large one.
type Refusal string

// The refusals.
const (
	TooLarge Refusal = "too_large" // it announces more than is decoded, and was not touched
	Damaged  Refusal = "damaged"   // the decoder gave up on it
)

// Workshop makes small pictures of large ones, a few at a time. It is safe for concurrent use.
type Workshop struct {
	memory, hands *semaphore.Weighted
	refused       func(Refusal)
}

// NewWorkshop returns a Workshop that leaves half of the processors to others. refused, if not nil, is
// told of each picture that Shrink refuses; it is called by many goroutines at once.
func NewWorkshop(refused func(Refusal)) *Workshop {
	hands := max(1, runtime.GOMAXPROCS(0)/2)
	if refused == nil {
		refused = func(Refusal) {}
	}
	return &Workshop{
		memory: semaphore.NewWeighted(maxDecoded), hands: semaphore.NewWeighted(int64(hands)), refused: refused,
	}
}

// Shrink makes a JPEG for each of sides: the picture, or its first frame, turned as it is to be
// shown, so small that neither width nor height is more than the side. Nothing of its metadata is
// in it. p is what Look said of the same content. Shrink waits for its turn until ctx ends.
func (w *Workshop) Shrink(ctx context.Context, r io.ReadSeeker, p Picture, sides ...int) ([][]byte, error) {
	small, err := w.shrink(ctx, r, p, sides)
	switch {
	case errors.Is(err, ErrTooLarge):
		w.refused(TooLarge)
	case errors.Is(err, ErrNoPicture):
		w.refused(Damaged)
	}
	return small, err
}

func (w *Workshop) shrink(ctx context.Context, r io.ReadSeeker, p Picture, sides []int) (small [][]byte, err error) {
	if int64(p.Width)*int64(p.Height) > MaxPixels || p.decoded > maxDecoded {
		return nil, ErrTooLarge
	}
	if err := w.hands.Acquire(ctx, 1); err != nil {
		return nil, err
	}
	defer w.hands.Release(1)
	if err := w.memory.Acquire(ctx, p.decoded); err != nil {
		return nil, err
	}
	defer w.memory.Release(p.decoded)
	defer func() { // a decoder's fault is not the caller's
		if fault := recover(); fault != nil {
			small, err = nil, fmt.Errorf("%w: %v", ErrNoPicture, fault)
		}
	}()
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	large, _, err := image.Decode(bufio.NewReader(r))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoPicture, err)
	}
	if b := large.Bounds(); b.Dx() <= 0 || b.Dy() <= 0 || int64(b.Dx())*int64(b.Dy()) > MaxPixels {
		return nil, ErrNoPicture
	}
	for _, side := range sides {
		var out bytes.Buffer
		if err := jpeg.Encode(&out, turn(fit(large, side), p.orientation), &jpeg.Options{Quality: quality}); err != nil {
			return nil, err
		}
		small = append(small, out.Bytes())
	}
	return small, nil
}

// fit scales a picture down onto white until it fits into a square.
func fit(large image.Image, side int) *image.RGBA {
	from := large.Bounds()
	width, height := from.Dx(), from.Dy()
	if longer := max(width, height); longer > side {
		width, height = max(1, width*side/longer), max(1, height*side/longer)
	}
	halvings := 0
	for limit := min(maxStep, max(from.Dx(), from.Dy())); halvings < maxHalvings && max(width, height)<<(halvings+1) <= limit; {
		halvings++
	}
	step := image.NewRGBA(image.Rect(0, 0, width<<halvings, height<<halvings))
	draw.Draw(step, step.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.ApproxBiLinear.Scale(step, step.Bounds(), large, from, draw.Over, nil)
	for range halvings {
		step = halve(step)
	}
	return step
}

// halve makes a pixel of four.
func halve(src *image.RGBA) *image.RGBA {
	width, height := src.Rect.Dx()/2, src.Rect.Dy()/2
	dst := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		above, below := src.Pix[2*y*src.Stride:], src.Pix[(2*y+1)*src.Stride:]
		row := dst.Pix[y*dst.Stride:]
		for i := range 4 * width {
			at := i/4*8 + i%4
			row[i] = uint8((int(above[at]) + int(above[at+4]) + int(below[at]) + int(below[at+4]) + 2) / 4)
		}
	}
	return dst
}

// turn turns a picture as its orientation says.
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	size := image.Rect(0, 0, w, h)
	if orientation >= 5 {
		size = image.Rect(0, 0, h, w)
	}
	dst := image.NewRGBA(size)
	for y := range h {
		for x := range w {
			var to image.Point
			switch orientation {
			case 2:
				to = image.Pt(w-1-x, y)
			case 3:
				to = image.Pt(w-1-x, h-1-y)
			case 4:
				to = image.Pt(x, h-1-y)
			case 5:
				to = image.Pt(y, x)
			case 6:
				to = image.Pt(h-1-y, x)
			case 7:
				to = image.Pt(h-1-y, w-1-x)
			case 8:
				to = image.Pt(y, w-1-x)
			}
			dst.SetRGBA(to.X, to.Y, src.RGBAAt(x, y))
		}
	}
	return dst
}
