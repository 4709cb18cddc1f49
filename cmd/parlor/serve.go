package main

import (
	"context"
	"os"

	"parlor/internal/server"
)

type serveCmd struct {
	dataFlags
	Listen      *string `help:"host:port to serve on (default 127.0.0.1:8080)." placeholder:"ADDR"`
	LogLevel    *string `help:"debug, info, warn or error (default info)." placeholder:"LEVEL"`
	LogFormat   *string `help:"text or json (default text)." placeholder:"FORMAT"`
	Grace       *string `help:"How long a stop waits for requests under way (default 15s)." placeholder:"TIME"`
	WriteQueue  *string `help:"Writes that may wait for their commit (default 4096)." placeholder:"N"`
	WriteBatch  *string `help:"Writes of one commit at most (default 256)." placeholder:"N"`
	PrintConfig bool    `help:"Print the settings, secrets masked, and exit."`
}

// Run serves until the process is told to stop.
func (c serveCmd) Run(ctx context.Context) error {
	cfg, err := c.load(map[string]*string{
		"listen": c.Listen, "log-level": c.LogLevel, "log-format": c.LogFormat,
		"grace": c.Grace, "write-queue": c.WriteQueue, "write-batch": c.WriteBatch,
	})
	if err != nil {
		return err
	}
	if c.PrintConfig {
		return cfg.Print(os.Stdout)
	}
	return server.Run(ctx, cfg, server.Options{
		Version: version, Out: os.Stdout, Log: server.NewLogger(cfg, os.Stderr),
	})
}
