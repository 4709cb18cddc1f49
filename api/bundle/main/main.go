// Command main writes api/openapi.yaml from the files in api/parts, and from that the
// tables of parameters in docs/protocol.md. It is run in the folder api, by
// `go generate ./api`.
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
	page, err := os.ReadFile(protocol)
	if err != nil {
		return err
	}
	page, err = bundle.Protocol(page, document)
	if err != nil {
		return err
	}
	if err := write("openapi.yaml", document); err != nil {
		return err
	}
	return write(protocol, page)
}

const protocol = "../docs/protocol.md"

// write replaces a source file, which version control keeps.
func write(name string, text []byte) error {
	return os.WriteFile(name, text, 0o644) //nolint:gosec,forbidigo // a power cut costs nothing here
}
