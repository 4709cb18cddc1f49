// Package bundle makes one OpenAPI document of the parts that people write, and of that what
// the pages in docs/protocol say of each call's parameters, answer and errors, and what the
// TypeScript client has of it.
//
// A part is a YAML file with pieces of the document: its paths and components stand as
// they will in the whole, and references name components whatever part they are in. Four
// things are shorter in parts than in OpenAPI:
//
//   - An operation has "answer" in place of its 200 response: the name of the schema of its
//     data, the fields that may be at fault, its failures and examples (answer.go).
//   - An example has "data" or "error" in place of "value"; the envelope is put around it
//     (example.go).
//   - Inside an example's data, {$sample: NAME} stands for an entry of some part's
//     "samples", with the keys beside it put over those of the sample (sample.go).
//   - YAML's aliases and merge keys may be used within a part.
package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"go.yaml.in/yaml/v3"
)

// header is the first line of the document.
const header = "# Made from the files in parts by `go generate ./api`. Change those.\n"

// bundle is a document in the making.
type bundle struct {
	root     *yaml.Node // the document
	paths    *yaml.Node
	schemas  *yaml.Node
	examples *yaml.Node
	samples  *yaml.Node
	failures *yaml.Node // which failures calls have in common
}

// Make reads every part below parts and returns the whole document in YAML. An error names
// the part, or the path of the operation, that is at fault.
func Make(parts fs.FS) ([]byte, error) {
	b := &bundle{root: mapping(), paths: mapping(), schemas: mapping(), examples: mapping(), samples: mapping()}
	if err := b.read(parts); err != nil {
		return nil, err
	}
	if b.failures == nil {
		return nil, errors.New("no part says which failures calls have in common")
	}
	if err := b.expand(); err != nil {
		return nil, err
	}
	set(b.root, "paths", b.paths)
	components := get(b.root, "components")
	if components == nil {
		return nil, errors.New("no part has components of the whole document")
	}
	set(components, "schemas", b.schemas)
	set(components, "examples", b.examples)

	var out bytes.Buffer
	out.WriteString(header)
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	if err := enc.Encode(b.root); err != nil {
		return nil, err
	}
	return out.Bytes(), enc.Close()
}

// expand writes out what parts say more briefly.
func (b *bundle) expand() error {
	for name, example := range pairs(b.examples) {
		if err := b.expandExample(example); err != nil {
			return fmt.Errorf("example %s: %w", name, err)
		}
	}
	for path, item := range pairs(b.paths) {
		for _, method := range []string{"get", "post"} {
			op := get(item, method)
			if op == nil {
				continue
			}
			if err := b.expandOperation(op); err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
			if short, ok := strings.CutPrefix(path, serverPrefix); ok {
				group, name := names(short)
				set(op, "x-parlor-method", text(group+"."+name))
			}
		}
	}
	return nil
}

// expandOperation writes out the answer of an operation and the examples of its request.
func (b *bundle) expandOperation(op *yaml.Node) error {
	if answer := get(op, "answer"); answer != nil {
		responses, err := b.answer(op, answer)
		if err != nil {
			return err
		}
		remove(op, "answer")
		set(op, "responses", responses)
	}
	for _, response := range pairs(get(op, "responses")) {
		for _, media := range pairs(get(response, "content")) {
			for name, example := range pairs(get(media, "examples")) {
				if err := b.expandExample(example); err != nil {
					return fmt.Errorf("example %s: %w", name, err)
				}
			}
		}
	}
	return nil
}
