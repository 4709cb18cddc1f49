// Command main writes api/openapi.yaml from the files in api/parts, and from that the generated part
// of the TypeScript client and what the pages in docs/protocol say of each call's parameters, answer and
// errors. It is run in the folder api, by `go generate ./api`.
package main

import (
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"parlor/api/bundle"
)

func main() {
	log.SetFlags(0)
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

// made are the files that follow from the document as a whole.
var made = map[string]func(document []byte) ([]byte, error){
	"postman_collection.json":  bundle.Postman,
	"../web/client/src/api.ts": bundle.TypeScript,
}

func run() error {
	document, err := bundle.Make(os.DirFS("parts"))
	if err != nil {
		return err
	}
	if err := write("openapi.yaml", document); err != nil {
		return err
	}
	for name, from := range made {
		text, err := from(document)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := write(name, text); err != nil {
			return err
		}
	}
	names, err := filepath.Glob(pages)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		return errors.New("there are no pages " + pages)
	}
	for _, name := range names {
		if err := writePage(name, document); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

const pages = "../docs/protocol/*.md"

func writePage(name string, document []byte) error {
	page, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	if page, err = bundle.Protocol(page, document); err != nil {
		return err
	}
	return write(name, page)
}

// write replaces a source file, which version control keeps.
func write(name string, text []byte) error {
	return os.WriteFile(name, text, 0o644) //nolint:gosec,forbidigo // a power cut costs nothing here
}
