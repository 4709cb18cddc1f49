package main

import (
	"context"
	"fmt"

	"parlor/internal/server"
	"parlor/internal/store"
)

type migrateCmd struct {
	Status migrateStatusCmd `cmd:"" help:"Say how far the database's schema is."`
	Up     migrateUpCmd     `cmd:"" help:"Bring the schema up to date, as serve does by itself."`
}

type migrateStatusCmd struct{ dataFlags }

// Run prints the schema's state.
func (c migrateStatusCmd) Run(ctx context.Context) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	st, err := store.Schema(ctx, server.StoreOptions(cfg))
	if err != nil {
		return err
	}
	fmt.Printf("schema %d, this binary knows up to %d\n", st.Current, st.Newest)
	if st.Pending() {
		fmt.Println("`parlor migrate up`, or the next `parlor serve`, brings it up to date")
	}
	return nil
}

type migrateUpCmd struct{ dataFlags }

// Run migrates.
func (c migrateUpCmd) Run(ctx context.Context) error {
	cfg, err := c.load(nil)
	if err != nil {
		return err
	}
	if err := store.Migrate(ctx, server.StoreOptions(cfg)); err != nil {
		return err
	}
	return migrateStatusCmd(c).Run(ctx)
}
