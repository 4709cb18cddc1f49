package bench

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// profiled is the mix of work that a program is built for, by the names of subjects.
var profiled = []string{"send", "socket-send", "list", "create", "fan-out"}

// Profile has a server do the mix, a round of each, and leaves in dir a profile of the server's
// processor time for each: together they are what go build can be guided by. It returns their
// names.
func Profile(ctx context.Context, o Options, dir string) (files []string, err error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	if dir, err = filepath.Abs(dir); err != nil {
		return nil, err
	}
	show := &progress{w: o.Progress, terminal: o.Terminal}
	for _, s := range subjects() {
		if !slices.Contains(profiled, s.name) {
			continue
		}
		file := filepath.Join(dir, fmt.Sprintf("%s-%s.prof", byOptions(o, "sqlite", "postgres"), s.name))
		if err := s.profile(ctx, o, show, file); err != nil {
			return files, fmt.Errorf("%s: %w", s.name, err)
		}
		files = append(files, file)
	}
	return files, nil
}

func (s subject) profile(ctx context.Context, o Options, show *progress, file string) (err error) {
	g, err := newRig(o, "profile-"+s.name, show)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.close(ctx)) }()
	g.sizes, g.profile = g.sizes.compared(), file
	t, err := g.target(ctx, "data")
	if err != nil {
		return err
	}
	l, err := s.ready(ctx, g, t)
	if err != nil {
		return err
	}
	if _, err := g.measure(ctx, l, g.row); err != nil {
		return err
	}
	return t.own.stop() // the profile is whole when the server has ended
}
