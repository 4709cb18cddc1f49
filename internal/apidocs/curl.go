package apidocs

import "strings"

// baseURL is where a server listens unless told otherwise.
const baseURL = "http://127.0.0.1:8080"

// curl is a command that can be pasted into a shell. base64 breaks the lines of a long
// key and a header must not have any, hence the tr.
func curl(method, path string, key bool, body string) string {
	var out strings.Builder
	out.WriteString("curl " + baseURL + path)
	if key {
		out.WriteString(" \\\n  -H \"Server-Key: $(printf 'ID:SECRET' | base64 | tr -d '\\n')\"")
	}
	if method == "GET" {
		return out.String()
	}
	out.WriteString(" \\\n  -H 'Content-Type: application/json'")
	out.WriteString(" \\\n  -d " + shellQuote(body))
	return out.String()
}

// shellQuote makes one word of s; a single quote has to leave the quotes for a moment.
func shellQuote(s string) string {
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
