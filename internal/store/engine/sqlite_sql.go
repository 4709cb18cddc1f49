package engine

import (
	"fmt"
	"strconv"
	"strings"
)

func (e *sqliteEngine) InList(column, param string) string {
	return column + " IN (SELECT value FROM json_each(" + param + "))"
}

func (e *sqliteEngine) IDInList(column, param string) string { return e.InList(column, param) }

func (e *sqliteEngine) Texts(param string) string {
	return "(SELECT value FROM json_each(" + param + "))"
}

func (e *sqliteEngine) Named(ids, names string) string {
	return "(SELECT i.value AS value, n.value AS name FROM json_each(" + ids + ") i JOIN json_each(" + names +
		") n ON n.key = i.key)"
}

func (e *sqliteEngine) Ordered(param string) string {
	return "(SELECT value, key + 1 AS place FROM json_each(" + param + "))"
}

func (e *sqliteEngine) RowsOf(param string, columns int) string {
	list := make([]string, columns)
	for i := range list {
		list[i] = fmt.Sprintf("json_extract(value, '$[%d]') AS %c", i, 'a'+i)
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM json_each(" + param + "))"
}

func (e *sqliteEngine) HashedRows(param string) string {
	return "(SELECT unhex(json_extract(value, '$.h')) AS hash, json_extract(value, '$.n') AS n FROM json_each(" + param + "))"
}

// Pairs: the members of an object, whose names may come again, need not be taken apart as
// lists within a list would have to be.
func (e *sqliteEngine) Pairs(param string) string {
	return "(SELECT CAST(key AS INTEGER) AS a, value AS b FROM json_each(" + param + "))"
}

func (e *sqliteEngine) PairsArg(list [][2]int64) any {
	b := []byte{'{'}
	for i, pair := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(strconv.AppendInt(append(b, '"'), pair[0], 10), `":`...)
		b = strconv.AppendInt(b, pair[1], 10)
	}
	return string(append(b, '}'))
}

// Sparse: every value passes some calls into the engine, and a text is copied.
func (e *sqliteEngine) Sparse() bool { return true }

// ForEach: SQLite takes the tables of a CROSS JOIN in their order.
func (e *sqliteEngine) ForEach(rows, table, on string) string {
	return " FROM " + rows + " k CROSS JOIN " + table + " m ON " + on
}

// HoldEach: the one writer holds the whole database.
func (e *sqliteEngine) HoldEach(rows, table, on string) string { return e.ForEach(rows, table, on) }

func (e *sqliteEngine) WritesInWith() bool { return false }

// ForUpdate: the one writer holds the whole database.
func (e *sqliteEngine) ForUpdate(string) string { return "" }

func (e *sqliteEngine) Locks(string, string) string { return "" }

// Alone: the one writer is alone.
func (e *sqliteEngine) Alone(int, string) string { return "" }

func (e *sqliteEngine) SkipLocked(string) string { return "" }

func (e *sqliteEngine) By(index string) string { return " INDEXED BY " + index }

func (e *sqliteEngine) ListArg(list []string) any { return JSON(list) }
func (e *sqliteEngine) IDListArg(ids []int64) any { return JSON(ids) }

func (e *sqliteEngine) Number(param string) string  { return param }
func (e *sqliteEngine) Greatest(a, b string) string { return "MAX(" + a + ", " + b + ")" }

// NewID takes the number of the commit. Left to itself the engine would give the id of the
// newest row that was deleted to the next one, which would then be taken for it. Change
// numbers begin at 2^52, which the shift moves out of the 64 bits: ids begin small.
func (e *sqliteEngine) NewID(table string) string {
	return `(SELECT COALESCE((SELECT MAX(id) + 1 FROM ` + table + `
		WHERE id BETWEEN c.n << 12 AND (c.n + 1) << 12), c.n << 12)
		FROM change_counter c WHERE c.id = 1)`
}

// NameKey: lower knows of ASCII alone.
func (e *sqliteEngine) NameKey(column string) string { return "lower(substr(" + column + ", 1, 100))" }

// Some finds rows by their keys: a table may have no other number of its own.
func (e *sqliteEngine) Some(table, key, on, limit string) string {
	return "(" + key + ") IN (SELECT " + key + " FROM " + table + " WHERE " + on + " LIMIT " + limit + ")"
}
