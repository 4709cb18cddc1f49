// Command main writes api/openapi.yaml from the files in api/parts. It is run in the
// folder api, by `go generate ./api`.
package main

import (
	"log"
	"os"

	"parlor/api/bundle"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	document, err := bundle.Make(os.DirFS("parts"))
	if err != nil {
		return err
	}
	return os.WriteFile("openapi.yaml", document, 0o644) //nolint:gosec,forbidigo // a source file, kept by version control
}
