package engine

import (
	"fmt"
	"strings"
)

func (e *pgEngine) InList(column, param string) string {
	return column + " = ANY(" + param + "::text[])"
}

func (e *pgEngine) IDInList(column, param string) string {
	return column + " = ANY(" + param + "::bigint[])"
}

func (e *pgEngine) Texts(param string) string {
	return "(SELECT value FROM unnest(" + param + "::text[]) AS list (value))"
}

func (e *pgEngine) Named(ids, names string) string {
	return "(SELECT value, name FROM unnest(" + ids + "::bigint[], " + names + "::text[]) AS list (value, name))"
}

func (e *pgEngine) Ordered(param string) string {
	return "(SELECT value, place FROM unnest(" + param + "::bigint[]) WITH ORDINALITY AS list (value, place))"
}

func (e *pgEngine) RowsOf(param string, columns int) string {
	list := make([]string, columns)
	for i := range list {
		list[i] = fmt.Sprintf("(value->>%d)::bigint AS %c", i, 'a'+i)
	}
	return "(SELECT " + strings.Join(list, ", ") + " FROM json_array_elements(" + param + "::json))"
}

func (e *pgEngine) HashedRows(param string) string {
	return "(SELECT decode(value->>'h', 'hex') AS hash, (value->>'n')::bigint AS n FROM json_array_elements(" + param + "::json))"
}

func (e *pgEngine) Pairs(param string) string    { return e.RowsOf(param, 2) }
func (e *pgEngine) PairsArg(list [][2]int64) any { return JSON(list) }
func (e *pgEngine) Sparse() bool                 { return false }

// ForEach: without the OFFSET the planner might walk the table for all of the rows at once.
func (e *pgEngine) ForEach(rows, table, on string) string {
	return " FROM " + rows + " k CROSS JOIN LATERAL (SELECT * FROM " + table + " m WHERE " + on + " OFFSET 0) m"
}

func (e *pgEngine) HoldEach(rows, table, on string) string {
	return " FROM " + rows + " k CROSS JOIN LATERAL (SELECT m.id FROM " + table + " m WHERE " + on +
		" FOR KEY SHARE OF m) m"
}

func (e *pgEngine) WritesInWith() bool { return true }

// ForUpdate: NO KEY, so that rows which refer to this one can be inserted meanwhile.
func (e *pgEngine) ForUpdate(table string) string { return " FOR NO KEY UPDATE OF " + table }

func (e *pgEngine) Locks(how, table string) string { return " FOR " + how + " OF " + table }

// By: the planner knows what is in the table.
func (e *pgEngine) By(string) string { return "" }

func (e *pgEngine) Alone(class int, param string) string {
	return fmt.Sprintf("SELECT pg_advisory_xact_lock(%d, %s::int)", class, param)
}

func (e *pgEngine) SkipLocked(table string) string {
	return " FOR NO KEY UPDATE OF " + table + " SKIP LOCKED"
}

func (e *pgEngine) ListArg(list []string) any { return list }
func (e *pgEngine) IDListArg(ids []int64) any { return ids }

// NameKey: in this collation lower knows of ASCII alone.
func (e *pgEngine) NameKey(column string) string {
	return `(lower(substr(` + column + `, 1, 100) COLLATE "C") COLLATE "C")`
}

// Some finds rows by their places: for keys the planner may walk through the table.
func (e *pgEngine) Some(table, _, on, limit string) string {
	return "ctid = ANY (ARRAY(SELECT ctid FROM " + table + " WHERE " + on + " LIMIT " + limit + "))"
}
