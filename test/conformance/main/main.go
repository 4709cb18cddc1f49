// Command main fills in what docs/compatibility.md says of the SDKs. It is run in the folder
// test/conformance, by `go generate ./test/conformance`.
package main

import (
	"log"
	"os"

	"parlor/test/conformance"
)

const page = "../../docs/compatibility.md"

func main() {
	log.SetFlags(0)
	text, err := os.ReadFile(page)
	if err != nil {
		log.Fatal(err)
	}
	if text, err = conformance.Page(text); err != nil {
		log.Fatalf("%s: %v", page, err)
	}
	//nolint:gosec,forbidigo // a source file, which version control keeps
	if err := os.WriteFile(page, text, 0o644); err != nil {
		log.Fatal(err)
	}
}
