package bundle

import (
	"errors"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// wholePart is the part that has what stands above all calls, and lists the others.
const wholePart = "document.yaml"

// read puts all parts together, in the order of the list.
func (b *bundle) read(parts fs.FS) error {
	if err := b.readPart(parts, wholePart); err != nil {
		return err
	}
	listed := map[string]bool{wholePart: true}
	for _, part := range items(get(b.root, "parts")) {
		file := part.Value + ".yaml"
		listed[file] = true
		if err := b.readPart(parts, file); err != nil {
			return err
		}
	}
	remove(b.root, "parts")
	// A file that is not listed would be left out in silence.
	return fs.WalkDir(parts, ".", func(file string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && !listed[file] {
			return fmt.Errorf("%s does not list the part %s", wholePart, file)
		}
		return err
	})
}

// readPart adds one part. A name that another part has already is an error.
func (b *bundle) readPart(parts fs.FS, name string) error {
	text, err := fs.ReadFile(parts, name)
	if err != nil {
		return err
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("%s is not an object", name)
	}
	part, err := plain(doc.Content[0])
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for key, value := range pairs(part) {
		if err := b.add(name, key, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// add puts a piece of a part where it belongs.
func (b *bundle) add(part, key string, value *yaml.Node) error {
	switch key {
	case "paths":
		return addAll(b.paths, value)
	case "samples":
		return addAll(b.samples, value)
	case "failures":
		if b.failures != nil {
			return errors.New("another part has failures as well")
		}
		b.failures = value
		return nil
	case "components":
		return errors.Join(b.addComponents(part, value)...)
	}
	if part != wholePart {
		return fmt.Errorf("only %s may have %q", wholePart, key)
	}
	set(b.root, key, value)
	return nil
}

func (b *bundle) addComponents(part string, components *yaml.Node) []error {
	var errs []error
	for kind, value := range pairs(components) {
		switch {
		case kind == "schemas":
			errs = append(errs, addAll(b.schemas, value))
		case kind == "examples":
			errs = append(errs, addAll(b.examples, value))
		case part == wholePart:
			if get(b.root, "components") == nil {
				set(b.root, "components", mapping())
			}
			set(get(b.root, "components"), kind, value)
		default:
			errs = append(errs, fmt.Errorf("only %s may have components of the kind %q", wholePart, kind))
		}
	}
	return errs
}

// addAll adds the entries of from, none of which may be there already.
func addAll(to, from *yaml.Node) error {
	for key, value := range pairs(from) {
		if get(to, key) != nil {
			return fmt.Errorf("%s is in another part as well", key)
		}
		set(to, key, value)
	}
	return nil
}
