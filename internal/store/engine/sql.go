package engine

import "encoding/json"

// SQL is what the engines' SQL does differently, as pieces of statements. Where a piece
// takes a parameter, param is its placeholder, such as "$1".
type SQL interface {
	// InList is a condition: the text column is in the list that ListArg makes a parameter of.
	InList(column, param string) string
	ListArg(list []string) any
	// IDInList is the same for a column of numbers, with IDListArg.
	IDInList(column, param string) string
	IDListArg(ids []int64) any

	// Texts is a table (value) of a list of ListArg.
	Texts(param string) string
	// Named is a table (value, name) of a list of IDListArg and one of ListArg, of one length.
	Named(ids, names string) string
	// Ordered is a table (value, place) of a list of IDListArg, with places from 1.
	Ordered(param string) string
	// RowsOf is a table (a, b, ...) of lists of numbers of one length, as JSON makes a
	// parameter of them.
	RowsOf(param string, columns int) string
	// HashedRows is a table (hash, n) of a list of Hashed, as JSON makes a parameter of it.
	HashedRows(param string) string
	// ForEach is a FROM: with each of rows, as k, those rows of table, as m, for which on
	// holds, found by an index.
	ForEach(rows, table, on string) string

	// HoldEach is ForEach with nothing but the ids of table's rows, which are kept from being
	// deleted up to the commit. Whoever wants to, with Locks("UPDATE"), waits.
	HoldEach(rows, table, on string) string

	// ForUpdate ends a SELECT whose row of table is about to change.
	ForUpdate(table string) string
	// Locks does the same for a lock of another strength: KEY SHARE, SHARE or UPDATE.
	Locks(how, table string) string
	// Alone is a statement behind which, up to the commit, no other transaction gets that has run it with
	// the same class and the same number, of 31 bits; "" where there is one writer. No row is locked by it.
	Alone(class int, param string) string
	// SkipLocked is ForUpdate that passes over rows which others hold.
	SkipLocked(table string) string

	// Some is a condition on the rows of a table with this primary key: up to limit of those for which on holds.
	Some(table, key, on, limit string) string

	// By has the table before it be searched by an index, where the planner guesses: without
	// statistics one that is unique looks better to it than one that finds less.
	By(index string) string

	// Number is the transaction's change number. Its parameter is Tx.Base.
	Number(param string) string
	// NewID is the value of id for a new row of table, which no row has ever had before.
	NewID(table string) string
	// Pairs is RowsOf for pairs of numbers that are not negative, with PairsArg.
	Pairs(param string) string
	PairsArg(list [][2]int64) any
	// Sparse says that a NULL is much cheaper to read than a value.
	Sparse() bool
	// Greatest is the larger of two numbers.
	Greatest(a, b string) string
	// NameKey is the first 100 characters of a text column with ASCII letters in lower case, sorted
	// by code points: what names are indexed by.
	NameKey(column string) string
	// WritesInWith says that a WITH may hold statements that write.
	WritesInWith() bool
}

// Hashed is a hash, in hexadecimal digits, and a number: a row of SQL.HashedRows.
type Hashed struct {
	Hash string `json:"h"`
	N    int64  `json:"n"`
}

// JSON is a list as the text of an array, for SQL.RowsOf and SQL.HashedRows. A nil list is an empty one.
func JSON[T any](list []T) string {
	b, err := json.Marshal(list)
	if err != nil || list == nil {
		return "[]" // texts and numbers always marshal
	}
	return string(b)
}
