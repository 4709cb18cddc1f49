package wire

// Nothing is the empty data object.
type Nothing struct{}

// AppendJSON appends the answer's data object.
func (Nothing) AppendJSON(b []byte) []byte { return append(b, '{', '}') }

// IDs is the answer of calls that list ids under one name.
type IDs struct {
	Name string
	IDs  []string
}

// AppendJSON appends the answer's data object.
func (a IDs) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.strs(a.Name, a.IDs)
	w.end()
	return w.b
}

// Count is the answer of get_total_read.
type Count struct{ Count int }

// AppendJSON appends the answer's data object.
func (a Count) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.num("count", int64(a.Count))
	w.end()
	return w.b
}

// Result is the answer of calls that say in words how they ended.
type Result struct {
	Success bool
	Message string
}

// AppendJSON appends the answer's data object.
func (a Result) AppendJSON(b []byte) []byte {
	w := writer{b: append(b, '{')}
	w.result(a)
	w.end()
	return w.b
}

func (w *writer) result(a Result) {
	w.flag("success", a.Success)
	w.str("message", a.Message)
}
