package bench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math/rand/v2"
	"runtime"

	"golang.org/x/image/draw"
)

const (
	photoConnections = 8 // more than can be worked on at once: the others wait
	photoQuality     = 90
	smallSide        = 320 // longer side of a small picture, in pixels
	smallQuality     = 82
)

// measureThumbnails is uploads of photos, of which the server makes small pictures, beside the
// library that it makes them with.
func measureThumbnails(ctx context.Context, g *rig) (Row, error) {
	size := g.sizes.photo
	row := Row{Title: fmt.Sprintf("uploads of a photo of %d x %d pixels, with its small picture: %d connections",
		size.X, size.Y, photoConnections)}
	photo, err := photoOf(size)
	if err != nil {
		return row, err
	}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	upload, err := g.readyPhotos(ctx, t, photo)
	if err != nil {
		return row, err
	}
	m, err := g.interleave(ctx, upload, bareShrinking(photo))
	if row.Measurements = m; err != nil {
		return row, err
	}
	row.Goals = []Goal{atLeast(60, "% of the bare library", "a photo stored with its small picture", percentOf(m[0], m[1]))}
	if cost := timesTheCost(m[0], m[1]); cost != nil {
		row.Values = append(row.Values, newValue("processor time", "x the bare library's",
			"receiving and storing the photo included, round by round", cost...))
	}
	peak, err := peakBytes(t.own.cmd.Process.Pid)
	if err != nil {
		row.Notes = append(row.Notes, "memory was not measured: "+err.Error())
		return row, nil
	}
	most := []float64{float64(peak) / megabyte}
	row.Values = append(row.Values, newValue("peak memory", "MB", "VmHWM of the server, over all rounds", most...))
	row.Goals = append(row.Goals, atMost(300, "MB", "peak memory", most))
	return row, nil
}

// photoOf makes a JPEG with light, shadow and grain, so that it is about as large as a camera's.
func photoOf(size image.Point) ([]byte, error) {
	img := image.NewRGBA(image.Rectangle{Max: size})
	grain := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // G404: the same picture each time
	for y := range size.Y {
		for x := range size.X {
			noise := grain.IntN(16)
			img.SetRGBA(x, y, color.RGBA{
				R: uint8(x*200/size.X + noise), G: uint8(y*200/size.Y + noise), B: uint8((x+y)%200 + noise), A: 255,
			})
		}
	}
	var b bytes.Buffer
	err := jpeg.Encode(&b, img, &jpeg.Options{Quality: photoQuality})
	return b.Bytes(), err
}

// readyPhotos makes a room of all who send photos, and sees that small pictures are made.
func (g *rig) readyPhotos(ctx context.Context, t target, photo []byte) (load, error) {
	in, err := g.oneRoom(ctx, t, photoConnections)
	if err != nil {
		return load{}, err
	}
	form, contentType, err := fileForm(in.room, "image", photo)
	if err != nil {
		return load{}, err
	}
	address := func(c *conn, worker int) {
		c.addressAs("/v1/chat/file/upload", bearer(in.devices[worker].access), contentType)
	}
	c, err := dial(ctx, t)
	if err != nil {
		return load{}, t.fate(err)
	}
	defer c.close()
	address(c, 0)
	answer, err := c.post(form)
	if err != nil {
		return load{}, t.fate(err)
	}
	var data struct{ FileID string }
	if err := decodeData(answer, &data); err != nil {
		return load{}, err
	}
	c.address("/v1/chat/file/download", bearer(in.devices[0].access))
	_, small, err := c.exchange(jsonBody(nil, map[string]any{"roomID": in.room, "fileID": data.FileID, "isThumbnail": true}))
	if err != nil {
		return load{}, t.fate(err)
	}
	if is, err := jpeg.DecodeConfig(bytes.NewReader(small)); err != nil || max(is.Width, is.Height) != smallSide {
		return load{}, fmt.Errorf("there is no small picture of %d pixels: %.200s", smallSide, small)
	}
	l := fileLoad("parlor", fmt.Sprintf("each call stores a photo of %s bytes and a small picture of it",
		thousands(int64(len(photo)))), t, address, form)
	l.workers = photoConnections
	return l, nil
}

// bareShrinking is the ceiling: what a program does at least that makes a small picture.
func bareShrinking(photo []byte) load {
	return load{
		name: "bare library", workers: max(1, runtime.GOMAXPROCS(0)/2),
		what: fmt.Sprintf("decodes the photo with image/jpeg, scales it to %d pixels with x/image/draw and encodes it, "+
			"in as many goroutines as the server has for that; nothing is sent or stored", smallSide),
		cpu: func(context.Context) (float64, error) { return ownCPU() },
		open: func(context.Context, int) (func() error, func(), error) {
			return func() error { return shrinkBare(photo) }, func() {}, nil
		},
	}
}

func shrinkBare(photo []byte) error {
	large, err := jpeg.Decode(bytes.NewReader(photo))
	if err != nil {
		return err
	}
	size := large.Bounds().Size()
	longer := max(size.X, size.Y)
	small := image.NewRGBA(image.Rect(0, 0, size.X*smallSide/longer, size.Y*smallSide/longer))
	draw.ApproxBiLinear.Scale(small, small.Bounds(), large, large.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	return jpeg.Encode(&b, small, &jpeg.Options{Quality: smallQuality})
}
