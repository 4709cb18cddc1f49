package store

import (
	"fmt"
	"strings"

	"parlor/internal/store/engine"
)

// sparse is a list of columns in which those that are mostly empty are NULL then, where that
// is cheaper to read. empty has these columns, each with its value then. What it selects is
// scanned with sparseDest.
func sparse(eng engine.SQL, columns string, empty map[string]string) string {
	if !eng.Sparse() {
		return columns
	}
	list := strings.Split(columns, ",")
	for i, c := range list {
		if value, ok := empty[strings.TrimSpace(c)]; ok {
			list[i] = "NULLIF(" + c + ", " + value + ")"
		}
	}
	return strings.Join(list, ",")
}

// sparseDest is dest for columns of sparse.
func sparseDest(eng engine.SQL, dest []any) []any {
	if !eng.Sparse() {
		return dest
	}
	for i, d := range dest {
		switch d := d.(type) {
		case *int64:
			dest[i] = (*sparseNumber)(d)
		case *string:
			dest[i] = (*sparseText)(d)
		case *bool:
			dest[i] = (*sparseFlag)(d)
		}
	}
	return dest
}

type (
	sparseNumber int64
	sparseText   string
	sparseFlag   bool
)

// Scan takes a number, or nil for 0.
func (n *sparseNumber) Scan(value any) error {
	v, ok := value.(int64)
	*n = sparseNumber(v)
	return scanned(ok, value)
}

// Scan takes a text, or nil for "".
func (t *sparseText) Scan(value any) error {
	if b, ok := value.([]byte); ok {
		*t = sparseText(b)
		return nil
	}
	v, ok := value.(string)
	*t = sparseText(v)
	return scanned(ok, value)
}

// Scan takes 0 or 1, or nil for false.
func (f *sparseFlag) Scan(value any) error {
	v, ok := value.(int64)
	*f = v != 0
	return scanned(ok, value)
}

func scanned(ok bool, value any) error {
	if !ok && value != nil {
		return fmt.Errorf("a column has a %T", value)
	}
	return nil
}
