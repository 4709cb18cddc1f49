package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"mime/multipart"
	"os"
)

const (
	fileBytes       = 1 << 20 // of each file
	fileConnections = 16      // that send and fetch at once, each a device of its own
)

// measureFiles is uploads and downloads of files beside a bare handler that stores and reads them.
func measureFiles(ctx context.Context, g *rig) (Row, error) {
	row := Row{Title: fmt.Sprintf("files of %s bytes: %d devices, a connection each", thousands(fileBytes), fileConnections)}
	t, err := g.target(ctx, "data")
	if err != nil {
		return row, err
	}
	upload, download, err := g.readyFiles(ctx, t)
	if err != nil {
		return row, err
	}
	bareUp, bareDown, err := g.bareFiles(ctx)
	if err != nil {
		return row, err
	}
	up, err := g.interleave(ctx, upload, bareUp, g.probe())
	if err != nil {
		return row, err
	}
	down, err := g.interleave(ctx, download, bareDown)
	if err != nil {
		return row, err
	}
	row.Measurements = append(up, down...)
	row.Goals = []Goal{
		atLeast(60, "% of a bare handler that writes and fsyncs", "chat/file/upload", percentOf(up[0], up[1])),
		atLeast(80, "% of a bare handler that reads", "chat/file/download", percentOf(down[0], down[1])),
	}
	return row, nil
}

// readyFiles makes a room of all who send files, with a file in it.
func (g *rig) readyFiles(ctx context.Context, t target) (upload, download load, err error) {
	devices, err := g.signIn(ctx, t, "sender", fileConnections)
	if err != nil {
		return upload, download, err
	}
	rooms, err := g.roomsOfDevices(ctx, t, "room", 1, func(int) (people []string) {
		for i := range devices {
			people = append(people, g.xc("sender", i))
		}
		return people
	})
	if err != nil {
		return upload, download, err
	}
	form, contentType, err := fileForm(rooms[0], "file", randomBytes(fileBytes))
	if err != nil {
		return upload, download, err
	}
	upload = fileLoad("parlor: upload", "each call stores a file of random bytes; sent as a form", t, func(c *conn, worker int) {
		c.addressAs("/v1/chat/file/upload", bearer(devices[worker].access), contentType)
	}, form)
	// Whoever sent a file may fetch it: each fetches one of its own, again and again.
	ids := make([]string, fileConnections)
	err = g.callAll(ctx, t, setUpWork("files", fileConnections), func(c *conn, i int) error {
		c.addressAs("/v1/chat/file/upload", bearer(devices[i].access), contentType)
		answer, err := c.post(form)
		if err != nil {
			return err
		}
		var data struct{ FileID string }
		err = decodeData(answer, &data)
		ids[i] = data.FileID
		return err
	})
	if err != nil {
		return upload, download, err
	}
	download = load{
		name: "parlor: download", what: "each device fetches a file of its own again and again", workers: fileConnections, cpu: t.cpu,
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			c, err := dial(ctx, t)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			c.address("/v1/chat/file/download", bearer(devices[worker].access))
			body := jsonBody(nil, map[string]any{"roomID": rooms[0], "fileID": ids[worker]})
			return fetches(c, t, body), c.close, nil
		},
	}
	return upload, download, nil
}

// randomBytes is n bytes that nothing makes smaller.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // it never fails
	return b
}

// fileForm is an upload as the web SDK sends it. kind is its fileType.
func fileForm(room, kind string, content []byte) (body []byte, contentType string, err error) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	if err := w.WriteField("roomID", room); err != nil {
		return nil, "", err
	}
	part, err := w.CreateFormFile("file", "file.bin")
	if err != nil {
		return nil, "", err
	}
	if _, err := part.Write(content); err != nil {
		return nil, "", err
	}
	for _, field := range [][2]string{{"caption", ""}, {"fileType", kind}} {
		if err := w.WriteField(field[0], field[1]); err != nil {
			return nil, "", err
		}
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return b.Bytes(), w.FormDataContentType(), nil
}

// fileLoad posts the same body again and again.
func fileLoad(name, what string, t target, address func(c *conn, worker int), body []byte) load {
	return load{
		name: name, what: what, workers: fileConnections, cpu: t.cpu,
		open: func(ctx context.Context, worker int) (func() error, func(), error) {
			c, err := dial(ctx, t)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			address(c, worker)
			do := func() error {
				if _, err := c.post(body); err != nil {
					return t.fate(err)
				}
				return nil
			}
			return do, c.close, nil
		},
	}
}

// fetches posts a body whose answer is a file.
func fetches(c *conn, t target, body []byte) func() error {
	return func() error {
		status, answer, err := c.exchange(body)
		if err == nil && (status != 200 || len(answer) != fileBytes) {
			err = fmt.Errorf("HTTP %d with %d bytes in place of a file: %.300s", status, len(answer), answer)
		}
		if err != nil {
			return t.fate(err)
		}
		return nil
	}
}

// bareFiles is the ceiling of both.
func (g *rig) bareFiles(ctx context.Context) (upload, download load, err error) {
	dir := g.folder("bare-files")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return upload, download, err
	}
	s, err := startServer(ctx, g.o.Self, nil, "bare-files", "--dir", dir)
	if err != nil {
		return upload, download, fmt.Errorf("start the bare file handler: %w", err)
	}
	g.closers = append(g.closers, s.stop)
	t := newTarget(s)
	upload = fileLoad("bare handler: upload", "writes the body into a new file and fsyncs that", t, func(c *conn, _ int) {
		c.address(bareUpload, bearer(""))
	}, randomBytes(fileBytes))
	download = load{
		name: "bare handler: download", what: "opens a file and sends it", workers: fileConnections, cpu: t.cpu,
		open: func(ctx context.Context, _ int) (func() error, func(), error) {
			c, err := dial(ctx, t)
			if err != nil {
				return nil, nil, t.fate(err)
			}
			c.address(bareDownload, bearer(""))
			return fetches(c, t, []byte("{}")), c.close, nil
		},
	}
	return upload, download, nil
}
