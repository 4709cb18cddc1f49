package main

import (
	"context"
	"fmt"

	"parlor/internal/bench"
)

type bareCmd struct {
	Listen string `help:"host:port." required:""`
	Size   int    `help:"Bytes of an answer." required:""`
}

// Run serves until the process is told to stop.
func (c bareCmd) Run(ctx context.Context) error {
	if err := bench.ServeBare(ctx, c.Listen, c.Size); err != nil {
		return fmt.Errorf("bare-http: %w", err)
	}
	return nil
}

type bareSocketsCmd struct {
	Listen string `help:"host:port." required:""`
}

// Run serves until the process is told to stop.
func (c bareSocketsCmd) Run(ctx context.Context) error {
	if err := bench.ServeBareSockets(ctx, c.Listen); err != nil {
		return fmt.Errorf("bare-sockets: %w", err)
	}
	return nil
}

type bareFilesCmd struct {
	Listen string `help:"host:port." required:""`
	Dir    string `help:"Where files are stored." required:"" type:"existingdir"`
}

// Run serves until the process is told to stop.
func (c bareFilesCmd) Run(ctx context.Context) error {
	if err := bench.ServeBareFiles(ctx, c.Listen, c.Dir); err != nil {
		return fmt.Errorf("bare-files: %w", err)
	}
	return nil
}
